/* SPDX-License-Identifier: MIT */
/*
 * Pages that became wanted together are mapped by one call, and what was
 * mapped by one call must be unmapped by one: that is a group, and it is
 * groups that grow old. A hash by reference finds the page.
 */
#include "grants.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/queue.h>

#define GROUP_PAGES 32
#define BUCKETS	    2048

struct entry {
	SLIST_ENTRY(entry) link;     /* of its bucket, or of the unused */
	SLIST_ENTRY(entry) together; /* of its group, or of the wanted */
	uint32_t ref;
	uint8_t *at; /* NULL: wanted only */
	struct group *group;
};

SLIST_HEAD(entry_list, entry);

struct group {
	TAILQ_ENTRY(group) link; /* by age, the oldest first, or the unused */
	struct entry_list entries;
	void *at;
	uint32_t n;
	uint64_t used_ms;
};

struct grants {
	xengnttab_handle *gnttab; /* borrowed */
	uint32_t domid;
	struct entry_list buckets[BUCKETS];
	struct entry_list unused;
	struct entry_list wanted;
	TAILQ_HEAD(, group) groups;
	TAILQ_HEAD(, group) unused_groups;
	uint64_t now_ms;
	uint64_t purged_ms;
	uint64_t failed_ms; /* when a mapping failed; 0: never */
	bool overflow;	    /* something was wanted and had no room */
	struct entry entries[GRANTS_MAX];
	struct group all_groups[GRANTS_MAX];
};

struct grants *grants_new(xengnttab_handle *gnttab, uint32_t domid)
{
	struct grants *g = calloc(1, sizeof(*g));
	unsigned int i;

	if (!g)
		return NULL;
	g->gnttab = gnttab;
	g->domid = domid;
	TAILQ_INIT(&g->groups);
	TAILQ_INIT(&g->unused_groups);
	for (i = 0; i < GRANTS_MAX; i++) {
		SLIST_INSERT_HEAD(&g->unused, &g->entries[i], link);
		TAILQ_INSERT_TAIL(&g->unused_groups, &g->all_groups[i], link);
	}
	return g;
}

static struct entry_list *bucket_of(struct grants *g, uint32_t ref)
{
	return &g->buckets[ref % BUCKETS];
}

static struct entry *entry_find(struct grants *g, uint32_t ref)
{
	struct entry *entry;

	SLIST_FOREACH(entry, bucket_of(g, ref), link)
	if (entry->ref == ref)
		return entry;
	return NULL;
}

static void entry_drop(struct grants *g, struct entry *entry)
{
	SLIST_REMOVE(bucket_of(g, entry->ref), entry, entry, link);
	SLIST_INSERT_HEAD(&g->unused, entry, link);
}

static uint32_t group_drop(struct grants *g, struct group *group)
{
	struct entry *entry;

	xengnttab_unmap(g->gnttab, group->at, group->n);
	while ((entry = SLIST_FIRST(&group->entries))) {
		SLIST_REMOVE_HEAD(&group->entries, together);
		entry_drop(g, entry);
	}
	TAILQ_REMOVE(&g->groups, group, link);
	TAILQ_INSERT_HEAD(&g->unused_groups, group, link);
	return group->n;
}

void grants_free(struct grants *g)
{
	if (!g)
		return;
	while (!TAILQ_EMPTY(&g->groups))
		group_drop(g, TAILQ_FIRST(&g->groups));
	free(g);
}

void grants_begin(struct grants *g, uint64_t now_ms)
{
	uint32_t left = GRANTS_MAX / 20;

	g->now_ms = now_ms;
	if (!g->overflow || now_ms - g->purged_ms < GRANTS_PURGE_MS)
		return;
	g->overflow = false;
	g->purged_ms = now_ms;
	while (left && !TAILQ_EMPTY(&g->groups)) {
		uint32_t n = group_drop(g, TAILQ_FIRST(&g->groups));

		left -= n < left ? n : left;
	}
}

uint8_t *grants_find(struct grants *g, uint32_t ref)
{
	struct entry *entry = entry_find(g, ref);
	struct group *group;

	if (!entry || !entry->at)
		return NULL;
	group = entry->group;
	if (group->used_ms != g->now_ms) {
		group->used_ms = g->now_ms;
		TAILQ_REMOVE(&g->groups, group, link);
		TAILQ_INSERT_TAIL(&g->groups, group, link);
	}
	return entry->at;
}

void grants_want(struct grants *g, uint32_t ref)
{
	struct entry *entry;

	if (entry_find(g, ref))
		return;
	entry = SLIST_FIRST(&g->unused);
	if (!entry) {
		g->overflow = true;
		return;
	}
	SLIST_REMOVE_HEAD(&g->unused, link);
	entry->ref = ref;
	entry->at = NULL;
	SLIST_INSERT_HEAD(bucket_of(g, ref), entry, link);
	SLIST_INSERT_HEAD(&g->wanted, entry, together);
}

/* Takes up to GROUP_PAGES of the wanted. Returns how many. */
static uint32_t group_gather(struct grants *g, struct entry **entries,
			     uint32_t *refs)
{
	struct entry *entry;
	uint32_t n = 0;

	while (n < GROUP_PAGES && (entry = SLIST_FIRST(&g->wanted))) {
		SLIST_REMOVE_HEAD(&g->wanted, together);
		entries[n] = entry;
		refs[n++] = entry->ref;
	}
	return n;
}

static bool may_try(const struct grants *g)
{
	return !g->failed_ms || g->now_ms - g->failed_ms >= GRANTS_PURGE_MS;
}

void grants_map(struct grants *g)
{
	struct entry *entries[GROUP_PAGES];
	uint32_t refs[GROUP_PAGES];
	uint32_t i, n;

	while ((n = group_gather(g, entries, refs))) {
		struct group *group = TAILQ_FIRST(&g->unused_groups);
		uint8_t *at = NULL;

		if (may_try(g))
			at = xengnttab_map_domain_grant_refs(
				g->gnttab, n, g->domid, refs,
				PROT_READ | PROT_WRITE);
		if (!at) {
			if (may_try(g))
				g->failed_ms = g->now_ms ? g->now_ms : 1;
			for (i = 0; i < n; i++)
				entry_drop(g, entries[i]);
			continue;
		}
		TAILQ_REMOVE(&g->unused_groups, group, link);
		TAILQ_INSERT_TAIL(&g->groups, group, link);
		SLIST_INIT(&group->entries);
		group->at = at;
		group->n = n;
		group->used_ms = g->now_ms;
		for (i = 0; i < n; i++) {
			entries[i]->at = at + (size_t)i * XC_PAGE_SIZE;
			entries[i]->group = group;
			SLIST_INSERT_HEAD(&group->entries, entries[i],
					  together);
		}
	}
}

void grants_rest(struct grants *g, uint64_t now_ms)
{
	struct group *group;

	while ((group = TAILQ_FIRST(&g->groups)) &&
	       now_ms - group->used_ms >= GRANTS_IDLE_MS)
		group_drop(g, group);
}
