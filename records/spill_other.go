//go:build !unix

package records

const removeOpen = false
