/* SPDX-License-Identifier: MIT */
/*
 * An interface used as a stock kernel would. With a second one in the same
 * bridge, what the first sends is received there and compared.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/net_queue.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"

#define HEADER_BYTES 14
#define ARRIVE_MS    3000

static void frame_fill(uint8_t *frame, uint32_t size, const uint8_t *to,
		       const uint8_t *from, uint32_t seed)
{
	uint32_t i;

	memcpy(frame, to, 6);
	memcpy(frame + 6, from, 6);
	frame[12] = 0x88; /* an EtherType for experiments, 0x88b5 */
	frame[13] = 0xb5;
	for (i = HEADER_BYTES; i < size; i++)
		frame[i] = (uint8_t)(i * 31 + seed);
}

struct hope {
	struct net *net;
	const uint8_t *frame;
	uint32_t size;
};

/* Other frames come by as well: a bridge floods, and hosts talk. */
static bool has_come(void *arg)
{
	struct hope *hope = arg;
	struct net_frame got;
	bool same = false;
	unsigned int q;

	for (q = 0; q < hope->net->n_queues && !same; q++)
		while (!same && net_queue_take(&hope->net->queues[q], &got)) {
			same = got.size == hope->size &&
			       memcmp(got.data, hope->frame, got.size) == 0;
			free(got.data);
		}
	return same;
}

static int sent(struct net_queue *q, const uint8_t *frame, uint32_t size,
		uint32_t piece, struct err *e)
{
	int16_t status;

	if (net_queue_send(q, frame, size, piece, 0, &status, e) < 0)
		return -e->code;
	if (status != NETIF_RSP_OKAY)
		return err_set(e, EIO, "%u bytes: status %d", size, status);
	return 0;
}

/* Through the first interface, and in at the second, if there is one. */
static int crosses(struct scene *s, uint32_t size, uint32_t piece,
		   struct err *e)
{
	struct net *from = s->nets[0], *to = s->nets[s->n_nets - 1];
	struct hope hope = {.net = to, .size = size};
	uint8_t *frame = malloc(size);
	unsigned int q;
	int rc = 0;

	if (!frame)
		return err_set(e, ENOMEM, "no memory for a frame");
	hope.frame = frame;
	for (q = 0; rc == 0 && q < from->n_queues; q++) {
		frame_fill(frame, size, to->mac, from->mac, s->seed++);
		rc = sent(&from->queues[q], frame, size, piece, e);
		if (rc == 0 && to != from &&
		    guest_wait(s->guest, has_come, &hope, ARRIVE_MS) < 0)
			rc = err_set(e, ETIMEDOUT,
				     "%u bytes have not come through", size);
	}
	free(frame);
	return rc;
}

static int serves(struct scene *s, const struct step *step, struct err *e)
{
	static const uint32_t sizes[] = {14, 60, 61, 1000, 1514};
	struct net *n;
	size_t i;

	if (!s->n_nets)
		return err_set(e, ENOTSUP, "the guest has no interface");
	n = s->nets[0];
	/* All grants must come back when it is closed. */
	if (net_disconnect(n, e) < 0 || bus_check(&n->bus, e) < 0)
		return err_wrap(e, "the one before");
	if (net_prepare(n, &step->net_want, e) < 0)
		return -e->code;
	if (n->want.queues < step->net_want.queues)
		return err_set(e, ENOTSUP, "so many queues are not offered");
	if (net_publish(n, NULL, NULL, e) < 0 || net_settle(n, e) < 0)
		return -e->code;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (crosses(s, sizes[i], 0, e) < 0)
			return -e->code;
	return 0;
}

/* A frame of 1514 bytes in pieces of so many. */
static int in_pieces(struct scene *s, const struct step *step, struct err *e)
{
	if (!s->n_nets)
		return err_set(e, ENOTSUP, "the guest has no interface");
	return crosses(s, 1514, step->number, e);
}

/* So many frames, each in the ring before the first is waited for. */
static int burst(struct scene *s, const struct step *step, struct err *e)
{
	struct netif_tx_request req = {.size = 60};
	struct net_page page;
	struct net_queue *q;
	unsigned int i, left;
	int rc = 0;

	if (!s->n_nets)
		return err_set(e, ENOTSUP, "the guest has no interface");
	q = &s->nets[0]->queues[0];
	if (net_page_open(s->nets[0], &page, GTF_readonly) < 0)
		return err_set(e, ENOMEM, "no pages");
	frame_fill(page.data, 60, s->nets[0]->mac, s->nets[0]->mac, 1);
	req.gref = page.ref;
	for (left = step->number; rc == 0 && left > 0;) {
		for (i = 0; i < q->tx.entries && left > 0; i++, left--) {
			req.id = (uint16_t)i;
			net_queue_put(q, &req);
		}
		net_queue_push(q);
		rc = net_queue_wait(q, e);
	}
	net_page_close(s->nets[0], &page);
	return rc;
}

static const struct step steps[] = {
	{"two ports: sends and receives", serves, .net_want = {.queues = 0}},
	{"one port for both ways", serves, .net_want = {.one_port = true}},
	{"without scatter-gather", serves, .net_want = {.no_sg = true}},
	{"one queue, with the keys of several", serves,
	 .net_want = {.queues = 1}},
	{"two queues", serves, .net_want = {.queues = 2}},
	{"a frame in two pieces", in_pieces, .number = 1000},
	{"a frame in pieces of a hundred bytes", in_pieces, .number = 100},
	{"the header in pieces of one byte (XSA-423)", in_pieces, .number = 1},
	{"a full ring, and again", burst, .number = 1024},
};

const struct script net_behave = SCRIPT(
	"net-behave", "an interface, used as a stock kernel would", steps);
