package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"process-orders/store"
)

// An AuditPage is a part of the log of acts, the latest first.
type AuditPage struct {
	Acts []Act `json:"acts"`
	// Next leads to earlier acts; "" if there are none.
	Next string `json:"next,omitempty"`
	// Broken are ids of acts at which the log was changed: such an act is not as it was written,
	// or one is missing beside it. Acts that the log no longer keeps are not missing.
	Broken []string `json:"broken,omitempty"`
}

// Audit reads the log of acts: up to limit acts, from 1 to [store.MostListed], before the one with
// an id. "" is the end of the log.
func Audit(ctx context.Context, s store.Service, before string, limit int) (*AuditPage, error) {
	later, err := auditEnd(ctx, s, before)
	if err != nil {
		return nil, err
	}
	all, err := s.Documents(ctx, auditKind, later.ID, true, limit)
	if err != nil {
		return nil, err
	}
	page := &AuditPage{Acts: []Act{}}
	if before == "" && len(all) == 0 && later.ID != actID(1) {
		page.Broken = []string{later.ID} // the last act is always kept
	}
	for i := range all {
		var a Act
		isRead := json.Unmarshal(all[i].Value, &a) == nil && a.ID == all[i].Key
		if !isRead {
			a = Act{ID: all[i].Key, Result: "unreadable"}
		}
		if !isRead || !follows(later.ID, a.ID) || later.Before != hashOf(string(all[i].Value)) {
			page.Broken = append(page.Broken, a.ID)
		}
		page.Acts = append(page.Acts, a)
		later = a
	}
	if len(all) == limit {
		page.Next = later.ID
	}
	return page, nil
}

// auditEnd is the act after those that are to be read: one of the log, or the one that will come
// next.
func auditEnd(ctx context.Context, s store.Service, before string) (later Act, err error) {
	if before == "" {
		d, _, err := s.Document(ctx, auditHeadKind, "")
		if err != nil {
			return Act{}, err
		}
		head, err := parseAuditHead(d.Value)
		return Act{ID: actID(head.Acts + 1), Before: head.Hash}, err
	}
	if !actIDForm().MatchString(before) {
		return Act{}, errors.New("want the id of an act, of 16 hexadecimal digits")
	}
	d, found, err := s.Document(ctx, auditKind, before)
	if err == nil && found && json.Unmarshal(d.Value, &later) != nil {
		later = Act{} // the page before has shown it
	}
	later.ID = before
	return later, err
}

func parseAuditHead(value []byte) (head auditHead, err error) {
	if len(value) > 0 && json.Unmarshal(value, &head) != nil {
		err = errAuditDamaged
	}
	return head, err
}

// follows reports whether one id comes next after another one.
func follows(id, before string) bool {
	n, err := strconv.ParseInt(before, 16, 64)
	return err == nil && id == actID(n+1)
}

func auditRoutes() []*route {
	return []*route{{method: "GET", path: "/v1/audit", scope: ScopeAdmin, handle: (*call).getAudit}}
}

// getAudit gives a page of the log of acts.
func (c *call) getAudit() error {
	before, limit, err := c.pageByID("before", actIDForm())
	if err != nil {
		return err
	}
	page, err := Audit(c.r.Context(), c.server.store, before, limit)
	if err != nil {
		return c.server.readProblem(err)
	}
	return c.answer(http.StatusOK, page)
}
