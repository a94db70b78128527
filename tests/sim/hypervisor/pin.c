/* SPDX-License-Identifier: MIT */
/*
 * Grants in use. While anyone maps or copies a grant, the frame is the one its
 * entry named at first, and the entry carries GTF_reading, and GTF_writing as
 * long as one of the users writes: version 1 of the table, as Xen's
 * common/grant_table.c treats it. The granting domain may rewrite its entry at
 * any time, so flags and domid are read and set as one word.
 */
#include "tests/sim/hypervisor/hypervisor.h"

#include <stdlib.h>

#define BUCKETS 8192
#define ENTRIES (4096 / sizeof(struct entry))
#define TRIES	5 /* then the granting domain is playing with the entry */

/* grant_entry_v1_t, in the units that it is accessed by. */
struct entry {
	uint32_t head; /* flags, and domid << 16 */
	uint32_t frame;
};

struct pin {
	LIST_ENTRY(pin) link;
	uint32_t domid; /* of the granting domain */
	uint32_t ref;
	uint32_t by;
	uint64_t frame;
	uint32_t users;
	uint32_t writers;
};

static LIST_HEAD(, pin) buckets[BUCKETS];

static uint32_t bucket_of(uint32_t domid, uint32_t ref)
{
	return (domid * 257 + ref) % BUCKETS;
}

static struct pin *pin_find(uint32_t domid, uint32_t ref)
{
	struct pin *p;

	LIST_FOREACH(p, &buckets[bucket_of(domid, ref)], link)
		if (p->domid == domid && p->ref == ref)
			return p;
	return NULL;
}

/* NULL: the table has no such entry. */
static struct entry *entry_at(const struct domain *d, uint32_t ref)
{
	struct entry *entries;

	if (ref / ENTRIES >= d->n_grant_frames)
		return NULL;
	entries = memory_at(d, d->grant_frames[ref / ENTRIES]);
	return entries ? &entries[ref % ENTRIES] : NULL;
}

static void entry_clear(struct entry *entry, uint32_t flags)
{
	__atomic_fetch_and(&entry->head, ~flags, __ATOMIC_SEQ_CST);
}

/* first: the entry has not been looked at for another user. */
static int16_t entry_mark(struct entry *entry, uint32_t by, bool writable,
			  bool first)
{
	uint32_t was = __atomic_load_n(&entry->head, __ATOMIC_SEQ_CST);
	uint32_t marks = GTF_reading | (writable ? GTF_writing : 0);
	unsigned int tries;

	for (tries = 0; tries < TRIES; tries++) {
		if (first && ((was & GTF_type_mask) != GTF_permit_access ||
			      was >> 16 != by))
			return GNTST_general_error;
		if (writable && (was & GTF_readonly))
			return GNTST_general_error;
		if (__atomic_compare_exchange_n(&entry->head, &was, was | marks,
						false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			return GNTST_okay;
	}
	return GNTST_general_error;
}

/* Of a grant that nobody uses so far. */
static int16_t pin_new(struct domain *d, struct entry *entry, uint32_t ref,
		       uint32_t by, bool writable, struct pin **pin)
{
	int16_t status = entry_mark(entry, by, writable, true);
	uint64_t frame;
	struct pin *p;

	if (status != GNTST_okay)
		return status;
	frame = __atomic_load_n(&entry->frame, __ATOMIC_SEQ_CST);
	if (d->dying || !memory_at(d, frame)) {
		entry_clear(entry, GTF_reading | GTF_writing);
		return GNTST_bad_page;
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		entry_clear(entry, GTF_reading | GTF_writing);
		return GNTST_no_space;
	}
	p->domid = d->domid;
	p->ref = ref;
	p->by = by;
	p->frame = frame;
	LIST_INSERT_HEAD(&buckets[bucket_of(d->domid, ref)], p, link);
	*pin = p;
	return GNTST_okay;
}

int16_t pin_take(const struct domain *by, uint32_t domid, uint32_t ref,
		 bool writable, struct pin **pin)
{
	struct domain *d = domain_find(domid);
	struct pin *p = pin_find(domid, ref);
	int16_t status = GNTST_okay;
	struct entry *entry;

	if (!d)
		return GNTST_bad_domain;
	entry = entry_at(d, ref);
	if (!entry)
		return GNTST_bad_gntref;
	if (p && p->by != by->domid)
		return GNTST_general_error;
	if (!p)
		status = pin_new(d, entry, ref, by->domid, writable, &p);
	else if (writable && !p->writers)
		status = entry_mark(entry, by->domid, true, false);
	if (status != GNTST_okay)
		return status;

	p->users++;
	p->writers += writable;
	d->grants_mapped++;
	*pin = p;
	return GNTST_okay;
}

void pin_put(struct pin *p, bool writable)
{
	struct domain *d = domain_find(p->domid);
	struct entry *entry = d ? entry_at(d, p->ref) : NULL;
	uint32_t clear = 0;

	if (writable && --p->writers == 0)
		clear |= GTF_writing;
	if (--p->users == 0) {
		clear |= GTF_reading;
		LIST_REMOVE(p, link);
		free(p);
	}
	if (entry)
		entry_clear(entry, clear);
	if (d && --d->grants_mapped == 0 && d->dying)
		domain_grants_gone(d);
}

uint64_t pin_frame(const struct pin *p)
{
	return p->frame;
}
