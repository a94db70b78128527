/* SPDX-License-Identifier: MIT */
/*
 * The page a guest shares with us: 2048 bytes of output, 1024 of input, four
 * free-running indices. Everything in the page is the guest's to change at
 * any time, so each of its two indices is read once a call and checked, and
 * our own two live here.
 */
#ifndef XN_CONSOLE_RING_H
#define XN_CONSOLE_RING_H

#include <stddef.h>
#include <stdint.h>

#define RING_OUT_BYTES 2048
#define RING_IN_BYTES  1024

struct xencons_interface;

struct ring {
	struct xencons_interface *page; /* borrowed */
	uint32_t out_cons;
	uint32_t in_prod;
};

/*
 * How many bytes lie between two indices of a ring of size bytes, or -EPROTO
 * when there is no room for so many. Pure.
 */
int ring_filled(uint32_t prod, uint32_t cons, uint32_t size);

/*
 * Starts where the page's indices stand: at 0 with a new guest, where our
 * predecessor stopped after it died. The only time our own are read there.
 */
void ring_init(struct ring *r, struct xencons_interface *page);

/*
 * Copies all that the guest has written to out. Returns how many bytes, or
 * -EPROTO when the indices are impossible. They stay the successor's to take
 * again, should we die, until ring_release gives the guest their room back;
 * after that it is to be notified.
 */
int ring_take(struct ring *r, char out[RING_OUT_BYTES]);
void ring_release(struct ring *r);

/* How many bytes of input the guest has room for, or -EPROTO. */
int ring_room(const struct ring *r);

/*
 * Gives the guest input. Returns how many bytes went in (fewer than size when
 * there was no room for more), or -EPROTO. After a count over 0 the guest is
 * to be notified.
 */
int ring_put(struct ring *r, const char *data, size_t size);

#endif
