//go:build !purego

#include "go_asm.h"
#include "textflag.h"

// func goAlongWide(f *run, pos int, at *vertex) (why leave, end int, to *vertex, last *edge)
//
// It is goAlongPortably, with the literal compared 32 bytes at a time. Nearly every branch
// goes the way it went in the last order, so the processor is several edges ahead of what
// it compares.
//
// R8 is the offset, R13 the vertex, DI the edge, R14 where its value starts, R10 the number
// of lines.
TEXT ·goAlongWide(SB), NOSPLIT, $0-56
	MOVQ f+0(FP), R12
	MOVQ pos+8(FP), R8
	MOVQ at+16(FP), R13
	MOVQ $0, last+48(FP)
	MOVQ run_data(R12), SI
	MOVQ run_found(R12), R11
	MOVQ run_last(R12), R9
	MOVQ (run_lines+8)(R12), R10
	MOVQ run_from(R12), R14

vertex:
	CMPQ  R8, R9
	JGT   nofit
	MOVQ  vertex_first(R13), DI
	TESTQ DI, DI
	JZ    nofit
	LEAQ  (SI)(R8*1), R15 // the data at the literal

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
	LEAQ  (R8)(CX*1), R14
	MOVL  edge_step(DI), DX // kind, role, slot and ends, a byte each
	TESTL $0xff000000, DX
	JNZ   line

value:
	MOVQ    DI, last+48(FP)
	MOVQ    edge_to(DI), R13
	MOVL    DX, BX
	SHRL    $16, BX
	ANDL    $(const_maxSlots-1), BX // the slot
	MOVQ    R14, AX
	SHRQ    $3, AX
	MOVL    R14, CX
	ANDL    $7, CX
	MOVBLZX DX, DX
	CMPL    DX, $const_kindNumber
	JEQ     number
	JHI     word

	// A text: of its bitmap, eight bytes, of which 57 bits or more are from R14 on.
	MOVQ   (run_bits+const_bitsText*8)(R12), DX
	MOVQ   (DX)(AX*1), R8
	SHRXQ  CX, R8, R8
	TZCNTQ R8, R8
	JCS    far

text:
	MOVBLZX (SI)(R14*1), AX
	LEAQ    ·firstBytes(SB), CX
	MOVBLZX (CX)(AX*1), AX
	TESTB   AX, edge_starts(DI)
	JZ      oddText
	MOVQ    (R11)(BX*8), CX
	TESTQ   CX, edge_once(DI)
	JNZ     oddText
	MOVQ    R8, CX
	SHLQ    $32, CX
	ORQ     R14, CX
	MOVQ    CX, (R11)(BX*8)
	ADDQ    R14, R8
	JMP     vertex

far:
	// No bit is set in the first eight bytes of the bitmap: on with the next eight.
	MOVQ R14, R8
	ANDQ $~7, R8

farther:
	ADDQ   $64, R8
	ADDQ   $8, AX
	MOVQ   (DX)(AX*1), CX
	TZCNTQ CX, CX
	JCS    farther
	ADDQ   CX, R8
	SUBQ   R14, R8
	JMP    text

number:
	MOVQ   (run_bits+const_bitsNumber*8)(R12), DX
	MOVQ   (DX)(AX*1), R8
	SHRXQ  CX, R8, R8
	TZCNTQ R8, R8 // the number's length, 64 if it is too long
	MOVQ   (run_bits+const_bitsNotDigit*8)(R12), DX
	MOVQ   (DX)(AX*1), DX
	SHRXQ  CX, DX, DX // bits of what is no digit, also behind the number
	LEAQ   -1(R8), CX
	CMPQ   CX, $const_maxDigits
	JCC    odd

	// Bits that must not be set: of points but the last one, of a point at the start or at
	// the end, of any point in a phone.
	BZHIQ R8, DX, AX
	BLSRQ AX, R15
	MOVL  $1, R9
	SHLXQ CX, R9, CX
	ORQ   R9, CX
	ORQ   edge_noPoint(DI), CX
	MOVQ  run_last(R12), R9
	ANDQ  AX, CX
	ORQ   CX, R15
	JNZ   odd

	// Nor may a digit follow a 0 at the start.
	MOVBLZX (SI)(R14*1), CX
	XORL    $0x30, CX
	ANDL    $2, DX
	ORL     DX, CX
	JZ      odd
	MOVQ    (R11)(BX*8), CX
	TESTQ   CX, edge_once(DI)
	JNZ     odd
	MOVQ    R8, CX
	SHLQ    $32, CX
	ORQ     R14, CX
	MOVQ    CX, (R11)(BX*8)
	ADDQ    R14, R8
	JMP     vertex

word:
	CMPL    DX, $const_kindOther
	JNE     end
	// True and null have four bytes. False has one more: its last four are compared.
	XORL    CX, CX
	CMPL    (SI)(R14*1), $0x736c6166 // fals
	SETEQ   CX
	LEAQ    (R14)(CX*1), R8
	MOVL    (SI)(R8*1), AX
	ADDQ    $4, R8
	CMPL    AX, $0x65736c61 // alse
	SETEQ   DX
	ANDL    DX, CX
	CMPL    AX, $0x65757274 // true
	SETEQ   DX
	ORL     DX, CX
	CMPL    AX, $0x6c6c756e // null
	SETEQ   DX
	ORL     DX, CX
	TESTB   $1, CX
	JNZ     vertex
	JMP     odd

line:
	CMPQ R10, (run_lines+16)(R12)
	JEQ  room
	IMUL3Q $const_lineBytes, R10, AX
	ADDQ run_lines(R12), AX
	MOVQ (const_roleItem*8)(R11), CX
	MOVQ CX, const_lineItem(AX)
	MOVQ (const_rolePrice*8)(R11), CX
	MOVQ CX, const_linePrice(AX)
	MOVL R14, const_lineAt(AX)
	INCQ R10
	JMP  value

end:
	CMPL   DX, $const_kindEnd
	JNE    odd
	CMPB   run_hasMore(R12), $0
	JNE    odd
	MOVQ   R14, R8
	MOVQ   (run_orders+8)(R12), CX
	IMUL3Q $const_orderBytes, CX, AX
	INCQ   CX
	MOVQ   CX, (run_orders+8)(R12)
	ADDQ   run_orders(R12), AX
	MOVQ   run_start(R12), BX
	MOVL   BX, const_orderStart(AX)
	MOVL   R8, const_orderEnd(AX)
	MOVQ   (const_rolePhone*8)(R11), BX
	MOVQ   BX, const_orderPhone(AX)
	MOVQ   (const_roleName*8)(R11), BX
	MOVQ   BX, const_orderName(AX)
	MOVL   R10, const_orderLines(AX)
	MOVL   run_number(R12), BX
	MOVL   BX, const_orderNumber(AX)
	INCL   BX
	MOVL   BX, run_number(R12)
	MOVQ   run_time(R12), BX
	MOVQ   (R11)(BX*8), DX
	MOVQ   DX, const_orderTime(AX)
	MOVQ   $0, (R11)(BX*8)

	// The gap, and the next order.
	MOVL      (run_gap+edge_size)(R12), BX
	TESTL     BX, BX
	JZ        ended
	MOVQ      run_final(R12), AX
	CMPQ      R8, AX
	JGT       ended
	CMPQ      CX, (run_orders+16)(R12)
	JEQ       ended
	VMOVDQU   (SI)(R8*1), Y0
	VPCMPEQB  (run_gap+edge_head)(R12), Y0, Y0
	VPMOVMSKB Y0, CX
	ANDNL     (run_gap+edge_mask)(R12), CX, CX
	JNZ       ended
	ADDQ      BX, R8
	MOVQ      R8, run_start(R12)
	MOVQ      $0, (const_roleName*8)(R11)
	MOVQ      run_limit(R12), R9
	LEAQ      -const_aheadBytes(R8)(R9*1), R9
	CMPQ      R9, AX
	CMOVQGT   AX, R9
	MOVQ      R9, run_last(R12)
	MOVQ      run_first(R12), R13
	JMP       vertex

other:
	MOVQ  edge_other(DI), DI
	TESTQ DI, DI
	JNZ   edge

nofit:
	MOVL $const_leaveFit, AX
	JMP  leave

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

oddText:
	ADDQ R14, R8
	MOVL $const_leaveValue, AX
	JMP  leave

odd:
	MOVQ R14, R8
	MOVL $const_leaveValue, AX
	JMP  leave

room:
	MOVQ run_from(R12), R14
	MOVL $const_leaveRoom, AX
	JMP  leave

ended:
	MOVL $const_leaveEnd, AX

leave:
	MOVQ R10, (run_lines+8)(R12)
	MOVQ R14, run_from(R12)
	MOVB AX, why+24(FP)
	MOVQ R8, end+32(FP)
	MOVQ R13, to+40(FP)
	VZEROUPPER
	RET
