package version

// The reasons for which a state of an order is skipped that is not yet final: ReasonHold such as
// for an open check or a payment that is pending, ReasonDraft before the order was placed.
const (
	ReasonHold  = "hold"
	ReasonDraft = "draft"
)

// A Rank decides which of two states of an order is the latest if both were changed at one
// time: the one with the greater rank. Many systems write whole seconds, and in one second an
// order may be made and paid, or paid and cancelled. What is final comes after what is not, and
// what takes an order back comes after the order.
type Rank uint8

const (
	// OnHold is the rank of a state that is skipped for [ReasonHold] or [ReasonDraft].
	OnHold Rank = iota
	// Standing is the rank of a state that is not skipped.
	Standing
	// Skipped is the rank of a state that is skipped for any other reason, or for one that is
	// not known.
	Skipped
)

// RankBits is how many bits a [Rank] has.
const RankBits = 2

// RankOf returns the rank of a state. The reason matters only if the state is skipped.
func RankOf(isSkipped bool, reason string) Rank {
	switch {
	case !isSkipped:
		return Standing
	case reason == ReasonHold, reason == ReasonDraft:
		return OnHold
	}
	return Skipped
}
