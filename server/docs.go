package server

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The page at /docs is made of the description, so it says nothing else.
var (
	//go:embed docs.html
	docsTemplate string
	//go:embed docs.css
	docsStyle []byte
)

// docsPage makes the page when somebody asks for it first.
var docsPage = sync.OnceValues(func() ([]byte, error) {
	var d description
	if err := json.Unmarshal(openapiDocument, &d); err != nil {
		return nil, fmt.Errorf("the description cannot be read: %w", err)
	}
	page, err := template.New("docs").Funcs(template.FuncMap{"prose": prose, "paragraphs": paragraphs}).Parse(docsTemplate)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = page.Execute(&text, map[string]any{"Style": template.CSS(docsStyle), "About": d.Info, "Chapters": d.chapters(), "Common": d.Components.Responses["Problem"], "Schemas": d.schemas()})
	return text.Bytes(), err
})

// A description is what the page shows of the OpenAPI document.
type description struct {
	Info       struct{ Title, Summary, Description string }
	Tags       []struct{ Name, Description string }
	Paths      pathList
	Components struct {
		Parameters map[string]*parameter
		Responses  map[string]*response
		Headers    map[string]*parameter
		Schemas    map[string]*schema
	}
}

// A pathList is the paths of a description, as they come in it: what is used most comes first.
type pathList []pathItem

// A pathItem is a path, with its operations by their methods.
type pathItem struct {
	path       string
	operations map[string]*operation
}

// UnmarshalJSON reads the members of an object in their order.
func (l *pathList) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		item := pathItem{path: fmt.Sprint(name)}
		if err := d.Decode(&item.operations); err != nil {
			return err
		}
		*l = append(*l, item)
	}
	return nil
}

type operation struct {
	Tags                              []string
	OperationID, Summary, Description string
	Security                          []map[string][]string
	Parameters                        []*parameter
	RequestBody                       *response
	Responses                         map[string]*response

	Method, Path string
	Answers      []*response // all but the default, sorted
	Curl         string
}

type parameter struct {
	Ref                   string `json:"$ref"`
	Name, In, Description string
	Required              bool
	Schema                *schema
	Example               any
}

// A response is an answer, or the body of a request.
type response struct {
	Ref         string `json:"$ref"`
	Description string
	Headers     map[string]*parameter
	Content     map[string]*media

	Status string
}

type media struct {
	Schema  *schema
	Example json.RawMessage
}

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Description          string
	Format               string
	Enum                 []string
	Items                *schema
	Properties           map[string]*schema
	Required             []string
	AdditionalProperties any

	Name string // of a property, or of the schema itself
	Must bool   // the property is always there
}

// A chapter is the operations of a tag.
type chapter struct {
	Name, Description string
	Operations        []*operation
}

// methods are in the order in which the page has them.
var methods = []string{"post", "get", "put", "patch", "delete"}

func (d *description) chapters() []*chapter {
	byTag := map[string]*chapter{}
	var all []*chapter
	for _, tag := range d.Tags {
		byTag[tag.Name] = &chapter{Name: tag.Name, Description: tag.Description}
		all = append(all, byTag[tag.Name])
	}
	for _, item := range d.Paths {
		for _, method := range methods {
			o := item.operations[method]
			if o == nil {
				continue
			}
			o.Method, o.Path = method, item.path
			d.resolve(o)
			for _, tag := range o.Tags {
				byTag[tag].Operations = append(byTag[tag].Operations, o)
			}
		}
	}
	return all
}

// resolve puts in place what an operation refers to.
func (d *description) resolve(o *operation) {
	for i, p := range o.Parameters {
		if p.Ref != "" {
			o.Parameters[i] = d.Components.Parameters[lastOf(p.Ref)]
		}
	}
	for status, r := range o.Responses {
		if status == "default" {
			continue
		}
		shown := *r
		if r.Ref != "" {
			shown = *d.Components.Responses[lastOf(r.Ref)]
		}
		shown.Status = status
		o.Answers = append(o.Answers, &shown)
	}
	slices.SortFunc(o.Answers, func(a, b *response) int { return strings.Compare(a.Status, b.Status) })
	o.Curl = o.curl()
}

// Scope is what a key needs; "" if nobody needs one.
func (o *operation) Scope() string {
	for _, all := range o.Security {
		if scopes := all["key"]; len(scopes) > 0 {
			return scopes[0]
		}
	}
	return ""
}

// IsSigned reports whether a signature takes the place of a key.
func (o *operation) IsSigned() bool {
	return slices.ContainsFunc(o.Security, func(all map[string][]string) bool { _, is := all["signature"]; return is })
}

// ID is the anchor of the operation.
func (o *operation) ID() string { return "op-" + o.OperationID }

// curl is a line to paste that asks for the operation; "" if others than people do.
func (o *operation) curl() string {
	if o.IsSigned() {
		return ""
	}
	path, lines := o.Path, []string(nil)
	for _, p := range o.Parameters {
		if p.In == "path" && p.Example != nil {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", fmt.Sprint(p.Example))
		}
		if p.In == "header" && p.Example != nil {
			lines = append(lines, fmt.Sprintf("-H '%s: %v'", p.Name, p.Example))
		}
	}
	if o.RequestBody != nil {
		if m := o.RequestBody.Content["application/json"]; m != nil && m.Example != nil {
			lines = append(lines, "--json '"+compact(m.Example)+"'")
		} else {
			lines = append(lines, "--data-binary @orders.json")
		}
	} else if o.Method != "get" {
		lines = append([]string{"-X " + strings.ToUpper(o.Method)}, lines...)
	}
	if o.Scope() != "" {
		lines = append([]string{`-H "Authorization: Bearer $KEY"`}, lines...)
	}
	return strings.Join(append([]string{"curl http://127.0.0.1:8080" + path}, lines...), " \\\n  ")
}

func compact(text json.RawMessage) string {
	var short bytes.Buffer
	if json.Compact(&short, text) != nil {
		return string(text)
	}
	return short.String()
}

// Text is the title of a status.
func (r *response) Text() string {
	n, _ := strconv.Atoi(r.Status)
	return http.StatusText(n)
}

// IsGood reports whether what was asked for was done.
func (r *response) IsGood() bool { return r.Status < "4" }

// Shown is the example of the answer, in lines; "" if there is none.
func (m *media) Shown() string {
	if m.Example == nil {
		return ""
	}
	var text bytes.Buffer
	if json.Indent(&text, m.Example, "", "  ") != nil {
		return string(m.Example)
	}
	return text.String()
}

// schemas are all named ones, sorted.
func (d *description) schemas() []*schema {
	all := make([]*schema, 0, len(d.Components.Schemas))
	for name, s := range d.Components.Schemas {
		s.Name = name
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *schema) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Fields are the properties: first those that are always there, then the others.
func (s *schema) Fields() []*schema {
	all := make([]*schema, 0, len(s.Properties))
	for name, p := range s.Properties {
		p.Name, p.Must = name, slices.Contains(s.Required, name)
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *schema) int {
		if a.Must != b.Must {
			if a.Must {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return all
}

// Link is the named schema that it is, or a list of; "" if it has no name.
func (s *schema) Link() string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return lastOf(s.Ref)
	case s.Items != nil:
		return s.Items.Link()
	}
	return ""
}

// Kind is the type in words.
func (s *schema) Kind() string {
	switch t := s.Type.(type) {
	case nil:
	case string:
		switch {
		case t == "array" && s.Items != nil:
			return "list of " + cmp.Or(s.Items.Link(), s.Items.Kind())
		case s.Format != "":
			return s.Format
		}
		return t
	case []any:
		var all []string
		for _, one := range t {
			all = append(all, fmt.Sprint(one))
		}
		return strings.Join(all, " or ")
	}
	if len(s.Enum) > 0 {
		return strings.Join(s.Enum, " or ")
	}
	if s.Ref != "" {
		return lastOf(s.Ref)
	}
	return "any"
}

func lastOf(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// paragraphs are the parts of a text between empty lines.
func paragraphs(text string) []string { return strings.Split(text, "\n\n") }

// A run is a part of a text: what is between backquotes is code.
type run struct {
	Text   string
	IsCode bool
}

func prose(text string) (all []run) {
	for i, part := range strings.Split(text, "`") {
		if part != "" {
			all = append(all, run{part, i%2 == 1})
		}
	}
	return all
}
