package orders_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"process-orders/orders"
)

// item is the lines of an order with one line.
func item(line string) string { return `{"phone":"1","items":[` + line + `]}` }

// What is JSON and no order, with the message to the letter. Each text is one
// order, the second of its source and on its second line; columns are its own.
func TestRejects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, column, path, reason string }{
		{`5`, "1", "", "want an order (an object), got a number"},
		{`-0.5e1`, "1", "", "want an order (an object), got a number"},
		{`"{}"`, "1", "", "want an order (an object), got a string"},
		{`null`, "1", "", "want an order (an object), got null"},
		{`true`, "1", "", "want an order (an object), got true"},
		{`false`, "1", "", "want an order (an object), got false"},

		{`{}`, "1", "items", "missing, so this is no order"},
		{`{ }`, "1", "items", "missing, so this is no order"},
		{`{"errors":"[API] Invalid API key"}`, "1", "items", "missing, so this is no order"},
		{`{"phone":7.5,"name":5}`, "1", "items", "missing, so this is no order"},
		{`{"items":[]}`, "1", "phone", "missing"},
		{`{"phone":null,"items":[]}`, "1", "phone", "missing"},
		{`{"Phone":"1","phone ":"1","items":[]}`, "1", "phone", "missing"},
		{`{"x":{"phone":"1"},"items":[]}`, "1", "phone", "missing"},
		{`{"phone":"","items":[]}`, "10", "phone", "blank"},
		{`{"phone":" \t\r\n","items":[]}`, "10", "phone", "blank"},
		{"{\"phone\":\"\u00a0\u3000\u2028\u0085\",\"items\":[]}", "10", "phone", "blank"},
		{`{"phone":"\u0020\u2003","items":[]}`, "10", "phone", "blank"},
		{`{"phone":"\u0000","items":[]}`, "10", "phone", "holds a NUL character"},
		{`{"phone":"555\u0000","items":[]}`, "10", "phone", "holds a NUL character"},
		{`{"phone":" \u0000 ","items":[]}`, "10", "phone", "holds a NUL character"},
		{`{"phone":7.1,"items":[]}`, "10", "phone", "want a string or a whole number, got a number"},
		{`{"phone":1e3,"items":[]}`, "10", "phone", "want a string or a whole number, got a number"},
		{`{"phone":0E0,"items":[]}`, "10", "phone", "want a string or a whole number, got a number"},
		{`{"phone":-5,"items":[]}`, "10", "phone", "want a string or a whole number, got a number"},
		{`{"phone":-0,"items":[]}`, "10", "phone", "want a string or a whole number, got a number"},
		{`{"phone":true,"items":[]}`, "10", "phone", "want a string or a whole number, got true"},
		{`{"phone":false,"items":[]}`, "10", "phone", "blank"},
		{`{"phone":["1"],"items":[]}`, "10", "phone", "want a string or a whole number, got an array"},
		{`{"phone":{},"items":[]}`, "10", "phone", "want a string or a whole number, got an object"},

		{`{"phone":"1","name":5,"items":[]}`, "21", "name", "want a string, got a number"},
		{`{"phone":"1","name":-5,"items":[]}`, "21", "name", "want a string, got a number"},
		{`{"phone":"1","name":true,"items":[]}`, "21", "name", "want a string, got true"},
		{`{"phone":"1","name":{"first":"A"},"items":[]}`, "21", "name", "want a string, got an object"},
		{`{"phone":"1","name":["A"],"items":[]}`, "21", "name", "want a string, got an array"},
		{`{"phone":"1","name":"A\u0000","items":[]}`, "21", "name", "holds a NUL character"},

		{`{"phone":"1"}`, "1", "items", "missing, so this is no order"},
		{`{"phone":"1","items":null}`, "1", "items", "missing, so this is no order"},
		{`{"phone":"1","items":{}}`, "22", "items[0].name", "missing"},
		{`{"phone":"1","items":{"name":"a","price":"x"}}`, "42", "items[0].price", "want a decimal number, got a text of 1 character"},
		{`{"phone":"1","items":"[]"}`, "22", "items", "want an array, got a string"},
		{`{"phone":"1","items":0}`, "22", "items", "want an array, got a number"},
		{`{"phone":"1","items":false}`, "22", "items", "want an array, got false"},
		{item(`5`), "23", "items[0]", "want an object, got a number"},
		{item(`null`), "23", "items[0]", "want an object, got null"},
		{item(`[]`), "23", "items[0]", "want an object, got an array"},
		{item(`"Idli"`), "23", "items[0]", "want an object, got a string"},
		{item(`{"name":"a","price":1},true`), "46", "items[1]", "want an object, got true"},

		{item(`{}`), "23", "items[0].name", "missing"},
		{item(`{"price":1}`), "23", "items[0].name", "missing"},
		{item(`{"name":null,"price":1}`), "23", "items[0].name", "missing"},
		{item(`{"item":{"name":"a"},"price":1}`), "23", "items[0].name", "missing"},
		{item(`{"name":"","price":1}`), "31", "items[0].name", "blank"},
		{item(`{"name":" ","price":1}`), "31", "items[0].name", "blank"},
		{item(`{"name":"\u0000","price":1}`), "31", "items[0].name", "holds a NUL character"},
		{item(`{"name":7,"price":1}`), "31", "items[0].name", "want a string, got a number"},
		{item(`{"name":false,"price":1}`), "31", "items[0].name", "blank"},
		{item(`{"name":["a"],"price":1}`), "31", "items[0].name", "want a string, got an array"},

		{item(`{"name":"a"}`), "23", "items[0].price", "missing"},
		{item(`{"name":"a","price":null}`), "23", "items[0].price", "missing"},
		{item(`{"name":"a","price":1},{"name":"a","price":2},{"name":"c"}`), "69", "items[2].price", "missing"},
		{item(`{"name":"a","price":true}`), "43", "items[0].price", "want a decimal number, got true"},
		{item(`{"name":"a","price":{"amount":1}}`), "43", "items[0].price", "want a decimal number, got an object"},
		{item(`{"name":"a","price":[1]}`), "43", "items[0].price", "want a decimal number, got an array"},
		{item(`{"name":"a","price":""}`), "43", "items[0].price", "blank"},
		{item(`{"name":"a","price":" \n"}`), "43", "items[0].price", "blank"},
		{item(`{"name":"a","price":"six"}`), "43", "items[0].price", `want a decimal number, got a text of 3 characters`},

		{`{"phone":"1","phone":"1","items":[]}`, "14", "phone", "the key appears twice in one object"},
		{`{"phone":null,"phone":"1","items":[]}`, "15", "phone", "the key appears twice in one object"},
		{`{"phone":"1","phone":null,"items":[]}`, "14", "phone", "the key appears twice in one object"},
		{`{"phone":"1","ph\u006fne":"2","items":[]}`, "14", "phone", "the key appears twice in one object"},
		{`{"\u0070hone":"1","phon\u0065":"2","items":[]}`, "19", "phone", "the key appears twice in one object"},
		{`{"phone":"1","name":"A","items":[],"n\u0061me":"B"}`, "36", "name", "the key appears twice in one object"},
		{`{"phone":"1","items":[],"items":[]}`, "25", "items", "the key appears twice in one object"},
		{`{"phone":"1","items":[{"name":"a","price":1}],"x":0,"items":[{"name":"b","price":2}]}`, "53", "items", "the key appears twice in one object"},
		{item(`{"name":"a","price":1,"name":"a"}`), "45", "items[0].name", "the key appears twice in one object"},
		{item(`{"name":"a","price":1,"\u0070rice":1}`), "45", "items[0].price", "the key appears twice in one object"},
		{item(`{"name":"a","price":1},{"price":1,"price":2}`), "57", "items[1].price", "the key appears twice in one object"},

		// The first fault is reported, whatever follows it.
		{`{"phone":true,"phone":"","name":5,"items":[5]}`, "10", "phone", "want a string or a whole number, got true"},
		{`{"items":[{"price":"x"}],"phone":5.5}`, "20", "items[0].price", `want a decimal number, got a text of 1 character`},
		{`{"name":[],"items":{}}`, "9", "name", "want a string, got an array"},
		{`{"items":[{"name":"","price":""}]}`, "19", "items[0].name", "blank"},
		{`{"items":[{},7]}`, "11", "items[0].name", "missing"},
		{`{"items":[7],"items":[8]}`, "11", "items[0]", "want an object, got a number"},
	} {
		s := setup{}
		text := order("a") + "\n" + c.text + "\n" + order("b")
		got := s.sameAtSomeSizes(t, c.text, text)
		if len(got.rejects) != 1 || got.err != nil || got.phones() != "a b" || got.orders[1].Number != 3 {
			t.Errorf("%s: want it rejected between orders 1 and 3, got\n%s", c.text, got)
			continue
		}
		reject := got.rejects[0]
		want := "in:2:" + c.column + ": order 2: "
		if c.path != "" {
			want += c.path + ": "
		}
		if want += c.reason; reject.Error() != want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.text, reject, want)
		}
		if reject.Path != c.path || reject.Reason != c.reason || reject.Order != 2 || reject.Line != 2 ||
			fmt.Sprint(reject.Column) != c.column || reject.Source != "in" || string(reject.Text) != c.text {
			t.Errorf("%s: the reject's parts are %+v, text %q", c.text, reject, reject.Text)
		}

		s.stopAtReject, s.BlockBytes = true, 1+len(c.text)/2
		stopped := s.read(text)
		var asError *orders.Reject
		if !errors.As(stopped.err, &asError) || asError.Error() != want || stopped.phones() != "a" {
			t.Errorf("%s, with nobody to take it: want order 1 and the error %s, got\n%s", c.text, want, stopped)
		}

		// In an array it is the same, but for the place.
		array := setup{}.sameAtSomeSizes(t, c.text+" in an array", "["+order("a")+","+c.text+" ,"+order("b")+"]")
		if len(array.rejects) != 1 || array.rejects[0].Path != c.path || array.rejects[0].Reason != c.reason ||
			array.rejects[0].Order != 2 || string(array.rejects[0].Text) != c.text || array.phones() != "a b" {
			t.Errorf("%s, in an array: got\n%s", c.text, array)
		}
	}
}

// What is fine, however odd it looks.
func TestAcceptedOrders(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{order("555-0142"), `"555-0142"`},
		{`{"items":[],"phone":"1"}`, `"1"`},
		{`{"phone":0,"items":[]}`, `"0"`},
		{`{"phone":7325550142,"items":[]}`, `"7325550142"`},
		{`{"phone":123456789012345678901234567890123456789012345678901,"items":[]}`, `"123456789012345678901234567890123456789012345678901"`},
		{`{"phone":" 1 ","items":[]}`, `" 1 "`},
		{`{"phone":"\u0031\t\"\\\/","items":[]}`, `"1\t\"\\/"`},
		{`{"phone":"` + "\u200b" + `","items":[]}`, `"\u200b"`}, // no white space to Unicode
		{`{"phone":"1","name":"Åsa 🥕","items":[]}`, `"1" "Åsa 🥕"`},
		{`{"phone":"1","name":"\u00c5sa \ud83e\udd55","items":[]}`, `"1" "Åsa 🥕"`},
		{`{"phone":"1","name":" Ann ","items":[]}`, `"1" " Ann "`},
		{`{"phone":"1","name":null,"items":[]}`, `"1"`},
		{`{"phone":"1","name":"","items":[]}`, `"1"`},
		{`{"phone":"1","name":" \t\n\u00a0","items":[]}`, `"1"`},
		{item(""), `"1"`},
		{`{"phone":"1","items":[ ]}`, `"1"`},
		{item(`{"name":"Idli","price":6.00}`), `"1" ["Idli" 6.00]`},
		{item(`{"price":6.00,"name":"Idli"}`), `"1" ["Idli" 6.00]`},
		{`{"phone":"1","items":{"price":6.00,"name":"Idli"}}`, `"1" ["Idli" 6.00]`},
		{item(`{"name":" Id\u006ci ","price":"6.00"}`), `"1" [" Idli " 6.00]`},
		{item(`{"name":"a","price":1},{"name":"a","price":2},{"name":"b","price":"3"}`), `"1" ["a" 1] ["a" 2] ["b" 3]`},
		{`{"\u0070hone":"1","n\u0061me":"A","\u0069tems":[{"\u006eame":"a","pric\u0065":1}]}`, `"1" "A" ["a" 1]`},
		{"\t{ \"phone\" :\n\"1\" ,\r\n\"items\" : [ { \"name\" : \"a\" , \"price\" : 1 } , { \"price\":2,\"name\":\"b\"}\n] } ", `"1" ["a" 1] ["b" 2]`},
		// Fields of the same names elsewhere are not read, and may be anything.
		{`{"x":{"phone":5.5,"name":1,"items":7},"phone":"1","y":[{"phone":null,"phone":""}],"items":[]}`, `"1"`},
		{item(`{"name":"a","x":{"name":1,"price":"?"},"price":1,"y":[{"price":[]}],"phone":true,"items":5}`), `"1" ["a" 1]`},
		{`{"price":"?","x":1,"x":2,"phone":"1","items":[],"\u0000":"\u0000"}`, `"1"`},
	} {
		got := setup{}.sameAtAllSizes(t, c.text, c.text)
		if got.String() != "1: "+c.want+"\n" {
			t.Errorf("%s:\ngot  %swant 1: %s", c.text, got, c.want)
		}
	}
}

// A rejected order leaves nothing behind in those around it.
func TestRejectLeavesNothing(t *testing.T) {
	bad := []string{
		`{"phone":"x","name":"X","items":[{"name":"x","price":9},{"name":"\u0078","price":"9e1"},{"name":"x"}]}`,
		`{"phone":"x","items":[{"name":"x","price":9}],"items":[{"name":"x","price":9}]}`,
		`{"items":[{"name":"x","price":9},{"name":"y","price":9}]}`,
	}
	good := func(phone string) string {
		return `{"phone":"` + phone + `","items":[{"name":"a","price":1},{"price":"2e0","name":"\u0062"}]}`
	}
	var text, want strings.Builder
	for i := range 30 {
		fmt.Fprintln(&text, good(fmt.Sprint(i)))
		fmt.Fprintf(&want, "%d: \"%d\" [\"a\" 1] [\"b\" 2]\n", 2*i+1, i)
		fmt.Fprintln(&text, bad[i%len(bad)])
	}
	s := setup{}
	for _, size := range []int{0, 50, 100, 333, 1000} {
		for ahead := range 4 {
			s.BlockBytes, s.ahead = size, ahead
			got := s.read(text.String())
			rejects := len(got.rejects)
			got.rejects = nil
			if got.String() != want.String() || rejects != 30 {
				t.Fatalf("in chunks of %d bytes, %d ahead: %d rejects, and\n%swant 30 and\n%s", size, ahead, rejects, got, &want)
			}
		}
	}
}

// What a Reject holds stays what it is when the reading goes on.
func TestRejectIsKept(t *testing.T) {
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, "{\"phone\":\"%d\",\"name\":%d}\n", i, i)
		fmt.Fprintln(&text, order("1"))
	}
	s := setup{Options: orders.Options{BlockBytes: 100}, ahead: 3}
	got := s.read(text.String())
	if len(got.rejects) != 200 {
		t.Fatalf("%d rejects, want 200", len(got.rejects))
	}
	for i, r := range got.rejects {
		if want := fmt.Sprintf(`{"phone":"%d","name":%d}`, i, i); string(r.Text) != want || !strings.HasPrefix(want, r.Excerpt().Text[:10]) {
			t.Fatalf("reject %d has the text %q and the excerpt %q, want %q", i, r.Text, r.Excerpt().Text, want)
		}
	}
}

// The excerpt of a Reject may be asked for at any time, also while the reading goes on.
// (For -race.)
func TestExcerptWhileReading(t *testing.T) {
	text := strings.Repeat(`{"items":[]}`+"\n", 300)
	rejects := make(chan *orders.Reject, 300)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for r := range rejects {
			if got := r.Excerpt().Text; got != `{"items":[]}` {
				t.Errorf("got excerpt %q", got)
			}
		}
	}()
	for ahead := 0; ahead < 4; ahead += 3 {
		s := setup{ahead: ahead, Options: orders.Options{BlockBytes: 64, Reject: func(r *orders.Reject) error {
			rejects <- r
			return nil
		}}}
		if got := s.read(text[:len(text)/2]); got.err != nil {
			t.Error(got.err)
		}
	}
	close(rejects)
	<-done
}
