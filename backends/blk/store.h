/* SPDX-License-Identifier: MIT */
/*
 * Where a disk's data is: a table of what a queue asks of it. Operations are
 * prepared one by one and handed over together by submit; each ends once,
 * with what reap says of it. At most STORE_DEPTH may be outstanding. All but
 * close is for the one thread that listens.
 */
#ifndef XN_BLK_STORE_H
#define XN_BLK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <event2/event.h>

#define STORE_DEPTH   512 /* a request each, of the largest ring */
#define STORE_BUFFERS 4
#define STORE_BATCH   64 /* reaped at a time */

/* tag: as given when the operation was prepared. result: bytes, or -errno. */
struct store_done {
	uint64_t tag;
	int result;
};

struct store {
	const struct store_ops *ops;
};

struct store_ops {
	/*
	 * From here on on_done is called from the loop, with arg, whenever
	 * there may be something to reap. Comes once and first. 0 or -errno.
	 */
	int (*listen)(struct store *s, struct event_base *base,
		      event_callback_fn on_done, void *arg);

	/*
	 * Says that the buffer of this number, less than STORE_BUFFERS, is
	 * this memory (borrowed until unpin, or close). Nothing may be
	 * outstanding in a buffer that is unpinned.
	 */
	void (*pin)(struct store *s, unsigned int buffer, void *memory,
		    size_t bytes);
	void (*unpin)(struct store *s, unsigned int buffer);

	/* offset is into the image; at lies in the buffer of this number. */
	void (*read)(struct store *s, uint64_t tag, unsigned int buffer,
		     void *at, uint32_t bytes, uint64_t offset);

	/* durable: on the disk itself, not in a cache, once this is done. */
	void (*write)(struct store *s, uint64_t tag, unsigned int buffer,
		      const void *at, uint32_t bytes, uint64_t offset,
		      bool durable);

	/* What has been done so far is on the disk once this is done. */
	void (*flush)(struct store *s, uint64_t tag);

	/* Nobody needs these bytes any more. It may take until it is done. */
	void (*discard)(struct store *s, uint64_t tag, uint64_t offset,
			uint64_t bytes);

	/*
	 * Hands over what was prepared; costs nothing when that is nothing. 0,
	 * or -errno: -EAGAIN when the kernel is short of memory now (call it
	 * again), anything else for good.
	 */
	int (*submit)(struct store *s);

	/*
	 * As submit; then waits, for so many nanoseconds at most, until there
	 * is something to reap. NULL: it cannot wait.
	 */
	int (*wait)(struct store *s, uint64_t ns);

	/* Fills done with at most max, up to STORE_BATCH. How many. */
	unsigned int (*reap)(struct store *s, struct store_done *done,
			     unsigned int max);

	/*
	 * Frees. No memory that it was given is touched any more once this
	 * has returned.
	 */
	void (*close)(struct store *s);
};

#endif
