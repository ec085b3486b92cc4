package server

import (
	"context"
	"errors"

	"process-orders/apply"
	"process-orders/store"
)

// CheckRules returns a [*store.RulesError] if a store keeps other rules than those by which orders
// would be read: the Count, Phone and PhoneForm of the options. Then it would take no orders. It
// changes nothing.
func CheckRules(ctx context.Context, s store.Service, o apply.Options) error {
	o.Mapping, o.System, o.IDs, o.Included = nil, unusedSystem, "", nil
	group, err := apply.ReadGroup(ctx, nil, apply.Feed{Name: unusedSystem}, o)
	if err != nil {
		return err
	}
	err = s.Commit(ctx, func(tx store.Transaction) error {
		settled, err := apply.ApplyGroups([]*apply.Group{group}, tx.Apply)
		if err != nil {
			return err
		}
		return firstError(settled[0].Err, errOnlyLook) // so that nothing is changed
	})
	if errors.Is(err, errOnlyLook) {
		return nil
	}
	return err
}

// unusedSystem is a system of which no store has orders, so that only the rules of all are compared.
const unusedSystem = "no-system"

var errOnlyLook = errors.New("nothing is to be changed")
