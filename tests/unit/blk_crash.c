/* SPDX-License-Identifier: MIT */
/* The guest, the worker and the judge. */
#include "tests/unit/blk_crash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/blk/journal.h"
#include "base/err.h"

static const struct journal_geometry geometry = {1, CRASH_SLOTS};

struct worker {
	struct crash_world *w;
	struct journal journal;
	struct journal_queue *q;
	uint32_t req_cons, rsp_prod;
	bool busy[CRASH_SLOTS];
	uint32_t id[CRASH_SLOTS];
	unsigned int steps; /* left */
	unsigned int turn;
};

struct crash_world *crash_world(uint8_t *map)
{
	return (struct crash_world *)(map + CRASH_JOURNAL_BYTES);
}

int crash_new(uint8_t **map)
{
	int file = memfd_create("crash", MFD_CLOEXEC);
	struct crash_world *w;

	assert_true(file >= 0);
	assert_int_equal(ftruncate(file, CRASH_BYTES), 0);
	*map = mmap(NULL, CRASH_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file,
		    0);
	assert_ptr_not_equal(*map, MAP_FAILED);
	w = crash_world(*map);
	w->req_prod = CRASH_START;
	w->rsp_prod = CRASH_START;
	w->seen = CRASH_START;
	return file;
}

/* ---- the guest ---- */

static uint32_t placed(const struct crash_world *w)
{
	return w->req_prod - CRASH_START;
}

/* Request number n has the id n, and index CRASH_START + n. */
static void guest_collect(struct crash_world *w)
{
	while (w->seen != w->rsp_prod) {
		w->answers[w->seen - CRASH_START] =
			w->ring[w->seen % CRASH_RING];
		w->seen++;
	}
}

static void guest_place(struct crash_world *w, unsigned int max)
{
	while (max-- > 0 && placed(w) < CRASH_REQUESTS &&
	       w->req_prod - w->seen < CRASH_RING) {
		w->ring[w->req_prod % CRASH_RING] = placed(w);
		w->req_prod++;
	}
}

/* ---- the worker ---- */

static bool step(struct worker *k)
{
	if (k->steps == 0)
		return false;
	k->steps--;
	return true;
}

static void issue(struct worker *k, unsigned int slot)
{
	uint8_t request[JOURNAL_REQUEST_BYTES];

	journal_read(k->q, slot, request);
	memcpy(&k->id[slot], request, sizeof(k->id[slot]));
	k->busy[slot] = true;
	k->w->issued[k->id[slot]]++;
}

static bool take(struct worker *k)
{
	unsigned int taken[CRASH_SLOTS], n = 0, slot;

	for (slot = 0; slot < CRASH_SLOTS && k->req_cons != k->w->req_prod;
	     slot++) {
		uint8_t request[JOURNAL_REQUEST_BYTES] = {0};
		uint32_t id = k->w->ring[k->req_cons % CRASH_RING];

		if (k->busy[slot])
			continue;
		memcpy(request, &id, sizeof(id));
		if (!step(k))
			return false;
		journal_take(k->q, slot, request);
		k->req_cons++;
		taken[n++] = slot;
	}
	if (!step(k))
		return false;
	journal_commit(k->q);
	while (n-- > 0)
		issue(k, taken[n]);
	return true;
}

/* Answers up to max, beginning with another slot each time. */
static bool answer(struct worker *k, unsigned int max)
{
	unsigned int done[CRASH_SLOTS], n = 0, i;

	for (i = 0; i < CRASH_SLOTS && n < max; i++) {
		unsigned int slot = (k->turn * 3 + i) % CRASH_SLOTS;

		if (!k->busy[slot])
			continue;
		k->w->ring[k->rsp_prod % CRASH_RING] = k->id[slot];
		if (!step(k))
			return false;
		journal_answer(k->q, slot, k->rsp_prod++);
		done[n++] = slot;
	}
	if (!step(k))
		return false;
	__atomic_store_n(&k->w->rsp_prod, k->rsp_prod, __ATOMIC_RELEASE);
	while (n-- > 0) {
		if (!step(k))
			return false;
		journal_drop(k->q, done[n]);
		k->busy[done[n]] = false;
	}
	return true;
}

static struct journal_backlog recover(struct worker *k, int file,
				      uint32_t generation)
{
	struct journal_backlog b;
	struct err e;

	if (journal_open(&k->journal, file, &geometry, generation, &e) < 0)
		fail_msg("%s", e.text);
	k->q = &k->journal.queue[0];
	k->rsp_prod = k->w->rsp_prod;
	if (journal_replay(k->q, k->rsp_prod, &b, &e) < 0)
		fail_msg("%s", e.text);
	k->req_cons = b.req_cons;
	return b;
}

bool crash_serve(int file, uint8_t *map, uint32_t generation,
		 unsigned int steps)
{
	struct worker k = {.w = crash_world(map), .steps = steps};
	struct journal_backlog b = recover(&k, file, generation);
	bool alive = true;
	uint32_t i;

	for (i = 0; i < b.n; i++)
		issue(&k, b.entries[i]);
	while (alive && k.w->rsp_prod - CRASH_START < CRASH_REQUESTS) {
		guest_collect(k.w);
		guest_place(k.w, 1 + k.turn % 4);
		alive = take(&k) && answer(&k, 1 + k.turn % 3);
		k.turn++;
	}
	guest_collect(k.w);
	journal_close(&k.journal);
	return alive;
}

/* ---- the judge ---- */

static void note(uint8_t *found, uint32_t id, const char *where)
{
	if (id >= CRASH_REQUESTS || found[id])
		fail_msg("request %u, found %s, is nothing or elsewhere", id,
			 where);
	found[id] = 1;
}

static void note_answers(const struct crash_world *w, uint8_t *found)
{
	uint32_t i;

	for (i = CRASH_START; i != w->seen; i++)
		note(found, w->answers[i - CRASH_START], "seen");
	for (; i != w->rsp_prod; i++)
		note(found, w->ring[i % CRASH_RING], "answered");
}

void crash_check(int file, uint8_t *map, uint32_t generation)
{
	struct worker k = {.w = crash_world(map)};
	struct journal_backlog b = recover(&k, file, generation);
	uint8_t found[CRASH_REQUESTS] = {0};
	uint32_t i;

	note_answers(k.w, found);
	for (i = 0; i < b.n; i++) {
		uint8_t request[JOURNAL_REQUEST_BYTES];
		uint32_t id;

		assert_true(b.entries[i] < CRASH_SLOTS);
		journal_read(k.q, b.entries[i], request);
		memcpy(&id, request, sizeof(id));
		note(found, id, "in the backlog");
	}
	for (i = b.req_cons; i != k.w->req_prod; i++)
		note(found, k.w->ring[i % CRASH_RING], "in the ring");
	for (i = 0; i < placed(k.w); i++)
		if (!found[i])
			fail_msg("request %u of %u is lost", i, placed(k.w));
	journal_close(&k.journal);
}

void crash_check_end(uint8_t *map, const uint8_t *before)
{
	const struct crash_world *w = crash_world(map);
	const struct crash_world *was =
		(const struct crash_world *)(before + CRASH_JOURNAL_BYTES);
	uint8_t answered[CRASH_REQUESTS] = {0};
	uint8_t found[CRASH_REQUESTS] = {0};
	uint32_t i;

	note_answers(was, answered);
	note_answers(w, found);
	for (i = 0; i < CRASH_REQUESTS; i++) {
		assert_int_equal(found[i], 1);
		if (answered[i] && w->issued[i] != was->issued[i])
			fail_msg("request %u was answered, and issued again",
				 i);
	}
}
