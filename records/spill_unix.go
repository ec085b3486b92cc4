//go:build unix

package records

// removeOpen says that an open file can be removed and used on.
const removeOpen = true
