/* SPDX-License-Identifier: MIT */
/* A domain's memory and event loop, from boot to its end. */
#include "tests/sim/guest/guest.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>
#include <event2/event.h>

#include "base/err.h"
#include "tests/sim/guest/boot.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/store.h"
#include "tests/sim/lib/link.h"

#define MEMORY_BYTES ((size_t)SIM_MEMORY_FRAMES * XC_PAGE_SIZE)
#define BOOT_MS	     5000
#define TURN_MS	     4 /* at least so often is a condition looked at */

struct guest_insides {
	uint8_t *memory; /* the machine's; NULL: not mapped */
	struct boot boot;
	uint64_t *unused; /* owned: a stack of frames */
	uint64_t n_unused;
	struct event *readable; /* owned: a port has rung */
	struct event *tick;	/* owned: ends a turn of the loop */
};

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct guest *g = arg;

	(void)fd;
	(void)what;
	if (events_turn(g->events, 0) < 0)
		event_del(g->insides->readable);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	/* To have woken the loop is all. */
	(void)fd;
	(void)what;
	(void)arg;
}

static void *frame_at(const struct guest *g, uint64_t frame)
{
	return g->insides->memory + frame * XC_PAGE_SIZE;
}

static int guest_find_memory(struct guest *g, struct err *e)
{
	struct guest_insides *in = g->insides;
	uint64_t page;
	void *memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED, link_memory_fd(g->link), 0);

	if (memory == MAP_FAILED)
		return err_errno(e, errno, "cannot map the machine's memory");
	in->memory = memory;
	if (boot_read(g->link, in->memory, BOOT_MS, &in->boot, e) < 0)
		return -e->code;
	in->unused = calloc(in->boot.nr_pages, sizeof(*in->unused));
	if (!in->unused)
		return err_set(e, ENOMEM, "no memory for a list of pages");
	for (page = in->boot.nr_pages; page-- > in->boot.first_free;)
		in->unused[in->n_unused++] = in->boot.frames[page];
	return 0;
}

static int guest_find_friends(struct guest *g, struct err *e)
{
	struct guest_insides *in = g->insides;

	g->grants = grants_open(g->domid, in->memory, e);
	if (!g->grants)
		return -e->code;
	g->events = events_open(g->domid, e);
	if (!g->events)
		return -e->code;
	in->readable = event_new(g->base, events_fd(g->events),
				 EV_READ | EV_PERSIST, on_readable, g);
	in->tick = evtimer_new(g->base, on_tick, NULL);
	if (!in->readable || !in->tick || event_add(in->readable, NULL) < 0)
		return err_set(e, ENOMEM, "no memory for an event");
	g->store = store_open(g->events, g->base,
			      frame_at(g, in->boot.store_frame),
			      in->boot.store_port, e);
	return g->store ? 0 : -e->code;
}

struct guest *guest_boot(struct event_base *base, uint32_t domid, struct err *e)
{
	struct guest *g = calloc(1, sizeof(*g));

	if (g)
		g->insides = calloc(1, sizeof(*g->insides));
	if (!g || !g->insides) {
		err_set(e, ENOMEM, "no memory for a guest");
		goto fail;
	}
	g->base = base;
	g->domid = domid;
	g->link = link_open(SIM_GUEST, domid);
	if (!g->link) {
		err_errno(e, errno, "no domain %u", domid);
		goto fail;
	}
	if (guest_find_memory(g, e) < 0 || guest_find_friends(g, e) < 0)
		goto fail;
	g->console_page = frame_at(g, g->insides->boot.console_frame);
	g->console_port = g->insides->boot.console_port;
	g->command_line = g->insides->boot.command_line;
	return g;

fail:
	guest_free(g);
	return NULL;
}

void guest_free(struct guest *g)
{
	struct guest_insides *in;

	if (!g)
		return;
	in = g->insides;
	if (in) {
		store_close(g->store);
		if (in->readable)
			event_free(in->readable);
		if (in->tick)
			event_free(in->tick);
		events_close(g->events);
		grants_close(g->grants);
		boot_clear(&in->boot);
		free(in->unused);
		if (in->memory)
			munmap(in->memory, MEMORY_BYTES);
		free(in);
	}
	link_close(g->link);
	free(g);
}

int guest_shutdown(struct guest *g, unsigned int reason)
{
	return LINK_CALL(g->link, SIM_SHUTDOWN, reason) < 0 ? -errno : 0;
}

bool guest_runs(const struct guest *g)
{
	int64_t state = LINK_CALL(g->link, SIM_GUEST_STATE, 0);

	return state == SIM_RUNNING || state == SIM_PAUSED;
}

void *guest_page_new(struct guest *g)
{
	struct guest_insides *in = g->insides;
	void *page;

	if (in->n_unused == 0)
		return NULL;
	page = frame_at(g, in->unused[--in->n_unused]);
	memset(page, 0, XC_PAGE_SIZE);
	return page;
}

void guest_page_free(struct guest *g, void *page)
{
	struct guest_insides *in = g->insides;

	if (page)
		in->unused[in->n_unused++] = guest_page_frame(g, page);
}

uint64_t guest_page_frame(const struct guest *g, const void *page)
{
	return (uint64_t)((const uint8_t *)page - g->insides->memory) /
	       XC_PAGE_SIZE;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void guest_turn(struct guest *g, unsigned int ms)
{
	const struct timeval limit = {.tv_usec = (suseconds_t)ms * 1000};

	evtimer_add(g->insides->tick, &limit);
	event_base_loop(g->base, EVLOOP_ONCE);
}

int guest_wait(struct guest *g, guest_until *until, void *arg, unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	while (!until(arg)) {
		if (now_ms() >= end)
			return -ETIMEDOUT;
		guest_turn(g, TURN_MS);
	}
	return 0;
}

void guest_rest(struct guest *g, unsigned int ms)
{
	uint64_t end = now_ms() + ms;
	uint64_t now;

	while ((now = now_ms()) < end)
		guest_turn(g, end - now < TURN_MS ? (unsigned int)(end - now)
						  : TURN_MS);
}
