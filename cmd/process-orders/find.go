package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"process-orders/internal/lazy"
	"process-orders/internal/shown"
	"process-orders/store"
)

// usualFound is how many customers, items and orders find shows.
const usualFound = 20

// find shows what a store has of a customer, an item or an order.
func (c *command) find() *cobra.Command {
	var url, format string
	var limit int
	cmd := &cobra.Command{
		Use:   "find --store STORE TEXT",
		Short: "Look up a customer, an item or an order in a store",
		Long: `find shows customers of a store by their phone, or by its last digits, at least
three; by the start of a word of their name; items by the start of their name;
and an order by its id.`,
		Example: `  process-orders find --store shop.db 732-555-5509
  process-orders find --store shop.db 5509
  process-orders find --store shop.db masala`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || strings.TrimSpace(strings.Join(args, " ")) == "" {
				return wrongUsage("find takes a phone or its last digits, the start of a name, or the id of an order")
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			switch {
			case format != "text" && format != "json":
				return wrongUsage("--summary: want text or json, got %s", shown.Value(format))
			case limit < 1 || limit > store.MostListed:
				return wrongUsage("--limit: want a number from 1 to %d", store.MostListed)
			}
			s, err := c.openService(cmd.Context(), url, storeUse{readOnly: true})
			if err != nil {
				return err
			}
			defer func() { err = withCleanup(err, s.Close()) }()
			search := search{store: s, text: strings.TrimSpace(strings.Join(args, " ")), limit: limit}
			if err := search.run(cmd.Context()); err != nil {
				return err
			}
			if search.found.isEmpty() {
				return search.nothing()
			}
			return c.printFound(&search.found, format)
		},
	}
	cmd.Flags().SortFlags = false
	storeFlag(cmd, &url)
	cmd.Flags().IntVar(&limit, "limit", usualFound, "show at most `N` of each, up to 1000")
	cmd.Flags().StringVar(&format, "summary", "text", "print it as `text|json`")
	complete(cmd, "summary", "text", "json")
	return cmd
}

// A search looks for a text in a store.
type search struct {
	store store.Service
	text  string
	limit int
	found found
	// isExact reports whether the text was looked for as a phone and the store does not say how it
	// keeps phones.
	isExact bool
	// isShort reports whether the text has too few digits for the end of a phone.
	isShort bool
}

// nothing says that nothing was found, and how phones were looked for if that may be why.
func (s *search) nothing() error {
	text := "the store has no such customer, item or order"
	switch {
	case s.isExact:
		text += "; a phone" + strings.TrimPrefix(unknownForm.lookedFor(), ", which")
	case s.isShort:
		text += fmt.Sprintf("; a phone is found by its last %d digits or more", leastDigits)
	}
	return errors.New(text)
}

// found is what a search has found. The More say that there are more than these.
type found struct {
	customers                            []store.Customer
	items                                []store.Item
	orders                               []store.Order
	moreCustomers, moreItems, moreOrders bool
}

func (f *found) isEmpty() bool { return len(f.customers)+len(f.items)+len(f.orders) == 0 }

func (s *search) run(ctx context.Context) error {
	if err := s.customers(ctx); err != nil {
		return err
	}
	var err error
	s.found.items, s.found.moreItems, err = listed(s.limit, func(after string, limit int) ([]store.Item, string, error) {
		return s.store.Items(ctx, store.Search{Name: s.text}, after, limit)
	})
	if err != nil {
		return err
	}
	return s.orders(ctx)
}

// leastPage is how many rows a page of a search has at least. Of a long name an index has only
// the start, so most pages may be empty.
const leastPage = 100

// listed returns what a list has, up to the limit, and whether there is more. It reads pages
// until it knows that.
func listed[T any](limit int, read func(after string, limit int) (page []T, next string, err error)) (all []T, isMore bool, err error) {
	after := ""
	for {
		page, next, err := read(after, min(max(limit+1, leastPage), store.MostListed))
		if err != nil {
			return nil, false, err
		}
		all = append(all, page...)
		if len(all) > limit {
			return all[:limit], true, nil
		}
		if next == "" {
			return all, false, nil
		}
		after = next
	}
}

// phoneText is a text that may be a phone, or the end of one.
var phoneText = lazy.Regexp(`^[ ()./+-]*[0-9][0-9 ()./+-]*$`)

// leastDigits is how many of the last digits of a phone make a search.
const leastDigits = 3

// customers finds customers by their phone or, if the text is none, by their name. The one
// whose phone is just the text comes first.
func (s *search) customers(ctx context.Context) error {
	kept, as, err := keptPhone(ctx, s.store, s.text)
	if err != nil {
		return err
	}
	same, isPhone, err := s.store.Customer(ctx, kept)
	if err != nil {
		return err
	}
	if isPhone {
		s.found.customers = append(s.found.customers, same)
	}
	by := store.Search{Name: s.text}
	if phoneText().MatchString(s.text) {
		s.isExact = as == unknownForm
		by = store.Search{Ending: digitsOf(s.text)}
		if s.isShort = len(by.Ending) < leastDigits; s.isShort {
			return nil
		}
	}
	others, isMore, err := listed(s.limit-len(s.found.customers), func(after string, limit int) ([]store.Customer, string, error) {
		page, next, err := s.store.Customers(ctx, by, after, limit)
		return slices.DeleteFunc(page, func(c store.Customer) bool { return isPhone && c.Phone == same.Phone }), next, err
	})
	s.found.customers, s.found.moreCustomers = append(s.found.customers, others...), isMore
	return err
}

func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// orders finds the orders with the id, of every system and shop.
func (s *search) orders(ctx context.Context) error {
	shops, err := s.store.Shops(ctx)
	if err != nil {
		return err
	}
	for _, shop := range shops {
		order, ok, err := s.store.Order(ctx, shop.System, shop.Name, s.text)
		if err != nil {
			return err
		}
		if ok && len(s.found.orders) == s.limit {
			s.found.moreOrders = true
			return nil
		}
		if ok {
			s.found.orders = append(s.found.orders, order)
		}
	}
	return nil
}
