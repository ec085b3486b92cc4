package server

import (
	"net/http"

	"process-orders/internal/page"
	"process-orders/store"
)

func zoneRoutes() []*route {
	return []*route{{method: "POST", path: "/page/zone", scope: ScopeRead, isPage: true, handle: (*call).chooseZone}}
}

func (c *call) zonePart(*page.Reader) (any, error) { return page.Zone{Name: c.session.Zone}, nil }

// chooseZone keeps in the session in which time zone its reader is.
func (c *call) chooseZone() error {
	form, err := c.form(mostFormBytes)
	if err != nil {
		return err
	}
	name, now := form.Get("zone"), c.server.now()
	if name != "" {
		if _, err := zoneOf(name); err != nil {
			return c.showPart(http.StatusBadRequest, "zone", page.Zone{Name: c.session.Zone, IsUnknown: true})
		}
	}
	err = c.server.commitAlso(c.r.Context(), func(tx store.Transaction) error {
		return changeSignIns(tx, now, func(all *signIns) (bool, error) {
			for i := range all.Sessions {
				if all.Sessions[i].Hash == c.session.Hash {
					all.Sessions[i].Zone = name
					return true, nil
				}
			}
			return false, nil // it has ended meanwhile
		})
	})
	if err != nil {
		return c.server.storeProblem(err)
	}
	return c.toPage("")
}
