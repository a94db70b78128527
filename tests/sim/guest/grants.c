/* SPDX-License-Identifier: MIT */
/* Version-1 grant entries, their frames found as the tools find them. */
#include "tests/sim/guest/grants.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "tests/sim/lib/link.h"

#define FRAMES_MAX    64u
#define FRAME_ENTRIES (XC_PAGE_SIZE / sizeof(struct grant_entry_v1))

struct grants {
	struct sim_link *link; /* owned */
	uint32_t domid;
	uint8_t *memory; /* borrowed */
	struct grant_entry_v1 *frames[FRAMES_MAX];
	uint32_t n_frames;
	uint32_t *unused; /* owned: a stack */
	uint32_t n_unused;
	unsigned int given;
};

/* One more frame, if the domain may have it. 0 or -errno. */
static int grants_map(struct grants *gr)
{
	uint64_t frame = SIM_NO_FRAME;
	uint32_t *more;

	if (gr->n_frames == FRAMES_MAX)
		return -ENOSPC;
	more = reallocarray(gr->unused, (gr->n_frames + 1) * FRAME_ENTRIES,
			    sizeof(*more));
	if (!more)
		return -ENOMEM;
	gr->unused = more;
	if (LINK_CALL(gr->link, SIM_RESOURCE_MAP, gr->domid,
		      XENMEM_resource_grant_table,
		      XENMEM_resource_grant_table_id_shared, gr->n_frames, 1,
		      (uintptr_t)&frame) < 0)
		return -errno;
	gr->frames[gr->n_frames++] =
		(void *)(gr->memory + frame * XC_PAGE_SIZE);
	return 0;
}

/* The same, its references to be given out. */
static int grants_grow(struct grants *gr)
{
	uint32_t first = gr->n_frames * FRAME_ENTRIES;
	uint32_t ref = first + FRAME_ENTRIES;
	int rc = grants_map(gr);

	while (rc == 0 && ref-- > first)
		if (ref >= GNTTAB_NR_RESERVED_ENTRIES)
			gr->unused[gr->n_unused++] = ref;
	return rc;
}

struct grants *grants_open(uint32_t domid, uint8_t *memory, struct err *e)
{
	struct grants *gr = calloc(1, sizeof(*gr));
	int rc;

	if (!gr) {
		err_set(e, ENOMEM, "no memory for a grant table");
		return NULL;
	}
	gr->domid = domid;
	gr->memory = memory;
	gr->link = link_open(SIM_FOREIGN, 0);
	rc = gr->link ? grants_grow(gr) : -errno;
	if (rc < 0) {
		err_errno(e, -rc, "no grant table of domain %u", domid);
		grants_close(gr);
		return NULL;
	}
	return gr;
}

void grants_close(struct grants *gr)
{
	if (!gr)
		return;
	link_close(gr->link);
	free(gr->unused);
	free(gr);
}

uint32_t grants_reserve(struct grants *gr)
{
	if (gr->n_unused == 0 && grants_grow(gr) < 0)
		return 0;
	gr->given++;
	return gr->unused[--gr->n_unused];
}

struct grant_entry_v1 *grants_entry(struct grants *gr, uint32_t ref)
{
	if (ref / FRAME_ENTRIES >= gr->n_frames)
		return NULL;
	return &gr->frames[ref / FRAME_ENTRIES][ref % FRAME_ENTRIES];
}

static void grants_fill(struct grants *gr, uint32_t ref, uint64_t frame,
			uint16_t flags)
{
	struct grant_entry_v1 *entry = grants_entry(gr, ref);

	entry->domid = 0;
	entry->frame = (uint32_t)frame;
	xen_wmb(); /* what is granted, before it is */
	*(volatile uint16_t *)&entry->flags = GTF_permit_access | flags;
}

uint32_t grants_give(struct grants *gr, uint64_t frame, uint16_t flags)
{
	uint32_t ref = grants_reserve(gr);

	if (ref)
		grants_fill(gr, ref, frame, flags);
	return ref;
}

uint32_t grants_give_apart(struct grants *gr, uint64_t frame)
{
	uint32_t ref = gr->n_frames * FRAME_ENTRIES;

	if (grants_map(gr) < 0)
		return 0;
	gr->given++;
	grants_fill(gr, ref, frame, 0);
	return ref;
}

int grants_end(struct grants *gr, uint32_t ref)
{
	struct grant_entry_v1 *entry = grants_entry(gr, ref);
	uint16_t flags = *(volatile uint16_t *)&entry->flags;

	do {
		if (flags & (GTF_reading | GTF_writing))
			return -EBUSY;
	} while (!__atomic_compare_exchange_n(&entry->flags, &flags, 0, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_SEQ_CST));
	gr->unused[gr->n_unused++] = ref;
	gr->given--;
	return 0;
}
