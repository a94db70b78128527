/* SPDX-License-Identifier: MIT */
/*
 * Which of this process's vifs are reached directly, by address: a bridge's
 * forwarding database. Nothing in it is learned: an address is a guest's
 * because xnd has said so, and no frame that a guest sends can change whose it
 * is. What it does not know goes to the tap, where the bridge decides.
 *
 * Each sender holds it for reading from the look-up to the end of the
 * delivery; so once a vif has left (fdb_leave), nobody is within its queues and
 * nobody will be. Whoever changes it comes before those who wait to read.
 */
#ifndef XN_NET_FDB_H
#define XN_NET_FDB_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chan/msg.h"

#define FDB_MEMBERS 32u

struct queue;

struct fdb;

/* A vif, as the others see it. */
struct fdb_member {
	struct fdb *fdb;       /* borrowed */
	unsigned int number;   /* below FDB_MEMBERS */
	uint32_t segment;      /* only within one; 0: it has left */
	uint32_t mtu;	       /* of the segment */
	uint8_t mac[6];	       /* the guest's */
	unsigned int n_queues; /* that frames can be given to; 0: it sends */
	struct queue *queues[MSG_NET_QUEUES_MAX]; /* borrowed; they serve */
	_Atomic unsigned int peers; /* others to whom it could send */
};

/* All of it belongs to whoever holds the lock, but for the peers. */
struct fdb {
	pthread_rwlock_t lock;
	uint32_t changes; /* so far; it may wrap */
	struct fdb_member members[FDB_MEMBERS];
};

/* All are in no segment. 0 or -errno. */
int fdb_open(struct fdb *f);
/* When nobody uses it any more. */
void fdb_close(struct fdb *f);

/*
 * Makes a member what terms say from now on; of a segment 0, or without a
 * cable, it leaves. The n queues (borrowed) serve until it has.
 */
void fdb_join(struct fdb_member *m, const struct msg_net_terms *terms,
	      struct queue *const *queues, unsigned int n);

/* Waits for deliveries that are under way. Fine when it has left. */
void fdb_leave(struct fdb_member *m);

/* Whether it can be worth looking anything up: of any thread, without lock. */
static inline bool fdb_has_peers(const struct fdb_member *m)
{
	return atomic_load_explicit(&m->peers, memory_order_relaxed) != 0;
}

/*
 * Holds the members as they are. Returns a number that is another one after
 * each change.
 */
uint32_t fdb_hold(struct fdb_member *m);
void fdb_release(struct fdb_member *m);

/*
 * While held: to whom m's frame goes directly. head: its first bytes, at least
 * ETHER_HDR_LEN; size: of the whole frame; gso: it is yet to be cut. NULL, for
 * the tap, when it is not unicast from m's own address to the address of another
 * that takes frames in the same segment, when it has a VLAN tag (what that
 * means the bridge knows), or is larger than the segment takes.
 */
struct fdb_member *fdb_find(struct fdb_member *m, const uint8_t *head,
			    size_t size, bool gso);

#endif
