package apply

import (
	"context"
	"fmt"
	"strings"

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

// StorePhoneForm returns the PhoneForm by which a store keeps phones, from its rules. It reports
// false if no orders have come to the store yet.
func StorePhoneForm(ctx context.Context, s store.Store) (form string, isKnown bool, err error) {
	rules, err := s.Rules(ctx)
	return PhoneFormOf(rules), rules != "", err
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
