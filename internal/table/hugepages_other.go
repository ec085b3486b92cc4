//go:build !linux

package table

func adviseHugePages([]record) {}
