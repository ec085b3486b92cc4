//go:build !linux

package table

func adviseHugePages[T any]([]T) {}
