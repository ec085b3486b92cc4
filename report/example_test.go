package report_test

import (
	"fmt"

	"process-orders/report"
)

func ExampleMaskPhone() {
	fmt.Println(report.MaskPhone("732-555-0109"))
	fmt.Println(report.MaskPhone("1-800-FLOWERS"))
	// Output:
	// ***-***-**09
	// *-*00-*******
}
