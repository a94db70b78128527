/* SPDX-License-Identifier: MIT */
/* A list of them, as long as there are bridges and VLANs that were used. */
#include "daemon/net/segments.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "base/err.h"

struct segment {
	LIST_ENTRY(segment) link;
	int bridge; /* its index */
	uint16_t pvid;
	uint32_t number;
};

struct segments {
	LIST_HEAD(, segment) list;
	uint32_t last;
};

struct segments *segments_new(struct err *e)
{
	struct segments *s = calloc(1, sizeof(*s));

	if (!s)
		err_set(e, ENOMEM, "no memory for segments");
	return s;
}

void segments_free(struct segments *s)
{
	struct segment *one;

	while (s && (one = LIST_FIRST(&s->list))) {
		LIST_REMOVE(one, link);
		free(one);
	}
	free(s);
}

uint32_t segments_number(struct segments *s, int bridge, uint16_t pvid)
{
	struct segment *one;

	LIST_FOREACH(one, &s->list, link)
		if (one->pvid == pvid && one->bridge == bridge)
			return one->number;
	one = calloc(1, sizeof(*one));
	if (!one)
		return 0;
	one->bridge = bridge;
	one->pvid = pvid;
	one->number = ++s->last;
	LIST_INSERT_HEAD(&s->list, one, link);
	return one->number;
}
