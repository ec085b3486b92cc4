package sqlstore

// The columns of customers and items, in the order in which [ScanCustomer] and [ScanItem]
// read them.
const (
	CustomerColumns = `phone, name, named_source, named_at, first_source, first_at`
	ItemColumns     = `name, price, priced_source, priced_at, first_source, first_at, orders`
)

// What becomes of a row that is there already, which is called old: of two values the one
// with the later version is kept, and the earlier of two first appearances. A customer of
// whom nothing changes is not written.
const (
	MergeCustomers = ` DO UPDATE SET
		name         = CASE WHEN (excluded.named_source, excluded.named_at) > (old.named_source, old.named_at) THEN excluded.name ELSE old.name END,
		named_source = CASE WHEN (excluded.named_source, excluded.named_at) > (old.named_source, old.named_at) THEN excluded.named_source ELSE old.named_source END,
		named_at     = CASE WHEN (excluded.named_source, excluded.named_at) > (old.named_source, old.named_at) THEN excluded.named_at ELSE old.named_at END,
		first_source = CASE WHEN (excluded.first_source, excluded.first_at) < (old.first_source, old.first_at) THEN excluded.first_source ELSE old.first_source END,
		first_at     = CASE WHEN (excluded.first_source, excluded.first_at) < (old.first_source, old.first_at) THEN excluded.first_at ELSE old.first_at END
	WHERE (excluded.named_source, excluded.named_at) > (old.named_source, old.named_at)
		OR (excluded.first_source, excluded.first_at) < (old.first_source, old.first_at)`

	MergeItems = ` DO UPDATE SET
		price         = CASE WHEN (excluded.priced_source, excluded.priced_at) > (old.priced_source, old.priced_at) THEN excluded.price ELSE old.price END,
		priced_source = CASE WHEN (excluded.priced_source, excluded.priced_at) > (old.priced_source, old.priced_at) THEN excluded.priced_source ELSE old.priced_source END,
		priced_at     = CASE WHEN (excluded.priced_source, excluded.priced_at) > (old.priced_source, old.priced_at) THEN excluded.priced_at ELSE old.priced_at END,
		first_source  = CASE WHEN (excluded.first_source, excluded.first_at) < (old.first_source, old.first_at) THEN excluded.first_source ELSE old.first_source END,
		first_at      = CASE WHEN (excluded.first_source, excluded.first_at) < (old.first_source, old.first_at) THEN excluded.first_at ELSE old.first_at END,
		orders        = old.orders + excluded.orders`
)
