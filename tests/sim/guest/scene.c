/* SPDX-License-Identifier: MIT */
/* The devices of a guest, found, connected and tried. */
#include "tests/sim/guest/scene.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/scope.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/console.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/store.h"

#define CHECK_SECTORS 24
#define CHECK_BYTES   60 /* the shortest frame there is */

const struct blk_want scene_plain_disk = {.abi = BLK_X86_64};
const struct net_want scene_plain_net = {.queues = 0};

/* The numbers of a guest's devices of a kind, at most SCENE_DEVICES. */
static unsigned int scene_find(struct scene *s, const char *kind,
			       uint32_t *devids)
{
	scoped_str names = NULL;
	unsigned int n = 0;
	long bytes, at;

	bytes = store_list(s->guest->store, 0, &names, "device/%s", kind);
	for (at = 0; at < bytes && n < SCENE_DEVICES;
	     at += (long)strlen(names + at) + 1)
		if (num_parse_u32(names + at, UINT32_MAX, &devids[n]) == 0)
			n++;
	return n;
}

static int scene_add_disk(struct scene *s, uint32_t devid, struct err *e)
{
	unsigned int i;

	for (i = 0; i < s->n_disks; i++)
		if (s->disks[i]->devid == devid)
			return 0;
	if (i == SCENE_DEVICES)
		return err_set(e, E2BIG, "more disks than are looked at");
	s->disks[i] = blk_new(s->guest, devid, e);
	if (!s->disks[i])
		return -e->code;
	s->n_disks++;
	return 0;
}

static int scene_add_net(struct scene *s, uint32_t devid, struct err *e)
{
	unsigned int i;

	for (i = 0; i < s->n_nets; i++)
		if (s->nets[i]->devid == devid)
			return 0;
	if (i == SCENE_DEVICES)
		return err_set(e, E2BIG, "more interfaces than are looked at");
	s->nets[i] = net_new(s->guest, devid, e);
	if (!s->nets[i])
		return -e->code;
	s->n_nets++;
	return 0;
}

/* Whose back end's directory is not there. */
static void scene_forget(struct scene *s)
{
	unsigned int i;

	for (i = s->n_disks; i-- > 0;)
		if (s->disks[i]->bus.theirs == XenbusStateUnknown) {
			blk_free(s->disks[i]);
			s->disks[i] = s->disks[--s->n_disks];
		}
	for (i = s->n_nets; i-- > 0;)
		if (s->nets[i]->bus.theirs == XenbusStateUnknown) {
			net_free(s->nets[i]);
			s->nets[i] = s->nets[--s->n_nets];
		}
}

int scene_look(struct scene *s, struct err *e)
{
	uint32_t devids[SCENE_DEVICES];
	unsigned int n;

	scene_forget(s);
	for (n = scene_find(s, "vbd", devids); n > 0; n--)
		if (scene_add_disk(s, devids[n - 1], e) < 0)
			return -e->code;
	for (n = scene_find(s, "vif", devids); n > 0; n--)
		if (scene_add_net(s, devids[n - 1], e) < 0)
			return -e->code;
	return 0;
}

int scene_open(struct scene *s, struct event_base *base, uint32_t domid,
	       struct err *e)
{
	*s = (struct scene){.seed = 1, .disk_want = scene_plain_disk};
	s->guest = guest_boot(base, domid, e);
	if (!s->guest)
		return -e->code;
	s->console = console_open(s->guest, e);
	if (s->console && scene_look(s, e) == 0)
		return 0;
	scene_close(s);
	return -e->code;
}

void scene_close(struct scene *s)
{
	struct err e;

	if (s->over)
		store_hang_up(s->guest->store);
	while (s->n_disks > 0) {
		struct blk *b = s->disks[--s->n_disks];

		if (!s->over)
			blk_disconnect(b, &e);
		blk_free(b);
	}
	while (s->n_nets > 0) {
		struct net *n = s->nets[--s->n_nets];

		if (!s->over)
			net_disconnect(n, &e);
		net_free(n);
	}
	console_close(s->console);
	guest_free(s->guest);
	*s = (struct scene){0};
}

int scene_connect(struct scene *s, struct err *e)
{
	unsigned int i;

	for (i = s->rests; i < s->n_disks; i++)
		if (!blk_is_connected(s->disks[i]) &&
		    blk_connect(s->disks[i], &s->disk_want, e) < 0)
			return -e->code;
	for (i = s->rests; i < s->n_nets; i++)
		if (!net_is_connected(s->nets[i]) &&
		    net_connect(s->nets[i], &scene_plain_net, e) < 0)
			return -e->code;
	return 0;
}

int scene_check_disk(struct scene *s, struct blk *b, struct err *e)
{
	if (!blk_is_connected(b))
		return err_set(e, ENOTCONN, "%s is not connected: %u, %u",
			       b->bus.front, b->bus.ours, b->bus.theirs);
	if (b->sectors < CHECK_SECTORS)
		return bus_check(&b->bus, e);
	return blk_io_verify(&b->queues[0], b->sectors - CHECK_SECTORS,
			     CHECK_SECTORS, s->seed++, e);
}

int scene_check_net(struct net *n, struct err *e)
{
	uint8_t frame[CHECK_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	int16_t status;

	if (!net_is_connected(n))
		return err_set(e, ENOTCONN, "%s is not connected: %u, %u",
			       n->bus.front, n->bus.ours, n->bus.theirs);
	memcpy(frame + 6, n->mac, sizeof(n->mac));
	frame[12] = 0x88; /* an EtherType for experiments, 0x88b5 */
	frame[13] = 0xb5;
	if (net_queue_send(&n->queues[0], frame, sizeof(frame), 0, 0, &status,
			   e) < 0)
		return -e->code;
	if (status != NETIF_RSP_OKAY)
		return err_set(e, EIO, "%s: a good frame has status %d",
			       n->bus.front, status);
	return bus_check(&n->bus, e);
}

int scene_check(struct scene *s, struct err *e)
{
	unsigned int i;

	if (s->over)
		return 0;
	for (i = s->rests; i < s->n_disks; i++)
		if (scene_check_disk(s, s->disks[i], e) < 0)
			return -e->code;
	for (i = s->rests; i < s->n_nets; i++)
		if (scene_check_net(s->nets[i], e) < 0)
			return -e->code;
	return s->console_lost ? 0 : console_print(s->console, ".", e);
}
