package apply

import "process-orders/records"

// RecordOptions are options for records without a store.
func RecordOptions(o *Options) records.Options {
	return records.Options{Options: o.Options, Workers: o.Workers, MemoryBytes: o.MemoryBytes, SpillFolder: o.SpoolFolder}
}
