package records

import (
	"context"

	"process-orders/internal/table"
)

// limit limits the memory that the records take to so many bytes; 0 means no limit. What
// does not fit goes to a file in the folder. It must be called before anything is folded
// in.
func (r *Records) limit(bytes int64, folder string) {
	r.budget = table.NewBudget(bytes, folder, &r.Customers.table, &r.Items.table)
}

// take notes that something beside the records takes n bytes of their memory.
func (r *Records) take(n int64) { r.budget.Take(n) }

// grew notes that the records have grown by n bytes. If they are over the limit, the
// largest shards of both tables are spilled to disk. Several goroutines may call it at
// once, while others fold.
func (r *Records) grew(ctx context.Context, n int64) error { return r.budget.Grew(ctx, n) }

// compact merges what was spilled, on so many cores. Afterwards the records can be read by
// several goroutines at once, and reading them takes no long merge first.
func (r *Records) compact(ctx context.Context, workers int) error {
	return r.budget.Compact(ctx, workers)
}
