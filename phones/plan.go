package phones

import (
	_ "embed"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

//go:generate go test -run TestTable -update .

// table has the lengths and prefixes of each region's numbers. Its first lines say what
// is in its columns. TestTable makes it.
//
//go:embed table.txt
var table string

// maxCallingCodeBytes is the greatest number of digits in a calling code.
const maxCallingCodeBytes = 3

// plans is the table by region and by calling code. It is read on first use, as most
// runs need none of it. Each line is parsed when its plan is first used.
var plans = sync.OnceValue(readTable)

type index struct {
	regions map[string]*plan
	codes   [1000]*plan // the main region's, which says how long the code's numbers are
}

func readTable() *index {
	all := &index{regions: make(map[string]*plan, 256)}
	for line := range strings.Lines(table) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		region, rest, _ := strings.Cut(line, " ")
		code, rest, _ := strings.Cut(rest, " ")
		code, isMain := strings.CutSuffix(code, "*")
		p := &plan{code: code, line: rest}
		if region != "001" { // which is no place: satellites, freephones of the world
			all.regions[region] = p
		}
		if number, err := strconv.Atoi(code); err == nil && isMain {
			all.codes[number] = p
		}
	}
	return all
}

// planOf returns the plan of a region, nil for none.
func planOf(region string) *plan {
	return plans().regions[region].read()
}

// cutCallingCode returns the plan of the calling code that digits start with, nil for
// none, and the digits after it. No code is a prefix of another.
func cutCallingCode(digits string) (p *plan, national string) {
	for end := 1; end <= min(maxCallingCodeBytes, len(digits)) && digits[0] != '0'; end++ {
		code, err := strconv.Atoi(digits[:end])
		if err != nil {
			return nil, ""
		}
		if p := plans().codes[code]; p != nil {
			return p.read(), digits[end:]
		}
	}
	return nil, ""
}

// A plan says how numbers are dialled in a region, and how long they are.
type plan struct {
	code string // the calling code
	line string // of the table, after the calling code
	once sync.Once

	lengths       lengths     // of national numbers with their area code
	international *expression // the prefixes of international calls
	national      *expression // the prefixes of national calls; may have groups
	transform     string      // what replaces a prefix whose last group matched; "" for nothing
	general       *expression // everything that could be a national number
}

// read parses the line of the plan, once. TestTable makes sure that it has all columns.
func (p *plan) read() *plan {
	if p == nil {
		return nil
	}
	p.once.Do(func() {
		columns := strings.Fields(p.line)
		for i := range columns {
			columns[i] = strings.TrimPrefix(columns[i], "-")
		}
		p.lengths = readLengths(columns[0])
		p.international = &expression{text: columns[1]}
		p.national = &expression{text: columns[2]}
		p.transform = columns[3]
		p.general = &expression{text: columns[4], whole: true}
	})
	return p
}

// cutInternational cuts the prefix of an international call. No zero can follow it, as
// no calling code starts with one.
func (p *plan) cutInternational(digits string) (rest string, ok bool) {
	rest, ok = p.international.cut(digits)
	return rest, ok && !strings.HasPrefix(rest, "0")
}

// cutNational cuts the prefix of a national call, or replaces it as the plan says: by
// the area code, for local numbers of some islands. It leaves a number alone that is
// possible as it is, but not without its first digits.
func (p *plan) cutNational(digits string) string {
	rest := p.withoutNational(digits)
	if rest != digits && p.general.matches(digits) && !p.general.matches(rest) {
		return digits
	}
	return rest
}

func (p *plan) withoutNational(digits string) string {
	if p.national.text == "" {
		return digits
	}
	if p.transform == "" {
		if rest, ok := p.national.cut(digits); ok {
			return rest
		}
		return digits
	}
	prefix := p.national.compiled()
	groups := prefix.FindStringSubmatchIndex(digits)
	if groups == nil {
		return digits
	}
	rest := digits[groups[1]:]
	if last := groups[len(groups)-2]; last < 0 {
		return rest
	}
	return string(prefix.ExpandString(nil, p.transform, digits, groups)) + rest
}

// cutOwnCode cuts the plan's own calling code if it is there without a + or a prefix:
// if the digits after it are a possible number and the whole is not, or if the whole is
// too long.
func (p *plan) cutOwnCode(digits string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(digits, p.code)
	if !ok {
		return "", false
	}
	rest = p.cutNational(rest)
	return rest, p.lengths.below(digits) || !p.general.matches(digits) && p.general.matches(rest)
}

// lengths is a set of lengths, a bit for each.
type lengths uint32

func readLengths(column string) (set lengths) {
	for length := range strings.SplitSeq(column, ",") {
		if n, err := strconv.Atoi(length); err == nil {
			set |= 1 << n
		}
	}
	return set
}

func (set lengths) have(number string) bool { return set>>len(number)&1 == 1 }

// below reports whether all lengths are below that of a number.
func (set lengths) below(number string) bool { return bits.Len32(uint32(set)) <= len(number) }

// An expression is a regular expression of the table that is anchored at the
// start, or at both ends. It is compiled on first use, if it is more than digits.
type expression struct {
	text  string
	whole bool
	once  sync.Once
	regex *regexp.Regexp // nil for digits alone
}

func (e *expression) compiled() *regexp.Regexp {
	e.once.Do(func() {
		if e.whole {
			e.regex = regexp.MustCompile("^(?:" + e.text + ")$")
		} else if strings.Trim(e.text, "0123456789") != "" {
			e.regex = regexp.MustCompile("^(?:" + e.text + ")")
		}
	})
	return e.regex
}

func (e *expression) matches(digits string) bool { return e.compiled().MatchString(digits) }

// cut returns what follows the part of digits that matches.
func (e *expression) cut(digits string) (rest string, ok bool) {
	regex := e.compiled()
	if regex == nil {
		return strings.CutPrefix(digits, e.text)
	}
	if found := regex.FindStringIndex(digits); found != nil {
		return digits[found[1]:], true
	}
	return "", false
}
