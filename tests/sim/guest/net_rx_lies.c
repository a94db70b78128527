/* SPDX-License-Identifier: MIT */
/*
 * Receive slots whose grants are not what they are posted for: what should
 * have gone there is an error, and the next good slot gets its frame. Needs
 * two interfaces in one bridge.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"

#define ARRIVE_MS   3000
#define SETTLE_MS   200
#define FRAME_BYTES 100
#define STRANGER    77

/* Makes every slot's grant what is asked for, or good again. */
static void twist(struct net *n, enum lie_ref kind)
{
	unsigned int id;

	for (id = 0; id < NET_SLOTS; id++) {
		struct grant_entry_v1 *entry = grants_entry(
			n->guest->grants, n->queues[0].rx_pages[id].ref);

		entry->domid = kind == REF_OTHER_DOMAIN ? STRANGER : 0;
		entry->flags = kind == REF_REVOKED ? GTF_invalid
			       : kind == REF_READ_ONLY
				       ? GTF_permit_access | GTF_readonly
				       : GTF_permit_access;
	}
}

static int send_one(struct net *from, const struct net *to, struct err *e)
{
	uint8_t frame[FRAME_BYTES] = {0};
	int16_t status;

	memcpy(frame, to->mac, 6);
	memcpy(frame + 6, from->mac, 6);
	frame[12] = 0x88; /* an EtherType for experiments, 0x88b5 */
	frame[13] = 0xb5;
	if (net_queue_send(&from->queues[0], frame, sizeof(frame), 0, 0,
			   &status, e) < 0)
		return -e->code;
	return status == NETIF_RSP_OKAY
		       ? 0
		       : err_set(e, EIO, "a good frame: status %d", status);
}

static bool has_error(void *arg)
{
	return ((struct net *)arg)->queues[0].rx_errors > 0;
}

static bool has_frame(void *arg)
{
	struct net *n = arg;
	struct net_frame got;
	bool found = false;

	while (!found && net_queue_take(&n->queues[0], &got)) {
		found = got.size == FRAME_BYTES;
		free(got.data);
	}
	return found;
}

static int rx_grants(struct scene *s, const struct step *step, struct err *e)
{
	struct net *from, *to;
	int rc;

	if (s->n_nets < 2)
		return err_set(e, ENOTSUP, "the guest has one interface");
	from = s->nets[0];
	to = s->nets[1];
	to->queues[0].rx_errors = 0;
	twist(to, step->net.ref);
	rc = send_one(from, to, e);
	if (rc == 0 && guest_wait(s->guest, has_error, to, ARRIVE_MS) < 0)
		rc = err_set(e, ETIMEDOUT, "no error was reported");
	twist(to, REF_GOOD);
	if (rc == 0)
		rc = send_one(from, to, e);
	if (rc == 0 && guest_wait(s->guest, has_frame, to, ARRIVE_MS) < 0)
		rc = err_set(e, ETIMEDOUT, "nothing comes any more");
	return rc;
}

/* Nobody receives: what is too much is dropped, not kept (XSA-392). */
static int no_slots(struct scene *s, const struct step *step, struct err *e)
{
	struct net *from, *to;
	unsigned int i;
	int rc = 0;

	if (s->n_nets < 2)
		return err_set(e, ENOTSUP, "the guest has one interface");
	from = s->nets[0];
	to = s->nets[1];
	net_queue_hoard(&to->queues[0], true);
	for (i = 0; rc == 0 && i < step->number; i++)
		rc = send_one(from, to, e);
	net_queue_hoard(&to->queues[0], false);
	guest_rest(s->guest, SETTLE_MS);
	while (has_frame(to))
		continue;
	if (rc == 0)
		rc = send_one(from, to, e);
	if (rc == 0 && guest_wait(s->guest, has_frame, to, ARRIVE_MS) < 0)
		rc = err_set(e, ETIMEDOUT, "nothing comes any more");
	return rc;
}

static const struct step steps[] = {
	{"slots without a grant", rx_grants, .net = {.ref = REF_REVOKED}},
	{"slots that may only be read", rx_grants,
	 .net = {.ref = REF_READ_ONLY}},
	{"slots granted to another domain", rx_grants,
	 .net = {.ref = REF_OTHER_DOMAIN}},
	{"no slots at all, and then again (XSA-392)", no_slots, .number = 1500},
};

const struct script net_rx_lies =
	SCRIPT("net-rx-lies", "slots to receive in that are not", steps);
