package orders_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"process-orders/input"
	"process-orders/internal/columns"
	"process-orders/orders"
)

// Rows of one order are joined wherever they are, and messages name the places that they
// had.
func TestRowsApart(t *testing.T) {
	const (
		o1  = `{"id":"o/1","phone":"555"}` + "\n"
		o2  = `{"id":"o/2","phone":"556"}` + "\n"
		tea = `{"id":"l/1","name":"Tea","price":{"amount":1},"__parentId":"o/1"}` + "\n"
		mug = `{"id":"l/2","name":"Mug","price":{"amount":2},"__parentId":"o/2"}` + "\n"
		pie = `{"id":"l/3","name":"Pie","price":{"amount":3},"__parentId":"o/1"}` + "\n"
		tax = `{"title":"VAT","rate":0.2,"__parentId":"l/1"}` + "\n"
	)
	// A place is that of the row that has the fault, its text is that of the whole order.
	const head = "Name,Phone,Item,Price\n"
	for _, c := range []struct {
		name    string
		mapping *orders.Mapping
		text    string
		want    string
	}{
		{"sorted by item", &table, head + "#1,555,Bread,1\n#2,556,Bread,1\n#1,,Cheese,2\n#3,557,Cheese,2\n#2,,Milk,3\n",
			"1: \"555\" [\"Bread\" 1] [\"Cheese\" 2]\n2: \"556\" [\"Bread\" 1] [\"Milk\" 3]\n3: \"557\" [\"Cheese\" 2]\n"},
		{"the last line has no end", &table, head + "#1,555,Bread,1\n#2,556,Bread,1\n#1,,Cheese,2",
			"1: \"555\" [\"Bread\" 1] [\"Cheese\" 2]\n2: \"556\" [\"Bread\" 1]\n"},
		{"the last of lines with carriage returns has no end", &table, "Name,Phone,Item,Price\r#1,555,Bread,1\r#2,556,\"Rye\nbread\",1\r#1,,Cheese,2",
			"1: \"555\" [\"Bread\" 1] [\"Cheese\" 2]\n2: \"556\" [\"Rye\\nbread\" 1]\n"},
		{"the last line has half of an end", &table, head + "#1,555,Bread,1\n#2,556,Bread,1\n#1,,Cheese,2\r",
			"1: \"555\" [\"Bread\" 1] [\"Cheese\" 2]\n2: \"556\" [\"Bread\" 1]\n"},
		{"rows without a key are in between", &table, head + "#1,555,Bread,1\n,558,Bread,1\n#1,,Cheese,2\n,559,Bread,1\n",
			"1: \"555\" [\"Bread\" 1] [\"Cheese\" 2]\n2: \"558\" [\"Bread\" 1]\n3: \"559\" [\"Bread\" 1]\n"},
		{"a fault in a row that is apart", &table, head + "#1,555,Bread,1\n#2,556,\"Rye\nbread\",1\n\n#1,,Cheese,x\n",
			"2: \"556\" [\"Rye\\nbread\" 1]\nrejected in:6:12: order 1: Price: want a decimal number, got a text of 1 character: \"Name,Phone,Item,Price\\n#1,555,Bread,1\\n\\n#1,,Cheese,x\\n\"\n"},
		{"a mark at the start", &table, "\ufeff" + head + "#1,555,Bread,1\n#2,556,Bread,1\n#1,,Bread,y\n",
			"2: \"556\" [\"Bread\" 1]\nrejected in:4:11: order 1: Price: want a decimal number, got a text of 1 character: \"Name,Phone,Item,Price\\n#1,555,Bread,1\\n#1,,Bread,y\\n\"\n"},
		{"what cannot be read comes behind", &table, head + "#1,555,Bread,1\n#2,556,Bread,1\n#1,,Cheese,2\n\n#3,\"\"5,x,1\n#1,,Milk,1\n",
			"1: \"555\" [\"Bread\" 1] [\"Cheese\" 2]\n2: \"556\" [\"Bread\" 1]\nerror in:6:6: order 3: want the end of the value after its closing quote, got '5'\n"},
		{"rows of one order are in one table", &table, head + "#1,555,Bread,1\n#2,556,Bread,1\n#1,,Cheese,2\n" + head + "#3,557,Tea,1\n#1,558,Tea,1\n#3,,Mug,2",
			"2: \"556\" [\"Bread\" 1]\n3: \"557\" [\"Tea\" 1] [\"Mug\" 2]\n4: \"558\" [\"Tea\" 1]\n"},
		{"the next table starts with the order of the last one", &table, head + "#1,555,Bread,1\n" + head + "#1,555,Cheese,1\n#2,556,Tea,1\n",
			"2: \"555\" [\"Cheese\" 1]\n3: \"556\" [\"Tea\" 1]\n"},
		{"many blanks within an order", &table, head + "#1,555,Bread,1\n#2,556,Tea,1\n" + strings.Repeat("\n", 60) + "#1,,Cheese,1\n",
			"1: \"555\" [\"Bread\" 1] [\"Cheese\" 1]\n2: \"556\" [\"Tea\" 1]\n"},

		{"all orders first", &bulk, o1 + o2 + tea + mug + pie, "1: \"555\" [\"Tea\" 1] [\"Pie\" 3]\n2: \"556\" [\"Mug\" 2]\n"},
		{"all lines first", &bulk, tea + mug + pie + o2 + o1, "1: \"555\" [\"Tea\" 1] [\"Pie\" 3]\n2: \"556\" [\"Mug\" 2]\n"},
		{"a line directly before its order", &bulk, tea + o1, "1: \"555\" [\"Tea\" 1]\n"},
		{"children of lines", &bulk, o1 + tea + tax + pie + o2 + mug, "1: \"555\" [\"Tea\" 1] [\"Pie\" 3]\n2: \"556\" [\"Mug\" 2]\n"},
		{"children of nothing", &bulk, o1 + tea + `{"x":1,"__parentId":"y"}` + "\n" + o2, "1: \"555\" [\"Tea\" 1]\n2: \"556\"\n"},
		{"no lines at all", &bulk, o1 + o2, "1: \"555\"\n2: \"556\"\nerror in:1:1: no order has a line: the mapping wants an item and a price in rows of their own\n"},
		{"lines of another query", &bulk, o1 + `{"name":"Tea","price":null,"__parentId":"o/1"}` + "\n", "1: \"555\"\nerror in:1:1: no order has a line: the mapping wants an item and a price in rows of their own\n"},
		{"lines of nothing", &bulk, o1 + o2 + tea + strings.ReplaceAll(mug, "o/2", "o/9") + strings.ReplaceAll(pie, "o/1", "o/9"),
			"1: \"555\" [\"Tea\" 1]\n2: \"556\"\nrejected in:4:60: order 3: __parentId: the order that this row belongs to is in no other row: " +
				quoted("{\"id\":\"l/2\",\"name\":\"Mug\",\"price\":{\"amount\":2},\"__parentId\":\"o/9\"}\n{\"id\":\"l/3\",\"name\":\"Pie\",\"price\":{\"amount\":3},\"__parentId\":\"o/9\"}") + "\n"},
		{"several in one line", &bulk, `{"id":"o/1","phone":"555"} {"id":"o/2","phone":"556"}{"__parentId":"o/1","name":"Tea","price":{"amount":1}}` + "\n7\n" + mug,
			"1: \"555\" [\"Tea\" 1]\n2: \"556\" [\"Mug\" 2]\nrejected in:2:1: order 3: want an order (an object), got a number: \"7\"\n"},
		{"not JSON behind", &bulk, o1 + o2 + tea + "{\"id\":\"o/3\",,\n", "1: \"555\" [\"Tea\" 1]\n2: \"556\"\nerror in:4:13: order 3: want a key in double quotes, got ','\n"},
		{"cut off", &bulk, o1 + o2 + tea + "\n {\"id\":\"o/3\"", "1: \"555\" [\"Tea\" 1]\n2: \"556\"\nerror in:5:13: order 3: want ',' or '}' after a value of an object, got the end of the input\n"},
	} {
		for _, way := range []string{"fast", "slow"} {
			s := setup{Options: orders.Ways[way](orders.Options{Mapping: c.mapping})}
			if got := s.sameAtAllSizes(t, c.name, c.text); got.String() != c.want {
				t.Errorf("%s, %s: %s:\ngot  %swant %s", c.name, way, c.text, got, c.want)
			}
		}
	}
}

// If there is no memory to know whether rows are apart, they are joined all the same. Where
// they follow each other, that changes nothing: not even their positions.
func TestJoinWithoutKnowing(t *testing.T) {
	for _, c := range []struct {
		mapping *orders.Mapping
		text    string
	}{
		{&table, "\ufeffName,Phone,Item,Price\r\n\r\n#1,555,Tea,1\r\n\r\n#1,,\"a\nb\",2\r\n\n\n#2,5,Tea,x\n,7,Tea,1\n,8,Tea,1\n#4,5,Tea,1"},
		{&bulk, " \n" + `{"id":1,"phone":"555"} {"name":"Tea","price":{"amount":1},"__parentId":1}` + "\n\n" + `{"id":2,"phone":"556"}{"id":3}` + "\n4\n" + `{"id":5,"phone":"5"}` + "\n\n"},
		{&table, "Name,Phone,Item,Price\n#1,555,Tea,1\n" + strings.Repeat("\n", 3<<20) + "#2,556,Tea,1\n#2,,Mug,1\n"},
	} {
		read := func(memory int64) (r reading, joined bool) {
			joiner := orders.NewJoiner([]input.Source{source("in", c.text)})
			joiner.MemoryBytes, joiner.Folder = memory, t.TempDir()
			o := orders.Options{Mapping: c.mapping, Reject: func(reject *orders.Reject) error {
				r.rejects = append(r.rejects, reject)
				return nil
			}}
			err := joiner.Read(context.Background(), o, func(sources []input.Source, o orders.Options) (err error) {
				r = reading{}
				r.totals, err = orders.Columns(context.Background(), sources, o, 2, func(c *columns.Orders) (func() error, error) {
					r.take(c)
					return nil, nil
				})
				return err
			})
			joined = joiner.Joined()
			if err = errors.Join(err, joiner.Close()); err != nil {
				t.Fatal(err)
			}
			if left, _ := os.ReadDir(joiner.Folder); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			return r, joined
		}
		want, joined := read(0)
		if joined {
			t.Fatalf("%.100q was joined", c.text)
		}
		got, joined := read(1)
		if !joined {
			t.Errorf("%.100q was not joined", c.text)
		}
		if got.String() != want.String() || !slices.Equal(got.at, want.at) || got.totals.Bytes != want.totals.Bytes {
			t.Errorf("%.100q: got\n%s%v, %d bytes\nwant\n%s%v, %d bytes", c.text, got, got.at, got.totals.Bytes, want, want.at, want.totals.Bytes)
		}
	}
}

// Of several sources each is joined by itself. What has to be called once is called once.
func TestJoinSeveral(t *testing.T) {
	const head = "Name,Phone,Item,Price\n"
	together := head + "#1,555,Tea,1\n#1,,Mug,2\n#2,556,Tea,x\n"
	apart := head + "#3,555,Tea,1\n#4,,Tea,1\n#3,,Mug,2\n#5,556,Tea,y\n"
	for _, c := range []struct {
		texts []string
		want  string
	}{
		{[]string{together, together}, "in0:4:12, done in0 1, in1:4:12, done in1 0"},
		{[]string{together, apart, apart}, "in0:4:12, done in0 1, in1:5:12, done in1 1, in2:5:12, done in2 0"},
		{[]string{apart, together}, "in0:5:12, done in0 1, in1:4:12, done in1 1"},
	} {
		for _, handled := range []bool{true, false} {
			var sources []input.Source
			for i, text := range c.texts {
				s := source(fmt.Sprint("in", i), text)
				if i == 1 {
					s = input.Reader(s.Name, io.MultiReader(strings.NewReader(text)))
				}
				sources = append(sources, s)
			}
			var log []string
			o := orders.Options{Mapping: &table, SourceDone: func(name string, totals orders.Totals) error {
				log = append(log, fmt.Sprint("done ", name, " ", totals.Orders))
				return nil
			}}
			if handled {
				o.Reject = func(r *orders.Reject) error {
					log = append(log, fmt.Sprintf("%s:%d:%d", r.Source, r.Line, r.Column))
					return nil
				}
			}
			joiner := orders.NewJoiner(sources)
			err := joiner.Read(context.Background(), o, func(sources []input.Source, o orders.Options) error {
				if !handled {
					o.Reject = func(*orders.Reject) error { return nil }
				}
				_, err := orders.Columns(context.Background(), sources, o, 2, func(*columns.Orders) (func() error, error) { return nil, nil })
				return err
			})
			if err = errors.Join(err, joiner.Close()); err != nil {
				t.Fatal(err)
			}
			want := strings.Split(c.want, ", ")
			// Orders of the mapping have ids: what a source has is known when all was read.
			slices.SortStableFunc(want, func(a, b string) int {
				return cmp.Compare(strings.Count(a, "done"), strings.Count(b, "done"))
			})
			if !handled {
				want = slices.DeleteFunc(want, func(s string) bool { return strings.HasPrefix(s, "in") })
			}
			if !slices.Equal(log, want) {
				t.Errorf("%q:\ngot  %q\nwant %q", c.texts, log, want)
			}
		}
	}
}
