package server

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
)

// answerTagged answers with a document without people. To who has it already it says no
// more than that: the tag is made of all of its bytes.
func (c *call) answerTagged(document any) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	c.answerTaggedText("application/json", append(text, '\n'))
	return nil
}

// answerTaggedText is answerTagged with a text of another type.
func (c *call) answerTaggedText(contentType string, text []byte) {
	sum := sha256.Sum256(text)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	h := c.w.Header()
	h.Set("Cache-Control", "private, no-cache") // which lets clients keep it, and ask each time
	h.Set("ETag", tag)
	if hasTag(c.r.Header.Values("If-None-Match"), tag) {
		c.w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", contentType)
	_, _ = c.w.Write(text) // whoever has gone does not read it
}

// hasTag reports whether the values of If-None-Match have a tag. Proxies make tags weak.
func hasTag(values []string, tag string) bool {
	for one := range strings.SplitSeq(strings.Join(values, ","), ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}
