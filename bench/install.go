package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
)

// workshop is the folder into which peers are installed.
type workshop struct {
	folder string
}

// path returns a path in the workshop, and makes its folder if it is not there.
func (w *workshop) path(parts ...string) (string, error) {
	path := filepath.Join(append([]string{w.folder}, parts...)...)
	return path, os.MkdirAll(filepath.Dir(path), 0o755)
}

// run runs a command to its end and returns its output. An error ends with what the
// command reported.
func (w *workshop) run(ctx context.Context, folder string, c Command) (string, error) {
	command := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
	command.Dir = folder
	command.Env = append(os.Environ(), c.Env...)
	var stderr strings.Builder
	command.Stderr = &stderr
	stdout, err := command.Output()
	if err != nil {
		return "", errors.Join(ctx.Err(), fmt.Errorf("%s: %w%s", strings.Join(c.Args[:min(2, len(c.Args))], " "), err, reason(stderr.String())))
	}
	return strings.TrimSpace(string(stdout)), nil
}

// scripted returns a tool that prints its version and is called like a script.
func (w *workshop) scripted(ctx context.Context, args []string, env ...string) (tool, error) {
	version, err := w.run(ctx, "", Command{append(args[:len(args):len(args)], "--version"), env})
	if err != nil {
		return tool{}, err
	}
	return tool{firstVersion(version), script(args, env...)}, nil
}

// npm installs a package, and others of the same version, into a folder of its own. It
// returns the folder of the modules.
func (w *workshop) npm(ctx context.Context, name, version string, others ...string) (string, error) {
	folder, err := w.path("npm", strings.ReplaceAll(name+"@"+version, "/", "+"), "node_modules")
	if err != nil {
		return "", err
	}
	prefix := filepath.Dir(folder)
	load := Command{[]string{"node", "-e", "require(process.argv[1])", name}, []string{"NODE_PATH=" + folder}}
	install := []string{"npm", "install", "--prefix", prefix, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"}
	for _, part := range append([]string{name}, others...) {
		install = append(install, part+"@"+version)
	}
	// If the part with the machine code cannot be downloaded, npm leaves it out without a
	// word. So the package is tried, and installed again if it does not load.
	for range 2 {
		if _, err = w.run(ctx, "", load); err == nil {
			return folder, nil
		}
		if err := os.RemoveAll(prefix); err != nil {
			return "", err
		}
		if _, err := w.run(ctx, "", Command{Args: install}); err != nil {
			return "", err
		}
	}
	_, err = w.run(ctx, "", load)
	return folder, err
}

// debianRoot is a folder with the files of Debian packages, at the paths that they would
// have under /.
type debianRoot string

func (r debianRoot) libraries() string {
	found, _ := filepath.Glob(filepath.Join(string(r), "usr", "lib", "*-linux-gnu*"))
	return strings.Join(found, ":")
}

// debian downloads packages and unpacks them into a folder. That needs no rights, as
// nothing is installed into the system.
func (w *workshop) debian(ctx context.Context, packages ...string) (debianRoot, error) {
	folder, err := w.path("debian", packages[0], "root")
	if err != nil {
		return "", err
	}
	if _, err := w.run(ctx, filepath.Dir(folder), Command{Args: append([]string{"apt-get", "download"}, packages...)}); err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(folder), "*.deb"))
	for _, file := range files {
		if _, err := w.run(ctx, "", Command{Args: []string{"dpkg-deb", "-x", file, folder}}); err != nil {
			return "", err
		}
	}
	return debianRoot(folder), err
}

// has reports whether there is such a command.
func has(command string) bool {
	_, err := exec.LookPath(command)
	return err == nil
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)+`)

// firstVersion finds the version in what a program says of itself.
func firstVersion(text string) string {
	if version := versionNumber.FindString(text); version != "" {
		return version
	}
	return text
}

// moduleVersion is the version of a module that this program is built with.
func moduleVersion(path string) string {
	info, _ := debug.ReadBuildInfo()
	if info != nil {
		for _, module := range info.Deps {
			if module.Path == path {
				return strings.TrimPrefix(module.Version, "v")
			}
		}
	}
	return ""
}
