package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// A caller is a client with a connection of its own, which is on the cores of the server. So it does
// little: it writes a request at once, and reads the answer where it wrote. What an [http.Client]
// does besides would take a third of the time of an order, and say nothing of the server.
type caller struct {
	address, head string
	sign          func(body []byte) string // a line of the head with a signature; nil if there is none
	conn          net.Conn
	answers       *bufio.Reader
}

// newCaller returns a caller that posts to a path.
func (l *load) newCaller(path string) *caller {
	address := strings.TrimPrefix(l.url, "http://")
	var head strings.Builder
	fmt.Fprintf(&head, "POST %s HTTP/1.1\r\nHost: %s\r\n", path, address)
	_ = l.header.Write(&head) // which never fails
	return &caller{address: address, head: head.String(), sign: l.sign}
}

// post posts a body and reads the answer, which must be a good one. After an error the next one has
// a new connection.
func (c *caller) post(ctx context.Context, body []byte) (err error) {
	if c.conn == nil {
		if c.conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", c.address); err != nil {
			c.conn = nil
			return err
		}
		c.answers = bufio.NewReader(c.conn)
	}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	signature := ""
	if c.sign != nil {
		signature = c.sign(body)
	}
	if _, err := fmt.Fprintf(c.conn, "%s%sContent-Length: %d\r\n\r\n%s", c.head, signature, len(body), body); err != nil {
		return err
	}
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return err
	}
	return goodAnswer(answer)
}

func (c *caller) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// goodAnswer reads an answer to its end, and returns an error if it is not a good one.
func goodAnswer(answer *http.Response) error {
	text, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err == nil && answer.StatusCode >= 300 {
		err = fmt.Errorf("%s: %.200s", answer.Status, text)
	}
	return err
}
