/* SPDX-License-Identifier: MIT */
/*
 * The ways in which a guest ends, each with its devices at work. What must
 * hold then is seen from dom0: nothing of it is left.
 */
#include <errno.h>

#include "base/err.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"
#include "xen/abi.h"

/* Reads in every slot of every disk, packets in every interface. */
static void put_to_work(struct scene *s)
{
	unsigned int i;

	for (i = 0; i < s->n_disks; i++) {
		struct blk *b = s->disks[i];
		struct blk_page *page = blk_io_get(b, true);
		struct blk_wire w = {
			.operation = BLKIF_OP_READ,
			.segments = 1,
		};

		if (!page)
			continue;
		w.seg[0].gref = page->ref;
		w.seg[0].last_sect = 7;
		for (; blk_queue_put(&b->queues[0], &w) == 0; w.id++)
			continue;
		blk_queue_push(&b->queues[0]);
		blk_io_park(b, page);
	}
	for (i = 0; i < s->n_nets; i++) {
		struct net_queue *q = &s->nets[i]->queues[0];
		struct netif_tx_request req = {
			.gref = q->rx_pages[0].ref,
			.size = 60,
		};

		for (; req.id < NET_SLOTS; req.id++)
			net_queue_put(q, &req);
		net_queue_push(q);
	}
}

static int shut_down(struct scene *s, const struct step *step, struct err *e)
{
	int rc;

	put_to_work(s);
	s->over = true;
	rc = guest_shutdown(s->guest, step->number);
	return rc < 0 ? err_errno(e, -rc, "cannot shut down") : 0;
}

/* All ports first, as a kernel that tears down in the wrong order would. */
static int ports_first(struct scene *s, const struct step *step, struct err *e)
{
	unsigned int i;

	put_to_work(s);
	for (i = 0; i < s->n_disks; i++)
		events_free(s->guest->events, s->disks[i]->queues[0].port);
	for (i = 0; i < s->n_nets; i++) {
		events_free(s->guest->events, s->nets[i]->queues[0].tx_port);
		events_free(s->guest->events, s->nets[i]->queues[0].rx_port);
	}
	return shut_down(s, step, e);
}

/* Nothing moves any more, and Xen does not know. */
static int freeze(struct scene *s, const struct step *step, struct err *e)
{
	(void)step;
	(void)e;
	put_to_work(s);
	s->over = true;
	return 0;
}

static const struct step poweroff[] = {
	{"powers off under requests", shut_down, .number = SHUTDOWN_poweroff},
};
static const struct step reboot[] = {
	{"reboots under requests", shut_down, .number = SHUTDOWN_reboot},
};
static const struct step crash[] = {
	{"crashes under requests", shut_down, .number = SHUTDOWN_crash},
};
static const struct step ports[] = {
	{"closes its ports, then crashes", ports_first,
	 .number = SHUTDOWN_crash},
};
static const struct step odd[] = {
	{"shuts down for a reason that there is not", shut_down, .number = 250},
};
static const struct step frozen[] = {
	{"stops without a word", freeze, .number = 0},
};

const struct script vanish_poweroff =
	SCRIPT("vanish-poweroff", "powers off at work", poweroff);
const struct script vanish_reboot =
	SCRIPT("vanish-reboot", "reboots at work", reboot);
const struct script vanish_crash =
	SCRIPT("vanish-crash", "crashes at work", crash);
const struct script vanish_ports =
	SCRIPT("vanish-ports", "closes its ports and crashes", ports);
const struct script vanish_odd =
	SCRIPT("vanish-odd", "shuts down for an unknown reason", odd);
const struct script vanish_frozen =
	SCRIPT("vanish-frozen", "stops without a word", frozen);
