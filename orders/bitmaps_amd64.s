//go:build !purego

#include "textflag.h"

// Each of these constants fills all 32 bytes of a register.
DATA quote<>+0(SB)/1, $0x22
GLOBL quote<>(SB), RODATA|NOPTR, $1
DATA slash<>+0(SB)/1, $0x5c
GLOBL slash<>(SB), RODATA|NOPTR, $1
DATA control<>+0(SB)/1, $0x1f
GLOBL control<>(SB), RODATA|NOPTR, $1
DATA zero<>+0(SB)/1, $0x30
GLOBL zero<>(SB), RODATA|NOPTR, $1
DATA nine<>+0(SB)/1, $0x09
GLOBL nine<>(SB), RODATA|NOPTR, $1
// A point, less '0'.
DATA point<>+0(SB)/1, $0xfe
GLOBL point<>(SB), RODATA|NOPTR, $1
DATA half<>+0(SB)/1, $0x0f
GLOBL half<>(SB), RODATA|NOPTR, $1
// What is taken off a byte so that only the first bytes of characters of three
// bytes (e0 and above), or of four (f0 and above), keep their highest bit.
DATA third<>+0(SB)/1, $0x60
GLOBL third<>(SB), RODATA|NOPTR, $1
DATA fourth<>+0(SB)/1, $0x70
GLOBL fourth<>(SB), RODATA|NOPTR, $1
DATA high<>+0(SB)/1, $0x80
GLOBL high<>(SB), RODATA|NOPTR, $1

// UTF-8 is checked as in J. Keiser and D. Lemire, "Validating UTF-8 in less than
// one instruction per byte" (2021). What can be wrong with two bytes that follow
// each other shows in three half bytes: the two of the first byte and the upper
// one of the second. A table for each says which faults it allows; a fault that
// all three allow is there. The faults are bits:
//
//   01 a first byte, then no continuation     02 ASCII, then a continuation
//   04 three bytes where two would do         08 above U+10FFFF
//   10 a surrogate                            20 two bytes where one would do
//   40 above U+10FFFF, or four bytes where three would do
//   80 two continuations (no fault as the third or fourth byte of a character)
DATA firstUpper<>+0(SB)/8, $0x0202020202020202
DATA firstUpper<>+8(SB)/8, $0x4915012180808080
GLOBL firstUpper<>(SB), RODATA|NOPTR, $16
DATA firstLower<>+0(SB)/8, $0xcbcbcb8b8383a3e7
DATA firstLower<>+8(SB)/8, $0xcbcbdbcbcbcbcbcb
GLOBL firstLower<>(SB), RODATA|NOPTR, $16
DATA secondUpper<>+0(SB)/8, $0x0101010101010101
DATA secondUpper<>+8(SB)/8, $0x01010101babaaee6
GLOBL secondUpper<>(SB), RODATA|NOPTR, $16

// MASK makes a word of the highest bits of 64 bytes.
#define MASK(lower, upper, word) \
	VPMOVMSKB lower, word \
	VPMOVMSKB upper, R9   \
	SHLQ      $32, R9     \
	ORQ       R9, word

// func makeLanes(data, text, number, notDigit *byte, lanes int) (valid int)
TEXT ·makeLanes(SB), NOSPLIT, $0-48
	MOVQ data+0(FP), SI
	MOVQ text+8(FP), DI
	MOVQ number+16(FP), DX
	MOVQ notDigit+24(FP), BX
	MOVQ lanes+32(FP), CX
	XORQ AX, AX                 // how many lanes are done
	XORQ R12, R12               // whether the lane before has anything but ASCII
	VPXOR Y15, Y15, Y15         // the last 32 bytes
	VPBROADCASTB quote<>(SB), Y10
	VPBROADCASTB slash<>(SB), Y11
	VPBROADCASTB control<>(SB), Y12
	VPBROADCASTB zero<>(SB), Y13
	VPBROADCASTB nine<>(SB), Y14
	VPBROADCASTB point<>(SB), Y9

loop:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1

	// A byte is a control character if it is the smaller of itself and 0x1f.
	VPCMPEQB Y0, Y10, Y2
	VPCMPEQB Y1, Y10, Y3
	VPCMPEQB Y0, Y11, Y4
	VPCMPEQB Y1, Y11, Y5
	VPMINUB  Y0, Y12, Y6
	VPMINUB  Y1, Y12, Y7
	VPCMPEQB Y0, Y6, Y6
	VPCMPEQB Y1, Y7, Y7
	VPOR     Y2, Y4, Y2
	VPOR     Y3, Y5, Y3
	VPOR     Y2, Y6, Y2
	VPOR     Y3, Y7, Y3
	MASK(Y2, Y3, R8)
	MOVQ     R8, (DI)

	// It is a digit if, less '0', it is the smaller of itself and 9.
	VPSUBB   Y13, Y0, Y2
	VPSUBB   Y13, Y1, Y3
	VPMINUB  Y2, Y14, Y4
	VPMINUB  Y3, Y14, Y5
	VPCMPEQB Y2, Y4, Y4
	VPCMPEQB Y3, Y5, Y5
	MASK(Y4, Y5, R8)
	NOTQ     R8
	MOVQ     R8, (BX)
	VPCMPEQB Y2, Y9, Y4
	VPCMPEQB Y3, Y9, Y5
	MASK(Y4, Y5, R10)
	ANDNQ    R8, R10, R8
	MOVQ     R8, (DX)

	// All ASCII, behind a lane that is: nothing to check.
	MASK(Y0, Y1, R8)
	ORQ      R8, R12
	JNZ      utf8

next:
	VMOVDQA Y1, Y15
	MOVQ    R8, R12
	ADDQ    $64, SI
	ADDQ    $8, DI
	ADDQ    $8, DX
	ADDQ    $8, BX
	INCQ    AX
	CMPQ    AX, CX
	JNE     loop

done:
	MOVQ AX, valid+40(FP)
	VZEROUPPER
	RET

utf8:
	VPXOR Y8, Y8, Y8 // the faults
	MOVQ  $2, R10
	VMOVDQA Y15, Y2
	VMOVDQA Y0, Y3

half:
	// Y3 are 32 bytes, Y2 the 32 before; Y4, Y5 and Y6 will be, for each byte,
	// the one, two and three places before it.
	VPERM2I128   $0x21, Y3, Y2, Y7
	VPALIGNR     $15, Y7, Y3, Y4
	VPALIGNR     $14, Y7, Y3, Y5
	VPALIGNR     $13, Y7, Y3, Y6
	VPBROADCASTB third<>(SB), Y7
	VPSUBUSB     Y7, Y5, Y5
	VPBROADCASTB fourth<>(SB), Y7
	VPSUBUSB     Y7, Y6, Y6
	VPOR         Y5, Y6, Y5
	VPBROADCASTB high<>(SB), Y7
	VPAND        Y7, Y5, Y5           // where a third or fourth byte must be
	VPBROADCASTB half<>(SB), Y7
	VPSRLW       $4, Y4, Y6
	VPAND        Y7, Y6, Y6           // the upper half of the byte before
	VPAND        Y7, Y4, Y4           // its lower half
	VBROADCASTI128 firstUpper<>(SB), Y2
	VPSHUFB      Y6, Y2, Y6
	VBROADCASTI128 firstLower<>(SB), Y2
	VPSHUFB      Y4, Y2, Y4
	VPAND        Y4, Y6, Y6
	VPSRLW       $4, Y3, Y4
	VPAND        Y7, Y4, Y4           // the upper half of the byte itself
	VBROADCASTI128 secondUpper<>(SB), Y2
	VPSHUFB      Y4, Y2, Y4
	VPAND        Y4, Y6, Y6
	VPXOR        Y6, Y5, Y5
	VPOR         Y5, Y8, Y8
	VMOVDQA      Y3, Y2
	VMOVDQA      Y1, Y3
	DECQ         R10
	JNZ          half
	VPTEST       Y8, Y8
	JNZ          done
	JMP          next
