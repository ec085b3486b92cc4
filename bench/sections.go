package main

import (
	"runtime"
)

// section is a part of the measurement that can be run alone.
type section struct {
	name    string
	rounds  int // how often each run is repeated
	measure func(*harness) error
}

// sections are all sections, in the order in which they run and are on the page.
var sections = []section{
	{"shapes", 7, (*harness).measureShapes},
	{"memory", 5, (*harness).measureMemory},
	{"customers", 3, (*harness).measureCustomers},
	{"size", 3, (*harness).measureSize},
	{"cores", 5, (*harness).measureCores},
	{"compressed", 5, (*harness).measureCompressed},
	{"csv", 7, (*harness).measureCSV},
	{"stores", 5, (*harness).measureStores},
	{"reads", 5, (*harness).measureReads},
	{"changes", 3, (*harness).measureChanges},
	{"serve", 3, (*harness).measureServe},
	{"small", 21, (*harness).measureSmall}, // what takes milliseconds is easily disturbed
}

func sectionNames() []string {
	var all []string
	for _, s := range sections {
		all = append(all, s.name)
	}
	return all
}

// everyone are all peers that do the whole job.
func everyone() []contender {
	var all []contender
	for _, p := range peers {
		if !p.noAnswer {
			all = append(all, contender{peer: p.name})
		}
	}
	return all
}

// these returns the peers with the names.
func these(names ...string) []contender {
	var all []contender
	for _, name := range names {
		all = append(all, contender{peer: name})
	}
	return all
}

// scaled is the input, or with -quick a twentieth of it.
func (h *harness) scaled(in Input) Input {
	if h.quick {
		in.Count = max(in.Count/20, 1)
		in.Customers = max(in.Customers/20, 1)
	}
	return in
}

// shaped is the usual input in a shape. An indented order is twice as long, so half as
// many make a file of the same size.
func shaped(shape Shape) Input {
	in := Input{Orders: usualOrders}
	in.Shape = shape
	if shape == Indented {
		in.Count /= 2
	}
	return in
}

func (h *harness) measureShapes() error {
	for _, shape := range []Shape{NDJSON, Array, Indented} {
		if err := h.race(h.scaled(shaped(shape)), everyone()...); err != nil {
			return err
		}
	}
	return nil
}

// sized is the usual input with another number of orders.
func sized(orders int64) Input {
	in := Input{Orders: usualOrders}
	in.Count = orders
	in.Customers = min(in.Customers, max(1, orders/12))
	return in
}

// The numbers of orders that make 1 MB, 8 MB, 64 MB, 0.5 GB, 2 GB and 8 GB.
var sizes = []int64{4_096, 32_768, 262_144, 2_000_000, 8_192_000, 32_768_000}

const (
	halfGigabyte   = 2_000_000
	twoGigabytes   = 8_192_000
	eightGigabytes = 32_768_000
)

func (h *harness) measureSize() error {
	counts := sizes
	if h.quick {
		counts = sizes[:3]
	}
	for _, count := range counts {
		if err := h.race(sized(count), these(ours, yardstick, duckDB)...); err != nil {
			return err
		}
	}
	return nil
}

func (h *harness) measureCores() error {
	for _, shape := range []Shape{NDJSON, Array, Indented} {
		var contenders []contender
		for threads := 1; threads <= runtime.NumCPU(); threads *= 2 {
			contenders = append(contenders, contender{peer: ours, threads: threads}, contender{peer: duckDB, threads: threads})
			if shape == NDJSON {
				contenders = append(contenders, contender{peer: yardstick, threads: threads})
			}
		}
		if err := h.race(h.scaled(shaped(shape)), contenders...); err != nil {
			return err
		}
	}
	return nil
}

// customerCounts are the numbers of customers for which there is a measurement.
var customerCounts = []int64{1_000, 10_000, 100_000, 1_000_000, 10_000_000, mostCustomers}

// manyCustomers are short orders from so many customers: 2 GB, or more if that is too
// little for one order from each.
func manyCustomers(customers int64) Input {
	in := Input{Orders: usualOrders}
	in.Brief = true
	in.Customers = customers
	in.Count = max(16_000_000, customers+customers/25)
	return in
}

// mostCustomers are measured once only, as that takes minutes, and with mostMemory too.
const (
	mostCustomers = 50_000_000
	mostMemory    = "4GiB"
)

func (h *harness) measureCustomers() error {
	for _, customers := range customerCounts {
		contenders := these(ours, yardstick, duckDB)
		if customers == mostCustomers {
			h.repeats = 1
			contenders = append(these(ours, duckDB), contender{peer: ours, memory: mostMemory}, contender{peer: duckDB, memory: mostMemory})
		}
		if err := h.race(h.scaled(manyCustomers(customers)), contenders...); err != nil {
			return err
		}
	}
	return nil
}

// sevenMillion is the input whose records outgrow every cache.
func sevenMillion() Input {
	in := Input{Orders: usualOrders}
	in.Count, in.Customers = 12_000_000, 7_000_000
	return in
}

// memoryLimits are the limits for peers that can be given one; "" is none.
var memoryLimits = []string{"", "1GiB", "512MiB"}

// measureMemory is also the section that measures with cold memory, as there the most of it
// is touched.
func (h *harness) measureMemory() error {
	if !h.quick {
		var err error
		if h.section.Touching, err = measureTouching(h.ctx); err != nil {
			return err
		}
	}
	var contenders []contender
	for _, limit := range memoryLimits {
		contenders = append(contenders, contender{peer: ours, memory: limit}, contender{peer: duckDB, memory: limit})
	}
	contenders = append(contenders, these(yardstick, "clickhouse")...)
	for _, peer := range []string{ours, yardstick, duckDB} {
		contenders = append(contenders, contender{peer: peer, cold: true})
	}
	return h.race(h.scaled(sevenMillion()), contenders...)
}

// compressions are the ways in which an input is compressed; "" is none.
var compressions = []string{"", "gzip", "zstd"}

func (h *harness) measureCompressed() error {
	for _, count := range []int64{halfGigabyte, twoGigabytes} {
		if count == twoGigabytes {
			h.repeats = min(h.repeats, 2)
		}
		for _, compression := range compressions {
			in := h.scaled(sized(count))
			in.Compression = compression
			if compression != "" && !has(compression) {
				h.logf("without %s: there is no such command", compression)
				continue
			}
			if err := h.race(in, these(ours, duckDB, "gzip", "zstd", "library")...); err != nil {
				return err
			}
		}
	}
	return nil
}

// tabular is a file of about as many bytes as the usual input, as the admin of Shopify
// exports orders.
func tabular() Input {
	in := Input{Orders: usualOrders}
	in.Shape = ShopifyCSV
	in.Count = 500_000
	in.Customers = in.Count / 12
	return in
}

func (h *harness) measureCSV() error {
	for _, in := range []Input{shaped(NDJSON), tabular()} {
		if err := h.race(h.scaled(in), these(ours)...); err != nil {
			return err
		}
	}
	return nil
}

// aDay is the small file that the project started with.
func aDay() Input {
	in := Input{Orders: usualOrders}
	in.Count, in.Customers, in.Items, in.Shape = 24, 19, 24, Indented
	return in
}

func (h *harness) measureSmall() error {
	return h.race(aDay(), everyone()...)
}
