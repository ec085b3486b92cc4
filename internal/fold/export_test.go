package fold

// DigestSecrets lets tests prepare names whose hashes in a digest are the same.
var DigestSecrets = &digestSecrets
