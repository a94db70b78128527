/* SPDX-License-Identifier: MIT */
/* The table of an NBD server, and the way by which its connections come. */
#include "nbd_store.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "nbd_link.h"
#include "nbd_ops.h"

struct nbd_store {
	struct store store; /* the first, see of() */
	const char *name;
	struct event_base *base; /* borrowed */
	event_callback_fn on_done;
	void *arg;
	struct nbd_ops ops;

	/* shared with the thread that gives links */
	_Atomic(struct nbd_link *) given; /* owned */
	int orders;			  /* owned: written to after given */
	struct event *ordered;		  /* owned */
	int told;
	unsigned int n_given; /* by that thread, which alone uses it */
	atomic_uint lost;     /* number of the last link lost */
};

static struct nbd_store *of(struct store *s)
{
	return (struct nbd_store *)s;
}

static void wake(int fd)
{
	if (eventfd_write(fd, 1) < 0)
		log_error("cannot wake a thread");
}

static void lose(struct nbd_store *n)
{
	const struct nbd_link *link = n->ops.link;

	log_warn("%s: image server lost: %s", n->name,
		 link->why[0] ? link->why : "it shuts down");
	atomic_store_explicit(&n->lost, link->number, memory_order_release);
	nbd_ops_unlink(&n->ops);
	wake(n->told);
}

static void settle(struct nbd_store *n)
{
	if (n->ops.link && !nbd_ops_settle(&n->ops))
		lose(n);
}

static void on_moved(void *arg)
{
	struct nbd_store *n = arg;

	settle(n);
	n->on_done(-1, EV_READ, n->arg);
}

static void on_ordered(evutil_socket_t fd, short what, void *arg)
{
	struct nbd_store *n = arg;
	struct nbd_link *link;
	eventfd_t times;

	(void)what;
	eventfd_read(fd, &times);
	link = atomic_exchange_explicit(&n->given, NULL, memory_order_acquire);
	if (!link)
		return;
	log_info("%s: image server is back", n->name);
	nbd_ops_unlink(&n->ops);
	n->ops.link = link;
	n->ops.broken = nbd_link_follow(link, n->base, on_moved, n) < 0;
	nbd_ops_resend(&n->ops);
	settle(n);
	n->on_done(-1, EV_READ, n->arg);
}

static int nbd_store_listen(struct store *s, struct event_base *base,
			    event_callback_fn on_done, void *arg)
{
	struct nbd_store *n = of(s);

	n->base = base;
	n->on_done = on_done;
	n->arg = arg;
	n->ordered =
		event_new(base, n->orders, EV_READ | EV_PERSIST, on_ordered, n);
	if (!n->ordered || event_add(n->ordered, NULL) < 0)
		return -ENOMEM;
	if (nbd_link_follow(n->ops.link, base, on_moved, n) < 0)
		return -ENOMEM;
	nbd_ops_flush(&n->ops);
	settle(n);
	return 0;
}

static void nbd_store_pin(struct store *s, unsigned int buffer, void *memory,
			  size_t bytes)
{
	(void)s;
	(void)buffer;
	(void)memory;
	(void)bytes;
}

static void nbd_store_unpin(struct store *s, unsigned int buffer)
{
	(void)s;
	(void)buffer;
}

static void nbd_store_read(struct store *s, uint64_t tag, unsigned int buffer,
			   void *at, uint32_t bytes, uint64_t offset)
{
	const struct nbd_op op = {
		.kind = NBD_READ, .to = at, .bytes = bytes, .offset = offset};

	(void)buffer;
	nbd_ops_begin(&of(s)->ops, tag, &op);
}

static void nbd_store_write(struct store *s, uint64_t tag, unsigned int buffer,
			    const void *at, uint32_t bytes, uint64_t offset,
			    bool durable)
{
	const struct nbd_op op = {.kind = NBD_WRITE,
				  .from = at,
				  .bytes = bytes,
				  .offset = offset,
				  .durable = durable};

	(void)buffer;
	nbd_ops_begin(&of(s)->ops, tag, &op);
}

static void nbd_store_flush(struct store *s, uint64_t tag)
{
	const struct nbd_op op = {.kind = NBD_FLUSH};

	nbd_ops_begin(&of(s)->ops, tag, &op);
}

static void nbd_store_discard(struct store *s, uint64_t tag, uint64_t offset,
			      uint64_t bytes)
{
	const struct nbd_op op = {
		.kind = NBD_TRIM, .bytes = bytes, .offset = offset};

	nbd_ops_begin(&of(s)->ops, tag, &op);
}

static int nbd_store_submit(struct store *s)
{
	if (of(s)->ops.used)
		settle(of(s));
	return 0;
}

static unsigned int nbd_store_reap(struct store *s, struct store_done *done,
				   unsigned int max)
{
	return nbd_ops_reap(&of(s)->ops, done, max);
}

static void nbd_store_close(struct store *s)
{
	struct nbd_store *n = of(s);

	nbd_ops_close(&n->ops);
	nbd_link_close(atomic_load_explicit(&n->given, memory_order_acquire));
	if (n->ordered)
		event_free(n->ordered);
	fd_drop(&n->orders);
	free(n);
}

struct store *nbd_store_open(struct nbd_link *link, const char *name, int told,
			     struct err *e)
{
	static const struct store_ops ops = {
		.listen = nbd_store_listen,
		.pin = nbd_store_pin,
		.unpin = nbd_store_unpin,
		.read = nbd_store_read,
		.write = nbd_store_write,
		.flush = nbd_store_flush,
		.discard = nbd_store_discard,
		.submit = nbd_store_submit,
		.reap = nbd_store_reap,
		.close = nbd_store_close,
	};
	struct nbd_store *n = calloc(1, sizeof(*n));

	if (!n) {
		nbd_link_close(link);
		err_set(e, ENOMEM, "no memory for a connection");
		return NULL;
	}
	n->store.ops = &ops;
	n->name = name;
	n->told = told;
	nbd_ops_init(&n->ops);
	n->ops.link = link;
	link->number = n->n_given = 1;
	n->orders = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (n->orders < 0) {
		err_errno(e, errno, "cannot make an eventfd");
		nbd_store_close(&n->store);
		return NULL;
	}
	return &n->store;
}

void nbd_store_give(struct store *s, struct nbd_link *link)
{
	struct nbd_store *n = of(s);

	link->number = ++n->n_given;
	nbd_link_close(atomic_exchange_explicit(&n->given, link,
						memory_order_acq_rel));
	wake(n->orders);
}

bool nbd_store_is_lost(const struct store *s)
{
	const struct nbd_store *n = (const struct nbd_store *)s;

	return atomic_load_explicit(&n->lost, memory_order_acquire) ==
	       n->n_given;
}
