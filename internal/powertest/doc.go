// Package powertest has disks whose power tests can cut. It works on Linux, for a process that may
// mount file systems; elsewhere its tests are skipped.
package powertest
