/* SPDX-License-Identifier: MIT */
/*
 * What two interfaces in one bridge do for each other: TCP that is cut by
 * whoever must, sums that are completed by whoever must, frames larger than a
 * page. The first sends; the second receives, with every feature on and off.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/flow.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/scene.h"
#include "tests/sim/guest/script.h"

#define ARRIVE_MS 3000
#define SEGMENT	  1400 /* bytes of payload */
#define PORT	  40000

struct crossing {
	struct net *to;
	struct flow flow;
	uint8_t *frame;
	uint32_t size;
	uint32_t segments; /* that have come, */
	uint32_t payload;  /* and their bytes */
	struct net_frame last;
	const char *wrong;
};

static void look(struct crossing *c, const struct net_frame *got)
{
	const bool blank = got->flags & NETRXF_csum_blank;
	uint32_t payload, at;
	const char *why = flow_judge(&c->flow, got->data, got->size, blank,
				     c->frame, c->size, &payload, &at);

	/* Other frames come by as well. */
	if (got->size < 14 || memcmp(got->data, c->frame, 14) != 0)
		return;
	c->segments++;
	c->last = *got;
	if (why)
		c->wrong = why;
	else if (at != c->payload)
		c->wrong = "segments are not in order";
	else
		c->payload += payload;
}

static bool has_come(void *arg)
{
	struct crossing *c = arg;
	struct net_frame got;
	unsigned int q;

	for (q = 0; q < c->to->n_queues; q++)
		while (net_queue_take(&c->to->queues[q], &got)) {
			look(c, &got);
			free(got.data);
		}
	return c->wrong || c->payload == c->size - flow_header(&c->flow);
}

/* The first as it is, the second with what the step says. */
static int meet(struct scene *s, const struct net_want *want, struct err *e)
{
	struct net *to;

	if (s->n_nets < 2)
		return err_set(e, ENOTSUP, "the guest has one interface");
	to = s->nets[1];
	if (memcmp(&to->want, want, sizeof(*want)) == 0 && net_is_connected(to))
		return 0;
	if (net_disconnect(to, e) < 0 || bus_check(&to->bus, e) < 0 ||
	    net_connect(to, want, e) < 0)
		return -e->code;
	return 0;
}

static int cross(struct scene *s, const struct step *step, struct crossing *c,
		 struct err *e)
{
	const struct net_crossing *what = &step->crossing;
	struct netif_extra_info gso = {.type = XEN_NETIF_EXTRA_TYPE_GSO};
	int16_t status;
	int rc;

	gso.u.gso.size = SEGMENT;
	gso.u.gso.type = what->ipv6 ? XEN_NETIF_GSO_TYPE_TCPV6
				    : XEN_NETIF_GSO_TYPE_TCPV4;
	flow_fill(&c->flow, c->frame, c->size, s->seed++);
	rc = net_queue_send_with(&s->nets[0]->queues[0], c->frame, c->size,
				 what->piece,
				 NETTXF_csum_blank | NETTXF_data_validated,
				 what->gso ? &gso : NULL, &status, e);
	if (rc < 0)
		return rc;
	if (status != NETIF_RSP_OKAY)
		return err_set(e, EIO, "status %d", status);
	if (guest_wait(s->guest, has_come, c, ARRIVE_MS) < 0)
		return err_set(e, ETIMEDOUT, "%u bytes of payload have come",
			       c->payload);
	return c->wrong ? err_set(e, EBADMSG, "%s", c->wrong) : 0;
}

/* How it has come. */
static int judge(const struct step *step, const struct crossing *c,
		 struct err *e)
{
	const struct net_crossing *what = &step->crossing;
	const struct netif_extra_info *gso =
		&c->last.extras[XEN_NETIF_EXTRA_TYPE_GSO];
	const bool cut = what->gso && !what->uncut;

	if (what->gso && (c->segments > 1) != cut)
		return err_set(e, EBADMSG, "%u segments have come",
			       c->segments);
	if (!cut && !(c->last.flags & NETRXF_csum_blank) != !what->blank)
		return err_set(e, EBADMSG, "its flags are %#x", c->last.flags);
	if (what->uncut &&
	    (gso->type == 0 || gso->u.gso.size != SEGMENT ||
	     gso->u.gso.type != (what->ipv6 ? XEN_NETIF_GSO_TYPE_TCPV6
					    : XEN_NETIF_GSO_TYPE_TCPV4)))
		return err_set(e, EBADMSG, "it does not say of GSO what it is");
	if (!what->uncut && gso->type)
		return err_set(e, EBADMSG, "it is of GSO");
	return 0;
}

static int crosses(struct scene *s, const struct step *step, struct err *e)
{
	const struct net_crossing *what = &step->crossing;
	struct crossing c = {.size = what->size};
	int rc = meet(s, &what->want, e);

	if (rc < 0)
		return rc;
	c.to = s->nets[1];
	c.flow = (struct flow){.to = c.to->mac,
			       .from = s->nets[0]->mac,
			       .ipv6 = what->ipv6,
			       .udp = what->udp,
			       .port = PORT};
	c.frame = malloc(c.size);
	if (!c.frame)
		return err_set(e, ENOMEM, "no memory for a frame");
	rc = cross(s, step, &c, e);
	if (rc == 0)
		rc = judge(step, &c, e);
	free(c.frame);
	return rc;
}

/* One that a guest cannot take is dropped: only the next one comes. */
static int too_large(struct scene *s, const struct step *step, struct err *e)
{
	const struct net_crossing *what = &step->crossing;
	const struct step small = {
		.crossing = {.want = what->want,
			     .size = 1000,
			     .udp = true,
			     .blank = true},
	};
	struct flow flow = {.udp = true, .port = PORT};
	uint8_t *frame;
	int16_t status;
	int rc = meet(s, &what->want, e);

	if (rc < 0)
		return rc;
	frame = malloc(what->size);
	if (!frame)
		return err_set(e, ENOMEM, "no memory for a frame");
	flow.to = s->nets[1]->mac;
	flow.from = s->nets[0]->mac;
	flow_fill(&flow, frame, what->size, s->seed++);
	rc = net_queue_send(&s->nets[0]->queues[0], frame, what->size, 0,
			    NETTXF_csum_blank, &status, e);
	free(frame);
	return rc < 0 ? rc : crosses(s, &small, e);
}

#define WHOLE 16000 /* a packet that stands for twelve */
#define V4(n) .size = (n), .gso = true
#define V6    V4(WHOLE), .ipv6 = true
#define TAKE  .want = {.gso = true, .csum6 = true}
#define AS_IS .uncut = true, .blank = true

static const struct step steps[] = {
	{"TCPv4 uncut, to one that takes it", crosses,
	 .crossing = {V4(WHOLE), AS_IS, TAKE}},
	{"of nearly 64 KiB", crosses, .crossing = {V4(65226), AS_IS, TAKE}},
	{"with its headers in pieces of one byte (XSA-423)", crosses,
	 .crossing = {V4(4000), .piece = 1, AS_IS, TAKE}},
	{"TCPv6 uncut, to one that takes it", crosses,
	 .crossing = {V6, AS_IS, TAKE}},
	{"a blank sum of TCPv6 stays blank", crosses,
	 .crossing = {.size = 1200, .ipv6 = true, .blank = true, TAKE}},
	{"TCPv4 is cut for one that does not take it", crosses,
	 .crossing = {V4(WHOLE)}},
	{"of nearly 64 KiB it is as well", crosses, .crossing = {V4(65226)}},
	{"TCPv6 is cut for one that does not take it", crosses,
	 .crossing = {V6}},
	{"a blank sum of TCPv6 is filled in for it", crosses,
	 .crossing = {.size = 1200, .ipv6 = true}},
	{"that of UDPv6, too", crosses,
	 .crossing = {.size = 1200, .ipv6 = true, .udp = true}},
	{"that of TCPv4 stays blank", crosses,
	 .crossing = {.size = 1200, .blank = true}},
	{"and that of UDPv4", crosses,
	 .crossing = {.size = 1200, .udp = true, .blank = true}},
	{"a frame of 9000 bytes", crosses,
	 .crossing = {.size = 9000, .udp = true, .blank = true}},
	{"one with a sum to fill in", crosses,
	 .crossing = {.size = 9000, .udp = true, .want = {.no_csum = true}}},
	{"sums of smaller ones are filled in as well", crosses,
	 .crossing = {.size = 1200, .want = {.no_csum = true}}},
	{"TCPv4 is cut for one that takes no blank sum", crosses,
	 .crossing = {V4(WHOLE), .want = {.no_csum = true, .gso = true}}},
	{"and for one without scatter-gather", crosses,
	 .crossing = {V4(WHOLE), .want = {.no_sg = true, .gso = true}}},
	{"9000 bytes are dropped for it", too_large,
	 .crossing = {.size = 9000,
		      .udp = true,
		      .blank = true,
		      .want = {.no_sg = true, .gso = true}}},
};

const struct script net_offload =
	SCRIPT("net-offload", "what interfaces may leave to each other", steps);
