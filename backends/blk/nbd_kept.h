/* SPDX-License-Identifier: MIT */
/*
 * Writes that a server has answered and not flushed yet, in their order: what
 * is in its cache goes with it when it is killed, and the guest, which sees
 * no power fail, would never write it again. (qemu-nbd so forgets where in a
 * qcow2 image it has put what was written since the last flush, though the
 * data itself is in the file.) They are written again to the server that
 * comes after.
 */
#ifndef XN_BLK_NBD_KEPT_H
#define XN_BLK_NBD_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#define NBD_KEPT_BYTES (16u << 20) /* of memory, at most */

struct nbd_kept {
	uint8_t *memory; /* owned, a ring; NULL: not needed yet */
	/* Places in it, which only grow; where they are is the remainder. */
	uint64_t begin, end;
};

/* One of them; data is borrowed until it is dropped. */
struct nbd_kept_write {
	uint64_t offset;
	uint32_t bytes;
	const uint8_t *data;
};

/* k is zeroed. Frees; k is as new. */
void nbd_kept_close(struct nbd_kept *k);

/*
 * Copies a write behind the others. bytes: a multiple of eight. False when
 * there is no room for it now.
 */
bool nbd_kept_add(struct nbd_kept *k, uint64_t offset, const void *data,
		  uint32_t bytes);

/* Forgets all those before end, as k->end was at some time. */
void nbd_kept_drop(struct nbd_kept *k, uint64_t end);

/*
 * The write at *place, which is k->begin or what this has left there, or the
 * first if that has been dropped since; *place becomes the next. False when
 * there is none.
 */
bool nbd_kept_next(const struct nbd_kept *k, uint64_t *place,
		   struct nbd_kept_write *w);

/* Half the room is taken: time for a flush. */
bool nbd_kept_is_half_full(const struct nbd_kept *k);

#endif
