package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strings"
	"sync"

	"process-orders/internal/look"
)

var (
	//go:embed style.css
	styleText string
	//go:embed script.js
	scriptText string
)

// An Asset is a file that pages refer to. Its path has a part of its hash, so that a browser may
// keep it for ever.
type Asset struct {
	Path, Type string
	Text       []byte
}

// The assets are made when a server first wants them, so that no other run pays for them.
var (
	style = sync.OnceValue(func() Asset {
		return newAsset("/page/style-", ".css", "text/css; charset=utf-8", withoutComments(look.Style+styleText))
	})
	script = sync.OnceValue(func() Asset {
		return newAsset("/page/script-", ".js", "text/javascript; charset=utf-8", withoutComments(scriptText))
	})
)

// Assets are all of them.
func Assets() []Asset { return []Asset{style(), script()} }

// withoutComments leaves out what is for those who read the code: comments that have lines of their
// own, and tabs before lines.
func withoutComments(text string) []byte {
	var b []byte
	isComment := false
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(line, "\t")
		isComment = isComment || strings.HasPrefix(line, "/*")
		if !isComment && !strings.HasPrefix(line, "//") {
			b = append(b, line...)
		}
		if strings.HasSuffix(line, "*/\n") {
			isComment = false
		}
	}
	return b
}

func newAsset(name, ending, kind string, text []byte) Asset {
	sum := sha256.Sum256(text)
	return Asset{name + hex.EncodeToString(sum[:6]) + ending, kind, text}
}

// Style is the path of the style of a page, and Script that of its script.
func (f *Frame) Style() string  { return style().Path }
func (f *Frame) Script() string { return script().Path }
