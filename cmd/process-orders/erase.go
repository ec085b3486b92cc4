package main

import (
	"errors"

	"github.com/spf13/cobra"

	"process-orders/store"
)

// erase removes a customer from a store.
func (c *command) erase() *cobra.Command {
	var url string
	cmd := &cobra.Command{
		Use:   "erase --store STORE PHONE",
		Short: "Remove a customer from a store for good",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return wrongUsage("erase takes one phone, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := c.claims(wanted{store: url}, nil).check(); err != nil {
				return err
			}
			s, err := c.openStore(cmd.Context(), url, storeUse{existing: true})
			if err != nil {
				return err
			}
			defer func() { err = withCleanup(err, s.Close()) }()
			found, err := s.Erase(cmd.Context(), store.Erasure{Phone: args[0]})
			if err != nil {
				return err
			}
			if !found {
				return errors.New("the store has no customer with that phone")
			}
			c.say("the customer is erased")
			c.note("Orders that the store has never make a customer again; later orders with that phone do.")
			c.note("The phone stays in files that were written before, such as customers.json and rejects.")
			c.note("It stays in the store if it is part of a file's name (status shows these) or of an order's id.")
			return nil
		},
	}
	storeFlag(cmd, &url)
	return cmd
}
