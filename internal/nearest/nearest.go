// Package nearest finds the name that was probably meant by one that does not exist.
package nearest

// Name returns the name that is nearest to what was typed, the last of several. It
// returns "" if what was typed differs from every name in more than a third of its
// letters.
func Name(typed string, names []string) string {
	best, least := "", max(1, (len(typed)+1)/3)
	for _, name := range names {
		if d := distance(typed, name); d <= least {
			best, least = name, d
		}
	}
	return best
}

// distance returns how many letters must be inserted, deleted, replaced or swapped with
// their neighbour to turn a into b. It is known as optimal string alignment.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
