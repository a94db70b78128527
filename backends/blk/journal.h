/* SPDX-License-Identifier: MIT */
/*
 * What a disk's worker has taken from its rings and not answered yet, kept
 * where a successor finds it when the worker is killed: a file on a tmpfs,
 * made by xnd, mapped shared. Nothing here makes a system call once the file
 * is mapped.
 *
 * A request's way, and what a successor does with it when the worker dies
 * right afterwards:
 *
 *   journal_take    copied; not counted          taken again from the ring
 *   journal_commit  all copied so far count      issued again
 *     (only now may it be acted on)
 *   journal_answer  will be response number i    issued again, unless the
 *                                                ring's rsp_prod has passed i
 *     (only now may rsp_prod be moved past i)
 *   journal_drop    its place is free            it is over
 *
 * Why this needs neither fsync nor a checksum of the whole: a process killed
 * has carried out all of its instructions up to one and none after it, whole
 * stores in the program's order, and its shared pages outlive it in the page
 * cache. So it is enough that each step ends in one aligned store, released
 * after those before it. (A host that loses power loses its guests too.)
 *
 * The file is written by a program that may have been scribbling over its own
 * memory before it died, or been taken over by its guest: everything in it is
 * checked before it is used (journal_replay), and each request is sealed.
 */
#ifndef XN_BLK_JOURNAL_H
#define XN_BLK_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal_file.h"

struct err;

struct journal_geometry {
	uint32_t queues;   /* 1 to JOURNAL_QUEUES_MAX */
	uint32_t requests; /* that a queue can have outstanding, from 1 to
			      JOURNAL_REQUESTS_MAX */
};

/* One queue's part, for one thread. */
struct journal_queue {
	struct journal_area *area; /* in the mapping */
	uint32_t requests;	   /* entries in it */
	uint64_t next;		   /* number of the next request to be taken */
};

struct journal {
	void *map; /* owned; NULL when closed */
	size_t bytes;
	uint32_t queues;
	struct journal_queue queue[JOURNAL_QUEUES_MAX];
};

/* How a queue was left. */
struct journal_backlog {
	bool begun;	   /* a predecessor has used it */
	uint32_t req_cons; /* where in the ring to go on taking */
	uint32_t n;
	uint16_t entries[JOURNAL_REQUESTS_MAX]; /* in the order of taking */
};

/*
 * Maps the file behind fd, which the caller keeps and may close. A new file
 * (all zero) becomes a journal of this geometry; any other must be one, of an
 * earlier generation (1 is a connection's first worker). Each queue is to be
 * replayed before it is used. 0, or -errno with *e set: EUCLEAN for a file
 * that is no journal, or another's.
 */
int journal_open(struct journal *j, int fd, const struct journal_geometry *g,
		 uint32_t generation, struct err *e);

/* Fine when closed, and when all zero. */
void journal_close(struct journal *j);

/*
 * Finds what a predecessor has left of this queue, and makes q ready for use.
 * rsp_prod: as it stands in the ring, which is the truth about what has been
 * answered. Fills *b with what is to be issued again: entry numbers below
 * q->requests, each once, all of them taken and not answered; nothing may be
 * pushed before this has returned. In a queue that was never used, req_cons
 * is rsp_prod. 0, or -EUCLEAN with *e set, and the file unchanged, when
 * journal and ring cannot both be true. May itself be killed, and repeated.
 */
int journal_replay(struct journal_queue *q, uint32_t rsp_prod,
		   struct journal_backlog *b, struct err *e);

/* Copies the request of an entry from *b. What it says is unchecked. */
void journal_read(const struct journal_queue *q, unsigned int entry,
		  void *request);

/*
 * The next request of the ring goes into a free entry. request: a private
 * copy, of JOURNAL_REQUEST_BYTES.
 */
void journal_take(struct journal_queue *q, unsigned int entry,
		  const void *request);

/* To be called before any request taken is acted on, or answered. */
void journal_commit(struct journal_queue *q);

/*
 * The entry's answer stands in the ring as response number i, and is about to
 * be shown to the guest.
 */
void journal_answer(struct journal_queue *q, unsigned int entry, uint32_t i);

/* The guest has been shown the answer: the entry is free. */
void journal_drop(struct journal_queue *q, unsigned int entry);

#endif
