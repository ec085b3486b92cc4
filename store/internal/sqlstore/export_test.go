package sqlstore

// SetMostCandidates sets how many lines a list of candidates holds.
func SetMostCandidates(n int) { mostCandidates = n }

// SetItemsAtOnce sets how many items are changed at once.
func SetItemsAtOnce(n int) { itemsAtOnce = n }

// SetMostNames sets how many changes of keys of names wait.
func SetMostNames(n int) { mostNames = n }

// MostBlockBytes is how large a block of keys is at most.
const MostBlockBytes = mostBlockBytes

// ChangeNames changes by what customers are found.
func ChangeNames(tx Transaction, rows []Change[Customer]) error {
	w := newWork(tx)
	c := newChanges(w)
	for _, row := range rows {
		c.changeName(row)
	}
	if err := c.changeNames(); err != nil {
		return err
	}
	if err := c.changeTotals(); err != nil {
		return err
	}
	return w.end()
}
