package apply

import "process-orders/records"

// RecordOptions are options for records without a store.
func RecordOptions(o *Options) records.Options {
	r := o.records()
	r.SpillFolder = o.SpoolFolder
	return r
}
