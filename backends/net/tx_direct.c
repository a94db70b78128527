/* SPDX-License-Identifier: MIT */
/* The way of a guest's packets to those that can be reached directly. */
#include "tx_direct.h"

#include <stdbool.h>

#include "copy.h"
#include "fdb.h"
#include "queue.h"
#include "tx_frame.h"
#include "vif.h"

_Static_assert(FDB_MEMBERS <= 32, "a bit for each member");

void tx_direct_begin(struct tx_direct *d)
{
	d->n_rest = 0;
}

void tx_direct_plan(struct tx_direct *d, struct tx_job *job, uint32_t domid,
		    const struct tx_packet *packet, struct copy *copy,
		    const struct arena *arena)
{
	struct direct *direct = &job->direct;
	uint32_t left = DIRECT_HEAD;
	unsigned int i;

	*direct = (struct direct){
		.head = job->frame,
		.arena = arena,
		.size = packet->size,
		.marks = &job->marks,
		.domid = domid,
		.rest = d->rest + d->n_rest,
	};
	for (i = 0; i < packet->n_spans; i++) {
		struct tx_span span = packet->spans[i];
		const uint16_t n =
			(uint16_t)(span.size < left ? span.size : left);

		if (n > 0)
			copy_add_from(copy, span.gref, span.offset, n,
				      direct->head + direct->head_size, arena);
		direct->head_size += n;
		left -= n;
		span.offset = (uint16_t)(span.offset + n);
		span.size = (uint16_t)(span.size - n);
		if (span.size > 0)
			d->rest[d->n_rest++] = span;
	}
	direct->n_rest = (unsigned int)(d->rest + d->n_rest - direct->rest);
}

/*
 * Whether all that a receiver is told of the frame is known from its head:
 * then it would be no other from the whole frame. Completes the marks.
 */
static bool is_understood(struct tx_job *job)
{
	return !tx_frame_measure(job->direct.head, job->direct.head_size,
				 &job->marks);
}

/* Nothing of ours is on its tap's way, or it has all arrived. */
static bool has_drained(const struct tx_direct *d, const struct fdb_member *to)
{
	unsigned int i;

	if (!(d->behind & 1u << to->number))
		return true;
	/* The bridge's way may end in any of its queues. */
	for (i = 0; i < to->n_queues; i++)
		if (!queue_is_drained(to->queues[i]))
			return false;
	return true;
}

/*
 * Gives a receiver all that is for it, up to the first frame that it cannot
 * have directly; the others are left for the tap, and it is behind then.
 */
static void send_to(struct tx_direct *d, const struct vif *vif,
		    struct tx_job *jobs, unsigned int n, struct fdb_member *to)
{
	struct direct *frames[TX_PACKETS];
	unsigned int i, all = 0, fine = 0, delivered = 0;

	for (i = 0; i < n; i++) {
		if (jobs[i].to != to)
			continue;
		jobs[i].to = NULL;
		if (fine == all && is_understood(&jobs[i]))
			frames[fine++] = &jobs[i].direct;
		all++;
	}
	if (fine > 0 && has_drained(d, to))
		queue_take(to->queues[vif->queue % to->n_queues], frames, fine);
	for (i = 0; i < fine; i++)
		delivered += frames[i]->delivered;
	if (delivered == all)
		d->behind &= ~(1u << to->number);
	else
		d->behind |= 1u << to->number;
}

void tx_direct_send(struct tx_direct *d, const struct vif *vif,
		    struct tx_job *jobs, unsigned int n)
{
	const uint32_t changes = fdb_hold(vif->member);
	unsigned int i;

	if (changes != d->changes) {
		d->changes = changes;
		d->behind = ~0u;
	}
	for (i = 0; i < n; i++)
		jobs[i].to = jobs[i].frame ? fdb_find(vif->member,
						      jobs[i].direct.head,
						      jobs[i].size,
						      jobs[i].marks.gso.kind !=
							      FRAME_GSO_NONE)
					   : NULL;
	for (i = 0; i < n; i++)
		if (jobs[i].to)
			send_to(d, vif, jobs + i, n - i, jobs[i].to);
	fdb_release(vif->member);
}

void tx_direct_fetch(struct tx_job *jobs, unsigned int n, struct copy *copy)
{
	unsigned int i, k;

	copy_reset(copy);
	for (i = 0; i < n; i++) {
		struct tx_job *job = &jobs[i];
		const struct direct *direct = &job->direct;
		uint8_t *to = job->frame + direct->head_size;

		job->first_copy = copy->n;
		job->n_copies = 0;
		if (!job->frame || direct->delivered)
			continue;
		for (k = 0; k < direct->n_rest; k++) {
			const struct tx_span *span = &direct->rest[k];

			copy_add_from(copy, span->gref, span->offset,
				      span->size, to, direct->arena);
			to += span->size;
		}
		job->n_copies = copy->n - job->first_copy;
	}
	copy_run(copy);
}
