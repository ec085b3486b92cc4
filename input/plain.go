package input

import "io"

// plainReader gives back the first bytes, which were read to find the compression, and
// then reads into the caller's memory without a copy.
type plainReader struct {
	first [4]byte
	have  int
	err   error // that comes after them
	r     io.Reader
}

func (p *plainReader) Read(b []byte) (int, error) {
	if p.have == 0 && p.err != nil {
		return 0, p.err
	}
	if p.have == 0 {
		return p.r.Read(b)
	}
	n := copy(b, p.first[:p.have])
	p.have = copy(p.first[:], p.first[n:p.have])
	return n, nil
}
