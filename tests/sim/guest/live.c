/* SPDX-License-Identifier: MIT */
/* Watches and input are noted as they come, and served by turns. */
#include "tests/sim/guest/live.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "tests/sim/guest/console.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/scene.h"
#include "tests/sim/guest/store.h"

#define LOOK_MS	   200 /* so often at the latest, and whether it still runs */
#define LINE_BYTES 200

struct live {
	struct scene scene;
	struct store_watch *devices; /* owned, as is the next */
	struct store_watch *shutdown;
	bool news; /* of any kind */
	bool input;
	char line[LINE_BYTES];
	size_t line_bytes;
};

static void on_news(void *arg)
{
	struct live *l = arg;

	l->news = true;
}

static void on_input(void *arg)
{
	struct live *l = arg;

	l->news = true;
	l->input = true;
}

static void live_print(struct live *l, const char *text)
{
	struct err e;

	console_print(l->scene.console, text, &e);
}

static void live_end(struct live *l, unsigned int reason)
{
	if (guest_shutdown(l->scene.guest, reason) == 0)
		l->scene.over = true;
}

struct live *live_new(struct event_base *base, uint32_t domid, struct err *e)
{
	struct live *l = calloc(1, sizeof(*l));
	char line[64];

	if (!l) {
		err_set(e, ENOMEM, "no memory for a guest");
		return NULL;
	}
	if (scene_open(&l->scene, base, domid, e) < 0) {
		free(l);
		return NULL;
	}
	l->devices = store_watch(l->scene.guest->store, on_news, l, "device");
	l->shutdown = store_watch(l->scene.guest->store, on_news, l,
				  "control/shutdown");
	if (!l->devices || !l->shutdown) {
		err_errno(e, errno, "cannot watch");
		live_free(l);
		return NULL;
	}
	console_set_input(l->scene.console, on_input, l);
	snprintf(line, sizeof(line), "domain %u is up\n", domid);
	live_print(l, line);
	l->news = true;
	return l;
}

void live_free(struct live *l)
{
	if (!l)
		return;
	if (l->scene.over)
		store_hang_up(l->scene.guest->store);
	store_unwatch(l->devices);
	store_unwatch(l->shutdown);
	scene_close(&l->scene);
	free(l);
}

/* ---- devices ---- */

static bool must_close(const struct bus *bus)
{
	return bus->theirs == XenbusStateClosing ||
	       (bus->theirs == XenbusStateClosed &&
		bus->ours != XenbusStateClosed);
}

/* What cannot be done now is tried again at the next turn. */
static void live_devices(struct live *l)
{
	struct scene *s = &l->scene;
	unsigned int i;
	struct err e;

	scene_look(s, &e);
	for (i = 0; i < s->n_disks; i++) {
		struct blk *b = s->disks[i];

		if (must_close(&b->bus))
			blk_disconnect(b, &e);
		else if (b->bus.theirs == XenbusStateInitWait)
			blk_connect(b, &scene_plain_disk, &e);
		b->bus.changed = on_news;
		b->bus.arg = l;
	}
	for (i = 0; i < s->n_nets; i++) {
		struct net *n = s->nets[i];

		if (must_close(&n->bus))
			net_disconnect(n, &e);
		else if (n->bus.theirs == XenbusStateInitWait)
			net_connect(n, &scene_plain_net, &e);
		n->bus.changed = on_news;
		n->bus.arg = l;
	}
}

/* ---- being told to end ---- */

static void live_control(struct live *l)
{
	struct store *store = l->scene.guest->store;
	scoped_str wish = store_read(store, 0, "control/shutdown");

	if (!wish || !wish[0])
		return;
	store_write(store, 0, "", "control/shutdown");
	if (strcmp(wish, "poweroff") == 0 || strcmp(wish, "halt") == 0)
		live_end(l, SHUTDOWN_poweroff);
	else if (strcmp(wish, "reboot") == 0)
		live_end(l, SHUTDOWN_reboot);
}

/* ---- the console ---- */

static void live_list(struct live *l)
{
	struct scene *s = &l->scene;
	char line[160];
	unsigned int i;

	for (i = 0; i < s->n_disks; i++) {
		snprintf(line, sizeof(line), "%s %s\n", s->disks[i]->bus.front,
			 blk_is_connected(s->disks[i]) ? "up" : "down");
		live_print(l, line);
	}
	for (i = 0; i < s->n_nets; i++) {
		snprintf(line, sizeof(line), "%s %s\n", s->nets[i]->bus.front,
			 net_is_connected(s->nets[i]) ? "up" : "down");
		live_print(l, line);
	}
}

static void live_obey(struct live *l, const char *line)
{
	struct err e = {0};

	if (strcmp(line, "poweroff") == 0) {
		live_end(l, SHUTDOWN_poweroff);
	} else if (strcmp(line, "reboot") == 0) {
		live_end(l, SHUTDOWN_reboot);
	} else if (strcmp(line, "crash") == 0) {
		live_end(l, SHUTDOWN_crash);
	} else if (strcmp(line, "list") == 0) {
		live_list(l);
	} else if (strcmp(line, "check") == 0) {
		scene_check(&l->scene, &e);
		live_print(l, "check: ");
		live_print(l, e.text[0] ? e.text : "ok");
		live_print(l, "\n");
	} else {
		live_print(l, line);
		live_print(l, "\n");
	}
}

static void live_input(struct live *l)
{
	char got[LINE_BYTES];
	size_t n, i;

	l->input = false;
	while ((n = console_read(l->scene.console, got, sizeof(got))) > 0)
		for (i = 0; i < n && !l->scene.over; i++) {
			if (got[i] != '\n' && got[i] != '\r') {
				if (l->line_bytes + 1 < LINE_BYTES)
					l->line[l->line_bytes++] = got[i];
				continue;
			}
			l->line[l->line_bytes] = '\0';
			l->line_bytes = 0;
			live_obey(l, l->line);
		}
}

/* ---- by turns ---- */

static void live_turn(struct live *l)
{
	if (!guest_runs(l->scene.guest))
		l->scene.over = true;
	if (l->scene.over || !l->news)
		return;
	l->news = false;
	live_control(l);
	if (!l->scene.over)
		live_devices(l);
	if (!l->scene.over && l->input)
		live_input(l);
}

struct company {
	struct live **lives;
	size_t n;
};

static bool is_any_news(void *arg)
{
	const struct company *c = arg;
	bool any = false;
	size_t i;

	for (i = 0; i < c->n; i++)
		any = any || (c->lives[i]->news && !c->lives[i]->scene.over);
	return any;
}

static bool live_all_over(const struct company *c)
{
	size_t i = 0;

	while (i < c->n && c->lives[i]->scene.over)
		i++;
	return i == c->n;
}

void live_run(struct live **lives, size_t n)
{
	struct company all = {lives, n};
	size_t i;

	while (!live_all_over(&all)) {
		guest_wait(lives[0]->scene.guest, is_any_news, &all, LOOK_MS);
		for (i = 0; i < n; i++)
			live_turn(lives[i]);
	}
}
