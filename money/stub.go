package money

func FromMinor(dst, text, currency []byte) ([]byte, bool) { return append(dst, text...), true }
func Unit(dst, total, quantity []byte) ([]byte, bool)     { return append(dst, total...), true }
