package store

import (
	"process-orders/internal/version"
)

// Version returns the version of the order, or that of one of its lines: its number, from
// 0; the order itself has that of line 0. The source is the number of the source of the
// order's first state, and at its offset in it.
func (s *State) Version(system, shop string, source, at, line int64) Version {
	v := version.Version{Time: s.Time, Line: line}
	if s.Time == NoTime {
		v.Order = version.AppendPosition(nil, source, at)
	} else {
		v.Order = version.AppendID(nil, []byte(shop), []byte(s.ID), []byte(system))
	}
	return Version(v.AppendKey(nil))
}

// IsLater reports whether a state is later than another one of the same order. The position
// of each is the number of its source and its offset. Of two states that are the same
// neither is later.
func (s *State) IsLater(than *State, source, thanSource int64) bool {
	if s.Updated != than.Updated {
		return s.Updated > than.Updated
	}
	if s.IsSame(than) {
		return false
	}
	if s.Continues != 0 && s.Continues == thanSource {
		return true
	}
	if s.Updated == NoTime {
		return source > thanSource || source == thanSource && s.At > than.At
	}
	if rank, than := s.rank(), than.rank(); rank != than {
		return rank > than
	}
	return s.Digest > than.Digest
}

// IsSame reports whether two states of one order are the same.
func (s *State) IsSame(as *State) bool {
	return s.Updated == as.Updated && s.Digest == as.Digest && s.rank() == as.rank()
}

func (s *State) rank() version.Rank { return version.RankOf(s.Skipped, s.Reason) }

// PositionVersion returns the version of an order without an id, or of one of its lines. The
// source is the number of its source, or 0 if the order is one of a feed.
func PositionVersion(time, source, at, line int64) Version {
	v := version.Version{Time: time, Order: version.AppendPosition(nil, source, at), Line: line}
	return Version(v.AppendKey(nil))
}

// Renumber returns a version that [PositionVersion] made with the number 0 as one with the
// number of a source.
func Renumber(v Version, source int64) Version {
	return Version(version.Renumber([]byte(v), source))
}
