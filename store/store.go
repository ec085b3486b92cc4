// Package store is the contract of stores: records that last, and to which every order
// is applied exactly once.
//
// A [Store] holds the records of all orders that were ever applied to it, as if they had
// been read in one run: the fold of the orders that stand, each in its latest state, in the
// order of their versions. It never depends on who commits first or on a clock, so several
// processes may apply different sources at once. Where orders have an id, a time and a time
// of their last change, it does not depend on the order of delivery either. Otherwise it is
// that of one serial order: source after source, as they were numbered.
//
// Orders come in batches. A [Batch] has an identity and is applied whole and once. If a
// process or a database dies, the same batch is applied again: that finishes it, or does
// nothing if it was applied already.
//
// An order with an id comes as a [State], which the store keeps: a later state replaces it,
// and takes back what it contributed. Orders without an id stand for ever. They come folded,
// as a [Delta], and cost a store no more than their customers and items do.
//
// Most programs open a store (package [process-orders/store/sqlite] keeps it in a file,
// [process-orders/store/postgres] in a database, [process-orders/store/memory] for the
// time of the process), hand it to package [process-orders/apply], which reads sources
// and calls [Store.Start] and [Store.Apply], and read it with [Store.Records].
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strconv"
	"time"

	"process-orders/internal/lazy"
	"process-orders/money"
)

// NoTime is the time of what has none. It is earlier than all times.
const NoTime = math.MinInt64

// A Version decides which of two values is the later one: that with the greater version.
// Versions are compared as texts are, byte by byte. "" is before all others. Package apply
// makes them; see [State] for those of orders with an id.
type Version string

// A Customer is what a batch holds of a customer, or what a store knows.
type Customer struct {
	// Phone is the customer's key. Phones are compared byte by byte.
	Phone string
	// Name is the latest name that was provided, and Named its version. Both are empty if
	// none was provided.
	Name  string
	Named Version
	// First is the version of the phone's first appearance.
	First Version
	// Orders is how many orders make the customer: in the batch, or ever.
	Orders int64
	// Spent is what the lines of these orders cost, by currency and sorted by it: see
	// [Line.Cost].
	Spent []money.Sum
	// FirstPlaced and LastPlaced are when the first and the last of these orders were placed,
	// in milliseconds since 1970. They are NoTime if none has a time.
	FirstPlaced, LastPlaced int64
}

// An Item is what a batch holds of an item, or what a store knows.
type Item struct {
	// Name is the item's key. Names are compared byte by byte.
	Name string
	// Price is the latest price, as the source wrote it, and Priced its version.
	Price  string
	Priced Version
	// First is the version of the item's first appearance.
	First Version
	// Orders is how often the item was ordered: in the batch, or ever.
	Orders int64
	// Quantity is how many pieces all lines with the item are about, and Revenue what these
	// lines cost, by currency and sorted by it.
	Quantity money.Amount
	Revenue  []money.Sum
	// Prices are the different prices of these lines, sorted by their first appearance. If
	// there were more than MostPrices, these are the first of them.
	Prices []Price
}

// MostPrices is how many different prices of an item are listed: more than anybody looks at.
const MostPrices = 64

// A Price is a price of an item, and where it came first.
type Price struct {
	// Price is as the source wrote it. 1.5 and 1.50 are two prices.
	Price string
	// First is the version of the first line with the price, and Placed the time of the order
	// of that line, in milliseconds since 1970, or NoTime.
	First  Version
	Placed int64
}

// A Delta is what orders without an id change in the records. It holds each phone, each
// item and each minute once, customers and items in any order.
//
// If the batch belongs to a feed, the store gives it its number: see [Batch.Feed].
type Delta struct {
	Customers []Customer
	Items     []Item
	// Minutes, if not nil, yields the minutes by their starts, the same whenever it is called:
	// there can be a million of them. The Sums of one are valid until the next one comes. Another
	// goroutine may read them while the batch is applied.
	Minutes iter.Seq[Minute]
}

// A State is what one document says of an order that has an id. An order is known by the
// system and the shop of its source, and by its id.
//
// The latest state of an order is the one with the greatest Updated. Of equals it is one that
// is skipped for another reason than "hold" and "draft", then one that is not skipped, then one
// with these, as that is not yet final; and of equals of these the one with the greater Digest. If
// both have no Updated, it is the one with the greater position. Two states are the same if
// Updated and Digest are, and both are skipped, neither is, or both are not yet final. Of those the
// store keeps the first that came, and for its position that of the last one: without Updated,
// what is between the two is older.
//
// The version of an order that has a Time is that, its shop, and its id by length and
// then by bytes. Without a Time it is the position of its first state, whatever became of
// that: the number of the source and the offset in it. The customer has the version of line
// 0. The price and the first appearance of an item have that of their line.
type State struct {
	// ID identifies the order in its system and shop. It is not empty.
	ID string
	// Updated is when the order last changed, and Placed when it was placed, both in
	// milliseconds since 1970, or NoTime.
	Updated, Placed int64
	// Time is the time that decides what is later: mostly that of Placed. It is NoTime if
	// positions decide. If neither Placed nor Time is NoTime, they are equal. In a store
	// either times decide or positions: states that have a Time and those that have Placed
	// alone are never in one.
	Time int64
	// Skipped reports whether the state says that the order does not stand: cancelled, a
	// test, on hold. It contributes nothing, and needs no more than its id.
	Skipped bool
	// Reason is why the state is skipped, in a word, for those who count. "hold" and "draft" say
	// that it is not yet final; apart from that, it decides nothing.
	Reason string
	// Digest is a number made of all that was read of the order, the same in all processes.
	Digest uint64
	// Continues, if not 0, is the number of a source that has grown into the source of the
	// state. If the order's latest state is of that source, it may have been cut off there. So
	// this one is later, if both have the same Updated.
	Continues int64
	// At is the offset in the source at which the state starts.
	At int64
	// Phone and Name are the customer's. Without a phone the order makes no customer; an
	// empty name was not provided.
	Phone, Name string
	// Lines are what was bought.
	Lines Lines
}

// A Source describes a file or stream that orders are read from.
type Source struct {
	// ID is the source's identity: the same content has the same ID, and other content
	// has another.
	ID string
	// Name is what people call the source. It must hold no personal data.
	Name string
	// System and Shop say whose orders these are: ids of orders are unique within a shop of
	// a system. Neither has a NUL.
	System, Shop string
	// Bytes is the size of the source after decompression.
	Bytes int64
	// From is the offset up to which the source has the content of another source that was
	// applied before; 0 if it has not. Only orders that end behind it belong to this source.
	From int64
	// Head is the offset at which the last order of the source ends, or one that was rejected,
	// after decompression, and
	// HeadHash identifies its content up to there. By them a source is recognized that has
	// grown since. HeadHash is empty if a source cannot grow.
	Head     int64
	HeadHash string
	// BatchBytes is how much of the source makes a batch. The store keeps what was given
	// when the source was first started, as a source that is cut elsewhere has other
	// batches.
	BatchBytes int64
	// Rules says in one plain line how orders are read and counted, such as "count
	// lines; phones exact; later time". The records of a store are of one kind only if all
	// sources were read by the same rules, so the store keeps the first line that it is
	// given, and [Store.Start] refuses any other with a [RulesError].
	//
	// SystemRules says in the same way what must be the same for all sources of one system,
	// such as "id name; without phone items".
	//
	// Empty rules make no statement. They are accepted by every store and change
	// nothing, also if the store has rules: a program that has no choice of rules
	// still works. Programs that want the protection always give a line.
	Rules, SystemRules string
}

// Progress is how far a source was applied to a store.
type Progress struct {
	// Source is as it was when the source was first started, but for its rules: those
	// are the store's and its system's, or "" if there are none.
	Source
	// Number is the number of the source in the store: from 1, in the order in which
	// the sources were first started. Groups of a feed take numbers too.
	Number int64
	// Batches is how many batches were applied. Done reports whether that is all of
	// them.
	Batches int64
	Done    bool
	// Orders and Rejected are how many orders those batches had, and how many were
	// rejected. Counts say what became of those with an id.
	Orders, Rejected int64
	Counts
	// Started and Changed are when the source was first started and when a batch of it
	// was last applied. They are in UTC, to the microsecond, and for people only.
	Started, Changed time.Time
}

// Counts say what became of the states of a batch, or of a source. Each state of a source was
// the latest of its order with its batch, or it is Repeated or Older. So all states that
// ever came are the orders, and the sums of Repeated, Older and Replaced. The orders of a
// source less those that are Skipped, Repeated and Older are those that it brought or changed.
//
// If a source has a later state of an order that it brought itself, in an earlier batch, the
// state of then is Older. A batch may take back what an earlier one counted, so its
// counts may be less than 0, and those of a source are not.
type Counts struct {
	// Skipped are states that are the latest of their order with this batch, and skipped.
	Skipped int64
	// Repeated are further copies of the state that is the latest of its order with this
	// batch, and was known before or came in the batch too.
	Repeated int64
	// Older are states for which a later one was known when they came, or came in the same
	// batch.
	Older int64
	// Replaced are the latest states of other sources, or groups, for which a later one came.
	Replaced int64
}

// A Dropped is a kind of states that are not, or not any more, the latest of their orders.
type Dropped struct {
	// Source is the number of the source, or of the group, that brought the states.
	Source int64
	// Reason is that of the states, "" if they are not skipped. NoPhone reports whether they
	// are not skipped and have no phone.
	Reason  string
	NoPhone bool
}

// A Batch is a run of orders of one source: the unit that is applied exactly once.
type Batch struct {
	// ID is the batch's identity. No other batch of any source has the same, and a batch
	// that is applied again has the same content. It is empty if the batch is one of a feed.
	ID string
	// Also are the identities of further batches of the source, whose orders are in this one too: a
	// few large batches take a store less time than many small ones. A store that has some of all
	// these batches and not the others changes nothing, and returns [ErrSome]: then they are to be
	// applied one by one.
	Also []string
	// Source is the number that [Store.Start] gave the source.
	Source int64
	// Feed, if not nil, makes the batch a group of live orders, which belong to no source.
	Feed *Feed
	// Last reports whether no batch of the source follows.
	Last bool
	// Batches, if not 0, is given with the last batch of a source: how many the source
	// has, this one included. A database may lose batches, as when a replica takes over
	// that did not have them yet. A store that has fewer refuses the last one with
	// [ErrMissing], and the source is to be applied again.
	Batches int64
	// Orders is how many orders are in the batch, those with an id included, and Rejected
	// how many were rejected. Skipped orders without an id count as neither.
	Orders, Rejected int64
	// States are the orders that have an id, in the order of the source. Skipped ones are
	// among them. Several may be of one order.
	States []State
	// Delta is what the other orders change.
	Delta Delta
	// Ahead, if not nil, asks for all records as they will be with the batch. Those of the delta
	// may be among them, so the batch stays as it is as long as they are read. A group of a feed
	// asks for nothing.
	Ahead *Ahead
	// Folder is for a temporary file without a name, which a store may need for millions of
	// names; "" means the folder for temporary files.
	Folder string
}

// A Feed says where a group of live orders is from. The store gives each group a number, as
// if it was a source of its own that is started now: so neither a feed nor a source is later
// than the other for ever. The versions in its Delta were made with the number
// 0, which the store replaces, see [Renumber].
//
// A store keeps one row for each feed, and none for a group. Feeds are not among its sources.
type Feed struct {
	// Name identifies the feed, and System and Shop are those of its orders.
	Name, System, Shop string
	// Offset is how far the feed is applied with this group. A group whose Offset is not
	// greater than that of the feed was applied before. 0 makes no statement: the group is
	// applied whatever was before, as groups of requests are, whose orders have ids or whose
	// sender does not repeat them.
	Offset int64
	// Received is when the orders came, in milliseconds since 1970.
	Received int64
	// Rules and SystemRules are as those of a [Source].
	Rules, SystemRules string
}

// IDs are the identities of all batches that are in the batch.
func (b *Batch) IDs() []string { return append([]string{b.ID}, b.Also...) }

// An Outcome is what [Store.Apply] did.
type Outcome struct {
	// Applied is false if the batch was applied before, so that nothing was changed.
	Applied bool
	// Number is the number of the source, or that of the group of a feed. It is 0 if the
	// group was applied before.
	Number int64
	Counts
	// Dropped are the states that the batch dropped, of its own and of those that the store
	// had: how many there are of each kind. It is nil if there are none.
	Dropped map[Dropped]int64
	// Taken reports whether the records that [Batch].Ahead took last were those of the store right
	// after the batch. If it is false, they are void.
	Taken bool
	// Fates are what became of the states of a group of a feed, in their order. Of a batch of a
	// source, and of a group that was applied before, they are nil.
	Fates []Fate
}

// An Erasure names a customer who is to be forgotten.
type Erasure struct {
	// Phone is the customer's, as the store keeps it.
	Phone string
	// System, Shop and IDs name orders that never make a customer again, beside those that
	// the customer has: ones that the store does not know yet, or those of other phones.
	System, Shop string
	IDs          []string
}

// Reading says how records are read.
type Reading struct {
	// Details says that the records have all that is known: see [Customer] and [Item].
	Details bool
	// MemoryBytes is how much memory the records may take that are sorted; 0 means 16 MiB. What
	// does not fit goes to a temporary file without a name in Folder; "" means the folder for
	// temporary files.
	MemoryBytes int64
	Folder      string
	// Customers, if not nil, says which customers are wanted; nil means all.
	Customers *Choice
}

// A Choice is the first customers of all in some order. They are read much sooner than all are,
// which would have to be sorted by their first appearance.
type Choice struct {
	// N is how many are wanted. Their numbers and versions are kept in memory. Records may read
	// others too.
	N int
	// Compare says which of two comes first, as [slices.SortFunc] takes it. Those that are alike
	// come in the order of their first appearance. It looks at neither Phone nor Name.
	Compare func(a, b Customer) int
	// Of is how many customers the store has. Records sets it before it calls read.
	Of int64
}

// A Store keeps records. Its methods may be called by several goroutines, and by several
// processes that use one database or file.
//
// When a method that changes something returns no error, the change is durable: it
// survives a crash of the process, of the database and of the machine, as far as the
// package of the store promises it. When it returns an error the change may have been
// made or not, unless the error says more. The same call made again settles it. When the
// context ends, a method returns its error.
//
// All texts are UTF-8 without zero bytes, except versions.
type Store interface {
	// Start takes note of a source, or finds it by its ID, and returns how far it was
	// applied. If again is true and all of the source was applied, it is started once
	// more, under a new number: the same content is to be applied again.
	//
	// Start returns a *[RulesError], and takes note of nothing, if the source was read
	// by other rules than the store keeps.
	Start(ctx context.Context, s Source, again bool) (Progress, error)
	// Apply applies a batch in one transaction: its identity, its states, and
	// what it changes in the records. If the batch was applied before, it changes nothing.
	//
	// Apply returns [ErrUnknownSource], [ErrSourceDone], [ErrSome] or [ErrMissing] for a batch that
	// cannot be applied, a *[RulesError] for a feed of other rules, and another error for lines
	// that cannot be read. Then it has changed nothing. It does not change the batch, and
	// keeps none of its memory, but for what [Batch].Ahead takes.
	Apply(ctx context.Context, b Batch) (Outcome, error)
	// Records calls read with all records as they are at one moment, sorted by their
	// first appearance. Without [Reading].Details what the orders cost, and when they were
	// placed, is left out. Others may write meanwhile. The iterators are used one after
	// the other and before read returns. An error while reading is the last pair of an
	// iterator, with a zero record. Records returns the error of read as it is.
	//
	// Records calls read once at most, and no iterator yields a record twice. A store whose
	// connection may break finds all records before it calls read, and starts over by
	// itself. A store that finds only afterwards that the records were not of one moment
	// returns an error, also if read returned none.
	Records(ctx context.Context, how Reading, read func(customers iter.Seq2[Customer, error], items iter.Seq2[Item, error]) error) error
	// Sources returns how far each source was applied, sorted by their numbers.
	Sources(ctx context.Context) ([]Progress, error)
	// Rules returns the rules that the store keeps for all of its orders, which are the
	// [Source].Rules or [Feed].Rules that came first; "" if none has come.
	Rules(ctx context.Context) (string, error)
	// Erase removes a customer for good, in one transaction: from the records, and from the orders
	// that the store keeps. It takes as long as writing these orders does, and others who write wait
	// meanwhile; its memory does not grow with them. Bytes of the customer may stay where rows were
	// until [Store.Scrub].
	//
	// The customer's orders never make a customer again, whatever phone their later states bring: those
	// whose latest state has the phone, skipped or not; a skipped state without a phone leaves
	// an order to the customer whose it was when the state came. Nor do those that the erasure names.
	// Orders that the store does not know by then do. Items stay as they are. Erase leaves a
	// line in the store's log that does not hold the phone. It returns false if there is no
	// such customer; all that is said of orders is done all the same.
	Erase(ctx context.Context, e Erasure) (found bool, err error)
	// Scrub removes what is left of erased customers from the bytes of the database, as far as
	// that can be done, and what is left of documents: see [Transaction].Erase. It takes note of
	// it. It may take as long as writing all of the store twice, and others may have to wait
	// meanwhile. It returns for how many erasures it was due. If there are none it does nothing.
	Scrub(ctx context.Context) (erasures int64, err error)
	// Close ends the use of the store. What was applied is durable without it.
	Close() error
}

var (
	// ErrUnknownSource says that a batch belongs to a source that was never started.
	ErrUnknownSource = errors.New("the store does not know the batch's source")
	// ErrSourceDone says that a batch is new, and that its source is done already.
	ErrSourceDone = errors.New("all of the batch's source was applied already")
	// ErrDamaged says that a store holds something else than what was written to it.
	ErrDamaged = errors.New("the store is damaged")
	// ErrFull says that the disk of the store is full. Nothing was changed.
	ErrFull = errors.New("the disk of the store is full")
	// ErrSome says that some of the batches in one were applied before: see [Batch].Also.
	ErrSome = errors.New("some of the batches that were brought together were applied before")
	// ErrMissing says that a batch is the last of its source, and that the store lacks
	// some of the batches before it.
	ErrMissing = errors.New("the store lacks batches of the source that were applied before the last one")
)

// A RulesError says that a source was read by other rules than the store keeps. Either
// the source is to be read by the store's rules, or it belongs in another store.
type RulesError struct {
	// Have is the line of the store, and Got that of the source.
	Have, Got string
}

// Error shows the rules word by word. A store that is damaged may hold anything in their
// place, so of its line only those words are shown that this package knows, or that the line
// of the source has too; "…" stands for another.
func (e *RulesError) Error() string {
	got := strconv.Quote(e.Got)
	if !plainRules().MatchString(e.Got) {
		got = fmt.Sprintf("rules of %d bytes that are no plain words", len(e.Got))
	}
	return fmt.Sprintf("the store keeps %s; this run has %s", e.shownHave(), got)
}

// plainRules are words, as in e164, and paths, as in customer.phones[0]. No word has more
// than four digits, as phones have.
var plainRules = lazy.Regexp(`^(([A-Za-z_-]+[0-9]{0,4}|\[[0-9]{0,4}\]|\{\})+[ .,;+/]*){1,100}$`)

var (
	words = lazy.Regexp(`[^ ,;]+`)
	// knownWords are those of rules that package apply makes, other than paths, and reasons
	// for which orders are skipped.
	knownWords = lazy.Regexp(`^(count|lines|orders|phones|as|written|exact|e164|region|[A-Z]{2}|later|time|position|` +
		`ids?|none|at|of|the|presets|name|number|without|phone|reject|skip|items|include|` +
		`cancelled|closed|declined|deleted|denied|draft|expired|failed|hold|refunded|test|trash|void|voided)$`)
)

// maxHaveWords is how many words of a store's rules are shown.
const maxHaveWords = 100

func (e *RulesError) shownHave() string {
	known := map[string]bool{}
	if plainRules().MatchString(e.Got) {
		for _, word := range words().FindAllString(e.Got, -1) {
			known[word] = true
		}
	}
	isShown, n := false, 0
	text := words().ReplaceAllStringFunc(e.Have, func(word string) string {
		n++
		if !known[word] && !knownWords().MatchString(word) {
			return "…"
		}
		isShown = true
		return word
	})
	if !isShown || n > maxHaveWords {
		return fmt.Sprintf("rules of %d bytes that are no plain words", len(e.Have))
	}
	return strconv.Quote(text)
}
