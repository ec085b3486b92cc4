package server

import (
	"net/http"
	"net/netip"
	"time"
)

func hookRoutes() []*route {
	return []*route{{method: "POST", path: "/v1/hooks/{name}", isHook: true, handle: (*call).postHook}}
}

// A HookAnswer says what became of a delivery. The sender reads no more than the status.
type HookAnswer struct {
	// Result is a word: applied, erased, quarantined, ignored or ping.
	Result string `json:"result"`
	// Orders are those that were applied.
	Orders *Received `json:"orders,omitempty"`
}

// postHook takes a delivery. What has a good signature is answered with 200 when it is on the
// disk, also if it cannot be accepted: then it is in quarantine, as most senders send a refused
// delivery never again, and stop altogether after some.
func (c *call) postHook() (err error) {
	s := c.server
	all, connection, err := c.hookConnection()
	if err != nil {
		return err
	}
	test := testOf(c.r.Context())
	var answer *HookAnswer
	if test == nil {
		defer func() { s.metrics.delivered(connection.Kind, answer, err) }()
	}
	body, release, err := c.readHook()
	if err != nil {
		return err
	}
	defer release()
	kind := hookKinds[connection.Kind]
	if kind.isPing != nil && kind.isPing(c.r.Header, body) {
		answer = &HookAnswer{Result: "ping"}
		return c.answer(http.StatusOK, answer)
	}
	if err := s.verify(connection, c.r.Header, body); err != nil {
		return err
	}
	d, err := all.delivery(connection, kind.topicOf(c.r.Header, body), body, s.now())
	if err != nil {
		return err
	}
	d.act, d.isTest = test, test != nil
	answer, err = s.deliver(c.r.Context(), d)
	if err != nil {
		return s.storeProblem(err)
	}
	return c.answer(http.StatusOK, answer)
}

// hookConnection returns the connection of a delivery, and the settings that have it.
func (c *call) hookConnection() (*settings, *Connection, error) {
	all, err := c.server.settings.get(c.r.Context())
	if err != nil {
		return nil, nil, c.server.readProblem(err)
	}
	connection := all.connection(c.r.PathValue("name"))
	if connection == nil {
		return nil, nil, newProblem(http.StatusNotFound, "no-connection", "there is no connection of that name: process-orders connect makes one")
	}
	c.visit.connection = connection.Name
	if encoding := c.r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, nil, newProblem(http.StatusUnsupportedMediaType, "encoding", "webhooks are not compressed, as their bytes are signed")
	}
	return all, connection, nil
}

// partOfStranger is which part of the memory for webhooks the bodies of one address may take: the
// others are for those who send what is signed.
const partOfStranger = 4

// strangerOf is the address of who sends a webhook; "" if it is this machine, as a proxy may be on it
// that has all senders behind it.
func strangerOf(r *http.Request) string {
	address := addressOf(r.RemoteAddr)
	if ip, err := netip.ParseAddr(address); err != nil && address == "local" || err == nil && ip.IsLoopback() {
		return ""
	}
	return address
}

// readHook reads the body of a delivery, which anybody may send: who did is known once it is here. So
// all of it must come soon. Release its memory.
func (c *call) readHook() (body []byte, release func(), err error) {
	most, announced := c.server.limits.BodyBytes, c.r.ContentLength
	took, err := c.server.strangers.admit(strangerOf(c.r), min(max(announced, 0), most))
	if err != nil {
		return nil, nil, err
	}
	if slow, ok := c.r.Body.(*slowBody); ok {
		slow.end = time.Now().Add(c.server.limits.HookTime)
	}
	body, err = readSent(took.reader(http.MaxBytesReader(c.w, c.r.Body, most)), announced)
	if err == nil {
		return body, took.release, nil
	}
	took.release()
	return nil, nil, bodyProblem(err, errHookTooLarge)
}

var errHookTooLarge = newProblem(http.StatusRequestEntityTooLarge, "body-too-large", "the body is too large for a webhook")

// verify refuses a delivery whose signature is not good. Of an unreadable secret the log says
// more than the answer.
func (s *Server) verify(c *Connection, header http.Header, body []byte) error {
	secrets, err := c.secrets()
	if err != nil {
		s.log.Error("the secret of a connection cannot be used", "connection", c.Name, "error", err)
		s.hooks.add(c.Name, hookState{LastError: "the secret cannot be used", LastErrorAt: s.now().UTC()})
		return busy(http.StatusServiceUnavailable, "secret", "the secret of the connection cannot be used; the log of the server says why", time.Minute)
	}
	if !hookKinds[c.Kind].isSigned(&signed{c, secrets, header, body, s.now()}) {
		s.hooks.add(c.Name, hookState{Refused: 1, LastError: "a signature was not good", LastErrorAt: s.now().UTC()})
		return newProblem(http.StatusUnauthorized, "signature", "the signature is missing or not good")
	}
	return nil
}
