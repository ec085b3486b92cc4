// Package pgtest runs real PostgreSQL servers for tests, and cuts connections to them.
//
// [Start] makes a [Server] for one test, [Shared] one for all tests of a package.
// [NewProxy] makes a [Proxy] that cuts connections. Tests are skipped if PostgreSQL is not
// installed.
package pgtest
