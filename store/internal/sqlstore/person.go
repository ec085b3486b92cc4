package sqlstore

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"process-orders/money"
	"process-orders/store"
)

// A Customer is the row of a customer.
type Customer struct {
	Phone string
	// Fixed is what orders without an id say, and Live what orders with an id say that
	// stand. The versions are empty if there are none.
	Fixed, Live Person

	// Row is what the database keeps beside the phone: see [Customer.Seal].
	Row  Sealed
	Name string // as people read it
}

// Sealed is the part of a row that only this package reads: the values that other columns do
// not have, and a checksum of the whole row.
type Sealed struct {
	Body []byte
	sum  uint32
}

// A Person is what some orders say of a customer.
type Person struct {
	// Name is the latest name, Named its version, and First the first appearance.
	Name         string
	Named, First store.Version
	// Orders is how many orders there are, and Spent what their lines cost.
	Orders int64
	Spent  Sums
	// FirstPlaced and LastPlaced are those of [store.Customer].
	FirstPlaced, LastPlaced int64
}

// nobody is a person of whom no order says anything.
func nobody() Person { return Person{FirstPlaced: store.NoTime, LastPlaced: store.NoTime} }

// IsEmpty reports whether no order makes the customer.
func (c *Customer) IsEmpty() bool { return c.Fixed.First == "" && c.Live.Orders == 0 }

// firstPlaced is when the first order of the customer was placed.
func (c *Customer) firstPlaced() int64 { return earlierTime(c.Fixed.FirstPlaced, c.Live.FirstPlaced) }

// Record is the customer as it is read. Without details what the orders cost and when they
// were placed is left out.
func (c *Customer) Record(details bool) store.Customer { return c.record(details, nil) }

// record is Record with memory for what was spent.
func (c *Customer) record(details bool, spent []money.Sum) store.Customer {
	r := store.Customer{
		Phone: c.Phone, Name: c.Live.Name, Named: c.Live.Named, First: earlier(c.Fixed.First, c.Live.First),
		FirstPlaced: store.NoTime, LastPlaced: store.NoTime,
	}
	if c.Fixed.Named > c.Live.Named {
		r.Name, r.Named = c.Fixed.Name, c.Fixed.Named
	}
	if details {
		r.Orders = c.Fixed.Orders + c.Live.Orders
		r.Spent = c.Live.Spent.total(c.Fixed.Spent.total(spent[:0]))
		r.FirstPlaced, r.LastPlaced = c.firstPlaced(), max(c.Fixed.LastPlaced, c.Live.LastPlaced)
	}
	return r
}

// merge adds what other orders say.
func (p *Person) merge(q *Person) {
	if q.Named > p.Named {
		p.Name, p.Named = q.Name, q.Named
	}
	p.First = earlier(p.First, q.First)
	p.Orders += q.Orders
	p.Spent = p.Spent.merge(q.Spent)
	p.FirstPlaced = earlierTime(p.FirstPlaced, q.FirstPlaced)
	p.LastPlaced = max(p.LastPlaced, q.LastPlaced)
}

// earlier returns the earlier of two versions of which "" is none.
func earlier(v, w store.Version) store.Version {
	if v == "" || w != "" && w < v {
		return w
	}
	return v
}

// earlierTime returns the earlier of two times of which NoTime is none.
func earlierTime(t, u int64) int64 {
	if t == store.NoTime || u != store.NoTime && u < t {
		return u
	}
	return t
}

// EndingOf returns the digits of a phone from the last to the first. Customers are sorted by
// it, and then by their phones, so that they are found by the last digits.
func EndingOf(phone string) string {
	var digits [24]byte
	return string(AppendEnding(digits[:0], phone))
}

// AppendEnding appends the ending of a phone: see [EndingOf].
func AppendEnding(dst []byte, phone string) []byte {
	for i := len(phone) - 1; i >= 0; i-- {
		if '0' <= phone[i] && phone[i] <= '9' {
			dst = append(dst, phone[i])
		}
	}
	return dst
}

// CustomerKey is what customers are sorted by. No ending has a NUL.
func CustomerKey(phone string) string { return string(AppendCustomerKey(nil, phone)) }

// AppendCustomerKey appends what CustomerKey returns.
func AppendCustomerKey(dst []byte, phone string) []byte {
	return append(append(AppendEnding(dst, phone), 0), phone...)
}

// mostNameBytes is how much of a name is kept by which a customer is found, from the start of a
// word on.
const mostNameBytes = 40

// NameKeys returns by what a customer is found: the name from the start of each word on, in
// small letters. A name is found if one of them starts with what is looked for. They are
// sorted, and each is there once.
func NameKeys(name string) []string {
	folded := Folded(name)
	var keys []string
	for from := 0; from < len(folded) && len(keys) < store.MostWords; {
		keys = append(keys, firstBytes(folded[from:], mostNameBytes))
		space := strings.IndexByte(folded[from:], ' ')
		if space < 0 {
			break
		}
		from += space + 1
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// firstBytes returns the first characters of a text, in n bytes at most. They end at a NUL, which
// no name has that was read from orders: it ends the names in keys.
func firstBytes(text string, n int) string {
	text, _, _ = strings.Cut(text, "\x00")
	if len(text) > n {
		text = strings.ToValidUTF8(text[:n], "")
	}
	return text
}

// Folded returns a text in small letters, with one space between its words.
func Folded(text string) string {
	dst := make([]byte, 0, len(text))
	for i := range len(text) {
		switch b := text[i]; {
		case b >= utf8.RuneSelf:
			return strings.Join(strings.FieldsFunc(strings.ToLower(text), unicode.IsSpace), " ")
		case b == ' ' || '\t' <= b && b <= '\r':
			if len(dst) > 0 && dst[len(dst)-1] != ' ' {
				dst = append(dst, ' ')
			}
		case 'A' <= b && b <= 'Z':
			dst = append(dst, b+'a'-'A')
		default:
			dst = append(dst, b)
		}
	}
	return string(bytes.TrimSuffix(dst, []byte(" ")))
}

// The bits of the first byte of a person in a body.
const (
	isPerson    = 1 << iota
	hasName     // its name is in the column, or in the body
	nameInBody  // as the other person has the name of the column
	namedFirst  // the name has the version of the first appearance
	hasPlaced   // there is a first time
	placedOnce  // which is the last one too
	personFlags = 1<<iota - 1
)

// Seal sets the row to what the customer is. It appends it to dst, which it returns.
func (c *Customer) Seal(dst []byte) []byte {
	fixedIsShown := c.Fixed.Named > c.Live.Named
	c.Name = c.Live.Name
	if fixedIsShown {
		c.Name = c.Fixed.Name
	}
	from := len(dst)
	dst = c.Fixed.append(dst, fixedIsShown)
	dst = c.Live.append(dst, !fixedIsShown)
	dst, c.Row.sum = seal(dst, from, CustomersTable, c.Phone, c.Name)
	c.Row.Body = dst[from:len(dst):len(dst)]
	return dst
}

// Read reads what is in the row, and checks it: Phone, Name and Row.Body are set.
func (c *Customer) Read() error {
	body, sum, err := unseal(c.Row.Body, CustomersTable, c.Phone, c.Name)
	if err != nil {
		return err
	}
	c.Row.sum = sum
	in := newBodyReader(body)
	c.readPersons(in)
	return in.err()
}

// A CustomerReader reads rows of customers, one after the other, whose sums share memory.
type CustomerReader struct{ spare Sums }

// Read returns the customer of a row, and checks the row: that of a phone and a name of so many
// bytes, and the body. The customer shares the memory of the row, which nobody changes any more.
func (r *CustomerReader) Read(row []byte, phone, name int) (c Customer, err error) {
	in := newSharingReader(row)
	c.Phone, c.Name = in.bytes(uint64(phone)), in.bytes(uint64(name))
	c.Row.Body = in.rest
	if in.rest, c.Row.sum, err = unseal(in.rest, CustomersTable, c.Phone, c.Name); err != nil {
		return c, err
	}
	in.all = in.all[:len(row)-sumBytes]
	if in.spare = r.spare; cap(in.spare) == 0 {
		in.spare = make(Sums, 0, sumsAtOnce)
	}
	c.readPersons(in)
	r.spare = in.spare
	return c, in.err()
}

func (c *Customer) readPersons(in *bodyReader) {
	c.Fixed.read(in, c.Name)
	c.Live.read(in, c.Name)
}

func (p *Person) append(dst []byte, isShown bool) []byte {
	if p.First == "" {
		return append(dst, 0)
	}
	flags := byte(isPerson)
	if p.Named != "" {
		flags |= hasName
		if !isShown {
			flags |= nameInBody
		}
		if p.Named == p.First {
			flags |= namedFirst
		}
	}
	if p.FirstPlaced != store.NoTime {
		flags |= hasPlaced
		if p.FirstPlaced == p.LastPlaced {
			flags |= placedOnce
		}
	}
	dst = appendText(append(dst, flags), p.First)
	if flags&nameInBody != 0 {
		dst = appendText(dst, p.Name)
	}
	if flags&(hasName|namedFirst) == hasName {
		dst = appendText(dst, p.Named)
	}
	dst = p.Spent.append(binary.AppendUvarint(dst, uint64(p.Orders)))
	if flags&hasPlaced != 0 {
		dst = binary.AppendVarint(dst, p.FirstPlaced)
		if flags&placedOnce == 0 {
			dst = binary.AppendVarint(dst, p.LastPlaced)
		}
	}
	return dst
}

// read reads what append appended. Shown is the name of the column.
func (p *Person) read(r *bodyReader, shown string) {
	*p = nobody()
	flags := r.unsigned()
	if flags == 0 {
		return
	}
	r.isBad = r.isBad || flags&isPerson == 0 || flags > personFlags
	p.First = r.version()
	if flags&hasName != 0 {
		p.Name = shown
	}
	if flags&nameInBody != 0 {
		p.Name = r.text()
	}
	switch {
	case flags&namedFirst != 0:
		p.Named = p.First
	case flags&hasName != 0:
		p.Named = r.version()
	}
	p.Orders, p.Spent = int64(r.unsigned()), r.sums()
	if flags&hasPlaced != 0 {
		p.FirstPlaced = r.signed()
		if p.LastPlaced = p.FirstPlaced; flags&placedOnce == 0 {
			p.LastPlaced = r.signed()
		}
	}
	r.isBad = r.isBad || p.First == ""
}
