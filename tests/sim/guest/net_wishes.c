/* SPDX-License-Identifier: MIT */
/*
 * What the guest of an interface may ask for: room before each frame, by way
 * of Reconfiguring; which multicast it gets; and, by its control ring, which
 * queue a frame goes to. The first interface sends, the second asks.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/flow.h"
#include "tests/sim/guest/grants.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/scene.h"
#include "tests/sim/guest/script.h"

#define ARRIVE_MS 3000
#define BYTES	  1000
#define PORT	  40000
#define SOON	  100 /* frames */

static const uint8_t group[] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x07};

static int meet(struct scene *s, const struct net_want *want, struct err *e)
{
	struct net *to;

	if (s->n_nets < 2)
		return err_set(e, ENOTSUP, "the guest has one interface");
	to = s->nets[1];
	if (net_disconnect(to, e) < 0 || bus_check(&to->bus, e) < 0 ||
	    net_connect(to, want, e) < 0)
		return -e->code;
	if (to->want.ctrl != want->ctrl ||
	    to->want.multicast != want->multicast ||
	    to->want.queues != want->queues)
		return err_set(e, ENOTSUP, "that is not offered");
	return 0;
}

/* A frame under way, and where it has come. */
struct hope {
	struct net *net;
	const uint8_t *frame;
	struct net_frame got; /* without its data */
	unsigned int queue;
	const uint8_t * not ; /* a frame that must not come before */
	bool has_come_too;
};

static bool is_it(const struct net_frame *got, const uint8_t *frame)
{
	return frame && got->size == BYTES &&
	       memcmp(got->data, frame, BYTES) == 0;
}

static bool has_come(void *arg)
{
	struct hope *h = arg;
	struct net_frame got;
	unsigned int q;
	bool found = false;

	for (q = 0; q < h->net->n_queues; q++)
		while (net_queue_take(&h->net->queues[q], &got)) {
			h->has_come_too |= is_it(&got, h->not );
			if (is_it(&got, h->frame)) {
				h->got = got;
				h->queue = q;
				found = true;
			}
			free(got.data);
		}
	return found;
}

static int put(struct scene *s, const uint8_t *frame, struct err *e)
{
	int16_t status;

	if (net_queue_send(&s->nets[0]->queues[0], frame, BYTES, 0,
			   NETTXF_csum_blank | NETTXF_data_validated, &status,
			   e) < 0)
		return -e->code;
	return status == NETIF_RSP_OKAY ? 0
					: err_set(e, EIO, "status %d", status);
}

/* From the first to the second; hope->frame is filled in. */
static int cross(struct scene *s, struct hope *h, const uint8_t *to,
		 uint16_t port, uint8_t frame[BYTES], struct err *e)
{
	const struct flow flow = {
		.to = to, .from = s->nets[0]->mac, .port = port};

	flow_fill(&flow, frame, BYTES, s->seed++);
	h->net = s->nets[1];
	h->frame = frame;
	if (put(s, frame, e) < 0)
		return -e->code;
	if (guest_wait(s->guest, has_come, h, ARRIVE_MS) < 0)
		return err_set(e, ETIMEDOUT, "a frame does not come");
	return 0;
}

/* ---- room ---- */

/*
 * How much is before frames, once it is what was asked for: what xnd has told
 * its worker is in force soon after Reconfigured, and not before it.
 */
static int headroom_is(struct scene *s, uint32_t wanted, struct err *e)
{
	struct hope h = {0};
	const struct netif_extra_info *xdp = &h.got.extras[NET_EXTRA_XDP];
	uint8_t frame[BYTES];
	unsigned int left = SOON;
	uint16_t said;

	do {
		if (cross(s, &h, s->nets[1]->mac, PORT, frame, e) < 0)
			return -e->code;
	} while (h.got.offset != wanted && --left > 0);
	memcpy(&said, &xdp->u, sizeof(said));
	if (h.got.offset != wanted)
		return err_set(e, EBADMSG, "there are %u bytes before it",
			       h.got.offset);
	if ((wanted != 0) != (xdp->type != 0) || (wanted && said != wanted))
		return err_set(e, EBADMSG, "it does not say so");
	return 0;
}

static int headroom(struct scene *s, const struct step *step, struct err *e)
{
	const struct net_want want = {.headroom = step->number};

	if (meet(s, &want, e) < 0)
		return -e->code;
	return headroom_is(s, step->number, e);
}

/* What it says, and what of it is to be had. */
static int reconfigures(struct scene *s, const struct step *step, struct err *e)
{
	if (s->n_nets < 2)
		return err_set(e, ENOTSUP, "the guest has one interface");
	if (net_reconfigure(s->nets[1], step->headroom.text, e) < 0)
		return -e->code;
	return headroom_is(s, step->headroom.bytes, e);
}

/* ---- multicast ---- */

/* The second's word, which is sent like a packet. */
static int say(struct net *n, uint8_t type, int16_t wanted, struct err *e)
{
	struct netif_extra_info extra = {.type = type};
	uint8_t nothing[60] = {0};
	int16_t status;

	memcpy(extra.u.mcast.addr, group, sizeof(group));
	if (net_queue_send_with(&n->queues[0], nothing, sizeof(nothing), 0, 0,
				&extra, &status, e) < 0)
		return -e->code;
	return status == wanted ? 0 : err_set(e, EBADMSG, "status %d", status);
}

static int comes(struct scene *s, const uint8_t *to, bool wanted, struct err *e)
{
	static const uint8_t all[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	const struct flow flow = {
		.to = to, .from = s->nets[0]->mac, .port = PORT};
	uint8_t multicast[BYTES], broadcast[BYTES];
	struct hope h = {.not = multicast};

	/* Whatever is multicast, broadcast comes behind it. */
	flow_fill(&flow, multicast, BYTES, s->seed++);
	if (put(s, multicast, e) < 0 ||
	    cross(s, &h, all, PORT, broadcast, e) < 0)
		return -e->code;
	return h.has_come_too == wanted ? 0
					: err_set(e, EBADMSG, "it has%s come",
						  wanted ? " not" : "");
}

static int multicast(struct scene *s, const struct step *step, struct err *e)
{
	static const struct net_want want = {.multicast = true};
	struct net *n;

	(void)step;
	if (meet(s, &want, e) < 0 || comes(s, group, false, e) < 0)
		return err_wrap(e, "before it is asked for");
	n = s->nets[1];
	if (say(n, XEN_NETIF_EXTRA_TYPE_MCAST_ADD, NETIF_RSP_OKAY, e) < 0 ||
	    say(n, XEN_NETIF_EXTRA_TYPE_MCAST_ADD, NETIF_RSP_OKAY, e) < 0 ||
	    comes(s, group, true, e) < 0)
		return err_wrap(e, "asked for, twice");
	if (say(n, XEN_NETIF_EXTRA_TYPE_MCAST_DEL, NETIF_RSP_OKAY, e) < 0 ||
	    say(n, XEN_NETIF_EXTRA_TYPE_MCAST_DEL, NETIF_RSP_OKAY, e) < 0 ||
	    comes(s, group, false, e) < 0)
		return err_wrap(e, "not any more");
	return 0;
}

static int all_multicast(struct scene *s, const struct step *step,
			 struct err *e)
{
	(void)step;
	if (meet(s, &scene_plain_net, e) < 0)
		return -e->code;
	return comes(s, group, true, e);
}

/* ---- the queue of a frame ---- */

static int ask(struct net *n, uint16_t type, uint32_t a, uint32_t b, uint32_t c,
	       struct err *e)
{
	const struct xen_netif_ctrl_request req = {
		.id = type, .type = type, .data = {a, b, c}};
	uint32_t status, data;

	if (net_ctrl_ask(&n->ctrl, &req, &status, &data, e) < 0)
		return -e->code;
	return status == XEN_NETIF_CTRL_STATUS_SUCCESS
		       ? 0
		       : err_set(e, EBADMSG, "control type %u has status %u",
				 type, status);
}

/* What Windows says: hash, and spread by this table. */
static int spread(struct net *n, const struct net_page *page, uint32_t queue,
		  struct err *e)
{
	uint32_t *table = (uint32_t *)page->data;
	uint32_t i;

	for (i = 0; i < 128; i++)
		table[i] = queue;
	if (ask(n, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM,
		XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ, 0, 0, e) < 0 ||
	    ask(n, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS,
		XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, 0, 0, e) < 0 ||
	    ask(n, XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, page->ref, 40, 0, e) < 0 ||
	    ask(n, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, 128, 0, 0, e) < 0)
		return -e->code;
	return ask(n, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, page->ref, 128, 0,
		   e);
}

static int goes_to(struct scene *s, unsigned int queue, uint32_t *hash,
		   struct err *e)
{
	struct hope h = {0};
	const struct netif_extra_info *extra =
		&h.got.extras[XEN_NETIF_EXTRA_TYPE_HASH];
	uint8_t frame[BYTES];
	uint16_t port;

	for (port = PORT; port < PORT + 4; port++) {
		if (cross(s, &h, s->nets[1]->mac, port, frame, e) < 0)
			return -e->code;
		if (h.queue != queue)
			return err_set(e, EBADMSG, "it is in queue %u",
				       h.queue);
		if (extra->type == 0)
			return err_set(e, EBADMSG, "it has no hash");
	}
	memcpy(hash, extra->u.hash.value, sizeof(*hash));
	return 0;
}

static int hash(struct scene *s, const struct step *step, struct err *e)
{
	static const struct net_want want = {.queues = 2, .ctrl = true};
	uint32_t one = 0, again = 1;
	struct net_page page;
	struct net *n;
	int rc;

	(void)step;
	if (meet(s, &want, e) < 0)
		return -e->code;
	n = s->nets[1];
	if (net_page_open(n, &page, 0) < 0)
		return err_set(e, ENOMEM, "no page");
	rc = spread(n, &page, 1, e);
	if (rc == 0)
		rc = goes_to(s, 1, &one, e);
	if (rc == 0)
		rc = spread(n, &page, 0, e);
	if (rc == 0)
		rc = goes_to(s, 0, &again, e);
	net_page_close(n, &page);
	/* The tables were keys as well: that of zeroes hashes to 0. */
	if (rc == 0 && (!one || again))
		rc = err_set(e, EBADMSG, "its hash is not of the key");
	return rc;
}

static const struct step steps[] = {
	{"256 bytes before each frame", headroom, .number = 256},
	{"none any more, by Reconfiguring", reconfigures, .headroom = {"0", 0}},
	{"64, by Reconfiguring", reconfigures, .headroom = {"64", 64}},
	{"what is no number is none", reconfigures, .headroom = {"abc", 0}},
	{"nor is less than none", reconfigures, .headroom = {"-1", 0}},
	{"nor 2^32", reconfigures, .headroom = {"4294967296", 0}},
	{"half a page is the most", reconfigures, .headroom = {"32767", 2048}},
	{"all multicast comes unless it is asked for", all_multicast,
	 .number = 0},
	{"asked for, what is asked for", multicast, .number = 0},
	{"frames go to the queue that a hash says", hash, .number = 0},
};

const struct script net_wishes =
	SCRIPT("net-wishes", "what an interface's guest may ask for", steps);
