package server

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
)

// openapiDocument describes all routes: an OpenAPI 3.1 document. Tests hold it against the table
// of routes and against all that they are answered with.
//
//go:embed openapi.json
var openapiDocument []byte

func openapiRoutes() []*route {
	return []*route{
		{method: "GET", path: "/openapi.json", isPublic: true, handle: (*call).getDescription},
		{method: "GET", path: "/docs", isPublic: true, handle: (*call).getDocs},
	}
}

func (c *call) getDescription() error {
	c.answerTaggedText("application/json", openapiDocument)
	return nil
}

// getDocs shows the description to people. The page has no script, and its style is its own: the
// policy names the hash of that, and nothing else may come in.
func (c *call) getDocs() error {
	page, err := docsPage()
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+hashInBase64(docsStyle)+
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.answerTaggedText("text/html; charset=utf-8", page)
	return nil
}

func hashInBase64(text []byte) string {
	sum := sha256.Sum256(text)
	return base64.StdEncoding.EncodeToString(sum[:])
}
