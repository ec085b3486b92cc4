package main

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is what the figures depend on.
type Machine struct {
	CPU         string `json:"cpu"`
	Cores       int    `json:"cores"`
	MemoryBytes int64  `json:"memory_bytes"`
	System      string `json:"system"`
	Go          string `json:"go"`
}

// thisMachine asks the system. What the system does not report stays empty.
func thisMachine() Machine {
	m := Machine{
		CPU:    field("/proc/cpuinfo", "model name", ":"),
		Cores:  runtime.NumCPU(),
		System: strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`),
		Go:     strings.TrimPrefix(runtime.Version(), "go"),
	}
	if kilobytes, _, ok := strings.Cut(field("/proc/meminfo", "MemTotal", ":"), " "); ok {
		n, _ := strconv.ParseInt(kilobytes, 10, 64)
		m.MemoryBytes = n << 10
	}
	if m.System == "" {
		m.System = runtime.GOOS
	}
	return m
}

// field returns the value of a name in a file of lines "NAME SEPARATOR VALUE", or "".
func field(file, name, separator string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, ok := strings.Cut(lines.Text(), separator)
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
