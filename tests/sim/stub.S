/* SPDX-License-Identifier: MIT */
/*
 * The smallest PV kernel that Xen's domain builder takes: its notes and one
 * page for hypercalls. Where hypercalls are real it sleeps; on the test bed
 * nothing of it is ever run.
 */
#include <xen/elfnote.h>

#define SCHED_OP     29
#define SCHEDOP_POLL 3
#define PAGE_BYTES   4096
#define STUB_BYTES   32		/* of each hypercall in the page */

	.macro note type, value:vararg
	.pushsection .note.Xen, "a", @note
	.balign 4
	.long 4			/* bytes of the name */
	.long 2f - 1f
	.long \type
	.asciz "Xen"
1:	\value
2:	.balign 4
	.popsection
	.endm

	note XEN_ELFNOTE_GUEST_OS, .asciz "xn stub"
	note XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
	note XEN_ELFNOTE_LOADER, .asciz "generic"
	note XEN_ELFNOTE_PAE_MODE, .asciz "yes"
	note XEN_ELFNOTE_VIRT_BASE, .quad 0
	note XEN_ELFNOTE_ENTRY, .quad _start
	note XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercalls

	.text
	.globl _start
_start:
	/* to be woken by no port and at no time */
	mov $SCHEDOP_POLL, %edi
	mov $nothing, %esi
	call hypercalls + SCHED_OP * STUB_BYTES
	jmp _start

	.balign PAGE_BYTES
hypercalls:
	.skip PAGE_BYTES
nothing:
	.quad 0, 0, 0

	.section .note.GNU-stack, "", @progbits
