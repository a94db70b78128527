/* SPDX-License-Identifier: MIT */
/* Which of this process's vifs are reached directly, by address. */
#include "fdb.h"

#include <string.h>
#include <net/ethernet.h>

#define TYPE_8021AD 0x88a8
#define GROUP_BIT   1u /* of an address's first byte: multicast */

int fdb_open(struct fdb *f)
{
	pthread_rwlockattr_t kind;
	unsigned int i;
	int r;

	memset(f, 0, sizeof(*f));
	for (i = 0; i < FDB_MEMBERS; i++) {
		f->members[i].fdb = f;
		f->members[i].number = i;
	}
	r = pthread_rwlockattr_init(&kind);
	if (r != 0)
		return -r;
	/* Guests that send without end must not keep another from leaving. */
	pthread_rwlockattr_setkind_np(
		&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	r = pthread_rwlock_init(&f->lock, &kind);
	pthread_rwlockattr_destroy(&kind);
	return -r;
}

void fdb_close(struct fdb *f)
{
	pthread_rwlock_destroy(&f->lock);
}

static bool is_peer(const struct fdb_member *m, const struct fdb_member *other)
{
	return m != other && m->segment && m->segment == other->segment &&
	       other->n_queues;
}

static void count_peers(struct fdb *f, struct fdb_member *m)
{
	unsigned int i, n = 0;

	for (i = 0; i < FDB_MEMBERS; i++)
		n += is_peer(m, &f->members[i]);
	atomic_store_explicit(&m->peers, n, memory_order_relaxed);
}

/* After every change, with the lock held. */
static void note_change(struct fdb *f)
{
	unsigned int i;

	f->changes++;
	for (i = 0; i < FDB_MEMBERS; i++)
		count_peers(f, &f->members[i]);
}

/*
 * A guest can have its terms said again at any time, which is not to cost the
 * others anything. Nobody but the thread that joins and leaves writes these.
 */
static bool is_so_already(const struct fdb_member *m,
			  const struct msg_net_terms *terms,
			  struct queue *const *queues, unsigned int n)
{
	return m->segment == terms->segment && m->mtu == terms->mtu &&
	       memcmp(m->mac, terms->mac, sizeof(m->mac)) == 0 &&
	       m->n_queues == n &&
	       memcmp(m->queues, queues, n * sizeof(*queues)) == 0;
}

void fdb_join(struct fdb_member *m, const struct msg_net_terms *terms,
	      struct queue *const *queues, unsigned int n)
{
	struct fdb *f = m->fdb;
	unsigned int i;

	if (terms->segment == 0 || terms->flags & MSG_NET_UNPLUGGED) {
		fdb_leave(m);
		return;
	}
	if (is_so_already(m, terms, queues, n))
		return;
	pthread_rwlock_wrlock(&f->lock);
	m->segment = terms->segment;
	m->mtu = terms->mtu;
	memcpy(m->mac, terms->mac, sizeof(m->mac));
	m->n_queues = n;
	for (i = 0; i < n; i++)
		m->queues[i] = queues[i];
	note_change(f);
	pthread_rwlock_unlock(&f->lock);
}

void fdb_leave(struct fdb_member *m)
{
	struct fdb *f = m->fdb;

	pthread_rwlock_wrlock(&f->lock);
	if (m->segment) {
		m->segment = 0;
		note_change(f);
	}
	pthread_rwlock_unlock(&f->lock);
}

uint32_t fdb_hold(struct fdb_member *m)
{
	pthread_rwlock_rdlock(&m->fdb->lock);
	return m->fdb->changes;
}

void fdb_release(struct fdb_member *m)
{
	pthread_rwlock_unlock(&m->fdb->lock);
}

static bool is_tagged(const struct ether_header *header)
{
	const uint8_t *type = (const uint8_t *)&header->ether_type;
	const uint16_t value = (uint16_t)(type[0] << 8 | type[1]);

	return value == ETHERTYPE_VLAN || value == TYPE_8021AD;
}

/* The one that has this address, if there is one and no other. */
static struct fdb_member *find_peer(struct fdb_member *m, const uint8_t *mac)
{
	struct fdb *f = m->fdb;
	struct fdb_member *found = NULL;
	unsigned int i;

	for (i = 0; i < FDB_MEMBERS; i++) {
		struct fdb_member *other = &f->members[i];

		if (!is_peer(m, other) ||
		    memcmp(other->mac, mac, ETHER_ADDR_LEN) != 0)
			continue;
		if (found)
			return NULL;
		found = other;
	}
	return found;
}

struct fdb_member *fdb_find(struct fdb_member *m, const uint8_t *head,
			    size_t size, bool gso)
{
	const struct ether_header *header = (const void *)head;
	struct fdb_member *to;

	if (header->ether_dhost[0] & GROUP_BIT || is_tagged(header) ||
	    memcmp(header->ether_shost, m->mac, ETHER_ADDR_LEN) != 0)
		return NULL;
	to = find_peer(m, header->ether_dhost);
	/* As the bridge does: it is the other end that counts. */
	if (to && !gso && size > (size_t)to->mtu + ETHER_HDR_LEN)
		return NULL;
	return to;
}
