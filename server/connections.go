package server

// A Connection is a way for another system's webhooks: it opens /v1/hooks/NAME.
type Connection struct {
	Name string `json:"name"`
	// Kind is the system that signs, as in shopify.
	Kind string `json:"kind"`
	// From is the preset, or the text of a mapping, that reads its orders; Shop is that of the
	// orders.
	From string `json:"from"`
	Shop string `json:"shop,omitempty"`
	// SecretFile and SecretEnv say where the secret is: one of them. It is not in the store,
	// as a backup would have it too.
	SecretFile string `json:"secret_file,omitempty"`
	SecretEnv  string `json:"secret_env,omitempty"`
}
