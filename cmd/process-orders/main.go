// Command process-orders turns files of orders into customers.json and
// items.json.
package main

import "os"

func main() {
	passCrashes(wantsTraces(os.Getenv("GOTRACEBACK")))
	os.Exit(newCommand().Run(os.Args[1:]))
}

// wantsTraces reports whether somebody asks for what the runtime prints of a crash, by more
// than the setting that is the default.
func wantsTraces(setting string) bool {
	return setting == "all" || setting == "system" || setting == "crash"
}
