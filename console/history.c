/* SPDX-License-Identifier: MIT */
/* A ring of bytes under 64-bit offsets, which do not wrap in our lifetime. */
#include "console/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int history_init(struct history *h)
{
	h->end = 0;
	h->bytes = malloc(HISTORY_BYTES);
	return h->bytes ? 0 : -ENOMEM;
}

void history_free(struct history *h)
{
	free(h->bytes);
	h->bytes = NULL;
}

void history_add(struct history *h, const char *data, size_t size)
{
	size_t at, first;

	if (size > HISTORY_BYTES) {
		h->end += size - HISTORY_BYTES;
		data += size - HISTORY_BYTES;
		size = HISTORY_BYTES;
	}
	at = h->end % HISTORY_BYTES;
	first = size < HISTORY_BYTES - at ? size : HISTORY_BYTES - at;
	memcpy(h->bytes + at, data, first);
	memcpy(h->bytes, data + first, size - first);
	h->end += size;
}

uint64_t history_begin(const struct history *h)
{
	return h->end > HISTORY_BYTES ? h->end - HISTORY_BYTES : 0;
}

int history_span(const struct history *h, uint64_t from, struct iovec iov[2])
{
	size_t size = (size_t)(h->end - from);
	size_t at = from % HISTORY_BYTES;
	size_t first = size < HISTORY_BYTES - at ? size : HISTORY_BYTES - at;

	if (!size)
		return 0;
	iov[0].iov_base = h->bytes + at;
	iov[0].iov_len = first;
	if (first == size)
		return 1;
	iov[1].iov_base = h->bytes;
	iov[1].iov_len = size - first;
	return 2;
}
