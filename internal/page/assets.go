package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"

	"process-orders/internal/look"
)

var (
	//go:embed style.css
	styleText []byte
	//go:embed script.js
	scriptText []byte
)

// An Asset is a file that pages refer to. Its path has a part of its hash, so that a browser may
// keep it for ever.
type Asset struct {
	Path, Type string
	Text       []byte
}

var (
	style  = newAsset("/page/style-", ".css", "text/css; charset=utf-8", append([]byte(look.Style), styleText...))
	script = newAsset("/page/script-", ".js", "text/javascript; charset=utf-8", scriptText)
)

// Assets are all of them.
func Assets() []Asset { return []Asset{style, script} }

func newAsset(name, ending, kind string, text []byte) Asset {
	sum := sha256.Sum256(text)
	return Asset{name + hex.EncodeToString(sum[:6]) + ending, kind, text}
}

// Style is the path of the style of a page, and Script that of its script.
func (f *Frame) Style() string  { return style.Path }
func (f *Frame) Script() string { return script.Path }
