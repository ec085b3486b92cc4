//go:build !linux

package durable

import "os"

// startWriteback does nothing: only Linux has such a call.
func startWriteback(*os.File, int64, int64) {}
