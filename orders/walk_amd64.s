//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// func walkWide(data *byte, last int, m *bitmaps, pos int, at *vertex, tokens *[maxTokens]token) (n, end int, to *vertex)
//
// It is walkPortably, with the literal compared 32 bytes at a time, and with nothing
// kept in memory but the tokens. Nearly every branch goes the way it went in the last
// order, so the processor is several edges ahead of what it compares.
TEXT ·walkWide(SB), NOSPLIT, $0-72
	MOVQ data+0(FP), SI
	MOVQ last+8(FP), R9
	MOVQ m+16(FP), R12
	MOVQ pos+24(FP), R8
	MOVQ at+32(FP), R13
	MOVQ tokens+40(FP), R10
	LEAQ (const_maxTokens*token__size)(R10), R11

vertex:
	CMPQ R8, R9
	JGT  done
	CMPQ R10, R11
	JEQ  done
	MOVQ vertex_first(R13), DI
	TESTQ DI, DI
	JZ   done
	LEAQ (SI)(R8*1), R15 // the data at the literal

edge:
	VMOVDQU   (R15), Y0
	VPCMPEQB  edge_head(DI), Y0, Y0
	VPMOVMSKB Y0, AX
	ANDNL     edge_mask(DI), AX, AX // what counts and differs
	JNZ       other
	MOVL      edge_size(DI), CX
	CMPL      CX, $const_wideBytes
	JHI       long

fits:
	ADDQ    CX, R8 // where the value starts
	MOVL    edge_value(DI), DX
	MOVL    DX, token_value(R10)
	MOVL    R8, token_start(R10)
	MOVQ    edge_to(DI), R13
	ADDQ    $token__size, R10
	MOVBLZX DX, DX // its kind, the value's first byte
	CMPL    DX, $const_kindNumber
	JHI     done

	// The bitmaps are slices, 24 bytes each.
	LEAQ (DX)(DX*2), DX
	MOVQ bitmaps_bits(R12)(DX*8), BX
	MOVQ R8, AX
	SHRQ $3, AX
	MOVL R8, CX
	ANDL $7, CX
	MOVQ (BX)(AX*1), DX
	SHRXQ CX, DX, DX
	TESTQ DX, DX
	JZ   far

bit:
	TZCNTQ DX, DX
	ADDQ DX, R8
	MOVL R8, (token_end-token__size)(R10)
	JMP  vertex

far:
	// No bit is set in the first eight bytes of the bitmap: on with the next eight.
	ANDQ $~7, R8
	LEAQ 64(R8), R8
	ADDQ $8, AX
	MOVQ (BX)(AX*1), DX
	TESTQ DX, DX
	JZ   far
	JMP  bit

other:
	MOVQ edge_other(DI), DI
	TESTQ DI, DI
	JNZ  edge
	JMP  done

long:
	// The literal's last 32 bytes, then what is between them and the first.
	VMOVDQU   -32(R15)(CX*1), Y0
	VPCMPEQB  edge_tail(DI), Y0, Y0
	VPMOVMSKB Y0, AX
	CMPL      AX, $-1
	JNE       other
	MOVQ      edge_literal(DI), BX
	MOVQ      $32, DX // an offset in the literal

between:
	LEAQ      32(DX), AX
	CMPQ      AX, CX
	JGE       fits
	VMOVDQU   (R15)(DX*1), Y0
	VPCMPEQB  (BX)(DX*1), Y0, Y0
	VPMOVMSKB Y0, AX
	CMPL      AX, $-1
	JNE       other
	ADDQ      $32, DX
	JMP       between

done:
	MOVQ R10, AX
	SUBQ tokens+40(FP), AX
	SHRQ $4, AX // a token is 16 bytes
	MOVQ AX, n+48(FP)
	MOVQ R8, end+56(FP)
	MOVQ R13, to+64(FP)
	VZEROUPPER
	RET
