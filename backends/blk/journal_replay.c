/* SPDX-License-Identifier: MIT */
/*
 * What a predecessor has left in its journal, judged against the ring. First
 * everything is checked and nothing changed, then the entries are brought
 * into the state of a worker that has just taken its backlog.
 */
#include "journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define NUMBER_MASK (UINT32_MAX >> JOURNAL_STATE_BITS)

/* What is to become of an entry. */
enum verdict {
	VERDICT_NONE,  /* it is free */
	VERDICT_FREE,  /* over, or never begun */
	VERDICT_AGAIN, /* in the backlog */
	VERDICT_BAD,   /* *e says why */
};

static int spoilt(struct err *e, unsigned int entry, const char *why)
{
	return err_set(e, EUCLEAN, "journal: entry %u %s", entry, why);
}

/* Answered as response number i, when the ring's rsp_prod is this. */
static enum verdict judge_answered(const struct journal_queue *q,
				   unsigned int entry, uint32_t rsp_prod,
				   struct err *e)
{
	uint32_t i = q->area->entries[entry].mark >> JOURNAL_STATE_BITS;

	if (((i - rsp_prod) & NUMBER_MASK) < q->requests)
		return VERDICT_AGAIN;
	if (((rsp_prod - i - 1) & NUMBER_MASK) < q->requests)
		return VERDICT_FREE;
	err_set(e, EUCLEAN,
		"journal: entry %u was answered as response %u, far from the "
		"ring's %u",
		entry, i, rsp_prod & NUMBER_MASK);
	return VERDICT_BAD;
}

static enum verdict judge(const struct journal_queue *q, unsigned int entry,
			  uint32_t rsp_prod, struct err *e)
{
	const struct journal_entry *at = &q->area->entries[entry];
	uint32_t state = at->mark & ((1u << JOURNAL_STATE_BITS) - 1);

	if (at->mark == JOURNAL_FREE)
		return VERDICT_NONE;
	if (at->mark != JOURNAL_TAKEN && state != JOURNAL_ANSWERED) {
		spoilt(e, entry, "is in no known state");
		return VERDICT_BAD;
	}
	if (at->seal != journal_seal(at)) {
		spoilt(e, entry, "has been overwritten");
		return VERDICT_BAD;
	}
	if (at->number < q->area->taken)
		return state == JOURNAL_TAKEN
			       ? VERDICT_AGAIN
			       : judge_answered(q, entry, rsp_prod, e);
	/* Copied and not committed: the ring still has it. */
	if (state == JOURNAL_TAKEN && at->number - q->area->taken < q->requests)
		return VERDICT_FREE;
	spoilt(e, entry, "holds a request that was never taken");
	return VERDICT_BAD;
}

static int by_number(const void *a, const void *b, void *arg)
{
	const struct journal_queue *q = arg;
	uint64_t x = q->area->entries[*(const uint16_t *)a].number;
	uint64_t y = q->area->entries[*(const uint16_t *)b].number;

	return (x > y) - (x < y);
}

/* No request twice, and as many as the ring has unanswered. */
static int check_backlog(struct journal_queue *q, uint32_t rsp_prod,
			 struct journal_backlog *b, struct err *e)
{
	uint32_t i;

	qsort_r(b->entries, b->n, sizeof(b->entries[0]), by_number, q);
	for (i = 1; i < b->n; i++)
		if (by_number(&b->entries[i - 1], &b->entries[i], q) == 0)
			return spoilt(e, b->entries[i],
				      "holds the request of another");
	if (b->req_cons - rsp_prod != b->n)
		return err_set(e, EUCLEAN,
			       "journal: holds %u requests without an answer, "
			       "the ring %u",
			       b->n, b->req_cons - rsp_prod);
	return 0;
}

/*
 * An answer that was never shown must not stay marked: its number goes to the
 * next response, and when that is shown it would seem to have been this one.
 */
static void settle(struct journal_queue *q, const uint8_t *verdicts)
{
	uint32_t i;

	for (i = 0; i < q->requests; i++) {
		uint32_t *mark = &q->area->entries[i].mark;

		if (verdicts[i] == VERDICT_FREE)
			__atomic_store_n(mark, JOURNAL_FREE, __ATOMIC_RELEASE);
		else if (verdicts[i] == VERDICT_AGAIN)
			__atomic_store_n(mark, JOURNAL_TAKEN, __ATOMIC_RELEASE);
	}
	q->next = q->area->taken;
}

/* An area that says it was never used has no entry that was. */
static int check_unused(const struct journal_queue *q, struct err *e)
{
	static const struct journal_entry unused;
	uint32_t i;

	for (i = 0; i < q->requests; i++)
		if (memcmp(&q->area->entries[i], &unused, sizeof(unused)) != 0)
			return spoilt(e, i, "was used, and its queue never");
	return 0;
}

static void begin(struct journal_queue *q, uint32_t rsp_prod)
{
	q->area->taken = rsp_prod;
	__atomic_store_n(&q->area->in_use, 1, __ATOMIC_RELEASE);
	q->next = rsp_prod;
}

int journal_replay(struct journal_queue *q, uint32_t rsp_prod,
		   struct journal_backlog *b, struct err *e)
{
	uint8_t verdicts[JOURNAL_REQUESTS_MAX];
	uint32_t i;
	int rc;

	b->n = 0;
	b->begun = q->area->in_use;
	if (!b->begun) {
		b->req_cons = rsp_prod;
		rc = check_unused(q, e);
		if (rc == 0)
			begin(q, rsp_prod);
		return rc;
	}
	b->req_cons = (uint32_t)q->area->taken;
	for (i = 0; i < q->requests; i++) {
		verdicts[i] = judge(q, i, rsp_prod, e);
		if (verdicts[i] == VERDICT_BAD)
			return -e->code;
		if (verdicts[i] == VERDICT_AGAIN)
			b->entries[b->n++] = (uint16_t)i;
	}
	rc = check_backlog(q, rsp_prod, b, e);
	if (rc == 0)
		settle(q, verdicts);
	return rc;
}

void journal_read(const struct journal_queue *q, unsigned int entry,
		  void *request)
{
	memcpy(request, q->area->entries[entry].request, JOURNAL_REQUEST_BYTES);
}
