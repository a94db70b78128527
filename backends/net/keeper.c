/* SPDX-License-Identifier: MIT */
/* A guest's wishes, shared, and journalled at each change. */
#include "keeper.h"

#include "tx_chain.h"
#include "xen/abi.h"

int keeper_open(struct keeper *k, int fd, unsigned int n_queues, struct err *e)
{
	int rc = journal_open(&k->journal, fd, n_queues, &k->wishes, e);

	if (rc == 0)
		atomic_store_explicit(&k->version, 1, memory_order_relaxed);
	return rc;
}

void keeper_close(struct keeper *k)
{
	journal_close(&k->journal);
}

void keeper_look(struct keeper *k, struct keeper_copy *copy)
{
	if (atomic_load_explicit(&k->version, memory_order_relaxed) ==
	    copy->version)
		return;
	pthread_mutex_lock(&k->lock);
	copy->version = atomic_load_explicit(&k->version, memory_order_relaxed);
	copy->wishes = k->wishes;
	pthread_mutex_unlock(&k->lock);
}

/* With the lock held. */
static void keep(struct keeper *k)
{
	journal_write(&k->journal, &k->wishes);
	atomic_fetch_add_explicit(&k->version, 1, memory_order_relaxed);
}

int keeper_add(struct keeper *k, const uint8_t address[6])
{
	int rc;

	pthread_mutex_lock(&k->lock);
	rc = wishes_add(&k->wishes, address);
	if (rc == 0)
		keep(k);
	pthread_mutex_unlock(&k->lock);
	return rc;
}

void keeper_delete(struct keeper *k, const uint8_t address[6])
{
	pthread_mutex_lock(&k->lock);
	wishes_delete(&k->wishes, address);
	keep(k);
	pthread_mutex_unlock(&k->lock);
}

void keeper_set_hash(struct keeper *k, const struct wishes_hash *h)
{
	pthread_mutex_lock(&k->lock);
	k->wishes.hash = *h;
	keep(k);
	pthread_mutex_unlock(&k->lock);
}

int16_t keeper_obey(struct keeper *k, const struct tx_extras *extras)
{
	if (extras->multicast == XEN_NETIF_EXTRA_TYPE_MCAST_DEL)
		keeper_delete(k, extras->address);
	else if (keeper_add(k, extras->address) < 0)
		return NETIF_RSP_ERROR;
	return NETIF_RSP_OKAY;
}
