/* SPDX-License-Identifier: MIT */
/* RING_PUSH_REQUESTS_AND_CHECK_NOTIFY and its kin, for any size of slot. */
#include "tests/sim/guest/front.h"
#include "xen/abi.h"

#include <errno.h>
#include <string.h>

#define HEADER_BYTES 64

void front_init(struct front *f, void *ring, size_t bytes, size_t slot_bytes)
{
	memset(f, 0, sizeof(*f));
	f->index = ring;
	f->slots = (uint8_t *)ring + HEADER_BYTES;
	f->slot_bytes = slot_bytes;
	f->entries = 1;
	while (f->entries * 2 <= (bytes - HEADER_BYTES) / slot_bytes)
		f->entries *= 2;
	f->index[RING_REQ_PROD] = 0;
	f->index[RING_RSP_PROD] = 0;
	f->index[RING_REQ_EVENT] = 1;
	f->index[RING_RSP_EVENT] = 1;
}

uint32_t front_room(const struct front *f)
{
	return f->entries - (f->put - f->seen);
}

void *front_put(struct front *f)
{
	return f->slots + (f->put++ % f->entries) * f->slot_bytes;
}

bool front_push(struct front *f)
{
	uint32_t was = f->pushed;

	xen_wmb(); /* the requests are there before the index announces them */
	f->index[RING_REQ_PROD] = f->put;
	f->pushed = f->put;
	xen_mb(); /* … and the index before we look whether it sleeps */
	return f->put - f->index[RING_REQ_EVENT] < f->put - was;
}

int front_take(struct front *f, void *response, size_t bytes)
{
	uint32_t prod = f->index[RING_RSP_PROD];

	if (prod - f->seen > f->put - f->seen)
		return -EPROTO;
	if (prod == f->seen)
		return 0;
	xen_rmb(); /* the response is read after the index that announced it */
	memcpy(response, f->slots + (f->seen % f->entries) * f->slot_bytes,
	       bytes);
	f->seen++;
	return 1;
}

bool front_rest(struct front *f)
{
	f->index[RING_RSP_EVENT] = f->seen + 1;
	xen_mb(); /* what we ask for, before we look once more */
	return f->index[RING_RSP_PROD] != f->seen;
}
