package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// A restaurant makes up orders, which are the same for the same seed and the same times. They are
// in the shape of a system that a preset reads, with ids, so that the real way in takes them.
type restaurant struct {
	random *rand.Rand
	zone   *time.Location
	menu   []dish
	order  int64 // the id of the last one
	guests int   // how many have ordered so far
	recent []madeOrder
}

// A dish has a price in cents, and how often it is ordered beside the others.
type dish struct {
	name   string
	cents  int64
	weight int
}

// A madeOrder is an order as a shop sends it.
type madeOrder struct {
	ID        int64      `json:"id"`
	Created   time.Time  `json:"created_at"`
	Updated   time.Time  `json:"updated_at"`
	Cancelled *time.Time `json:"cancelled_at"`
	Currency  string     `json:"currency"`
	Phone     string     `json:"phone"`
	Customer  madeGuest  `json:"customer"`
	Lines     []madeLine `json:"line_items"`
}

type madeGuest struct {
	Name string `json:"first_name,omitempty"`
}

type madeLine struct {
	Name     string `json:"name"`
	Price    string `json:"price"`
	Quantity int    `json:"quantity"`
}

var usualMenu = []dish{
	{"Lentil soup", 650, 8}, {"Tomato soup", 600, 6}, {"Onion soup", 750, 4}, {"Green salad", 700, 7}, {"Greek salad", 950, 6},
	{"Bread and olives", 450, 7}, {"Hummus", 600, 6}, {"Garlic prawns", 1150, 3}, {"Margherita", 1050, 12}, {"Pizza with mushrooms", 1200, 8},
	{"Pizza with ham", 1250, 9}, {"Four cheeses", 1300, 6}, {"Spaghetti with tomatoes", 1050, 8}, {"Lasagne", 1350, 8}, {"Risotto", 1450, 4},
	{"Roast chicken", 1550, 7}, {"Burger", 1390, 12}, {"Burger with cheese", 1490, 10}, {"Fish and chips", 1590, 7}, {"Grilled trout", 1890, 3},
	{"Steak", 2490, 3}, {"Chips", 450, 14}, {"Vegetable curry", 1290, 7}, {"Apple pie", 590, 6}, {"Chocolate cake", 650, 7},
	{"Ice cream", 450, 8}, {"Lemonade", 350, 12}, {"Water", 250, 14}, {"Coffee", 290, 12}, {"Tea", 250, 9},
}

var guestNames = []string{"Ann", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon"}

func newRestaurant(seed uint64, zone *time.Location) *restaurant {
	return &restaurant{random: newRandom(seed), zone: zone, menu: slices.Clone(usualMenu), order: 1000, guests: 300}
}

// before makes an order of each of the usual guests, from some day of the weeks before those that the page shows.
func (r *restaurant) before(now time.Time) (all [][]byte) {
	for guest := range r.guests {
		day := now.In(r.zone).AddDate(0, 0, -9-r.random.IntN(22))
		at := time.Date(day.Year(), day.Month(), day.Day(), 11+r.random.IntN(10), r.random.IntN(60), r.random.IntN(60), 0, r.zone)
		all = append(all, r.orderOf(guest, at).text())
	}
	return all
}

// busiest is how many orders come in the busiest minute of a lunch, about.
const busiest = 12

// rate is how many orders come in a minute of the day, on average: there is a lunch and a dinner.
func rate(minute int) float64 {
	peak := func(at, width float64) float64 {
		d := (float64(minute) - at) / width
		return math.Exp(-d * d / 2)
	}
	return busiest * (0.06 + peak(12*60+30, 50) + 1.2*peak(19*60+15, 75))
}

// day makes the orders of a day, from its start for so long.
func (r *restaurant) day(of time.Time, long time.Duration) (all [][]byte) {
	y, m, d := of.In(r.zone).Date()
	start := time.Date(y, m, d, 0, 0, 0, 0, r.zone)
	for minute := 0; minute < int(long/time.Minute); minute++ {
		n := rate(minute)
		for n += r.random.Float64(); n >= 1; n-- {
			second := r.random.IntN(60)
			all = append(all, r.newOrder(start.Add(time.Duration(minute)*time.Minute+time.Duration(second)*time.Second)).text())
		}
	}
	return all
}

// happens makes what comes at a time: mostly an order. Now and then one of the last is cancelled, or
// a price changes.
func (r *restaurant) happens(now time.Time) [][]byte {
	switch n := r.random.IntN(100); {
	case n < 3 && len(r.recent) > 0:
		i := r.random.IntN(len(r.recent))
		o := r.recent[i]
		r.recent = slices.Delete(r.recent, i, i+1)
		at := now.UTC().Truncate(time.Millisecond)
		o.Updated, o.Cancelled = at, &at
		return [][]byte{o.text()}
	case n < 5:
		r.changePrices(1)
	}
	o := r.newOrder(now)
	if r.recent = append(r.recent, o); len(r.recent) > 20 {
		r.recent = r.recent[1:]
	}
	return [][]byte{o.text()}
}

// changePrices changes the prices of some dishes by some 5 %.
func (r *restaurant) changePrices(n int) {
	for range n {
		d := &r.menu[r.random.IntN(len(r.menu))]
		by := max(10, d.cents/200*10)
		if r.random.IntN(3) == 0 {
			by = -by
		}
		d.cents += by
	}
}

func (r *restaurant) newOrder(at time.Time) madeOrder { return r.orderOf(r.guest(), at) }

func (r *restaurant) orderOf(guest int, at time.Time) madeOrder {
	r.order++
	at = at.UTC().Truncate(time.Millisecond)
	o := madeOrder{ID: r.order, Created: at, Updated: at, Currency: "USD", Phone: phoneOf(guest)}
	if guest%8 > 0 { // the others have said none
		o.Customer.Name = guestNames[guest%len(guestNames)]
	}
	for range 1 + r.random.IntN(4) {
		d := r.dish()
		if slices.ContainsFunc(o.Lines, func(l madeLine) bool { return l.Name == d.name }) {
			continue
		}
		o.Lines = append(o.Lines, madeLine{d.name, fmt.Sprintf("%d.%02d", d.cents/100, d.cents%100), 1 + r.random.IntN(5)/3})
	}
	return o
}

// guest is one of those who come again, or now and then a new one.
func (r *restaurant) guest() int {
	switch n := r.random.IntN(100); {
	case n < 5:
		r.guests++
		return r.guests - 1
	case n < 60:
		return r.random.IntN(100) // who come often
	}
	return r.random.IntN(r.guests)
}

// phoneOf is a phone that nobody has.
func phoneOf(guest int) string {
	return fmt.Sprintf("%03d-555-01%02d", 201+guest/100, guest%100)
}

func (r *restaurant) dish() dish {
	all := 0
	for _, d := range r.menu {
		all += d.weight
	}
	n := r.random.IntN(all)
	for _, d := range r.menu {
		if n -= d.weight; n < 0 {
			return d
		}
	}
	return r.menu[0]
}

func (o madeOrder) text() []byte {
	text, _ := json.Marshal(o) // which has nothing that cannot be written
	return text
}
