/* SPDX-License-Identifier: MIT */
/* One guest's console: from its ring to whoever reads, and back. */
#include "console/guest.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "chan/msg.h"
#include "console/audience.h"
#include "console/history.h"
#include "console/logfile.h"
#include "console/ring.h"
#include "console/throttle.h"
#include "xen/evtchn.h"

#define LINGER_S 1
/* A live domain could write for ever while we take its last words. */
#define LAST_TAKES 4

struct guest {
	LIST_ENTRY(guest) link;
	const struct guest_host *host; /* borrowed */
	uint32_t domid;
	uint32_t port;	  /* local; 0: not bound */
	struct ring ring; /* its page is ours to unmap; NULL: let go */
	struct history history;
	struct throttle throttle;
	uint64_t masked_until_ms;
	struct event *pause; /* owned; added while the port stays masked */
	struct event *end;   /* owned; of the time to leave */
	bool leaving;
	struct logfile log; /* its fd is owned; -1 once let go */
	struct audience audience;
	struct log_limit limit;
};

static void guest_release_ring(struct guest *g)
{
	bool stuck = false;

	audience_listen(&g->audience, false);
	if (g->pause)
		event_del(g->pause);
	if (g->port && evtchn_unbind(g->host->evtchn, g->port) < 0)
		stuck = true;
	g->port = 0;
	if (g->ring.page &&
	    xengnttab_unmap(g->host->gnttab, g->ring.page, 1) < 0)
		stuck = true;
	g->ring.page = NULL;
	if (stuck)
		g->host->on_stuck(g->host->arg);
}

/*
 * Clients stay: what the guest wrote before is worth reading now. Called from
 * within their callbacks too, so none may end here.
 */
static void guest_fail(struct guest *g, const char *what)
{
	static const char notice[] = "\r\n[xn: this console has failed]\r\n";
	struct err e;

	err_set(&e, EPROTO, "the console of domain %u has failed: %s", g->domid,
		what);
	guest_release_ring(g);
	history_add(&g->history, notice, sizeof(notice) - 1);
	audience_wake(&g->audience);
	g->host->on_failed(g, &e, g->host->arg);
}

static void guest_notify(struct guest *g)
{
	int rc = evtchn_notify(g->host->evtchn, g->port);

	if (rc < 0)
		log_limited(&g->limit, "d%u/console: cannot notify it: %s",
			    g->domid, strerror(-rc));
}

/* Moves output on. Returns how many bytes, or -EPROTO. */
static int guest_take(struct guest *g)
{
	char data[RING_OUT_BYTES];
	int n = ring_take(&g->ring, data);

	if (n <= 0)
		return n;
	/* Logged before it is released: rather twice than never. */
	logfile_write(&g->log, data, (size_t)n);
	history_add(&g->history, data, (size_t)n);
	ring_release(&g->ring);
	guest_notify(g);
	return n;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* False when the guest has failed by it. */
static bool guest_serve(struct guest *g)
{
	int taken = guest_take(g);
	int room = taken < 0 ? taken : ring_room(&g->ring);

	if (taken > 0)
		audience_flush(&g->audience);
	if (room < 0)
		guest_fail(g, "its ring's indices are impossible");
	else
		audience_listen(&g->audience, room > 0);
	return room >= 0;
}

/* Looks again soon while the port is to stay masked, or unmasks it. */
static void guest_pause(struct guest *g, uint64_t now)
{
	uint64_t wait_ms = g->masked_until_ms - now;
	struct timeval wait = {0};

	if (now >= g->masked_until_ms) {
		if (evtchn_unmask(g->host->evtchn, g->port) < 0)
			guest_fail(g, "its port is out of order");
		return;
	}
	if (wait_ms > THROTTLE_LOOK_MS)
		wait_ms = THROTTLE_LOOK_MS;
	wait.tv_usec = (suseconds_t)wait_ms * 1000;
	event_add(g->pause, &wait);
}

static void on_port(uint32_t port, void *arg)
{
	struct guest *g = arg;
	uint64_t now = now_ms();

	(void)port;
	if (!guest_serve(g))
		return;
	g->masked_until_ms = now + throttle_event(&g->throttle, now);
	guest_pause(g, now);
}

static void on_pause_over(evutil_socket_t fd, short what, void *arg)
{
	struct guest *g = arg;

	(void)fd;
	(void)what;
	if (guest_serve(g))
		guest_pause(g, now_ms());
}

/* Peers listen only while there is a ring. */
static size_t on_room(void *arg)
{
	struct guest *g = arg;
	int room = ring_room(&g->ring);

	if (room < 0)
		guest_fail(g, "its input ring's indices are impossible");
	return room > 0 ? (size_t)room : 0;
}

static void on_input(const char *data, size_t size, void *arg)
{
	struct guest *g = arg;
	int n = ring_put(&g->ring, data, size);

	if (n > 0)
		guest_notify(g);
	/* When there is no room left, until it says that it has read. */
	if (n < 0)
		guest_fail(g, "its input ring's indices are impossible");
	else if (ring_room(&g->ring) <= 0)
		audience_listen(&g->audience, false);
}

static void on_gone(struct peer *p, void *arg)
{
	struct guest *g = arg;

	audience_drop(&g->audience, p);
	if (g->leaving && audience_is_empty(&g->audience))
		g->host->on_left(g, g->host->arg);
}

static const struct peer_ops peer_ops = {on_room, on_input, on_gone};

static void on_end(evutil_socket_t fd, short what, void *arg)
{
	struct guest *g = arg;

	(void)fd;
	(void)what;
	g->host->on_left(g, g->host->arg);
}

static int guest_connect(struct guest *g, const struct msg_console_add *add,
			 struct err *e)
{
	void *page =
		xengnttab_map_grant_ref(g->host->gnttab, g->domid,
					add->ring_ref, PROT_READ | PROT_WRITE);
	int port;

	if (!page)
		return err_errno(e, errno,
				 "cannot map the console ring of domain %u "
				 "(grant %u)",
				 g->domid, add->ring_ref);
	ring_init(&g->ring, page);
	port = evtchn_bind(g->host->evtchn, g->domid, add->port, on_port, g, e);
	if (port < 0)
		return err_wrap(e, "console");
	g->port = (uint32_t)port;
	/* Our predecessor may have died before it did. */
	guest_notify(g);
	return 0;
}

struct guest *guest_new(const struct guest_host *host, struct guest_list *list,
			const struct msg_console_add *add, int pty, int log,
			struct err *e)
{
	scoped_fd pty_fd = pty;
	scoped_fd log_fd = log;
	struct guest *g = calloc(1, sizeof(*g));

	if (!g) {
		err_set(e, ENOMEM, "no memory for a console");
		return NULL;
	}
	LIST_INSERT_HEAD(list, g, link);
	g->host = host;
	g->domid = add->domid;
	g->log.fd = fd_take(&log_fd);
	g->log.domid = add->domid;
	g->pause = event_new(host->base, -1, 0, on_pause_over, g);
	g->end = event_new(host->base, -1, 0, on_end, g);
	if (!g->pause || !g->end || history_init(&g->history) < 0) {
		err_set(e, ENOMEM, "no memory for a console");
		goto fail;
	}
	if (audience_set_pty(&g->audience, host->base, &pty_fd, &g->history,
			     &peer_ops, g, e) < 0)
		goto fail;
	if (guest_connect(g, add, e) < 0)
		goto fail;
	return g;

fail:
	guest_free(g);
	return NULL;
}

uint32_t guest_domid(const struct guest *g)
{
	return g->domid;
}

struct guest *guest_find(struct guest_list *list, uint32_t domid)
{
	struct guest *g;

	LIST_FOREACH(g, list, link)
		if (g->domid == domid)
			return g;
	return NULL;
}

int guest_attach(struct guest *g, int *fd, struct err *e)
{
	return audience_add(&g->audience, g->host->base, fd, &g->history,
			    &peer_ops, g, e);
}

void guest_retry_ptys(struct guest_list *list)
{
	struct guest *g;

	LIST_FOREACH(g, list, link)
		peer_retry(g->audience.pty);
}

void guest_leave(struct guest *g, struct guest_list *leaving)
{
	struct timeval linger = {.tv_sec = LINGER_S};
	unsigned int left = LAST_TAKES;

	while (g->ring.page && left-- && guest_take(g) > 0)
		continue;
	guest_release_ring(g);
	fd_drop(&g->log.fd);
	audience_end(&g->audience);
	g->leaving = true;
	LIST_REMOVE(g, link);
	LIST_INSERT_HEAD(leaving, g, link);
	if (audience_is_empty(&g->audience))
		linger.tv_sec = 0;
	event_add(g->end, &linger);
}

void guest_free(struct guest *g)
{
	LIST_REMOVE(g, link);
	guest_release_ring(g);
	audience_free(&g->audience);
	if (g->pause)
		event_free(g->pause);
	if (g->end)
		event_free(g->end);
	fd_drop(&g->log.fd);
	history_free(&g->history);
	free(g);
}
