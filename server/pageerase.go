package server

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"process-orders/internal/page"
	"process-orders/phones"
	"process-orders/store"
)

// confirmDigits is how many of the last digits of a phone somebody types to erase its customer.
const confirmDigits = 4

// endingOf is what confirms an erasure: the last digits of a phone; "" if it has too few, so that
// the whole of it does.
func endingOf(phone string) string {
	digits := phones.Digits(phone)
	if len(digits) < confirmDigits {
		return ""
	}
	return digits[len(digits)-confirmDigits:]
}

// isConfirmed reports whether somebody typed what confirms the erasure of a customer.
func isConfirmed(phone, typed string) bool {
	if ending := endingOf(phone); ending != "" {
		return phones.Digits(typed) == ending && !strings.ContainsFunc(typed, unicode.IsLetter)
	}
	return strings.TrimSpace(typed) == strings.TrimSpace(phone)
}

// pageErase erases the customer who was revealed.
func (c *call) pageErase() error {
	form, err := c.form(mostFormBytes)
	if err != nil {
		return err
	}
	w, who := &c.reader().Words.Find, form.Get("who")
	phone, err := c.customerOf(form.Get("customer"))
	switch {
	case err == errTooOld:
		return c.showFind(http.StatusBadRequest, page.Find{Says: w.TooOld})
	case err != nil:
		return err
	case !isConfirmed(phone, form.Get("confirm")):
		says := w.WrongDigits
		if endingOf(phone) == "" {
			says = w.WrongPhone
		}
		return c.showCustomer(http.StatusUnprocessableEntity, phone, who, says)
	}
	all, err := findErasure(c.r.Context(), c.server.store, store.Erasure{Phone: phone}, phone)
	if err != nil {
		return c.server.readProblem(err)
	}
	found, err := c.server.erase(c.r.Context(), all)
	if err != nil {
		return err
	}
	if !found {
		return c.showFind(http.StatusOK, page.Find{Says: w.ErasedNobody})
	}
	return c.showFind(http.StatusOK, page.Find{Erased: &page.Erased{Scrub: c.scrubText()}})
}

// scrubText says when what is left of customers who were erased is scrubbed.
func (c *call) scrubText() string {
	r := c.reader()
	scrubs := c.server.tidying.scrubs
	if scrubs == nil {
		return fmt.Sprintf(r.Words.Find.NoScrub, c.storeName())
	}
	return fmt.Sprintf(r.Words.Find.ScrubAt, whenText(r, scrubs.next(time.Now())))
}
