/* SPDX-License-Identifier: MIT */
/*
 * The keys of xen/io/blkif.h. A front end with one ring writes it at the top;
 * one with more has a directory for each. A ring of one page is "ring-ref",
 * and one of an order that the front end gives is "ring-ref0" and so on.
 */
#include "daemon/device/vbd_front.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/xs/xs.h"
#include "xen/abi.h"

#define KEY_MAX 40

const char *const vbd_front_keys[] = {
	"ring-ref",
	"event-channel",
	"protocol",
	"ring-page-order",
	"multi-queue-num-queues",
	"feature-persistent",
	NULL,
};

struct layout {
	uint32_t queues;
	uint32_t pages;
	bool numbered; /* "ring-ref0" … */
};

static int wrong(const struct xs_values *v, const char *key, const char *why,
		 struct err *e)
{
	char shown[40];

	return err_set(e, EPROTO, "the front end's %s is \"%s\"; %s", key,
		       text_escape(values_get(v, key), shown, sizeof(shown)),
		       why);
}

static int read_layout(const struct xs_values *v, unsigned int queues,
		       struct layout *l, struct err *e)
{
	uint32_t order = 0;
	int rc;

	l->queues = 1;
	rc = values_u32(v, "multi-queue-num-queues", queues, &l->queues);
	/* Zero, unchecked, is CVE-2026-45890. */
	if ((rc < 0 && rc != -ENOENT) || l->queues == 0)
		return wrong(v, "multi-queue-num-queues",
			     "it has been offered less, or that is no number",
			     e);
	rc = values_u32(v, "ring-page-order", VBD_RING_ORDER_MAX, &order);
	if (rc < 0 && rc != -ENOENT)
		return wrong(v, "ring-page-order",
			     "it has been offered at most 4", e);
	l->pages = 1u << order;
	/*
	 * Of order 0, by its key, either name is met: the specification has
	 * "ring-ref", and Linux's back end once wanted "ring-ref0".
	 */
	l->numbered =
		rc == 0 &&
		(order > 0 || (l->queues == 1 && !values_get(v, "ring-ref")));
	return 0;
}

static void queue_key(char key[KEY_MAX], const struct layout *l, uint32_t queue,
		      const char *name)
{
	if (l->queues == 1)
		snprintf(key, KEY_MAX, "%s", name);
	else
		snprintf(key, KEY_MAX, "queue-%u/%s", queue, name);
}

static void ring_key(char key[KEY_MAX], const struct layout *l, uint32_t queue,
		     uint32_t page)
{
	char name[20] = "ring-ref";

	if (l->numbered)
		snprintf(name, sizeof(name), "ring-ref%u", page);
	queue_key(key, l, queue, name);
}

bool vbd_front_more(const struct xs_values *v, const char *front,
		    unsigned int queues, struct xs_values *more)
{
	char key[KEY_MAX];
	struct layout l;
	uint32_t i, k;
	struct err e;

	if (read_layout(v, queues, &l, &e) < 0 ||
	    (l.queues == 1 && !l.numbered))
		return false;
	for (i = 0; i < l.queues; i++) {
		queue_key(key, &l, i, "event-channel");
		values_want(more, key, "%s/%s", front, key);
		for (k = 0; k < l.pages; k++) {
			ring_key(key, &l, i, k);
			values_want(more, key, "%s/%s", front, key);
		}
	}
	return true;
}

/*
 * Without the key, xen/io/blkif.h says the native ABI, but Linux's back end
 * on x86 and QEMU's take x86_32 even from a 64-bit guest, and front ends have
 * been made to fit them. Of a name that they do not know, Linux's refuses the
 * front end and QEMU's takes it for native: we refuse.
 */
static int read_protocol(const struct xs_values *v, uint32_t *flags,
			 struct err *e)
{
	const char *protocol = values_get(v, "protocol");

	if (!protocol || strcmp(protocol, XEN_IO_PROTO_ABI_X86_32) == 0)
		*flags |= MSG_BLK_X86_32;
	else if (strcmp(protocol, XEN_IO_PROTO_ABI_X86_64) != 0)
		return wrong(v, "protocol",
			     "only " XEN_IO_PROTO_ABI_X86_64
			     " and " XEN_IO_PROTO_ABI_X86_32 " are known",
			     e);
	return 0;
}

int vbd_front_read(const struct xs_values *v, unsigned int queues,
		   struct msg_blk_start *start, struct err *e)
{
	uint32_t persistent = 0;
	char key[KEY_MAX];
	struct layout l;
	uint32_t i, k;

	if (read_protocol(v, &start->flags, e) < 0 ||
	    read_layout(v, queues, &l, e) < 0)
		return -e->code;
	values_u32(v, "feature-persistent", 1, &persistent);
	if (persistent)
		start->flags |= MSG_BLK_PERSISTENT;
	start->n_queues = l.queues;
	start->ring_pages = l.pages;
	for (i = 0; i < l.queues; i++) {
		queue_key(key, &l, i, "event-channel");
		if (values_need_u32(v, key, &start->queues[i].port, e) < 0)
			return -e->code;
		for (k = 0; k < l.pages; k++) {
			ring_key(key, &l, i, k);
			if (values_need_u32(v, key,
					    &start->queues[i].ring_refs[k],
					    e) < 0)
				return -e->code;
		}
	}
	return 0;
}
