package page

// Status is the view of the part status.
type Status struct{}
