/* SPDX-License-Identifier: MIT */
/* A played guest at work: what it sends must arrive, byte for byte. */
#include "tests/sim/runs/actor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/console.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/runs/host_net.h"
#include "tests/sim/runs/world.h"

#define ARRIVE_MS 2000
#define FRAME_MS  300 /* then another is sent: a network may lose one */
#define FRAMES	  12  /* in all, longer than a fault is late */
#define SECTORS	  24  /* three pages: more than one grant a request */

int actor_use_disk(struct actor *a, struct blk *disk, struct err *e)
{
	unsigned int q;

	if (!disk)
		return err_set(e, ENODEV, "no disk");
	for (q = 0; q < disk->n_queues; q++)
		if (blk_io_verify(&disk->queues[q], 8, SECTORS, ++a->seed, e) <
		    0)
			return -e->code;
	return bus_check(&disk->bus, e);
}

/* ---- network ---- */

struct hope {
	struct actor *actor;
	struct net *vif;
	uint8_t frame[HOST_NET_BYTES];
};

static bool has_left(void *arg)
{
	struct hope *h = arg;

	return host_net_got(h->actor->host, h->frame);
}

static bool has_come(void *arg)
{
	struct hope *h = arg;
	struct net_frame got;
	bool found = false;

	while (net_queue_take(&h->vif->queues[0], &got)) {
		found |= got.size == HOST_NET_BYTES &&
			 memcmp(got.data, h->frame, HOST_NET_BYTES) == 0;
		free(got.data);
	}
	return found || bus_is_refused(&h->vif->bus);
}

static int send_out(struct hope *h, struct err *e)
{
	struct actor *a = h->actor;
	uint8_t host_mac[6];
	int16_t status;

	host_net_mac(a->host, host_mac);
	host_net_frame(h->frame, host_mac, h->vif->mac, ++a->seed);
	if (net_queue_send(&h->vif->queues[0], h->frame, HOST_NET_BYTES, 0, 0,
			   &status, e) < 0)
		return -e->code;
	return guest_wait(a->guest, has_left, h, FRAME_MS);
}

static int send_in(struct hope *h, struct err *e)
{
	struct actor *a = h->actor;
	uint8_t host_mac[6];
	int rc;

	host_net_mac(a->host, host_mac);
	host_net_frame(h->frame, h->vif->mac, host_mac, ++a->seed);
	rc = host_net_send(a->host, h->frame);
	if (rc < 0)
		return err_errno(e, -rc, "the bridge does not take a frame");
	return guest_wait(a->guest, has_come, h, FRAME_MS);
}

int actor_use_vif(struct actor *a, struct net *vif, struct err *e)
{
	int (*const ways[])(struct hope * h, struct err * e) = {send_out,
								send_in};
	struct hope h = {a, vif, {0}};
	unsigned int left, way;
	int rc;

	if (!vif)
		return err_set(e, ENODEV, "no vif");
	for (way = 0; way < 2; way++) {
		left = FRAMES;
		do
			rc = ways[way](&h, e);
		while (rc == -ETIMEDOUT && --left &&
		       !bus_is_refused(&vif->bus));
		if (bus_is_refused(&vif->bus))
			return err_set(e, EPIPE, "the vif is given up");
		if (rc == -ETIMEDOUT)
			return err_set(e, ETIME, "no frame reaches the %s",
				       way ? "guest" : "bridge");
		if (rc < 0)
			return rc;
	}
	return bus_check(&vif->bus, e);
}

/* ---- console ---- */

struct line {
	char *path;
	char text[64];
};

static bool is_logged(void *arg)
{
	const struct line *l = arg;
	scoped_str all = NULL;
	FILE *f = fopen(l->path, "re");
	size_t size = 0;
	bool found;

	if (!f)
		return false;
	found = getdelim(&all, &size, '\0', f) > 0 && strstr(all, l->text);
	fclose(f);
	return found;
}

int actor_use_console(struct actor *a, struct err *e)
{
	struct line l;
	int rc = 0;

	if (!a->console)
		return err_set(e, ENODEV, "no console");
	l.path = text_format("%s/logs/guest-%s.log", a->w->dir, a->name);
	snprintf(l.text, sizeof(l.text), "line %u of domain %u\n", ++a->seed,
		 a->domid);
	if (console_print(a->console, l.text, e) < 0)
		rc = -e->code;
	else if (guest_wait(a->guest, is_logged, &l, ARRIVE_MS) < 0)
		rc = err_set(e, ETIME, "a line does not reach the log");
	free(l.path);
	return rc;
}

int actor_use(struct actor *a, struct err *e)
{
	if (actor_use_disk(a, a->disk, e) < 0 ||
	    actor_use_vif(a, a->vif, e) < 0 || actor_use_console(a, e) < 0)
		return -e->code;
	return 0;
}
