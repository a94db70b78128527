/* SPDX-License-Identifier: MIT */
/* Taking requests from shared pages and placing responses in them. */
#include "ring.h"

#include <errno.h>
#include <string.h>

/* What a request takes of the ring; its response lies over it. */
static const uint32_t entry_bytes[BLK_ABIS] = {
	[BLK_ABI_X86_64] = sizeof(struct blk_x86_64_rw),
	[BLK_ABI_X86_32] = sizeof(struct blk_x86_32_rw),
};

/*
 * The public header rounds what fits down to a power of two, which for either
 * ABI and for every size that we accept is 32 a page.
 */
#define HOLDS(rw, pages)                                                      \
	_Static_assert(                                                       \
		((pages)*XC_PAGE_SIZE - offsetof(struct blkif_sring, ring)) / \
					sizeof(struct blk_##rw) >=            \
				(pages)*BLK_RING_ENTRIES &&                   \
			((pages)*XC_PAGE_SIZE -                               \
			 offsetof(struct blkif_sring, ring)) /                \
					sizeof(struct blk_##rw) <             \
				2 * (pages)*BLK_RING_ENTRIES,                 \
		"entries of a ring")
HOLDS(x86_64_rw, 1);
HOLDS(x86_32_rw, 1);
HOLDS(x86_64_rw, BLK_RING_PAGES_MAX);
HOLDS(x86_32_rw, BLK_RING_PAGES_MAX);
_Static_assert(offsetof(struct blkif_sring, ring) == 64, "indices");

static RING_IDX read_once(const RING_IDX *index)
{
	return *(const volatile RING_IDX *)index;
}

static void write_once(RING_IDX *index, RING_IDX value)
{
	*(volatile RING_IDX *)index = value;
}

static uint8_t *ring_entry(const struct ring *r, RING_IDX index)
{
	return r->entries +
	       (size_t)(index & (r->n_entries - 1)) * entry_bytes[r->abi];
}

int ring_attach(struct ring *r, void *pages, unsigned int n_pages,
		enum blk_abi abi)
{
	r->shared = pages;
	r->entries = (uint8_t *)pages + offsetof(struct blkif_sring, ring);
	r->abi = abi;
	r->n_entries = n_pages * BLK_RING_ENTRIES;
	r->answered = read_once(&r->shared->rsp_prod);
	r->taken = r->answered;
	r->pushed = r->answered;
	if (read_once(&r->shared->req_prod) - r->answered > r->n_entries)
		return -EPROTO;
	return 0;
}

int ring_resume(struct ring *r, RING_IDX taken)
{
	RING_IDX placed = read_once(&r->shared->req_prod);

	if (taken - r->pushed > placed - r->pushed)
		return -EPROTO;
	r->taken = taken;
	return 0;
}

int ring_take(struct ring *r, union blk_wire *out)
{
	RING_IDX prod = read_once(&r->shared->req_prod);
	RING_IDX claimed = prod - r->answered;
	RING_IDX taken = r->taken - r->answered;

	if (claimed > r->n_entries || claimed < taken)
		return -EPROTO;
	if (claimed == taken)
		return 0;
	xen_rmb(); /* the entry is read after the index that announced it */
	if (r->abi == BLK_ABI_X86_32)
		memcpy(out, ring_entry(r, r->taken), sizeof(out->rw32));
	else
		memcpy(out, ring_entry(r, r->taken), sizeof(out->rw64));
	xen_barrier(); /* from here on only the copy is looked at */
	r->taken++;
	return 1;
}

uint32_t ring_waiting(const struct ring *r)
{
	uint32_t n = read_once(&r->shared->req_prod) - r->taken;

	return n < r->n_entries ? n : r->n_entries;
}

RING_IDX ring_answer(struct ring *r, uint64_t id, uint8_t operation,
		     int16_t status)
{
	RING_IDX number = r->answered++;
	uint8_t *at = ring_entry(r, number);

	if (r->abi == BLK_ABI_X86_32) {
		const struct blk_x86_32_response response = {
			.id = id,
			.operation = operation,
			.status = status,
		};

		memcpy(at, &response, sizeof(response));
	} else {
		const struct blk_x86_64_response response = {
			.id = id,
			.operation = operation,
			.status = status,
		};

		memcpy(at, &response, sizeof(response));
	}
	return number;
}

/*
 * As RING_PUSH_RESPONSES_AND_CHECK_NOTIFY, which would read rsp_prod back from
 * the page.
 */
bool ring_push(struct ring *r)
{
	RING_IDX was = r->pushed;
	RING_IDX now = r->answered;

	xen_wmb(); /* the guest sees the responses before the index */
	write_once(&r->shared->rsp_prod, now);
	r->pushed = now;
	xen_mb(); /* … and the index before we look whether it sleeps */
	return now - read_once(&r->shared->rsp_event) < now - was;
}

/* As RING_FINAL_CHECK_FOR_REQUESTS. */
bool ring_rest(struct ring *r)
{
	if (read_once(&r->shared->req_prod) != r->taken)
		return true;
	write_once(&r->shared->req_event, r->taken + 1);
	xen_mb(); /* it is told to wake us before we look a last time */
	return read_once(&r->shared->req_prod) != r->taken;
}
