/* SPDX-License-Identifier: MIT */
/*
 * libxencall on the simulated hypervisor: hypercalls go out as they are, their
 * buffers are plain memory, for the hypervisor reaches into this process.
 */
#include <xencall.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/sim/lib/link.h"

#define PAGE_BYTES ((size_t)4096)

struct xencall_handle {
	struct sim_link *link;
};

xencall_handle *xencall_open(struct xentoollog_logger *logger,
			     unsigned int open_flags)
{
	xencall_handle *x = calloc(1, sizeof(*x));

	(void)logger;
	(void)open_flags;
	if (!x)
		return NULL;
	x->link = link_open(SIM_CALL, 0);
	if (!x->link) {
		free(x);
		return NULL;
	}
	return x;
}

int xencall_close(xencall_handle *x)
{
	if (!x)
		return 0;
	link_close(x->link);
	free(x);
	return 0;
}

int xencall_fd(xencall_handle *x)
{
	return link_memory_fd(x->link);
}

int xencall0(xencall_handle *x, unsigned int op)
{
	return (int)LINK_CALL(x->link, SIM_HYPERCALL, op);
}

int xencall1(xencall_handle *x, unsigned int op, uint64_t arg1)
{
	return (int)LINK_CALL(x->link, SIM_HYPERCALL, op, arg1);
}

int xencall2(xencall_handle *x, unsigned int op, uint64_t arg1, uint64_t arg2)
{
	return (int)LINK_CALL(x->link, SIM_HYPERCALL, op, arg1, arg2);
}

long xencall2L(xencall_handle *x, unsigned int op, uint64_t arg1, uint64_t arg2)
{
	return LINK_CALL(x->link, SIM_HYPERCALL, op, arg1, arg2);
}

int xencall3(xencall_handle *x, unsigned int op, uint64_t arg1, uint64_t arg2,
	     uint64_t arg3)
{
	return (int)LINK_CALL(x->link, SIM_HYPERCALL, op, arg1, arg2, arg3);
}

int xencall4(xencall_handle *x, unsigned int op, uint64_t arg1, uint64_t arg2,
	     uint64_t arg3, uint64_t arg4)
{
	return (int)LINK_CALL(x->link, SIM_HYPERCALL, op, arg1, arg2, arg3,
			      arg4);
}

int xencall5(xencall_handle *x, unsigned int op, uint64_t arg1, uint64_t arg2,
	     uint64_t arg3, uint64_t arg4, uint64_t arg5)
{
	return (int)LINK_CALL(x->link, SIM_HYPERCALL, op, arg1, arg2, arg3,
			      arg4, arg5);
}

void *xencall_alloc_buffer_pages(xencall_handle *x, size_t nr_pages)
{
	void *p;

	(void)x;
	if (nr_pages > SIZE_MAX / PAGE_BYTES) {
		errno = ENOMEM;
		return NULL;
	}
	p = mmap(NULL, nr_pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

void xencall_free_buffer_pages(xencall_handle *x, void *p, size_t nr_pages)
{
	(void)x;
	if (p)
		munmap(p, nr_pages * PAGE_BYTES);
}

void *xencall_alloc_buffer(xencall_handle *x, size_t size)
{
	(void)x;
	return calloc(1, size);
}

void xencall_free_buffer(xencall_handle *x, void *p)
{
	(void)x;
	free(p);
}

int xencall_buffers_never_fault(xencall_handle *x)
{
	(void)x;
	return 1;
}
