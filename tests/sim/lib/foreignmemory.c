/* SPDX-License-Identifier: MIT */
/*
 * libxenforeignmemory on the simulated hypervisor, which says which frames of
 * the machine's memory are meant; mapping them is done here.
 */
#include <xenforeignmemory.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/sim/lib/link.h"

#define PAGE_BYTES ((size_t)4096)

struct xenforeignmemory_handle {
	struct sim_link *link;
	bool restricted;
	domid_t only; /* if restricted */
};

struct xenforeignmemory_resource_handle {
	void *address;
	size_t pages;
};

xenforeignmemory_handle *xenforeignmemory_open(struct xentoollog_logger *logger,
					       unsigned int open_flags)
{
	xenforeignmemory_handle *f = calloc(1, sizeof(*f));

	(void)logger;
	(void)open_flags;
	if (!f)
		return NULL;
	f->link = link_open(SIM_FOREIGN, 0);
	if (!f->link) {
		free(f);
		return NULL;
	}
	return f;
}

int xenforeignmemory_close(xenforeignmemory_handle *f)
{
	if (!f)
		return 0;
	link_close(f->link);
	free(f);
	return 0;
}

int xenforeignmemory_restrict(xenforeignmemory_handle *f, domid_t domid)
{
	if (f->restricted && f->only != domid) {
		errno = EINVAL;
		return -1;
	}
	f->restricted = true;
	f->only = domid;
	return 0;
}

static bool may_reach(const xenforeignmemory_handle *f, uint32_t domid)
{
	if (!f->restricted || f->only == domid)
		return true;
	errno = EPERM;
	return false;
}

/* Errors are kept by page, unless the caller has no room for them. */
static void *map_pages(xenforeignmemory_handle *f, uint32_t domid, void *at,
		       int prot, size_t n, const xen_pfn_t *pages, int *errors,
		       bool all_or_none)
{
	uint64_t *frames = calloc(n, sizeof(*frames));
	void *address = NULL;
	size_t i;

	if (frames &&
	    LINK_CALL(f->link, SIM_FOREIGN_MAP, domid, n, (uintptr_t)pages,
		      (uintptr_t)errors, (uintptr_t)frames) == 0) {
		for (i = 0; i < n && !(all_or_none && errors[i]); i++)
			;
		if (i == n)
			address = link_map(f->link, at, prot, n, frames);
		else
			errno = -errors[i];
	}
	free(frames);
	return address;
}

void *xenforeignmemory_map2(xenforeignmemory_handle *f, uint32_t domid,
			    void *addr, int prot, int flags, size_t pages,
			    const xen_pfn_t arr[], int err[])
{
	void *at = flags & MAP_FIXED ? addr : NULL;
	void *address;
	int *errors;

	if (!may_reach(f, domid))
		return NULL;
	if (err)
		return map_pages(f, domid, at, prot, pages, arr, err, false);
	errors = calloc(pages, sizeof(*errors));
	if (!errors)
		return NULL;
	address = map_pages(f, domid, at, prot, pages, arr, errors, true);
	free(errors);
	return address;
}

void *xenforeignmemory_map(xenforeignmemory_handle *f, uint32_t domid, int prot,
			   size_t pages, const xen_pfn_t arr[], int err[])
{
	return xenforeignmemory_map2(f, domid, NULL, prot, 0, pages, arr, err);
}

int xenforeignmemory_unmap(xenforeignmemory_handle *f, void *addr, size_t pages)
{
	(void)f;
	return munmap(addr, pages * PAGE_BYTES);
}

static void *map_resource(xenforeignmemory_handle *f, domid_t domid,
			  unsigned int type, unsigned int id,
			  unsigned long frame, size_t n, void *at, int prot)
{
	uint64_t *frames = calloc(n, sizeof(*frames));
	void *address = NULL;

	if (frames && LINK_CALL(f->link, SIM_RESOURCE_MAP, domid, type, id,
				frame, n, (uintptr_t)frames) == 0)
		address = link_map(f->link, at, prot, n, frames);
	free(frames);
	return address;
}

xenforeignmemory_resource_handle *xenforeignmemory_map_resource(
	xenforeignmemory_handle *f, domid_t domid, unsigned int type,
	unsigned int id, unsigned long frame, unsigned long nr_frames,
	void **paddr, int prot, int flags)
{
	xenforeignmemory_resource_handle *resource;

	if (!may_reach(f, domid))
		return NULL;
	resource = calloc(1, sizeof(*resource));
	if (!resource)
		return NULL;
	resource->pages = nr_frames;
	resource->address =
		map_resource(f, domid, type, id, frame, nr_frames,
			     flags & MAP_FIXED ? *paddr : NULL, prot);
	if (!resource->address) {
		free(resource);
		return NULL;
	}
	*paddr = resource->address;
	return resource;
}

int xenforeignmemory_unmap_resource(xenforeignmemory_handle *f,
				    xenforeignmemory_resource_handle *resource)
{
	int r = 0;

	(void)f;
	if (resource)
		r = munmap(resource->address, resource->pages * PAGE_BYTES);
	free(resource);
	return r;
}

int xenforeignmemory_resource_size(xenforeignmemory_handle *f, domid_t domid,
				   unsigned int type, unsigned int id,
				   size_t *size)
{
	int64_t bytes;

	if (!may_reach(f, domid))
		return -1;
	bytes = LINK_CALL(f->link, SIM_RESOURCE_SIZE, domid, type, id);
	if (bytes < 0)
		return -1;
	*size = (size_t)bytes;
	return 0;
}
