/* SPDX-License-Identifier: MIT */
/* Taking requests from a shared page and placing responses in it. */
#include "ring.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/*
 * This host's own layout is the x86_64 ABI. The response is spelt out here
 * with its padding, because every byte of it reaches the guest (XSA-216).
 */
struct response_x86_64 {
	uint64_t id;
	uint8_t operation;
	uint8_t zero;
	int16_t status;
	uint32_t zeros;
};

#define AT(type, member, offset) \
	_Static_assert(offsetof(type, member) == (offset), #member)

AT(struct blkif_request, operation, 0);
AT(struct blkif_request, nr_segments, 1);
AT(struct blkif_request, handle, 2);
AT(struct blkif_request, id, 8);
AT(struct blkif_request, sector_number, 16);
AT(struct blkif_request, seg, 24);
AT(struct blkif_request_segment, first_sect, 4);
AT(struct blkif_request_segment, last_sect, 5);
_Static_assert(sizeof(struct blkif_request_segment) == 8, "segment");
_Static_assert(sizeof(struct blkif_request) == 112, "request");
AT(struct response_x86_64, operation, 8);
AT(struct response_x86_64, status, 10);
_Static_assert(sizeof(struct response_x86_64) == 16, "response");
_Static_assert(sizeof(struct blkif_response) == 16, "response");
AT(struct blkif_sring, ring, 64);
_Static_assert(__CONST_RING_SIZE(blkif, XC_PAGE_SIZE) == BLK_RING_ENTRIES,
	       "entries of a one-page ring");

static RING_IDX read_once(const RING_IDX *index)
{
	return *(const volatile RING_IDX *)index;
}

int ring_attach(struct ring *r, void *page)
{
	struct blkif_sring *sring = page;
	RING_IDX answered = read_once(&sring->rsp_prod);

	BACK_RING_ATTACH(&r->back, sring, answered, XC_PAGE_SIZE);
	r->pushed = answered;
	if (read_once(&sring->req_prod) - answered > BLK_RING_ENTRIES)
		return -EPROTO;
	return 0;
}

int ring_resume(struct ring *r, RING_IDX taken)
{
	RING_IDX placed = read_once(&r->back.sring->req_prod);

	if (taken - r->pushed > placed - r->pushed)
		return -EPROTO;
	r->back.req_cons = taken;
	return 0;
}

int ring_take(struct ring *r, struct blkif_request *out)
{
	RING_IDX prod = read_once(&r->back.sring->req_prod);
	RING_IDX claimed = prod - r->back.rsp_prod_pvt;
	RING_IDX taken = r->back.req_cons - r->back.rsp_prod_pvt;

	if (claimed > BLK_RING_ENTRIES || claimed < taken)
		return -EPROTO;
	if (claimed == taken)
		return 0;
	xen_rmb(); /* the entry is read after the index that announced it */
	RING_COPY_REQUEST(&r->back, r->back.req_cons, out);
	r->back.req_cons++;
	return 1;
}

RING_IDX ring_answer(struct ring *r, const struct blkif_request *to,
		     int16_t status)
{
	const struct response_x86_64 response = {
		.id = to->id,
		.operation = to->operation,
		.status = status,
	};

	memcpy(RING_GET_RESPONSE(&r->back, r->back.rsp_prod_pvt), &response,
	       sizeof(response));
	return r->back.rsp_prod_pvt++;
}

/*
 * As RING_PUSH_RESPONSES_AND_CHECK_NOTIFY, which would read rsp_prod back from
 * the page.
 */
bool ring_push(struct ring *r)
{
	volatile struct blkif_sring *sring = r->back.sring;
	RING_IDX was = r->pushed;
	RING_IDX now = r->back.rsp_prod_pvt;

	xen_wmb(); /* the guest sees the responses before the index */
	sring->rsp_prod = now;
	r->pushed = now;
	xen_mb(); /* … and the index before we look whether it sleeps */
	return now - sring->rsp_event < now - was;
}

bool ring_rest(struct ring *r)
{
	int more;

	RING_FINAL_CHECK_FOR_REQUESTS(&r->back, more);
	return more;
}
