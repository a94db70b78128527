/* SPDX-License-Identifier: MIT */
/* Making, opening and writing a journal. What it tells is in journal_replay.c. */
#include "journal.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/err.h"

#define UNIT sizeof(struct journal_entry)

_Static_assert(UNIT == MSG_BLK_JOURNAL_UNIT, "entry");
_Static_assert(sizeof(struct journal_header) == UNIT, "header");
_Static_assert(sizeof(struct journal_area) == UNIT, "head of an area");
_Static_assert(sizeof(struct journal_entry) == 128, "two cache lines");

#define SEAL_FACTOR 0x9e3779b97f4a7c15ull /* odd: no difference is lost */

uint32_t journal_seal(const struct journal_entry *entry)
{
	uint64_t words[JOURNAL_REQUEST_BYTES / 8];
	uint64_t a = entry->number, b = ~entry->number;
	unsigned int i;

	memcpy(words, entry->request, sizeof(words));
	for (i = 0; i < JOURNAL_REQUEST_BYTES / 8; i += 2) {
		a = (a ^ words[i]) * SEAL_FACTOR;
		b = (b ^ words[i + 1]) * SEAL_FACTOR;
	}
	a = (a ^ (b >> 32 | b << 32)) * SEAL_FACTOR;
	return (uint32_t)(a >> 32 ^ a);
}

/* ---- opening ---- */

static int check_geometry(const struct journal_geometry *g, struct err *e)
{
	if (g->queues - 1 >= JOURNAL_QUEUES_MAX ||
	    g->requests - 1 >= JOURNAL_REQUESTS_MAX)
		return err_set(e, EINVAL,
			       "journal: cannot be for %u queues of %u "
			       "requests",
			       g->queues, g->requests);
	return 0;
}

static int check_file(int fd, size_t bytes, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "journal: cannot look at it");
	if (!S_ISREG(st.st_mode))
		return err_set(e, EUCLEAN, "journal: not a regular file");
	if ((uint64_t)st.st_size < bytes)
		return err_set(e, EUCLEAN,
			       "journal: has %llu bytes, fewer than the %zu "
			       "needed",
			       (unsigned long long)st.st_size, bytes);
	return 0;
}

static int check_header(const struct journal_header *h,
			const struct journal_geometry *g, uint32_t generation,
			struct err *e)
{
	if (h->magic != JOURNAL_MAGIC)
		return err_set(e, EUCLEAN,
			       "journal: begins with %#llx, so it "
			       "is none",
			       (unsigned long long)h->magic);
	if (h->version != JOURNAL_VERSION)
		return err_set(e, EUCLEAN,
			       "journal: of version %u, only %u is known",
			       h->version, JOURNAL_VERSION);
	if (h->queues != g->queues || h->requests != g->requests)
		return err_set(e, EUCLEAN,
			       "journal: for %u queues of %u requests, not "
			       "for %u of %u",
			       h->queues, h->requests, g->queues, g->requests);
	if (h->generation >= generation)
		return err_set(e, EUCLEAN,
			       "journal: already used by worker number %u, "
			       "and we are number %u",
			       h->generation, generation);
	return 0;
}

static int begin(struct journal_header *h, const struct journal_geometry *g,
		 uint32_t generation, struct err *e)
{
	int rc;

	if (h->magic != 0) {
		rc = check_header(h, g, generation, e);
		if (rc == 0)
			h->generation = generation;
		return rc;
	}
	h->version = JOURNAL_VERSION;
	h->queues = g->queues;
	h->requests = g->requests;
	h->generation = generation;
	__atomic_store_n(&h->magic, JOURNAL_MAGIC, __ATOMIC_RELEASE);
	return 0;
}

int journal_open(struct journal *j, int fd, const struct journal_geometry *g,
		 uint32_t generation, struct err *e)
{
	uint8_t *at;
	uint32_t i;
	int rc = check_geometry(g, e);

	*j = (struct journal){0};
	if (rc < 0)
		return rc;
	j->bytes = MSG_BLK_JOURNAL_BYTES(g->queues, g->requests);
	rc = check_file(fd, j->bytes, e);
	if (rc < 0)
		return rc;
	at = mmap(NULL, j->bytes, PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_POPULATE, fd, 0);
	if (at == MAP_FAILED)
		return err_errno(e, errno, "journal: cannot map it");
	j->map = at;
	rc = begin(j->map, g, generation, e);
	if (rc < 0) {
		journal_close(j);
		return rc;
	}
	j->queues = g->queues;
	at += UNIT;
	for (i = 0; i < g->queues; i++) {
		j->queue[i].area = (struct journal_area *)at;
		j->queue[i].requests = g->requests;
		at += (1 + g->requests) * UNIT;
	}
	return 0;
}

void journal_close(struct journal *j)
{
	if (j->map)
		munmap(j->map, j->bytes);
	*j = (struct journal){0};
}

/* ---- writing ---- */

static void mark(struct journal_entry *entry, uint32_t value)
{
	__atomic_store_n(&entry->mark, value, __ATOMIC_RELEASE);
}

void journal_take(struct journal_queue *q, unsigned int entry,
		  const void *request)
{
	struct journal_entry *at = &q->area->entries[entry];

	assert(entry < q->requests && at->mark == JOURNAL_FREE);
	at->number = q->next++;
	memcpy(at->request, request, sizeof(at->request));
	at->seal = journal_seal(at);
	mark(at, JOURNAL_TAKEN);
}

void journal_commit(struct journal_queue *q)
{
	__atomic_store_n(&q->area->taken, q->next, __ATOMIC_RELEASE);
}

void journal_answer(struct journal_queue *q, unsigned int entry, uint32_t i)
{
	struct journal_entry *at = &q->area->entries[entry];

	assert(entry < q->requests && at->mark == JOURNAL_TAKEN);
	mark(at, i << JOURNAL_STATE_BITS | JOURNAL_ANSWERED);
}

void journal_drop(struct journal_queue *q, unsigned int entry)
{
	mark(&q->area->entries[entry], JOURNAL_FREE);
}
