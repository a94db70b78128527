/* SPDX-License-Identifier: MIT */
/*
 * The last bytes of a guest's output, addressed by their offset in all that
 * it ever wrote. Whoever follows the output keeps only an offset of its own,
 * so that a guest with many or slow followers costs no more memory than one
 * with none.
 */
#ifndef XN_CONSOLE_HISTORY_H
#define XN_CONSOLE_HISTORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Address space; a page of it is touched when the guest has written so much. */
#define HISTORY_BYTES 65536

struct history {
	char *bytes;  /* owned; HISTORY_BYTES of them */
	uint64_t end; /* the offset that the next byte will have */
};

/* 0 or -ENOMEM. */
int history_init(struct history *h);
void history_free(struct history *h);

/* Forgets the oldest bytes where there is no room. */
void history_add(struct history *h, const char *data, size_t size);

/* The offset of the oldest byte that is kept. */
uint64_t history_begin(const struct history *h);

/*
 * Points iov at the bytes from offset from, which must be between
 * history_begin and end, to the end. Returns how many entries it took, at
 * most 2; 0 when from is the end. Valid until the next history_add.
 */
int history_span(const struct history *h, uint64_t from, struct iovec iov[2]);

#endif
