package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"process-orders/apply"
	"process-orders/input"
	"process-orders/mappings"
	"process-orders/store"
	"process-orders/store/sqlite"
)

// Where orders are posted.
const (
	postOrder = "/v1/orders?from=shopify"
	postNoIDs = "/v1/orders?allow-repeats"
	postFile  = "/v1/files?from=shopify&name=orders"
)

// start starts a server of a store, and the clients of it.
func (s *serving) start(storeURL string, clients int) (*service, *load, error) {
	key, err := addKey(s.h.ctx, storeURL)
	if err != nil {
		return nil, nil, err
	}
	one, err := s.h.startOurs(storeURL)
	if err != nil {
		return nil, nil, err
	}
	return one, newLoad(one.url, key, clients), nil
}

// each is a run of one of so many orders.
func each(took time.Duration, orders int) Run {
	return Run{Seconds: took.Seconds() / float64(orders)}
}

// postFor posts orders for serveTime, with as many clients. It returns how long each took, sorted.
func (s *serving) postFor(l *load, path string, orders [][]byte, clients int) ([]time.Duration, error) {
	ctx, over := context.WithTimeout(s.h.ctx, serveTime)
	defer over()
	return l.postAll(ctx, path, orders, clients)
}

// many posts single orders with many clients, to one server or to several.
func (s *serving) many(storeURL string, servers int) (Run, error) {
	var loads []*load
	for range servers {
		one, l, err := s.start(storeURL, serveClients)
		if err != nil {
			return Run{}, err
		}
		defer one.stop()
		defer l.close()
		loads = append(loads, l)
	}
	type end struct {
		answered int
		err      error
	}
	start, ends := time.Now(), make(chan end, servers)
	for i, l := range loads {
		share := s.orders[i*len(s.orders)/servers : (i+1)*len(s.orders)/servers]
		go func() {
			took, err := s.postFor(l, postOrder, share, serveClients/servers)
			ends <- end{len(took), err}
		}()
	}
	var all end
	for range loads {
		one := <-ends
		all.answered, all.err = all.answered+one.answered, errors.Join(all.err, one.err)
	}
	took := time.Since(start)
	if all.err == nil && s.perGroup == 0 {
		s.perGroup, all.err = s.groupSize(storeURL, all.answered)
	}
	return each(took, all.answered), all.err
}

// withoutIDs posts single orders that have no ids.
func (s *serving) withoutIDs() (Run, error) {
	one, l, err := s.start(s.newFile(), serveClients)
	if err != nil {
		return Run{}, err
	}
	defer one.stop()
	defer l.close()
	start := time.Now()
	took, err := s.postFor(l, postNoIDs, s.unnamed, serveClients)
	return each(time.Since(start), len(took)), err
}

// groupSize is how many orders a transaction had: each has taken a number in the store.
func (s *serving) groupSize(storeURL string, orders int) (int, error) {
	to, err := openService(s.h.ctx, storeURL)
	if err != nil {
		return 0, err
	}
	defer to.Close()
	p, err := to.Start(s.h.ctx, store.Source{ID: "size", Name: "size", BatchBytes: 1}, false)
	if err != nil || p.Number < 2 {
		return 0, errors.Join(err, fmt.Errorf("the store has %d groups", p.Number-1))
	}
	return max(1, orders/int(p.Number-1)), nil
}

// groups are the orders as they are committed, each read by itself.
func (s *serving) groups() ([]*apply.Group, error) {
	preset, _ := mappings.Preset("shopify")
	prepared, err := preset.Prepared()
	if err != nil {
		return nil, err
	}
	o := apply.Options{System: preset.System, IDs: preset.IDs()}
	o.Mapping = prepared
	var all []*apply.Group
	for _, order := range s.orders {
		source := input.Reader("order", bytes.NewReader(order))
		g, err := apply.ReadGroup(s.h.ctx, []input.Source{source}, apply.Feed{Name: "serve", Received: time.Now()}, o)
		if err != nil {
			return nil, err
		}
		all = append(all, g)
	}
	return all, nil
}

// bare commits the same orders in groups of the same size, which are read before.
func (s *serving) bare() (Run, error) {
	if s.perGroup == 0 {
		return Run{}, errors.New("nobody knows how large the groups are")
	}
	all, err := s.groups()
	if err != nil {
		return Run{}, err
	}
	to, err := sqlite.Open(s.h.ctx, s.newFile(), sqlite.Options{})
	if err != nil {
		return Run{}, err
	}
	defer to.Close()
	start, committed := time.Now(), 0
	for group := range slices.Chunk(all, s.perGroup) {
		if time.Since(start) > serveTime {
			break
		}
		err := to.Commit(s.h.ctx, func(tx store.Transaction) error {
			_, err := apply.ApplyGroups(group, tx.Apply)
			return err
		})
		if err != nil {
			return Run{}, err
		}
		committed += len(group)
	}
	return each(time.Since(start), committed), nil
}

// alone posts orders one after the other.
func (s *serving) alone() (Run, error) {
	one, l, err := s.start(s.newFile(), 1)
	if err != nil {
		return Run{}, err
	}
	defer one.stop()
	defer l.close()
	took, err := s.postFor(l, postOrder, s.orders[:min(1000, len(s.orders))], 1)
	if err != nil {
		return Run{}, err
	}
	return Run{Seconds: took[len(took)/2].Seconds()}, nil
}

func (s *serving) sync() (Run, error) {
	took, err := syncTime(s.folder)
	return Run{Seconds: took.Seconds()}, err
}

// upload posts a file.
func (s *serving) upload() (Run, error) {
	one, l, err := s.start(s.newFile(), 1)
	if err != nil {
		return Run{}, err
	}
	defer one.stop()
	defer l.close()
	start := time.Now()
	err = l.postFile(s.h.ctx, postFile, s.file)
	took := time.Since(start)
	peak, failed := one.peak()
	return Run{Seconds: took.Seconds(), PeakBytes: peak}, errors.Join(err, failed)
}

// hooks sends webhooks while a file is applied. The run is that of one of them.
func (s *serving) hooks() (Run, error) {
	to := s.newFile()
	path, sign, err := connectShopify(s.h.ctx, to)
	if err != nil {
		return Run{}, err
	}
	one, l, err := s.start(to, serveHooks)
	if err != nil {
		return Run{}, err
	}
	defer one.stop()
	defer l.close()
	ctx, ended := context.WithCancel(s.h.ctx)
	defer ended()
	uploaded := make(chan error, 1)
	go func() {
		defer ended()
		uploaded <- l.postFile(s.h.ctx, postFile, s.file)
	}()
	signed := *l
	signed.sign = sign
	took, err := signed.postAll(ctx, path, s.orders, serveHooks)
	if err = errors.Join(err, <-uploaded); err != nil {
		return Run{}, err
	}
	return Run{Seconds: took[len(took)*99/100].Seconds()}, nil
}

// byCommand applies the file as the command does, which writes the records too.
func (s *serving) byCommand() (Run, error) {
	to, start := s.newFile(), time.Now()
	err := s.command(s.file, to, "--from", "shopify")
	return Run{Seconds: time.Since(start).Seconds()}, err
}

func (s *serving) ready() (Run, error) {
	one, err := s.h.startOurs(s.large)
	if err != nil {
		return Run{}, err
	}
	one.stop()
	return Run{Seconds: one.ready.Seconds()}, nil
}

// crowd posts orders with many clients while many listen, for the memory.
func (s *serving) crowd() (Run, error) {
	one, l, err := s.start(s.newFile(), serveCrowd)
	if err != nil {
		return Run{}, err
	}
	defer one.stop()
	defer l.close()
	ctx, over := context.WithCancel(s.h.ctx)
	defer over()
	if err := l.listen(ctx, "/v1/events", serveCrowd); err != nil {
		return Run{}, err
	}
	start := time.Now()
	_, err = s.postFor(l, postOrder, s.orders, serveCrowd)
	peak, failed := one.peak()
	return Run{Seconds: time.Since(start).Seconds(), PeakBytes: peak}, errors.Join(err, failed)
}
