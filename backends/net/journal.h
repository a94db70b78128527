/* SPDX-License-Identifier: MIT */
/*
 * A guest's wishes in a file of MSG_NET_JOURNAL_BYTES, where a worker's
 * successor finds them, as it does what the rings are about to be answered
 * (answers.h): two copies, each with a number and a seal, written in
 * turn, so that a worker killed in the middle of one has left the other. As a
 * disk's journal it needs no fsync: a killed process's shared pages outlive it.
 *
 * The file was written by a program that may have been taken over by its
 * guest: a copy is used only when it is sound (wishes_are_sound), whatever its
 * seal says. Nothing in it can be worth more to that guest than what it may
 * wish for anyway.
 */
#ifndef XN_NET_JOURNAL_H
#define XN_NET_JOURNAL_H

#include <stdint.h>

#include "answers.h"
#include "wishes.h"

struct err;
struct journal_file;

struct journal {
	struct journal_file *map; /* owned; NULL when closed */
	uint64_t number;	  /* of the last copy written */
};

/*
 * Maps the file behind fd, which the caller keeps and may close, and reads
 * the newest sound copy into *w: none and no error when the file is new. 0, or
 * -errno with *e set: EUCLEAN when it is too small, is no journal, or has no
 * sound copy for so many queues.
 */
int journal_open(struct journal *j, int fd, unsigned int n_queues,
		 struct wishes *w, struct err *e);

/* Fine when closed, and when all zero. */
void journal_close(struct journal *j);

/* What a successor will find from here on. */
void journal_write(struct journal *j, const struct wishes *w);

/* The rings of each queue. */
enum journal_ring { JOURNAL_TX, JOURNAL_RX, JOURNAL_RINGS };

/* Its part of an open journal, for the thread that answers the ring. */
struct answers_kept *journal_answers(const struct journal *j,
				     unsigned int queue,
				     enum journal_ring ring);

/* The same for the control ring. */
struct answers_kept *journal_ctrl_answers(const struct journal *j);

#endif
