package apply

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"process-orders/phones"
	"process-orders/store"
)

// The words of forms of phones.
const (
	formE164   = "e164"
	formRegion = ", region "
)

// E164Form is the [Options.PhoneForm] of a [phones.Normalizer] for a region, which is "" for
// one without.
func E164Form(region string) string {
	if region == "" {
		return formE164
	}
	return formE164 + formRegion + region
}

// IsE164 reports whether a PhoneForm is one of E164Form.
func IsE164(form string) bool {
	return form == formE164 || strings.HasPrefix(form, formE164+formRegion)
}

// KeptPhone returns a phone as a store keeps it, by its rules, and the PhoneForm of these. Spaces
// around the phone, as people write it, do not matter, unless the store has a customer with just that
// phone, as orders may have brought it so. If no orders have come to the store yet,
// isKnown is false, and the form is the one that is given for a new store; "" is none.
//
// The error is one of the store, or [store.ErrDamaged] for rules that no program of ours has
// written.
func KeptPhone(ctx context.Context, s store.Service, written, newForm string) (kept, form string, isKnown bool, err error) {
	rules, err := s.Rules(ctx)
	if err != nil {
		return "", "", false, err
	}
	if form, isKnown = PhoneFormOf(rules), rules != ""; !isKnown {
		form = newForm
	}
	text := strings.TrimSpace(written)
	if text != written && utf8.ValidString(written) && !strings.Contains(written, "\x00") {
		_, isThere, err := s.Customer(ctx, written)
		if err != nil || isThere {
			return written, form, isKnown, err
		}
	}
	kept, err = PhoneInForm(form, text)
	return kept, form, isKnown, err
}

// PhoneInForm returns a phone as it is kept of orders that were read with a PhoneForm. It is the
// phone as it is, if the form is not one of E164Form, or if it is no phone number. The error is
// [store.ErrDamaged], for a form that no program of ours has written.
func PhoneInForm(form, phone string) (string, error) {
	if !IsE164(form) {
		return phone, nil
	}
	normal, err := phones.New(strings.TrimPrefix(strings.TrimPrefix(form, formE164), formRegion))
	if err != nil {
		return "", fmt.Errorf("the store's rules for phones cannot be read: %w", store.ErrDamaged)
	}
	if number, ok := normal.E164(nil, []byte(phone)); ok {
		return string(number), nil
	}
	return phone, nil
}
