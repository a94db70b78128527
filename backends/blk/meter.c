/* SPDX-License-Identifier: MIT */
/* Paying for requests and counting them, in the order of their lives. */
#include "meter.h"

#include "base/clock.h"

void meter_open(struct meter *m, struct blk_figures *figures, struct caps *caps,
		unsigned int backlog)
{
	*m = (struct meter){.figures = figures, .caps = caps};
	figures_resume(figures, backlog);
	ticks_begin(&m->ticks, clock_ns());
}

void meter_rest(struct meter *m)
{
	ticks_compare(&m->ticks, clock_ns());
}

void meter_turn(struct meter *m)
{
	m->taken_at = 0;
	m->now_ns = 0;
	m->held_ns = 0;
}

static uint64_t meter_now(struct meter *m)
{
	if (!m->now_ns)
		m->now_ns = clock_ns();
	return m->now_ns;
}

bool meter_admits(struct meter *m, const struct ring *r)
{
	uint32_t waiting;

	if (!caps_are_set(m->caps))
		return true;
	waiting = ring_waiting(r);
	if (waiting == 0)
		return true;
	m->held_ns = caps_admit(m->caps, meter_now(m));
	if (m->held_ns && waiting > m->n_held)
		m->n_held = waiting;
	return m->held_ns == 0;
}

void meter_taken(struct meter *m)
{
	figures_add(&m->figures->taken, 1);
	if (m->n_held) {
		m->n_held--;
		figures_add(&m->figures->held, 1);
	}
}

/* What an indirect request moves is in its frame; this is the most. */
static uint64_t most_bytes(const struct blk_io *io)
{
	return io->indirect ? (uint64_t)io->n_segments * XC_PAGE_SIZE
			    : io->bytes;
}

void meter_parsed(struct meter *m, struct slot *slot)
{
	if (!m->taken_at)
		m->taken_at = ticks_now();
	slot->taken_at = m->taken_at;
	slot->refused = slot->status != BLKIF_RSP_OKAY;
	if (!slot->refused && slot->io.n_segments && caps_are_set(m->caps))
		caps_pay(m->caps, most_bytes(&slot->io));
}

void meter_parsed_frame(struct meter *m, struct slot *slot)
{
	uint64_t paid = most_bytes(&slot->io);

	slot->refused = slot->status != BLKIF_RSP_OKAY;
	if (caps_are_set(m->caps))
		caps_refund(m->caps,
			    slot->refused ? paid : paid - slot->io.bytes);
}

void meter_joined(struct meter *m)
{
	figures_add(&m->figures->merged, 1);
}

void meter_answered(struct meter *m, const struct slot_list *ended, bool notify)
{
	uint64_t now = ticks_now();
	const struct slot *slot;
	unsigned int n = 0;

	if (!m->ticks.pace)
		meter_rest(m); /* the first */
	STAILQ_FOREACH(slot, ended, link) {
		figures_answered(m->figures, slot,
				 ticks_ns(&m->ticks, slot->taken_at, now));
		n++;
	}
	figures_shown(m->figures, n, notify);
}
