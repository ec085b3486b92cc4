package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"process-orders/apply"
	"process-orders/server"
	"process-orders/store"
)

// An erasing is a run of erase.
type erasing struct {
	*command
	url   string
	isNow bool
}

// erase removes a customer from a store.
func (c *command) erase() *cobra.Command {
	e := erasing{command: c}
	cmd := &cobra.Command{
		Use:   "erase --store STORE [--now] [PHONE]",
		Short: "Remove a customer from a store for good",
		Long: `erase removes a customer from a store at once. Bytes of the customer may stay in
the store's files until they are scrubbed, which rewrites the store: --now does that.`,
		Example: `  process-orders erase --store shop.db 732-555-5509
      erase a customer, which takes no time
  process-orders erase --store shop.db --now
      scrub what is left of all who were erased, at a quiet time`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 && !e.isNow:
				return wrongUsage("erase takes a phone, or --now, or both")
			case len(args) > 1:
				return wrongUsage("erase takes one phone, got %d; one with spaces goes in quotes", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return e.do(cmd.Context(), args) },
	}
	storeFlag(cmd, &e.url)
	cmd.Flags().BoolVar(&e.isNow, "now", false, "scrub the bytes of all who were erased, which rewrites the store")
	return cmd
}

func (e *erasing) do(ctx context.Context, phone []string) (err error) {
	if err := e.claims(wanted{store: e.url}, nil).check(); err != nil {
		return err
	}
	s, err := e.openStore(ctx, e.url, storeUse{existing: true})
	if err != nil {
		return err
	}
	defer func() { err = withCleanup(err, s.Close()) }()
	var unknown error // scrubbing is wanted all the same
	if len(phone) > 0 {
		if unknown, err = e.customer(ctx, s, phone[0]); err != nil {
			return err
		}
	}
	if e.isNow {
		if err := e.scrub(ctx, s); err != nil {
			return err
		}
	}
	return unknown
}

// customer erases a customer. Unknown says that there is none with the phone.
func (e *erasing) customer(ctx context.Context, s store.Service, phone string) (unknown, err error) {
	kept, as, err := keptPhone(ctx, s, phone)
	if err != nil {
		return nil, err
	}
	found, err := server.Erase(ctx, s, store.Erasure{Phone: kept}, phone)
	if err != nil {
		return nil, err
	}
	e.storing.Store(true) // what an interrupt says from now on
	if !found {
		return errors.New("the store has no customer with that phone" + as.lookedFor()), nil
	}
	e.say("the customer is erased")
	if !e.isNow {
		e.note("Bytes of the customer may stay in the store until they are scrubbed, which rewrites it, best at a quiet time:")
		e.note("  process-orders erase --store %s --now", typedStore(e.url))
	}
	e.note("Orders that the store has never make a customer again; later orders with that phone do.")
	e.note("A file that is applied once more with --again brings the customer back by orders without ids; those with ids do not.")
	e.note("The phone stays in files that were written before, such as customers.json and rejects.")
	e.note("It stays in the store if it is part of a file's name (status shows these) or of an order's id.")
	return nil, nil
}

// scrub removes what is left of all who were erased.
func (e *erasing) scrub(ctx context.Context, s store.Store) error {
	e.storing.Store(true)
	n, err := s.Scrub(ctx)
	switch {
	case err != nil:
		return err
	case n == 0:
		e.say("nothing of erased customers is left in the store")
	case n == 1:
		e.say("what was left of the erased customer is gone from the store")
	default:
		e.say("what was left of %s is gone from the store", count(n, "erased customer"))
	}
	return nil
}

// keptPhone is a phone as a store keeps it, by its rules.
func keptPhone(ctx context.Context, s store.Service, written string) (kept string, as phoneKept, err error) {
	kept, form, isKnown, err := apply.KeptPhone(ctx, s, written, "")
	switch {
	case !isKnown:
		as = unknownForm
	case !apply.IsE164(form):
		as = asWritten
	}
	return kept, as, err
}

// phoneKept is how a store keeps phones.
type phoneKept byte

const (
	inE164      phoneKept = iota
	asWritten             // in the orders
	unknownForm           // no orders have come to the store yet
)

// lookedFor says, behind "phone", how a phone was looked for that was not found.
func (k phoneKept) lookedFor() string {
	switch k {
	case asWritten:
		return ", which is looked for exactly as it was written in the orders"
	case unknownForm:
		return ", which is looked for exactly as it is given, as the store has no orders yet that say how it keeps phones"
	}
	return ""
}
