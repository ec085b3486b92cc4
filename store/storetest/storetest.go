// Package storetest checks that a store keeps the contract of [store.Service]. The tests of
// every store call [Test]; those of a store that several processes may use call the tests
// of [Processes] too.
//
// With SOAK=1 in the environment the tests take much longer, and with SOAK_SECONDS=n each
// of their loops ends after n seconds; see package soak.
package storetest

import (
	"sync"
	"testing"

	"process-orders/internal/soak"
	"process-orders/store"
)

// An Opener makes stores for tests, several at once.
type Opener struct {
	// Open makes an empty store, which the test closes or reopens.
	Open func(t testing.TB) store.Store
	// Reopen closes a store and opens it again, with what it holds.
	Reopen func(t testing.TB, s store.Store) store.Store
	// LawRounds is how often each law is checked with random orders, in rounds of 25. Usually
	// it is few times, as stores take their time.
	LawRounds soak.Rounds
}

// ByName returns an Opener of stores that have names. NewName returns the name of a store
// that does not exist, and open opens the store with a name.
func ByName(newName func(t testing.TB) string, open func(t testing.TB, name string) store.Store) Opener {
	var names sync.Map
	keep := func(t testing.TB, name string) store.Store {
		s := open(t, name)
		names.Store(s, name)
		return s
	}
	return Opener{
		Open: func(t testing.TB) store.Store { return keep(t, newName(t)) },
		Reopen: func(t testing.TB, s store.Store) store.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			name, _ := names.LoadAndDelete(s)
			return keep(t, name.(string))
		},
	}
}

// Test checks that stores keep the contract.
func Test(t *testing.T, opener Opener) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Opener)
	}{
		{"Empty", testEmpty},
		{"Start", testStart},
		{"StartAgain", testStartAgain},
		{"Together", testTogether},
		{"Rules", testRules},
		{"SystemRules", testSystemRules},
		{"RulesAtOnce", testRulesAtOnce},
		{"Ahead", testAhead},
		{"BatchTwice", testBatchTwice},
		{"UnknownSource", testUnknownSource},
		{"SourceDone", testSourceDone},
		{"Missing", testMissing},
		{"Latest", testLatest},
		{"Counts", testCounts},
		{"Dropped", testDropped},
		{"Systems", testSystems},
		{"Edits", testEdits},
		{"Uncounted", testUncounted},
		{"Versions", testVersions},
		{"FirstState", testFirstState},
		{"RepeatMovesOn", testRepeatMovesOn},
		{"BadLines", testBadLines},
		{"VersionsDecide", testVersionsDecide},
		{"FirstAppearance", testFirstAppearance},
		{"ItemsAlone", testItemsAlone},
		{"NamesNotProvided", testNamesNotProvided},
		{"Cancelled", testCancelled},
		{"CancelledAtOnce", testCancelledAtOnce},
		{"NextBest", testNextBest},
		{"Mixed", testMixed},
		{"Erase", testErase},
		{"EraseOrders", testEraseOrders},
		{"EraseMoved", testEraseMoved},
		{"EraseNamed", testEraseNamed},
		{"Scrub", testScrub},
		{"Feeds", testFeeds},
		{"FeedOffsets", testFeedOffsets},
		{"FeedRules", testFeedRules},
		{"Unchanged", testUnchanged},
		{"Texts", testTexts},
		{"LargeBatch", testLargeBatch},
		{"OneMoment", testOneMoment},
		{"ReadingStops", testReadingStops},
		{"Choice", testChoice},
		{"Details", testDetails},
		{"Shops", testShops},
		{"Find", testFind},
		{"FindLong", testFindLong},
		{"FindMany", testFindMany},
		{"FindRefuses", testFindRefuses},
		{"FindCancelled", testFindCancelled},
		{"FindAtOnce", testFindAtOnce},
		{"Totals", testTotals},
		{"Minutes", testMinutes},
		{"Fates", testFates},
		{"Documents", testDocuments},
		{"DeleteBefore", testDeleteBefore},
		{"DocumentsRefused", testDocumentsRefused},
		{"LongDocument", testLongDocument},
		{"Commit", testCommit},
		{"CommitRules", testCommitRules},
		{"CommitFails", testCommitFails},
		{"CommitErases", testCommitErases},
		{"CommitLarge", testCommitLarge},
		{"CommitAtOnce", testCommitAtOnce},
		{"Random", testRandom},
		{"Law", testLaw},
		{"SerialLaw", testSerialLaw},
		{"AnyOrder", testAnyOrder},
		{"RetractAtOnce", testRetractAtOnce},
		{"FeedsAtOnce", testFeedsAtOnce},
		{"SameBatchAtOnce", testSameBatchAtOnce},
		{"SameOrdersAtOnce", testSameOrdersAtOnce},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, opener)
		})
	}
}
