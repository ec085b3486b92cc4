//go:build !linux

package records

func adviseHuge([]record) {}
