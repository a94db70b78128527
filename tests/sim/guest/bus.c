/* SPDX-License-Identifier: MIT */
/* States written, read and waited for. */
#include "tests/sim/guest/bus.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "base/scope.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/store.h"

#define HANDSHAKE_MS 20000

static void bus_look(struct bus *b)
{
	b->theirs = store_read_u32(b->guest->store, XenbusStateUnknown,
				   "%s/state", b->back);
}

static void on_state(void *arg)
{
	struct bus *b = arg;

	bus_look(b);
	if (b->changed)
		b->changed(b->arg);
}

int bus_open(struct bus *b, struct guest *g, const char *kind, uint32_t devid,
	     struct err *e)
{
	scoped_str back = NULL;

	*b = (struct bus){.guest = g};
	snprintf(b->front, sizeof(b->front), "device/%s/%u", kind, devid);
	back = store_read(g->store, 0, "%s/backend", b->front);
	if (!back)
		return err_errno(e, errno, "%s/backend", b->front);
	snprintf(b->back, sizeof(b->back), "%s", back);
	b->ours = store_read_u32(g->store, XenbusStateUnknown, "%s/state",
				 b->front);
	bus_look(b);
	b->watch = store_watch(g->store, on_state, b, "%s/state", b->back);
	if (!b->watch)
		return err_errno(e, errno, "cannot watch %s", b->back);
	return 0;
}

void bus_close(struct bus *b)
{
	store_unwatch(b->watch);
	b->watch = NULL;
}

int bus_set_state(struct bus *b, enum xenbus_state state)
{
	b->ours = state;
	return store_write_u32(b->guest->store, 0, state, "%s/state", b->front);
}

struct hope {
	const struct bus *bus;
	unsigned int states;
};

static bool bus_is_in(void *arg)
{
	const struct hope *hope = arg;

	return BUS_IN(hope->bus->theirs) & hope->states;
}

int bus_wait(struct bus *b, unsigned int states, unsigned int ms, struct err *e)
{
	struct hope hope = {b, states};

	if (guest_wait(b->guest, bus_is_in, &hope, ms) == 0)
		return 0;
	return err_set(e, ETIMEDOUT,
		       "%s: the back end is in state %u after %u ms", b->front,
		       b->theirs, ms);
}

int bus_begin(struct bus *b, struct err *e)
{
	int rc = 0;

	if (b->blind) {
		bus_set_state(b, XenbusStateInitialising);
		return 0;
	}
	if (b->theirs == XenbusStateClosing)
		rc = bus_end(b, e);
	if (rc == 0 && b->theirs != XenbusStateInitWait)
		bus_set_state(b, XenbusStateInitialising);
	if (rc == 0)
		rc = bus_wait(b, BUS_IN(XenbusStateInitWait), HANDSHAKE_MS, e);
	if (rc == 0 && b->ours != XenbusStateInitialising)
		bus_set_state(b, XenbusStateInitialising);
	return rc;
}

int bus_end(struct bus *b, struct err *e)
{
	bus_set_state(b, XenbusStateClosed);
	return bus_wait(b,
			BUS_IN(XenbusStateClosed) | BUS_IN(XenbusStateUnknown),
			HANDSHAKE_MS, e);
}

uint32_t bus_offer(struct bus *b, const char *key)
{
	return store_read_u32(b->guest->store, 0, "%s/%s", b->back, key);
}

bool bus_is_refused(const struct bus *b)
{
	return !b->blind && b->theirs != XenbusStateConnected;
}

int bus_check(const struct bus *b, struct err *e)
{
	if (!b->breach.text[0])
		return 0;
	*e = b->breach;
	return -e->code;
}

void bus_blame(struct bus *b, const char *fmt, ...)
{
	char text[200];
	va_list args;

	if (b->breach.text[0])
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	err_set(&b->breach, EPROTO, "%s: %s", b->front, text);
}
