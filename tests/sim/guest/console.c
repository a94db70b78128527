/* SPDX-License-Identifier: MIT */
/* Bytes through the console's page. */
#include "tests/sim/guest/console.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/guest.h"

#define PRINT_MS 5000

struct console {
	struct guest *guest;		/* borrowed */
	struct xencons_interface *page; /* in the guest's memory */
	void (*on_input)(void *arg);
	void *arg;
};

static uint32_t index_read(const XENCONS_RING_IDX *index)
{
	return *(const volatile XENCONS_RING_IDX *)index;
}

static void on_port(void *arg)
{
	struct console *c = arg;

	if (c->on_input && index_read(&c->page->in_prod) != c->page->in_cons)
		c->on_input(c->arg);
}

struct console *console_open(struct guest *g, struct err *e)
{
	struct console *c = calloc(1, sizeof(*c));
	int rc;

	if (!c) {
		err_set(e, ENOMEM, "no memory for a console");
		return NULL;
	}
	c->guest = g;
	c->page = g->console_page;
	rc = events_adopt(g->events, g->console_port, on_port, c);
	if (rc < 0) {
		err_errno(e, -rc, "the console's port %u", g->console_port);
		free(c);
		return NULL;
	}
	return c;
}

void console_close(struct console *c)
{
	if (!c)
		return;
	events_free(c->guest->events, c->guest->console_port);
	free(c);
}

void console_set_input(struct console *c, void (*on_input)(void *arg),
		       void *arg)
{
	c->on_input = on_input;
	c->arg = arg;
	if (on_input)
		on_port(c);
}

size_t console_write(struct console *c, const char *text, size_t n)
{
	struct xencons_interface *page = c->page;
	uint32_t prod = page->out_prod;
	uint32_t room = (uint32_t)sizeof(page->out) -
			(prod - index_read(&page->out_cons));
	size_t i;

	if (room > sizeof(page->out))
		return 0;
	n = n < room ? n : room;
	xen_mb(); /* what we write over has been read */
	for (i = 0; i < n; i++)
		page->out[MASK_XENCONS_IDX(prod + i, page->out)] = text[i];
	xen_wmb(); /* the bytes are there before the index announces them */
	page->out_prod = prod + (uint32_t)n;
	if (n)
		console_ring(c);
	return n;
}

static bool console_has_room(void *arg)
{
	const struct console *c = arg;

	return c->page->out_prod - index_read(&c->page->out_cons) <
	       sizeof(c->page->out);
}

static bool console_is_read(void *arg)
{
	const struct console *c = arg;

	return index_read(&c->page->out_cons) == c->page->out_prod;
}

int console_print(struct console *c, const char *text, struct err *e)
{
	size_t left = strlen(text);
	int rc = 0;

	while (left > 0 && rc == 0) {
		size_t n = console_write(c, text, left);

		text += n;
		left -= n;
		if (left > 0)
			rc = guest_wait(c->guest, console_has_room, c,
					PRINT_MS);
	}
	if (rc == 0)
		rc = guest_wait(c->guest, console_is_read, c, PRINT_MS);
	return rc < 0 ? err_set(e, ETIMEDOUT, "nobody reads the console") : 0;
}

size_t console_read(struct console *c, char *to, size_t n)
{
	struct xencons_interface *page = c->page;
	uint32_t cons = page->in_cons;
	uint32_t filled = index_read(&page->in_prod) - cons;
	size_t i;

	if (filled > sizeof(page->in))
		return 0;
	xen_rmb(); /* the bytes are read after the index that announced them */
	n = n < filled ? n : filled;
	for (i = 0; i < n; i++)
		to[i] = page->in[MASK_XENCONS_IDX(cons + i, page->in)];
	xen_mb(); /* and before they may be written over */
	page->in_cons = cons + (uint32_t)n;
	if (n)
		console_ring(c);
	return n;
}

struct xencons_interface *console_page(struct console *c)
{
	return c->page;
}

void console_ring(struct console *c)
{
	events_notify(c->guest->events, c->guest->console_port);
}
