// Package parallel runs work side by side, and lets those who work take turns.
package parallel
