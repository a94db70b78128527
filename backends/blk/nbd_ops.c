/* SPDX-License-Identifier: MIT */
/*
 * One libnbd command for each operation, or several in turn. libnbd may not
 * be called from its callbacks: what ends there is looked at when the call
 * that made it so has returned.
 */
#include "nbd_ops.h"

#include <errno.h>
#include <libnbd.h>

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

	if (op->kind == NBD_FLUSH || op->flushing)
		return nbd_aio_flush(h, done, 0);
	if (op->kind == NBD_TRIM)
		return nbd_aio_trim(h, op_share(op), op->offset + op->moved,
				    done, 0);
	if (op->kind == NBD_WRITE)
		return nbd_aio_pwrite(
			h, op->from, op_share(op), op->offset, done,
			op->durable && link->fua ? LIBNBD_CMD_FLAG_FUA : 0);
	return nbd_aio_pread(h, op->to, op_share(op), op->offset, done, 0);
}

/* op is in busy. One that libnbd itself refuses has failed. */
static void op_send(struct nbd_op *op)
{
	struct nbd_ops *o = op->ops;
	int code;

	op->sent = true;
	o->used = true;
	if (op_command(op, o->link) >= 0)
		return;
	code = nbd_get_errno();
	op->sent = false;
	o->broken = nbd_link_is_dead(o->link);
	if (o->broken)
		return;
	TAILQ_REMOVE(&o->busy, op, link);
	op_done(op, code > 0 ? -code : -EIO);
}

static void op_begin(struct nbd_op *op)
{
	struct nbd_ops *o = op->ops;

	TAILQ_INSERT_TAIL(&o->busy, op, link);
	if (o->link && !o->broken)
		op_send(op);
}

/* What the server has not offered: true when that is its end. */
static bool op_is_void(struct nbd_op *op)
{
	const struct nbd_link *link = op->ops->link;

	if (!link || (op->kind == NBD_TRIM ? link->trims : link->flushes))
		return false;
	if (op->kind == NBD_TRIM)
		op_done(op, -EOPNOTSUPP);
	else if (op->kind == NBD_FLUSH)
		op_done(op, 0); /* it keeps nothing back */
	else
		return false;
	return true;
}

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
		return;
	case NBD_FLUSH:
		op_done(op, 0);
		return;
	case NBD_WRITE:
		op->flushing = op->durable && !link->fua && link->flushes &&
			       !op->flushing;
		if (op->flushing) {
			op_begin(op);
			return;
		}
		break;
	case NBD_READ:
		break;
	}
	op_done(op, (int)op_share(op));
}

void nbd_ops_init(struct nbd_ops *o)
{
	TAILQ_INIT(&o->busy);
	TAILQ_INIT(&o->ended);
	TAILQ_INIT(&o->done);
}

void nbd_ops_close(struct nbd_ops *o)
{
	nbd_link_close(o->link);
	o->link = NULL;
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
		if (op->result < 0)
			op_done(op, op->result);
		else
			op_advance(op);
	}
	if (o->used)
		nbd_link_await(o->link);
	o->used = false;
	return !o->broken && !nbd_link_is_dead(o->link);
}

void nbd_ops_unlink(struct nbd_ops *o)
{
	struct nbd_op *op;

	nbd_ops_close(o);
	o->broken = false;
	o->used = false;
	TAILQ_FOREACH(op, &o->busy, link) {
		op->sent = false;
		op->flushing = false; /* it may have been written to a cache */
	}
}

void nbd_ops_resend(struct nbd_ops *o)
{
	struct nbd_op_list again = TAILQ_HEAD_INITIALIZER(again);
	struct nbd_op *op;

	TAILQ_CONCAT(&again, &o->busy, link);
	while ((op = TAILQ_FIRST(&again))) {
		TAILQ_REMOVE(&again, op, link);
		if (!op_is_void(op))
			op_begin(op);
	}
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
