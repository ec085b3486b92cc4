//go:build !purego

#include "textflag.h"

// func makeRowLanes(data *byte, commas, ends *uint64, comma, newline, quote byte, lanes int)
TEXT ·makeRowLanes(SB), NOSPLIT, $0-40
	MOVQ data+0(FP), SI
	MOVQ commas+8(FP), DI
	MOVQ ends+16(FP), DX
	MOVQ lanes+32(FP), CX
	VPBROADCASTB comma+24(FP), Y10
	VPBROADCASTB newline+25(FP), Y11
	VPBROADCASTB quote+26(FP), Y12

lane:
	VMOVDQU   (SI), Y0
	VMOVDQU   32(SI), Y1
	VPCMPEQB  Y0, Y10, Y2
	VPCMPEQB  Y1, Y10, Y3
	VPMOVMSKB Y2, R8
	VPMOVMSKB Y3, R9
	SHLQ      $32, R9
	ORQ       R9, R8
	MOVQ      R8, (DI)
	VPCMPEQB  Y0, Y11, Y2
	VPCMPEQB  Y1, Y11, Y3
	VPCMPEQB  Y0, Y12, Y4
	VPCMPEQB  Y1, Y12, Y5
	VPOR      Y2, Y4, Y2
	VPOR      Y3, Y5, Y3
	VPMOVMSKB Y2, R8
	VPMOVMSKB Y3, R9
	SHLQ      $32, R9
	ORQ       R9, R8
	MOVQ      R8, (DX)
	ADDQ      $64, SI
	ADDQ      $8, DI
	ADDQ      $8, DX
	DECQ      CX
	JNZ       lane
	VZEROUPPER
	RET
