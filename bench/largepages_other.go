//go:build !linux

package main

// largePages does nothing, as only Linux is asked for large pages.
func largePages([]byte) {}
