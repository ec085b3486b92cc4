//go:build !purego

#include "textflag.h"

// Each constant stands in all 32 bytes of a register.
DATA quote<>+0(SB)/1, $0x22
GLOBL quote<>(SB), RODATA|NOPTR, $1
DATA slash<>+0(SB)/1, $0x5c
GLOBL slash<>(SB), RODATA|NOPTR, $1
DATA space<>+0(SB)/1, $0x20
GLOBL space<>(SB), RODATA|NOPTR, $1
DATA zero<>+0(SB)/1, $0x30
GLOBL zero<>(SB), RODATA|NOPTR, $1
DATA nine<>+0(SB)/1, $0x09
GLOBL nine<>(SB), RODATA|NOPTR, $1

// func markBlocks(data *byte, stops, others *uint64, blocks int)
//
// A byte stops a string if it is a quote or a backslash, or if, as a signed
// number, it is less than a space: so are the control characters, and the bytes
// above 0x7f, which are negative.
//
// It is a digit if, less '0', it is the smaller of itself and 9 (unsigned).
TEXT ·markBlocks(SB), NOSPLIT, $0-32
	MOVQ data+0(FP), SI
	MOVQ stops+8(FP), DI
	MOVQ others+16(FP), DX
	MOVQ blocks+24(FP), CX
	VPBROADCASTB quote<>(SB), Y10
	VPBROADCASTB slash<>(SB), Y11
	VPBROADCASTB space<>(SB), Y12
	VPBROADCASTB zero<>(SB), Y13
	VPBROADCASTB nine<>(SB), Y14

loop:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1

	VPCMPEQB Y0, Y10, Y2
	VPCMPEQB Y1, Y10, Y3
	VPCMPEQB Y0, Y11, Y4
	VPCMPEQB Y1, Y11, Y5
	VPCMPGTB Y0, Y12, Y6 // 32 > byte
	VPCMPGTB Y1, Y12, Y7
	VPOR     Y2, Y4, Y2
	VPOR     Y3, Y5, Y3
	VPOR     Y2, Y6, Y2
	VPOR     Y3, Y7, Y3
	VPMOVMSKB Y2, R8
	VPMOVMSKB Y3, R9
	SHLQ     $32, R9
	ORQ      R9, R8
	MOVQ     R8, (DI)

	VPSUBB   Y13, Y0, Y0
	VPSUBB   Y13, Y1, Y1
	VPMINUB  Y0, Y14, Y2
	VPMINUB  Y1, Y14, Y3
	VPCMPEQB Y0, Y2, Y2
	VPCMPEQB Y1, Y3, Y3
	VPMOVMSKB Y2, R8
	VPMOVMSKB Y3, R9
	SHLQ     $32, R9
	ORQ      R9, R8
	NOTQ     R8
	MOVQ     R8, (DX)

	ADDQ $64, SI
	ADDQ $8, DI
	ADDQ $8, DX
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET
