package phones_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers/v2"
	"github.com/nyaruka/phonenumbers/v2/metadata"
)

var update = flag.Bool("update", false, "write a new table")

const tableHead = `# Made by go generate ./phones from github.com/nyaruka/phonenumbers/v2, whose facts
# are those of Google's libphonenumber (Apache-2.0). Do not edit.
#
# A line for each region, 001 for calling codes of no region. Its columns, with - for
# none: the region; its calling code, with * if it is the code's main region; the
# lengths of its numbers with their area code; and regular expressions: prefixes of
# international calls, prefixes of national calls, what replaces the latter if their
# last group matches, and all possible national numbers.
`

// TestTable checks that the table has what the library has, and writes it with -update.
func TestTable(t *testing.T) {
	const file = "table.txt"
	want := tableHead
	for _, plan := range libraryPlans(t) {
		want += tableLine(t, plan) + "\n"
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil || string(have) != want {
		t.Errorf("%s is not what the library has: go generate ./phones (%v)", file, err)
	}
}

// libraryPlans returns what the library knows of each region, and of each calling code
// without one.
func libraryPlans(t testing.TB) (plans []*phonenumbers.PhoneMetadata) {
	t.Helper()
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	regions, nowhere := phonenumbers.GetSupportedRegions(), phonenumbers.GetSupportedGlobalNetworkCallingCodes()
	for _, plan := range collection.GetMetadata() {
		if regions[plan.GetId()] || plan.GetId() == "001" && nowhere[int(plan.GetCountryCode())] {
			plans = append(plans, plan)
		}
	}
	if len(plans) != len(regions)+len(nowhere) {
		t.Fatalf("the library has %d plans of %d regions and %d codes of none", len(plans), len(regions), len(nowhere))
	}
	slices.SortFunc(plans, func(a, b *phonenumbers.PhoneMetadata) int {
		return strings.Compare(fmt.Sprintf("%s %03d", a.GetId(), a.GetCountryCode()), fmt.Sprintf("%s %03d", b.GetId(), b.GetCountryCode()))
	})
	return plans
}

func tableLine(t *testing.T, plan *phonenumbers.PhoneMetadata) string {
	t.Helper()
	code, general := int(plan.GetCountryCode()), plan.GetGeneralDesc()
	main := ""
	if sharing := metadata.CountryCodeToRegion()[code]; !slices.Contains(sharing, plan.GetId()) {
		t.Errorf("%s is not among the regions %v of its calling code %d", plan.GetId(), sharing, code)
	} else if sharing[0] == plan.GetId() {
		main = "*"
	}
	columns := []string{
		plan.GetId(), fmt.Sprintf("%d%s", code, main),
		lengthsColumn(t, general),
		plan.GetInternationalPrefix(), plan.GetNationalPrefixForParsing(), plan.GetNationalPrefixTransformRule(),
		general.GetNationalNumberPattern(),
	}
	for i, column := range columns {
		if column == "" {
			columns[i] = "-"
		}
		// The package relies on this when it reads the table.
		if strings.HasPrefix(column, "-") || strings.ContainsAny(column, " \t\r\n") {
			t.Errorf("%s: the column %q cannot be in the table", plan.GetId(), column)
		}
	}
	for i, needed := range []string{columns[0], columns[1], columns[2], columns[6]} {
		if needed == "-" {
			t.Errorf("%s lacks a column that each region needs, the %d. of them", plan.GetId(), i+1)
		}
	}
	if columns[3] == "-" && plan.GetId() != "001" {
		t.Errorf("%s has no prefix of international calls", plan.GetId())
	}
	for _, expression := range []string{columns[3], columns[4], columns[6]} {
		if _, err := regexp.Compile(expression); err != nil {
			t.Errorf("%s: %v", plan.GetId(), err)
		}
	}
	return strings.Join(columns, " ")
}

func lengthsColumn(t *testing.T, general *phonenumbers.PhoneNumberDesc) string {
	t.Helper()
	lengths := general.GetPossibleLength()
	var column []string
	for _, length := range lengths {
		if length < 2 || length > 17 {
			t.Errorf("the library has a number of %d digits, want from 2 to 17", length)
		}
		column = append(column, fmt.Sprint(length))
	}
	// A number without its area code must be neither a full number nor one that is too
	// long.
	for _, local := range general.GetPossibleLengthLocalOnly() {
		if local > slices.Max(lengths) || slices.Contains(lengths, local) {
			t.Errorf("the library has %d digits without an area code, but %v with it", local, lengths)
		}
	}
	return strings.Join(column, ",")
}
