module process-orders/bench

go 1.26.0

require (
	github.com/klauspost/compress v1.20.3
	process-orders v0.0.0
)

replace process-orders => ../
