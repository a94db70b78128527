/* SPDX-License-Identifier: MIT */
/* The console ring of xen/io/console.h, from the back end's side. */
#include "console/ring.h"
#include "xen/abi.h"

#include <errno.h>
#include <string.h>

_Static_assert(sizeof(((struct xencons_interface *)0)->out) == RING_OUT_BYTES,
	       "as in xen/io/console.h");
_Static_assert(sizeof(((struct xencons_interface *)0)->in) == RING_IN_BYTES,
	       "as in xen/io/console.h");

static uint32_t index_read(const uint32_t *index)
{
	return *(const volatile uint32_t *)index;
}

static void index_write(uint32_t *index, uint32_t v)
{
	*(volatile uint32_t *)index = v;
}

int ring_filled(uint32_t prod, uint32_t cons, uint32_t size)
{
	uint32_t filled = prod - cons;

	return filled > size ? -EPROTO : (int)filled;
}

void ring_init(struct ring *r, struct xencons_interface *page)
{
	r->page = page;
	r->out_cons = index_read(&page->out_cons);
	r->in_prod = index_read(&page->in_prod);
#ifdef XENCONSOLE_CONNECTED
	page->connection = XENCONSOLE_CONNECTED; /* newer than 4.17 */
#endif
}

int ring_take(struct ring *r, char out[RING_OUT_BYTES])
{
	struct xencons_interface *page = r->page;
	uint32_t at = r->out_cons % RING_OUT_BYTES;
	size_t n, first;
	int filled;

	filled = ring_filled(index_read(&page->out_prod), r->out_cons,
			     RING_OUT_BYTES);
	if (filled <= 0)
		return filled;
	xen_rmb(); /* the bytes are read after the index that announced them */
	n = (size_t)filled;
	first = n < RING_OUT_BYTES - at ? n : RING_OUT_BYTES - at;
	memcpy(out, page->out + at, first);
	memcpy(out + first, page->out, n - first);
	r->out_cons += (uint32_t)n;
	return filled;
}

void ring_release(struct ring *r)
{
	xen_mb(); /* the bytes were read before the guest may write over them */
	index_write(&r->page->out_cons, r->out_cons);
}

int ring_room(const struct ring *r)
{
	int filled = ring_filled(r->in_prod, index_read(&r->page->in_cons),
				 RING_IN_BYTES);

	return filled < 0 ? filled : RING_IN_BYTES - filled;
}

int ring_put(struct ring *r, const char *data, size_t size)
{
	struct xencons_interface *page = r->page;
	uint32_t at = r->in_prod % RING_IN_BYTES;
	int room = ring_room(r);
	size_t n, first;

	if (room <= 0)
		return room;
	xen_mb(); /* the guest has read what we are about to write over */
	n = size < (size_t)room ? size : (size_t)room;
	first = n < RING_IN_BYTES - at ? n : RING_IN_BYTES - at;
	memcpy(page->in + at, data, first);
	memcpy(page->in, data + first, n - first);
	xen_wmb(); /* the bytes are there before the index announces them */
	r->in_prod += (uint32_t)n;
	index_write(&page->in_prod, r->in_prod);
	return (int)n;
}
