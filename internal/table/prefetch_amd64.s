//go:build !purego

#include "textflag.h"

// func prefetch(first *unsafe.Pointer, count int)
TEXT ·prefetch(SB), NOSPLIT, $0-16
	MOVQ  first+0(FP), AX
	MOVQ  count+8(FP), CX
	TESTQ CX, CX
	JLE   done

next:
	MOVQ (AX), DX
	BYTE $0x0F; BYTE $0x0D; BYTE $0x0A // PREFETCHW (DX), which Go's assembler does not know
	ADDQ $8, AX
	DECQ CX
	JNZ  next

done:
	RET
