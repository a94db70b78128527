/* SPDX-License-Identifier: MIT */
/*
 * A guest's wishes, shared by the queues that hear of them and those that go
 * by them: each change is in the journal before the guest is told that it was
 * heard. Readers keep a copy of their own and see by a number whether it has
 * grown old, so that no frame takes a lock.
 */
#ifndef XN_NET_KEEPER_H
#define XN_NET_KEEPER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "journal.h"
#include "wishes.h"

struct err;
struct tx_extras;

/* All that is in it belongs to whoever holds the lock, but for version. */
struct keeper {
	pthread_mutex_t lock;
	struct journal journal;
	struct wishes wishes;
	_Atomic uint32_t version; /* 0: nothing has been wished yet */
};

/* A keeper that is closed. */
#define KEEPER_CLOSED                             \
	{                                         \
		.lock = PTHREAD_MUTEX_INITIALIZER \
	}

/* What a reader has of it. All zero to begin with: no wishes. */
struct keeper_copy {
	uint32_t version;
	struct wishes wishes;
};

/*
 * Goes on with what the journal behind fd (borrowed) holds, see journal_open.
 * Before any thread but the caller's knows of it, as keeper_close after.
 */
int keeper_open(struct keeper *k, int fd, unsigned int n_queues, struct err *e);

/* Fine when closed. */
void keeper_close(struct keeper *k);

/* Brings a copy up to date, from any thread. */
void keeper_look(struct keeper *k, struct keeper_copy *copy);

/* As wishes_add and wishes_delete, from any thread. */
int keeper_add(struct keeper *k, const uint8_t address[6]);
void keeper_delete(struct keeper *k, const uint8_t address[6]);

/* What a guest says of the filter: tx_chain.h. Its answer, NETIF_RSP_…. */
int16_t keeper_obey(struct keeper *k, const struct tx_extras *extras);

/* What is wished of hashes is now this, which is sound. */
void keeper_set_hash(struct keeper *k, const struct wishes_hash *h);

#endif
