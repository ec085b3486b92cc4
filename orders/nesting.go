package orders

// A container is an array or an object around orders.
type container struct {
	kind containerKind
	// at is which envelope an object is, or of which path of an envelope an array is.
	at uint16
	// seen are the keys that an envelope has had, as bits, and holder is that of its key at
	// which orders are.
	seen, holder uint64
}

type containerKind uint8

const (
	kindSequence containerKind = iota // the source itself: values that follow each other
	kindArray
	kindEnvelope // an object that holds orders at some of its keys
	kindKeyed    // an object whose values are orders
)

// An expectation is what may come next in a container.
type expectation uint8

const (
	expectFirst expectation = iota // a value (in an object: a key), or the end
	expectValue                    // a value or a key, after a comma
	expectAfter                    // a comma or the end, after a value
)

// maxOpen is how many containers can be around an order. An object is an envelope only if
// there is room for all that it may nest.
const maxOpen = 24

// nesting is where between the orders of a source something is: the containers that are
// open there, and what may come next in the innermost. The zero value is the start of a
// source, at which an order may stand.
//
// Two of them are equal if what may follow is the same. So it is cheap to see whether a
// chunk was scanned on the right assumption.
type nesting struct {
	open   [maxOpen]container // from the outermost inwards
	depth  int
	expect expectation
}

// top is the innermost container; the sequence of a source has none.
func (n *nesting) top() *container { return &n.open[max(n.depth-1, 0)] }

func (n *nesting) kind() containerKind {
	if n.depth == 0 {
		return kindSequence
	}
	return n.open[n.depth-1].kind
}

func (n *nesting) push(c container) {
	n.open[n.depth] = c
	n.depth++
	n.expect = expectFirst
}

func (n *nesting) pop() {
	n.depth--
	n.open[n.depth] = container{}
	if n.expect = expectAfter; n.depth == 0 {
		n.expect = expectFirst
	}
}

// hasRoom reports whether an envelope that starts there can be opened.
func hasRoom(depth int) bool { return depth+maxWrapperKeys+2 <= maxOpen }

// between returns n as it is between two orders, or two envelopes of one order each, as
// that is where blocks are cut.
func (n nesting) between() nesting {
	for n.kind() == kindEnvelope {
		n.pop()
	}
	if n.expect = expectValue; n.depth == 0 {
		n.expect = expectFirst
	}
	return n
}

// outside returns n as it is before an envelope like the innermost, which starts where
// blocks may be cut too. It returns false if there is none.
func (n nesting) outside() (nesting, bool) {
	for n.depth > 0 {
		n.pop()
		if n.kind() == kindEnvelope {
			return n.between(), true
		}
	}
	return n, false
}
