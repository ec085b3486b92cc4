package orders

import (
	"fmt"
	"slices"
)

// An envelope is what a mapping says of one path in an object around orders.
type envelope struct {
	path string // as messages print it
	keys []string
	to   []uint16 // by key: an index in program.envelopes
	// isNamed reports whether the mapping says that orders are here, isKeyed that they are
	// the values of an object, and isLines that its orders have their lines at this key.
	isNamed, isKeyed, isLines bool
	// isUsual reports whether the path has only keys below which many systems have orders,
	// isForOrders whether an empty array there means that there are none.
	isUsual, isForOrders bool
}

// Envelopes that all mappings have.
const (
	rootEnvelope   uint16 = iota // an object where an order may stand
	usualEnvelope                // what is at one of usualKeys
	ordersEnvelope               // the same, if the key isForOrders
)

// usualKeys are keys at which APIs, queues and databases hold what was asked for. No order
// of a known system has orders at one of them. Some of them hold other things too, so that
// it means nothing if an array there is empty.
var usualKeys = func() map[string]usualKey {
	keys := map[string]usualKey{}
	for _, key := range []string{
		"orders", "data", "result", "results", "payload", "elements", "records", "response", "content",
		"value", "objects", "entries", "list", "rows", "docs", "documents", "nodes", "edges", "hits",
	} {
		keys[key] = usualKey{len(keys), true}
	}
	for _, key := range []string{
		"order", "body", "values", "node", "items", "collection", "_embedded", "message", "event", "detail", "object",
	} {
		keys[key] = usualKey{len(keys), false}
	}
	return keys
}()

type usualKey struct {
	bit         int // of the key in container.seen, counted from maxEnvelopeKeys
	isForOrders bool
}

const (
	// maxWrapperKeys is how many keys the path of an array of orders can have.
	maxWrapperKeys = 8
	// maxEnvelopeKeys is how many keys of one envelope a mapping can name. With usualKeys
	// these have one bit each in container.seen.
	maxEnvelopeKeys = 32
)

// envelopeAt returns what a key of an envelope leads to, and the key's bit in
// container.seen.
func (p *program) envelopeAt(e uint16, key []byte) (to uint16, bit uint64, ok bool) {
	env := &p.envelopes[e]
	for i := range env.keys {
		if string(key) == env.keys[i] {
			return env.to[i], 1 << i, true
		}
	}
	usual, ok := usualKeys[string(key)]
	if !ok || !env.isUsual {
		return 0, 0, false
	}
	if to = usualEnvelope; usual.isForOrders {
		to = ordersEnvelope
	}
	return to, 1 << (maxEnvelopeKeys + usual.bit), true
}

// isNamed reports whether the bit is that of a key that the mapping names.
func isNamed(bit uint64) bool { return bit < 1<<maxEnvelopeKeys }

// envelopes compiles Mapping.Orders.
func (c *compiler) envelopes() {
	p := c.p
	p.envelopes = []envelope{rootEnvelope: {isUsual: true}, usualEnvelope: {isUsual: true}, ordersEnvelope: {isUsual: true, isForOrders: true}}
	p.itemKeys = c.firstKeys(c.m.Item)
	p.orderKeys = c.firstKeys(c.m.ID, c.m.Phone)
	for _, path := range c.m.Orders {
		if path == "{}" {
			p.isKeyed = true
			continue
		}
		c.envelope(path)
	}
}

// firstKeys are the keys at which fields start.
func (c *compiler) firstKeys(fields ...Field) map[string]bool {
	keys := map[string]bool{}
	for _, f := range fields {
		for _, alternative := range f {
			for _, path := range splitJoined(alternative) {
				if steps := c.path(path); len(steps) > 0 {
					keys[steps[0].key] = true
				}
			}
		}
	}
	return keys
}

func (c *compiler) envelope(path string) {
	p, at := c.p, rootEnvelope
	steps := c.path(path)
	for i, step := range steps {
		last := i == len(steps)-1
		env := &p.envelopes[at]
		k := slices.Index(env.keys, step.key)
		switch {
		case step.each || step.isTuple || step.keyed && !last:
			c.fail(path, "want the path of one array, without []")
		case len(steps) > maxWrapperKeys:
			c.fail(path, fmt.Sprintf("more than %d nested keys", maxWrapperKeys))
		case k < 0 && len(env.keys) == maxEnvelopeKeys:
			c.fail(path, fmt.Sprintf("more than %d keys in one object", maxEnvelopeKeys))
		}
		if c.err != nil {
			return
		}
		if k < 0 {
			usual, isUsual := usualKeys[step.key]
			isUsual = isUsual && env.isUsual
			next := envelope{path: step.key, isUsual: isUsual, isForOrders: isUsual && usual.isForOrders}
			if at != rootEnvelope {
				next.path = env.path + "." + step.key
			}
			env.keys, env.to = append(env.keys, step.key), append(env.to, uint16(len(p.envelopes)))
			p.envelopes = append(p.envelopes, next)
			k = len(env.keys) - 1
		}
		at = p.envelopes[at].to[k]
	}
	p.envelopes[at].isNamed = true
	p.envelopes[at].isKeyed = p.envelopes[at].isKeyed || len(steps) > 0 && steps[len(steps)-1].keyed
}

// markLines notes which keys lead to an order's lines: what has one of them is an order.
// Rows have no lines: a row has the key that it shares with others.
func (p *program) markLines() {
	for _, joined := range p.groupBy {
		for _, slot := range joined {
			if n := p.leaves[slot]; n != nil {
				n.leadsToLines = true
			}
		}
	}
	var mark func(*node) bool
	mark = func(n *node) bool {
		n.leadsToLines = n.leadsToLines || n.role == roleLines
		for _, c := range n.children {
			if c.node == p.order || mark(c.node) {
				n.leadsToLines = true
			}
		}
		return n.leadsToLines
	}
	mark(p.order)
	for i, key := range p.envelopes[rootEnvelope].keys {
		n := p.order.find(key)
		if n != nil && n.leadsToLines && n != p.order {
			p.envelopes[p.envelopes[rootEnvelope].to[i]].isLines, p.linesMayHold = true, true
		}
	}
}
