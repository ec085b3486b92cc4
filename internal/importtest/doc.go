// Package importtest has no code, only tests that hold the shape of the repository: who
// may import whom, which library from outside is for which package, and which words are
// not used any more. Imports point back along the flow (input, orders, records, the
// command), never forward. Whoever adds a package adds its row.
package importtest
