package sqlstore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// A row for each customer costs SQLite more time than all else that is done for the customer. So a
// row of it has a block of some 25 customers who follow each other, as that of a [NameBlock] has
// names. A block is written as a whole if one of them changes, but so is the page that it is in.

// A CustomerBlock is the row of customers who follow each other by their keys: see [CustomerKey].
// They are those from its first one up to that of the next block.
type CustomerBlock struct {
	// First is the key of the first customer. That of the first block of all is "": so there is a
	// block for each customer as soon as there is any.
	First string
	Row   Sealed
}

// customerBlocks is what the checksum of a block is made for. Each customer in it has one more,
// which the total of all customers is made of.
const customerBlocks = "blocks of customers"

// ScanCustomerBlock reads a row with the columns of CustomerBlockColumns, and checks it.
func ScanCustomerBlock(r Row) (b CustomerBlock, err error) {
	var first []byte
	if err := r.Scan(&first, &b.Row.Body); err != nil {
		return b, err
	}
	b.First = string(first)
	_, b.Row.sum, err = unseal(b.Row.Body, customerBlocks, b.First)
	return b, err
}

// reader reads the customers of a block that was checked.
func (b *CustomerBlock) reader() customerReader {
	return customerReader{bodyReader: newSharingReader(b.Row.Body[:len(b.Row.Body)-sumBytes])}
}

// Append appends all customers of the block, which was checked, to some.
func (b *CustomerBlock) Append(some []Customer) ([]Customer, error) {
	in := b.reader()
	for in.next() {
		some = append(some, in.customer())
	}
	return some, in.err()
}

// AppendOf appends those customers of the block, which was checked, that have one of some phones.
// The phones are sorted by their keys.
func (b *CustomerBlock) AppendOf(some []Customer, phones []string) ([]Customer, error) {
	fit, err := b.Fit(len(phones), func(i int) string { return phones[i] }, nil)
	if err != nil {
		return some, err
	}
	return fit.AppendFound(some)
}

// A Fit is how some phones fit into a block of customers. It is found once, and serves all that is done
// with them.
type Fit struct {
	Phones int // how many they are
	block  *CustomerBlock
	steps  []step
}

// A step is a customer of a block, from one offset to another, or a place between two, for a phone that
// none of them has.
type step struct {
	from, to uint32 // a row has a GB at most
	isOf     bool   // the next phone is that of the customer, or has its place there
}

// Fit returns how the first of n phones, which are sorted by their keys, fit into the block, which was
// checked: those whose keys are before next, or all if that is nil.
func (b *CustomerBlock) Fit(n int, phone func(i int) string, next []byte) (f Fit, err error) {
	in := b.reader()
	f = Fit{block: b, steps: make([]step, 0, 2*usualCustomers)}
	size := uint32(len(in.rest))
	var key []byte
	isIn := func() bool {
		if f.Phones == n {
			return false
		}
		key = AppendCustomerKey(key[:0], phone(f.Phones))
		return next == nil || bytes.Compare(key, next) < 0
	}
	has := isIn()
	take := func(s step) {
		if f.steps = append(f.steps, s); s.isOf {
			f.Phones++
			has = isIn()
		}
	}
	for in.next() {
		to := size - uint32(len(in.rest))
		from := to - uint32(len(in.entry))
		for has && bytes.Compare(key, in.key) < 0 {
			take(step{from, from, true})
		}
		take(step{from, to, has && bytes.Equal(key, in.key)})
	}
	for has {
		take(step{size, size, true})
	}
	if in.isBad {
		return f, ErrRow
	}
	return f, nil
}

// usualCustomers is how many customers a block has mostly.
const usualCustomers = 25

// AppendFound appends those customers of the block that have one of the phones.
func (f *Fit) AppendFound(some []Customer) ([]Customer, error) {
	in := f.block.reader()
	body, all := in.rest, in.all
	for _, s := range f.steps {
		if s.isOf && s.from < s.to {
			in.rest, in.all = body[s.from:s.to], all[:s.to]
			in.read()
			some = append(some, in.customer())
		}
	}
	if in.isBad {
		return some, ErrRow
	}
	return some, nil
}

// Others yields those customers of the block that have none of the phones.
func (f *Fit) Others(yield func(*Customer, error) bool) {
	in := f.block.reader()
	body, all := in.rest, in.all
	spare := make(Sums, 0, sumsAtOnce)
	var c Customer
	for _, s := range f.steps {
		if s.isOf {
			continue
		}
		in.rest, in.all, in.body.spare = body[s.from:s.to], all[:s.to], spare // the customer before is gone
		in.read()
		var err error
		if c = in.customer(); in.isBad {
			err = ErrRow
		}
		if !yield(&c, err) || err != nil {
			return
		}
	}
}

// A customerReader reads the customers of a block one after the other.
type customerReader struct {
	*bodyReader
	entry       []byte // all of the last one
	phone, name string
	body        bodyReader
	sum         uint32
	key         []byte
}

// next reports whether there is one more customer.
func (r *customerReader) next() bool {
	if len(r.rest) == 0 || r.isBad || !r.read() {
		return false
	}
	r.key = AppendCustomerKey(r.key[:0], r.phone)
	return true
}

// read reads the customer that comes next, but for its key.
func (r *customerReader) read() bool {
	entry := r.rest
	r.phone, r.name = r.text(), r.text()
	n := r.unsigned()
	if r.isBad = r.isBad || n < sumBytes; !r.has(n) {
		return false
	}
	end := int(n) - sumBytes
	r.body = bodyReader{rest: r.rest[:end], all: r.all[:len(r.all)-len(r.rest)+end], spare: r.body.spare}
	r.sum = binary.BigEndian.Uint32(r.rest[end:])
	r.rest = r.rest[n:]
	r.entry = entry[:len(entry)-len(r.rest)]
	return true
}

// sumsAtOnce is how many sums of customers share memory.
const sumsAtOnce = 16

// customer returns the last customer. Its texts share the memory of the block.
func (r *customerReader) customer() Customer {
	if cap(r.body.spare) == 0 {
		r.body.spare = make(Sums, 0, sumsAtOnce)
	}
	c := Customer{Phone: r.phone, Name: r.name, Row: Sealed{sum: r.sum}}
	c.readPersons(&r.body)
	r.isBad = r.isBad || r.body.err() != nil
	return c
}

// A customerWriter cuts customers, sorted by their keys, into blocks.
type customerWriter struct {
	most    int  // how large a block becomes, unless it has one customer alone
	isFirst bool // the next block is the first one of all
	blocks  []CustomerBlock
	first   string
	body    []byte // of the block that is not finished, which starts at from
	from    int
}

// start makes room for a customer of so many bytes.
func (w *customerWriter) start(phone []byte, bytes int) {
	if size := len(w.body) - w.from; size > 0 && size+bytes > w.most {
		w.finish()
	}
	if len(w.body) == w.from && !w.isFirst {
		w.first = CustomerKey(string(phone))
	}
}

// keep adds a customer as it is in another block.
func (w *customerWriter) keep(entry []byte) {
	phone, _ := textIn(entry)
	w.start(phone, len(entry))
	w.body = append(w.body, entry...)
}

func (w *customerWriter) add(c *Customer) {
	w.start([]byte(c.Phone), c.entryBytes())
	w.body = appendText(appendText(w.body, c.Phone), c.Name)
	w.body = append(binary.AppendUvarint(w.body, uint64(len(c.Row.Body))), c.Row.Body...)
}

// entryBytes is how many bytes the customer takes in a block, mostly.
func (c *Customer) entryBytes() int { return len(c.Phone) + len(c.Name) + len(c.Row.Body) + 3 }

func (w *customerWriter) finish() {
	b := CustomerBlock{First: w.first}
	w.body, b.Row.sum = seal(w.body, w.from, customerBlocks, b.First)
	b.Row.Body = w.body[w.from:len(w.body):len(w.body)]
	w.blocks = append(w.blocks, b)
	w.from, w.isFirst = len(w.body), false
}

// ChangedCustomers returns the blocks that become of one by changes of its customers, which are
// sorted by their keys. Old is nil if there is no block yet.
func ChangedCustomers(old *CustomerBlock, changes []Change[Customer]) ([]CustomerBlock, error) {
	if old == nil {
		old = NoCustomers()
	}
	fit, err := old.Fit(len(changes), func(i int) string { return cmp.Or(changes[i].Now, changes[i].Old).Phone }, nil)
	if err != nil {
		return nil, err
	}
	return fit.Changed(changes), nil
}

// NoCustomers is a block that is not there, as there is no customer yet.
func NoCustomers() *CustomerBlock { return &CustomerBlock{Row: Sealed{Body: make([]byte, sumBytes)}} }

// Changed returns the blocks that become of the block by changes of the customers with the phones.
func (f *Fit) Changed(changes []Change[Customer]) []CustomerBlock {
	body := f.block.Row.Body
	// All blocks become about as large as each other, so that each takes more customers.
	size := len(body) - sumBytes
	for _, c := range changes {
		if c.Now != nil {
			size += c.Now.entryBytes()
		}
	}
	w := customerWriter{isFirst: f.block.First == "", most: size/(1+size/mostBlockBytes) + 1, body: make([]byte, 0, size+size/64+64)}
	for _, s := range f.steps {
		if !s.isOf {
			w.keep(body[s.from:s.to])
			continue
		}
		if changes[0].Now != nil {
			w.add(changes[0].Now)
		}
		changes = changes[1:]
	}
	if len(w.body) > w.from || w.isFirst {
		w.finish()
	}
	return slices.Clip(w.blocks)
}
