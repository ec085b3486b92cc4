// Package importtest holds no code, only a test: the table of who may import
// whom. Imports point back along the flow (input, orders, records, the
// command), never forward, and a library from outside is known to the one
// package that is there to use it. Whoever adds a package adds its row.
package importtest
