package fold

// DigestSecrets lets tests prepare names whose hashes in a digest are the same.
var DigestSecrets = &digestSecrets

// DigestCount returns how many items a's digest has.
func DigestCount(a *Accumulator) int { return a.digest.count - 1 }
