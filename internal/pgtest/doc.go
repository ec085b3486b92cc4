// Package pgtest runs real PostgreSQL servers for tests, and cuts connections to them.
package pgtest
