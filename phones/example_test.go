package phones_test

import (
	"fmt"

	"process-orders/phones"
)

// Several spellings of one phone become one. A phone that is not certain is refused.
func Example() {
	us, err := phones.New("US")
	if err != nil {
		panic(err)
	}
	for _, phone := range []string{"(732) 555-5509", "1 732 555 5509", "555-5509"} {
		if number, ok := us.E164(nil, []byte(phone)); ok {
			fmt.Println(string(number))
		} else {
			fmt.Println("not certain:", phone)
		}
	}
	// Output:
	// +17325555509
	// +17325555509
	// not certain: 555-5509
}

func ExampleDigits() {
	fmt.Println(phones.Digits("(732) 555-٠١٠٩"))
	// Output: 7325550109
}

func ExampleMask() {
	fmt.Println(phones.Mask("732-555-0109"))
	fmt.Println(phones.Mask("1-800-FLOWERS"))
	// Output:
	// ***-***-**09
	// *-*00-*******
}
