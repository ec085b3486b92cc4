package server

import (
	"net/http"
	"strconv"
	"strings"
	"sync"

	"process-orders/mappings"
	"process-orders/orders"
)

// mappingOf is how orders are read.
func (s *Server) mappingOf(r *reading) (*readyMapping, error) {
	m, err := s.mappings.get(r)
	if err == nil {
		err = r.checkContent(m.Mapping)
	}
	return m, err
}

// A mappingCache has mappings as requests want them, as a preset is a file that must be parsed.
// They are not changed any more.
type mappingCache struct {
	mu  sync.Mutex
	all map[string]*readyMapping
}

// A readyMapping is a mapping, with what is known of it once for all.
type readyMapping struct {
	*mappings.Mapping
	prepared *orders.Mapping // the same, for reading
	ids      string
}

// maxMappings is how many mappings a cache has. If there are more, it starts from nothing.
const maxMappings = 256

// get returns the mapping of a reading.
func (c *mappingCache) get(r *reading) (*readyMapping, error) {
	key := strings.Join([]string{r.from, r.decimal, strconv.FormatBool(r.dayFirst), strings.Join(r.include, ",")}, "\n")
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.all[key]; m != nil {
		return m, nil
	}
	read, err := r.mapping()
	if err != nil {
		return nil, err
	}
	if len(c.all) >= maxMappings || c.all == nil {
		c.all = map[string]*readyMapping{}
	}
	prepared, err := read.Prepared()
	if err != nil {
		return nil, err
	}
	m := &readyMapping{read, prepared, read.IDs()}
	c.all[key] = m
	return m, nil
}

// mapping makes the mapping.
func (r *reading) mapping() (*mappings.Mapping, error) {
	m := &mappings.Mapping{Mapping: orders.Detailed()}
	if r.from != "" {
		preset, ok := mappings.Preset(r.from)
		if !ok {
			return nil, badQuery("from: there is no preset of that name; process-orders presets lists them")
		}
		m = preset
	} else if len(r.include) > 0 {
		return nil, badQuery("include needs from: the default shape skips nothing")
	}
	if len(r.include) > 0 {
		if err := m.Include(r.include); err != nil {
			return nil, badQuery("include: " + err.Error())
		}
	}
	if !m.Decide(r.decimal, r.dayFirst) {
		return nil, badQuery("day-first: the preset says that the month comes first")
	}
	return m, nil
}

// checkContent refuses a body whose Content-Type says that the mapping does not read it.
func (r *reading) checkContent(m *mappings.Mapping) error {
	switch {
	case r.content == tableContent && r.from == "":
		return newProblem(http.StatusUnsupportedMediaType, "content-unsupported", "a table needs a preset that says what its columns are: ?from=PRESET; process-orders presets lists them")
	case r.content == tableContent && !m.CSV:
		return newProblem(http.StatusUnsupportedMediaType, "content-unsupported", "the preset reads JSON, and the body is said to be a table")
	case r.content == jsonContent && m.CSV:
		return newProblem(http.StatusUnsupportedMediaType, "content-unsupported", "the preset reads tables, and the body is said to be JSON")
	}
	return nil
}
