/* SPDX-License-Identifier: MIT */
/* Bytes through two rings of a page. */
#include "tests/sim/guest/wire.h"

#include <errno.h>
#include <string.h>

long wire_put(struct wire *w, const void *bytes, size_t n)
{
	struct xenstore_domain_interface *page = w->page;
	uint32_t prod = page->req_prod;
	uint32_t filled = prod - *(volatile XENSTORE_RING_IDX *)&page->req_cons;
	size_t room, i;

	if (filled > XENSTORE_RING_SIZE)
		return -EPROTO;
	room = XENSTORE_RING_SIZE - filled;
	n = n < room ? n : room;
	xen_mb(); /* what we write over has been read */
	for (i = 0; i < n; i++)
		page->req[MASK_XENSTORE_IDX(prod + i)] =
			((const char *)bytes)[i];
	xen_wmb(); /* the bytes are there before the index announces them */
	page->req_prod = prod + (uint32_t)n;
	return (long)n;
}

/* Copies at most n bytes. How many, or -EPROTO. */
static long wire_get(struct wire *w, void *to, size_t n)
{
	struct xenstore_domain_interface *page = w->page;
	uint32_t cons = page->rsp_cons;
	uint32_t filled = *(volatile XENSTORE_RING_IDX *)&page->rsp_prod - cons;
	size_t i;

	if (filled > XENSTORE_RING_SIZE)
		return -EPROTO;
	xen_rmb(); /* the bytes are read after the index that announced them */
	n = n < filled ? n : filled;
	for (i = 0; i < n; i++)
		((char *)to)[i] = page->rsp[MASK_XENSTORE_IDX(cons + i)];
	xen_mb(); /* and before xenstored may write over them */
	page->rsp_cons = cons + (uint32_t)n;
	return (long)n;
}

int wire_take(struct wire *w, bool *moved)
{
	size_t whole;
	long n;

	for (;;) {
		if (w->got < sizeof(w->head)) {
			n = wire_get(w, (char *)&w->head + w->got,
				     sizeof(w->head) - w->got);
		} else {
			whole = sizeof(w->head) + w->head.len;
			if (w->head.len > XENSTORE_PAYLOAD_MAX)
				return -EPROTO;
			if (w->got == whole) {
				w->payload[w->head.len] = '\0';
				w->got = 0;
				return 1;
			}
			n = wire_get(w, w->payload + w->got - sizeof(w->head),
				     whole - w->got);
		}
		if (n <= 0)
			return (int)n;
		*moved = true;
		w->got += (size_t)n;
	}
}
