/* SPDX-License-Identifier: MIT */
/*
 * One libnbd command for each operation, or several in turn. libnbd may not
 * be called from its callbacks: what ends there is looked at when the call
 * that made it so has returned.
 */
#include "nbd_ops.h"

#include <errno.h>

#include "nbd_api.h"
#include "nbd_link.h"

#define TRIM_BYTES (1u << 30) /* at a time; the protocol has 32 bits */

static void op_done(struct nbd_op *op, int result)
{
	op->result = result;
	TAILQ_INSERT_TAIL(&op->ops->done, op, link);
}

/*
 * What libnbd says, and no server, of a connection that ends; and what a
 * server says that is about to end it.
 */
static bool is_loss(int error)
{
	return error == ENOTCONN || error == ESHUTDOWN;
}

static int on_complete(void *arg, int *error)
{
	struct nbd_op *op = arg;
	struct nbd_ops *o = op->ops;

	op->sent = false;
	if (is_loss(*error)) {
		o->broken = true;
		return 1;
	}
	op->result = -*error;
	TAILQ_REMOVE(&o->busy, op, link);
	TAILQ_INSERT_TAIL(&o->ended, op, link);
	return 1;
}

/* How much one command does of what is left. */
static uint64_t op_share(const struct nbd_op *op)
{
	uint64_t left = op->bytes - op->moved;
	uint64_t max =
		op->kind == NBD_TRIM ? TRIM_BYTES : op->ops->link->bytes_max;

	return left < max ? left : max;
}

static int64_t op_command(struct nbd_op *op, struct nbd_link *link)
{
	const nbd_completion_callback done = {.callback = on_complete,
					      .user_data = op};
	struct nbd_handle *h = link->handle;

	if (op->kind == NBD_FLUSH || op->flushing) {
		op->kept = op->ops->kept.end;
		op->held = op->ops->n_held;
		return nbd_api.aio_flush(h, done, 0);
	}
	if (op->kind == NBD_TRIM)
		return nbd_api.aio_trim(h, op_share(op), op->offset + op->moved,
					done, 0);
	if (op->kind == NBD_WRITE)
		return nbd_api.aio_pwrite(
			h, (const uint8_t *)op->from + op->moved, op_share(op),
			op->offset + op->moved, done,
			op->durable && link->fua ? LIBNBD_CMD_FLAG_FUA : 0);
	return nbd_api.aio_pread(h, op->to, op_share(op), op->offset, done, 0);
}

/* op is in busy. One that libnbd itself refuses has ended badly. */
static void op_send(struct nbd_op *op)
{
	struct nbd_ops *o = op->ops;
	int code;

	op->sent = true;
	o->used = true;
	if (op_command(op, o->link) >= 0)
		return;
	code = nbd_api.get_errno();
	op->sent = false;
	o->broken |= nbd_link_is_dead(o->link);
	if (o->broken)
		return;
	TAILQ_REMOVE(&o->busy, op, link);
	op->result = code > 0 ? -code : -EIO;
	TAILQ_INSERT_TAIL(&o->ended, op, link);
}

static bool is_again(const struct nbd_op *op)
{
	const struct nbd_ops *o = op->ops;

	return op >= o->again && op < o->again + NBD_OPS_AGAIN;
}

static void op_begin(struct nbd_op *op)
{
	struct nbd_ops *o = op->ops;

	TAILQ_INSERT_TAIL(&o->busy, op, link);
	if (o->link && !o->broken && (!o->again_busy || is_again(op)))
		op_send(op);
}

/*
 * What the server has not offered: true when that is its end. One that cannot
 * flush keeps nothing back of what it has been sent.
 */
static bool op_is_void(struct nbd_op *op)
{
	struct nbd_ops *o = op->ops;

	if (!o->link)
		return false;
	if (op->kind == NBD_TRIM && !o->link->trims) {
		op_done(op, -EOPNOTSUPP);
		return true;
	}
	if (op->kind == NBD_FLUSH && !o->link->flushes && !o->again_busy) {
		op->result = 0;
		op->kept = o->kept.end;
		op->held = o->n_held;
		o->used = true;
		TAILQ_INSERT_TAIL(&o->ended, op, link);
		return true;
	}
	return false;
}

/* ---- what is kept ---- */

void nbd_ops_flush(struct nbd_ops *o)
{
	if (o->flush_busy || !o->link->flushes)
		return;
	o->flush = (struct nbd_op){.kind = NBD_FLUSH, .ops = o};
	o->flush_busy = true;
	op_begin(&o->flush);
}

/*
 * Written, and perhaps to a cache. One that is not is kept too if others are,
 * for it may be of the same place and is the later one.
 */
static void keep(struct nbd_op *op)
{
	struct nbd_ops *o = op->ops;
	uint32_t bytes = (uint32_t)op_share(op);

	if (!o->link->flushes ||
	    (op->durable && o->kept.begin == o->kept.end) ||
	    nbd_kept_add(&o->kept, op->offset, op->from, bytes)) {
		op_done(op, (int)bytes);
	} else {
		op->held = ++o->n_held;
		TAILQ_INSERT_TAIL(&o->held, op, link);
	}
	if (!TAILQ_EMPTY(&o->held) || nbd_kept_is_half_full(&o->kept))
		nbd_ops_flush(o);
}

/* A flush has come to its end, ours or another's. */
static void flushed(struct nbd_ops *o, const struct nbd_op *flush)
{
	struct nbd_op *op;

	if (flush->result == 0)
		nbd_kept_drop(&o->kept, flush->kept);
	while ((op = TAILQ_FIRST(&o->held)) && op->held <= flush->held) {
		TAILQ_REMOVE(&o->held, op, link);
		op_done(op,
			flush->result < 0 ? flush->result : (int)op_share(op));
	}
	if (flush == &o->flush) {
		o->flush_busy = false;
		o->owed = flush->result < 0 ? flush->result : o->owed;
	}
	if (!TAILQ_EMPTY(&o->held))
		nbd_ops_flush(o);
}

static void send_all(struct nbd_ops *o)
{
	struct nbd_op_list waiting = TAILQ_HEAD_INITIALIZER(waiting);
	struct nbd_op *op;

	TAILQ_CONCAT(&waiting, &o->busy, link);
	while ((op = TAILQ_FIRST(&waiting))) {
		TAILQ_REMOVE(&waiting, op, link);
		if (!op_is_void(op))
			op_begin(op);
	}
}

/* Does w touch what one of the first n writes? */
static bool overlaps(const struct nbd_ops *o, unsigned int n,
		     const struct nbd_kept_write *w)
{
	while (n-- > 0)
		if (w->offset < o->again[n].offset + o->again[n].bytes &&
		    o->again[n].offset < w->offset + w->bytes)
			return true;
	return false;
}

/* The next of those that were kept, and after the last all that waits. */
static void write_again(struct nbd_ops *o)
{
	uint64_t next = o->again_place;
	struct nbd_kept_write w;
	unsigned int n = 0, i;

	while (n < NBD_OPS_AGAIN && nbd_kept_next(&o->kept, &next, &w) &&
	       !overlaps(o, n, &w)) {
		o->again[n++] = (struct nbd_op){.kind = NBD_WRITE,
						.ops = o,
						.from = w.data,
						.offset = w.offset,
						.bytes = w.bytes};
		o->again_place = next;
	}
	o->again_busy = n;
	for (i = 0; i < n; i++)
		op_begin(&o->again[i]);
	if (n > 0)
		return;
	if (!o->link->flushes)
		nbd_kept_drop(&o->kept, o->kept.end);
	send_all(o);
}

/* One that fails has been answered well long ago: the next flush tells. */
static void wrote_again(struct nbd_op *op)
{
	struct nbd_ops *o = op->ops;

	if (op->result < 0)
		o->owed = op->result;
	else
		op->moved += op_share(op);
	if (op->result == 0 && op->moved < op->bytes) {
		op_begin(op);
		return;
	}
	op->ops = NULL;
	if (--o->again_busy == 0)
		write_again(o);
}

static void forget_again(struct nbd_ops *o)
{
	unsigned int i;

	for (i = 0; o->again_busy > 0; i++)
		if (o->again[i].ops) {
			TAILQ_REMOVE(&o->busy, &o->again[i], link);
			o->again[i].ops = NULL;
			o->again_busy--;
		}
}

/* ---- what has ended ---- */

/* The server has carried out what was last asked of it. */
static void op_advance(struct nbd_op *op)
{
	const struct nbd_link *link = op->ops->link;

	switch (op->kind) {
	case NBD_TRIM:
		op->moved += op_share(op);
		if (op->moved == op->bytes)
			op_done(op, 0);
		else
			op_begin(op);
		break;
	case NBD_FLUSH:
		op_done(op, op->ops->owed);
		op->ops->owed = 0;
		break;
	case NBD_WRITE:
		op->flushing = op->durable && !link->fua && link->flushes &&
			       !op->flushing;
		if (op->flushing)
			op_begin(op);
		else
			keep(op);
		break;
	case NBD_READ:
		op_done(op, (int)op_share(op));
		break;
	}
}

static void op_ended(struct nbd_op *op)
{
	struct nbd_ops *o = op->ops;

	if (op->kind == NBD_FLUSH || op->flushing)
		flushed(o, op);
	if (is_again(op))
		wrote_again(op);
	else if (op == &o->flush)
		return;
	else if (op->result < 0)
		op_done(op, op->result);
	else
		op_advance(op);
}

void nbd_ops_init(struct nbd_ops *o)
{
	TAILQ_INIT(&o->busy);
	TAILQ_INIT(&o->ended);
	TAILQ_INIT(&o->done);
	TAILQ_INIT(&o->held);
}

void nbd_ops_close(struct nbd_ops *o)
{
	nbd_link_close(o->link);
	o->link = NULL;
	nbd_kept_close(&o->kept);
}

void nbd_ops_begin(struct nbd_ops *o, uint64_t tag, const struct nbd_op *op)
{
	struct nbd_op *mine = &o->ops[tag];

	*mine = *op;
	mine->ops = o;
	mine->sent = false;
	mine->flushing = false;
	mine->moved = 0;
	if (!op_is_void(mine))
		op_begin(mine);
}

bool nbd_ops_settle(struct nbd_ops *o)
{
	struct nbd_op *op;

	while ((op = TAILQ_FIRST(&o->ended))) {
		TAILQ_REMOVE(&o->ended, op, link);
		op_ended(op);
	}
	if (o->used)
		nbd_link_await(o->link);
	o->used = false;
	return !o->broken && !nbd_link_is_dead(o->link);
}

/* What is held, or written and not flushed, waits to be written once more. */
void nbd_ops_unlink(struct nbd_ops *o)
{
	struct nbd_op *op;

	nbd_link_close(o->link);
	o->link = NULL;
	o->broken = false;
	o->used = false;
	forget_again(o);
	TAILQ_CONCAT(&o->held, &o->busy, link);
	TAILQ_CONCAT(&o->busy, &o->held, link);
	TAILQ_FOREACH(op, &o->busy, link) {
		op->sent = false;
		op->flushing = false;
	}
}

void nbd_ops_resend(struct nbd_ops *o)
{
	o->again_place = o->kept.begin;
	write_again(o);
}

unsigned int nbd_ops_reap(struct nbd_ops *o, struct store_done *done,
			  unsigned int max)
{
	struct nbd_op *op;
	unsigned int i = 0;

	while (i < max && (op = TAILQ_FIRST(&o->done))) {
		TAILQ_REMOVE(&o->done, op, link);
		done[i].tag = (uint64_t)(op - o->ops);
		done[i++].result = op->result;
	}
	return i;
}
