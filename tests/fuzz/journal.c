/* SPDX-License-Identifier: MIT */
/*
 * The journal of a disk's worker, in two ways: any file at all, and the life
 * of workers that are killed between any two steps, perhaps with a byte of
 * the file changed then. Promise: nothing that was begun is lost, nothing
 * that was answered comes again, and each request at most once; a file that
 * cannot be true is refused in words and left as it is; and what has been
 * replayed can be replayed again.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backends/blk/journal.h"
#include "base/err.h"
#include "tests/fuzz/fuzz.h"

#define FILE_MAX     8192
#define QUEUES_MAX   3
#define REQUESTS_MAX 8
#define LIVES_MAX    16 /* an input: each costs time */

enum step { TAKE, COMMIT, ANSWER, SHOW, DROP, KILL, SPOIL, STRAY, STEPS };

/* A place for a request, as a model of the worker knows it. */
struct place {
	bool used, answered;
	uint64_t number;
	uint32_t answer; /* its response's number */
};

struct life {
	struct journal j;
	struct journal_geometry geometry;
	uint32_t generation;
	struct place places[REQUESTS_MAX];
	uint64_t next, committed;
	uint32_t answers, shown; /* responses written, and their rsp_prod */
	bool spoilt;
};

static int fd = -1;

static void file_write(const void *bytes, size_t size)
{
	promise(ftruncate(fd, 0) == 0 && ftruncate(fd, (off_t)size) == 0 &&
			pwrite(fd, bytes, size, 0) == (ssize_t)size,
		"a file");
}

static size_t file_read(uint8_t bytes[FILE_MAX])
{
	ssize_t n = pread(fd, bytes, FILE_MAX, 0);

	promise(n >= 0, "a file");
	return (size_t)n;
}

static void check_error(int rc, const struct err *e)
{
	const char *c;

	promise(rc == -e->code && (rc == -EUCLEAN || rc == -EINVAL),
		"the error is one of the contract's: %d", rc);
	promise(strncmp(e->text, "journal: ", 9) == 0, "it names the journal");
	for (c = e->text; *c; c++)
		promise(*c >= ' ' && *c < 0x7f, "it is printable");
}

/* ---- any file ---- */

static void check_backlog(const struct journal_queue *q, uint32_t rsp_prod,
			  const struct journal_backlog *b)
{
	bool seen[REQUESTS_MAX] = {false};
	uint32_t i;

	promise(b->n <= q->requests, "no more requests than entries");
	promise(b->req_cons - rsp_prod == b->n, "in step with the ring");
	for (i = 0; i < b->n; i++) {
		promise(b->entries[i] < q->requests, "an entry of this queue");
		promise(!seen[b->entries[i]], "each entry once");
		seen[b->entries[i]] = true;
		if (i > 0)
			promise(q->area->entries[b->entries[i - 1]].number <
					q->area->entries[b->entries[i]].number,
				"in the order of taking");
	}
}

static void replay_any(struct journal_queue *q, uint32_t rsp_prod)
{
	static const uint8_t request[JOURNAL_REQUEST_BYTES] = "new";
	static struct journal_backlog b, again;
	static uint8_t before[FILE_MAX], after[FILE_MAX];
	size_t size = file_read(before);
	uint8_t copy[JOURNAL_REQUEST_BYTES];
	struct err e;
	uint32_t i, free_entry;
	int rc = journal_replay(q, rsp_prod, &b, &e);

	if (rc < 0) {
		check_error(rc, &e);
		promise(file_read(after) == size &&
				memcmp(before, after, size) == 0,
			"a file that is refused stays as it is");
		return;
	}
	check_backlog(q, rsp_prod, &b);
	rc = journal_replay(q, rsp_prod, &again, &e);
	promise(rc == 0 && again.n == b.n && again.req_cons == b.req_cons &&
			memcmp(again.entries, b.entries,
			       b.n * sizeof(b.entries[0])) == 0,
		"replayed again, the same");
	for (i = 0; i < b.n; i++)
		journal_read(q, b.entries[i], copy);
	/* All others are free: the product asserts it. */
	for (free_entry = 0; free_entry < q->requests; free_entry++) {
		for (i = 0; i < b.n && b.entries[i] != free_entry; i++)
			continue;
		if (i == b.n)
			journal_take(q, free_entry, request);
	}
	journal_commit(q);
}

/* Seals entries as their worker would have, for a fuzzer cannot guess it. */
static void seal(uint8_t *bytes, size_t size, uint32_t which)
{
	size_t at = sizeof(struct journal_header);
	unsigned int i;

	for (i = 0; i < 32 && at + 128 <= size; i++, at += 128) {
		struct journal_entry entry;

		memcpy(&entry, bytes + at, sizeof(entry));
		entry.seal = journal_seal(&entry);
		if (which & 1u << i)
			memcpy(bytes + at, &entry, sizeof(entry));
	}
}

static bool may_open(const uint8_t *bytes, size_t size,
		     const struct journal_geometry *g, uint32_t generation)
{
	struct journal_header h = {0};

	memcpy(&h, bytes, size < sizeof(h) ? size : sizeof(h));
	if (g->queues < 1 || g->requests < 1 ||
	    size < 128 * (1 + g->queues * (1 + (size_t)g->requests)))
		return false;
	return h.magic == 0 ||
	       (memcmp(&h.magic, "blk-jrnl", 8) == 0 && h.version == 1 &&
		h.queues == g->queues && h.requests == g->requests &&
		h.generation < generation);
}

static void any_file(struct input *in)
{
	static uint8_t bytes[FILE_MAX];
	struct journal_geometry g;
	uint32_t generation, rsp_prod, seals, i;
	size_t size;
	struct journal j;
	struct err e;
	int rc;

	g.queues = input_u8(in) % (QUEUES_MAX + 1);
	g.requests = input_u8(in) % (REQUESTS_MAX + 1);
	generation = input_u32(in);
	rsp_prod = input_u32(in);
	seals = input_u32(in);
	size = in->left < FILE_MAX ? in->left : FILE_MAX;
	input_bytes(in, bytes, size);
	seal(bytes, size, seals);
	file_write(bytes, size);
	rc = journal_open(&j, fd, &g, generation, &e);
	promise((rc == 0) == may_open(bytes, size, &g, generation),
		"opened, or not: %s", rc ? e.text : "opened");
	if (rc < 0)
		check_error(rc, &e);
	for (i = 0; rc == 0 && i < g.queues; i++)
		replay_any(&j.queue[i], rsp_prod);
	journal_close(&j);
}

/* ---- the life of workers ---- */

/* What a request holds follows from its number. */
static void request_fill(uint8_t request[JOURNAL_REQUEST_BYTES],
			 uint64_t number)
{
	unsigned int i;

	for (i = 0; i < JOURNAL_REQUEST_BYTES; i++)
		request[i] = (uint8_t)(number * (i + 3) >> i % 8);
}

static struct journal_queue *queue(struct life *l)
{
	return &l->j.queue[l->geometry.queues - 1];
}

static void life_take(struct life *l, unsigned int place)
{
	uint8_t request[JOURNAL_REQUEST_BYTES];
	struct place *p = &l->places[place];

	if (p->used)
		return;
	request_fill(request, l->next);
	*p = (struct place){.used = true, .number = l->next++};
	journal_take(queue(l), place, request);
}

static void life_answer(struct life *l, unsigned int place)
{
	struct place *p = &l->places[place];

	if (!p->used || p->answered || p->number >= l->committed)
		return;
	p->answered = true;
	p->answer = l->answers++;
	journal_answer(queue(l), place, p->answer);
}

/* Has the guest been shown the place's answer? */
static bool is_over(const struct life *l, const struct place *p)
{
	return p->answered && (int32_t)(l->shown - p->answer) > 0;
}

static void life_drop(struct life *l, unsigned int place)
{
	if (!l->places[place].used || !is_over(l, &l->places[place]))
		return;
	l->places[place].used = false;
	journal_drop(queue(l), place);
}

/*
 * b holds what is unfinished below b->req_cons, and the ring still has the
 * rest: that is true of a file as its worker left it, and if a spoilt one is
 * accepted it must be true as well.
 */
static void check_survivors(struct life *l, const struct journal_backlog *b)
{
	const uint64_t cons =
		l->committed + (int32_t)(b->req_cons - (uint32_t)l->committed);
	uint8_t expected[JOURNAL_REQUEST_BYTES], got[JOURNAL_REQUEST_BYTES];
	unsigned int place, i, due = 0;

	promise(l->spoilt || cons == l->committed,
		"taking goes on at %u, not %u", (uint32_t)l->committed,
		b->req_cons);
	promise(cons <= l->next, "nothing is passed over");
	for (place = 0; place < l->geometry.requests; place++) {
		struct place *p = &l->places[place];
		bool again = false;

		for (i = 0; i < b->n; i++)
			again |= b->entries[i] == place;
		if (!p->used || is_over(l, p)) {
			promise(!again, "what is over stays over");
			p->used = false;
		} else if (p->number < cons) {
			promise(again, "request %u is not lost",
				(uint32_t)p->number);
			request_fill(expected, p->number);
			journal_read(queue(l), place, got);
			promise(memcmp(expected, got, sizeof(got)) == 0,
				"a request stays what it was");
			p->answered = false;
			due++;
		} else {
			/* Unless a response lies there already. */
			promise(!again && (int32_t)((uint32_t)p->number -
						    l->answers) >= 0,
				"the ring still has it");
			p->used = false;
		}
	}
	promise(b->n == due, "nothing more");
	l->next = l->committed = cons;
	l->answers = l->shown;
}

/* False when the journal was refused, as a spoilt one may be. */
static bool life_begin(struct life *l)
{
	static struct journal_backlog b;
	struct err e;
	int rc;

	rc = journal_open(&l->j, fd, &l->geometry, ++l->generation, &e);
	if (rc == 0)
		rc = journal_replay(queue(l), l->shown, &b, &e);
	if (rc < 0) {
		check_error(rc, &e);
		promise(l->spoilt, "a sound journal is taken: %s", e.text);
		return false;
	}
	check_survivors(l, &b);
	return true;
}

static bool life_kill(struct life *l)
{
	journal_close(&l->j);
	return life_begin(l);
}

/* A byte changes, or 128 are written over others, and the worker dies. */
static bool life_spoil(struct life *l, struct input *in, bool strays)
{
	uint8_t bytes[FILE_MAX];
	size_t size = file_read(bytes);
	size_t at = input_u16(in) % size;
	uint8_t change = input_u8(in);

	journal_close(&l->j);
	if (strays)
		memmove(bytes + at / 128 * 128,
			bytes + change % (size / 128) * 128, 128);
	else
		bytes[at] ^= change ? change : 1;
	promise(pwrite(fd, bytes, size, 0) == (ssize_t)size, "a file");
	l->spoilt = true;
	/* Once: two changes may make up for each other. */
	if (life_begin(l))
		journal_close(&l->j);
	return false;
}

static bool step(struct life *l, struct input *in)
{
	uint8_t byte = input_u8(in);
	unsigned int place = byte / STEPS % l->geometry.requests;

	switch ((enum step)(byte % STEPS)) {
	case TAKE:
		life_take(l, place);
		break;
	case COMMIT:
		l->committed = l->next;
		journal_commit(queue(l));
		break;
	case ANSWER:
		life_answer(l, place);
		break;
	case SHOW:
		l->shown = l->answers;
		break;
	case DROP:
		life_drop(l, place);
		break;
	case SPOIL:
		return life_spoil(l, in, false);
	case STRAY:
		return life_spoil(l, in, true);
	case KILL:
	case STEPS:
		return life_kill(l);
	}
	return true;
}

static void lives(struct input *in)
{
	struct life l = {
		.geometry = {1 + input_u8(in) % QUEUES_MAX,
			     1 + input_u8(in) % REQUESTS_MAX},
		.shown = input_u32(in),
	};

	promise(ftruncate(fd, 0) == 0 &&
			ftruncate(fd, (off_t)MSG_BLK_JOURNAL_BYTES(
					      l.geometry.queues,
					      l.geometry.requests)) == 0,
		"a file");
	l.next = l.committed = l.answers = l.shown;
	if (!life_begin(&l))
		return;
	while (in->left && l.generation < LIVES_MAX)
		if (!step(&l, in))
			return;
	journal_close(&l.j);
}

void fuzz_one(struct input *in)
{
	if (fd < 0)
		fd = memfd_create("journal", MFD_CLOEXEC);
	if (input_u8(in) & 1)
		lives(in);
	else
		any_file(in);
}
