package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"process-orders/internal/lazy"
	"process-orders/mappings"
	"process-orders/store"
)

// A Connection is a way for another system's webhooks: it opens /v1/hooks/NAME.
type Connection struct {
	// Name has from 1 to 63 small letters, digits, dashes and underscores.
	Name string `json:"name"`
	// Kind is the system that signs: one of [ConnectionKinds].
	Kind string `json:"kind"`
	// From is the preset that reads the orders, or the name of the mapping whose text Mapping
	// is. "" is the preset of the kind, if it has one.
	From    string `json:"from,omitempty"`
	Mapping string `json:"mapping,omitempty"`
	// Shop is that of the orders.
	Shop string `json:"shop,omitempty"`
	// SecretFile and SecretEnv say where the secret is: one of them. It is not in the store,
	// as a backup would have it too. The file is read at each delivery. It is for its owner
	// alone (mode 0600), and has the secret on a line. While the secret is changed, it has two
	// lines, and both are good. A variable may have two lines too.
	SecretFile string `json:"secret_file,omitempty"`
	SecretEnv  string `json:"secret_env,omitempty"`
	// PublicKeys is a JSON Web Key Set with the keys of a system that signs by RS256: Saleor.
	// It is no secret, and takes the place of one.
	PublicKeys json.RawMessage `json:"public_keys,omitempty"`
	// Header is where a generic sender puts the HMAC, Encoding how: hex or base64; and Prefix
	// what comes before it, as in sha256=.
	Header   string `json:"header,omitempty"`
	Encoding string `json:"encoding,omitempty"`
	Prefix   string `json:"prefix,omitempty"`

	Made time.Time `json:"made"`
}

// MostShopBytes is how long the name of a shop may be.
const MostShopBytes = 64

// Each request reads all connections, and compares them with those that it knows: so they are few, and
// small.
const (
	mostConnections  = 200
	mostMappingBytes = 256 << 10
	mostKeySetBytes  = 256 << 10
)

var (
	connectionName = lazy.Regexp(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	headerName     = lazy.Regexp(`^[A-Za-z0-9][A-Za-z0-9-]{0,99}$`)
)

// ErrNoConnection says that there is no connection of a name.
var ErrNoConnection = errors.New("there is no connection of that name")

// Connect keeps a connection, which works from the next delivery on. One of the same name and
// kind is replaced. There are up to 200, each with a mapping and with public keys of up to 256 KiB.
// Connect reads the secret, and refuses a connection whose secret cannot be
// used. It sets Made.
func Connect(ctx context.Context, s store.Service, c Connection) error {
	if err := c.Check(); err != nil {
		return err
	}
	if _, err := c.secrets(); err != nil {
		return err
	}
	c.Made = time.Now().UTC().Truncate(time.Second)
	return changeSettings(ctx, s, &Act{What: ActConnect, Of: c.Name}, func(all *settings) error {
		i := slices.IndexFunc(all.Connections, func(o Connection) bool { return o.Name == c.Name })
		switch {
		case i < 0 && len(all.Connections) >= mostConnections:
			return fmt.Errorf("there are %d connections already: disconnect some first", mostConnections)
		case i < 0:
			all.Connections = append(all.Connections, c)
		case all.Connections[i].Kind != c.Kind:
			return fmt.Errorf("there is a connection %s already, of the kind %s: disconnect it first, or take another name", c.Name, all.Connections[i].Kind)
		default:
			all.Connections[i] = c
		}
		return nil
	})
}

// Disconnect removes a connection, and what is kept of its deliveries. What is in quarantine
// stays. It is [ErrNoConnection] if there is none.
func Disconnect(ctx context.Context, s store.Service, name string) error {
	err := changeSettings(ctx, s, &Act{What: ActDisconnect, Of: name}, func(all *settings) error {
		n := len(all.Connections)
		all.Connections = slices.DeleteFunc(all.Connections, func(c Connection) bool { return c.Name == name })
		if len(all.Connections) == n {
			return ErrNoConnection
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.Commit(ctx, func(tx store.Transaction) error { return tx.Delete(hookStateKind, name) })
}

// Connections returns all connections, sorted by their names.
func Connections(ctx context.Context, s store.Service) ([]Connection, error) {
	all, err := storedSettings(ctx, s)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all.Connections, func(a, b Connection) int { return strings.Compare(a.Name, b.Name) })
	return all.Connections, nil
}

// connection returns the connection of a name, or nil.
func (all *settings) connection(name string) *Connection {
	for i := range all.Connections {
		if all.Connections[i].Name == name {
			return &all.Connections[i]
		}
	}
	return nil
}

// A connectionReader is how the orders of a connection are read.
type connectionReader struct {
	mapping *mappings.Mapping
	ids     string // as [apply.Options] has it
}

// reader returns how the orders of a connection are read. It is made once for each state of the
// settings, as it takes longer than a delivery.
func (all *settings) reader(c *Connection) (*connectionReader, error) {
	if known, ok := all.readers.Load(c.Name); ok {
		return known.(*connectionReader), nil
	}
	m, err := c.mapping()
	if err != nil {
		return nil, err
	}
	r := &connectionReader{m, m.IDs()}
	all.readers.Store(c.Name, r)
	return r, nil
}

// Check returns what is wrong with a connection, except for its secret.
func (c *Connection) Check() error {
	kind := hookKinds[c.Kind]
	switch {
	case thinKinds[c.Kind] != "":
		return errors.New(thinKinds[c.Kind])
	case kind == nil:
		return fmt.Errorf("there is no such kind of connection: want one of %s", strings.Join(ConnectionKinds(), ", "))
	case !connectionName().MatchString(c.Name):
		return errors.New("the name of a connection is part of its URL: want up to 63 small letters, digits, dashes and underscores")
	case c.Shop != "" && !isName(c.Shop, MostShopBytes):
		return fmt.Errorf("the shop: want up to %d bytes of printable text", MostShopBytes)
	case c.From == "" && kind.preset == "":
		return errors.New("the connection needs a preset or a mapping that says where the orders have their fields")
	case len(c.Mapping) > mostMappingBytes:
		return fmt.Errorf("the mapping: want up to %s", shownBytes(mostMappingBytes))
	case len(c.PublicKeys) > mostKeySetBytes:
		return fmt.Errorf("the public keys: want up to %s", shownBytes(mostKeySetBytes))
	}
	if err := c.checkSigning(kind); err != nil {
		return err
	}
	_, err := c.mapping()
	return err
}

// checkSigning returns what is wrong with how deliveries are signed.
func (c *Connection) checkSigning(kind *hookKind) error {
	places := 0
	for _, isGiven := range []bool{c.SecretFile != "", c.SecretEnv != "", len(c.PublicKeys) > 0} {
		if isGiven {
			places++
		}
	}
	hasForm := c.Header != "" || c.Encoding != "" || c.Prefix != ""
	switch {
	case places != 1:
		return errors.New("the connection needs one place of a secret: a file, or a variable of the environment")
	case len(c.PublicKeys) > 0 && !kind.takesKeys:
		return fmt.Errorf("connections of the kind %s are signed with a secret, not with public keys", c.Kind)
	case !kind.isFree && hasForm:
		return fmt.Errorf("where the signature is, and how, is known of the kind %s", c.Kind)
	case kind.isFree && !headerName().MatchString(c.Header):
		return errors.New("the header with the signature: want the name of a header, as in X-Signature")
	case kind.isFree && c.Encoding != "hex" && c.Encoding != "base64":
		return errors.New("the encoding of the signature: want hex or base64")
	case kind.isFree && (len(c.Prefix) > 64 || strings.ContainsFunc(c.Prefix, func(r rune) bool { return r <= ' ' || r > '~' })):
		return errors.New("the prefix of the signature: want up to 64 characters without spaces, as in sha256=")
	}
	if len(c.PublicKeys) > 0 {
		_, err := parseKeySet(c.PublicKeys)
		return err
	}
	return nil
}

// mapping is how the orders of a connection are read. Webhooks are sent again, and not in
// order, so orders must have an id.
func (c *Connection) mapping() (m *mappings.Mapping, err error) {
	from := c.From
	if from == "" {
		from = hookKinds[c.Kind].preset
	}
	if c.Mapping != "" {
		if m, err = mappings.Parse(from, []byte(c.Mapping)); err != nil {
			return nil, err
		}
	} else if preset, ok := mappings.Preset(from); ok {
		m = preset
	} else {
		return nil, errors.New("there is no preset of that name: process-orders presets lists them")
	}
	if len(m.ID) == 0 {
		return nil, errors.New("the mapping says of no id of orders: webhooks are sent again, and an order without an id would count again")
	}
	if m.CSV || len(m.Group) > 0 {
		return nil, errors.New("the mapping is for tables: a webhook brings orders in JSON")
	}
	return m, nil
}

// ConnectionState is a connection and what became of its deliveries.
type ConnectionState struct {
	Connection
	// URL is the path to which the other system sends.
	URL string `json:"url"`
	hookState
}

func connectionRoutes() []*route {
	return []*route{{method: "GET", path: "/v1/connections", scope: ScopeAdmin, handle: (*call).getConnections}}
}

// getConnections lists the connections, and what became of their deliveries.
func (c *call) getConnections() error {
	states, err := c.server.connectionStates(c.r.Context())
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, map[string]any{"connections": states})
}

// connectionStates returns all connections, sorted by their names.
func (s *Server) connectionStates(ctx context.Context) ([]ConnectionState, error) {
	all, err := s.settings.get(ctx)
	if err != nil {
		return nil, s.readProblem(err)
	}
	states := make([]ConnectionState, 0, len(all.Connections))
	for _, one := range all.Connections {
		state, err := s.hooks.read(ctx, s.store, one.Name)
		if err != nil {
			return nil, s.readProblem(err)
		}
		states = append(states, ConnectionState{one, HookPath(one.Name), state})
	}
	slices.SortFunc(states, func(a, b ConnectionState) int { return strings.Compare(a.Name, b.Name) })
	return states, nil
}

// HookPath is the path to which the webhooks of a connection are sent.
func HookPath(name string) string { return "/v1/hooks/" + name }
