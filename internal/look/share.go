package look

const minShare = 0.5 // percent of the width, for a bar that is not zero

// Shares returns the lengths of the bars of some numbers. The longest bar is as long as
// its column is wide. Numbers below zero, and numbers too long for a bar, have none.
func Shares(numbers []string) []string {
	lengths := make([]float64, len(numbers))
	longest := 0.0
	for i, n := range numbers {
		lengths[i], _ = length(n)
		longest = max(longest, lengths[i])
	}
	bars := make([]string, len(numbers))
	for i, l := range lengths {
		bars[i] = "0%"
		if l > 0 {
			bars[i] = percent(max(100*l/longest, minShare))
		}
	}
	return bars
}
