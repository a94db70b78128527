/* SPDX-License-Identifier: MIT */
/* What the front end's keys say, read a second time and more simply. */
#include "tests/fuzz/frontend_model.h"

#include <stdio.h>
#include <string.h>
#include <xenstore.h>

#include "daemon/host/image.h"

#define TEXT_MAX  48
#define ABSENT	  (-1)
#define MALFORMED (-2)

/* The front end's directory: what was read there so far, or will be. */
static struct {
	struct input *in;
	unsigned int count;
	struct {
		char name[KEY_MAX];
		bool there;
		char text[TEXT_MAX];
	} keys[KEYS_MAX];
} directory;

struct faults faults;

/* Those that the input says nothing about hold a number. */
static void make_key(unsigned int i, const char *name)
{
	const bool given = directory.in->left > 0;
	uint8_t size = given ? input_u8(directory.in) % (TEXT_MAX + 1) : 2;

	promise(i < KEYS_MAX && strlen(name) < KEY_MAX, "keys are few: %s",
		name);
	directory.count++;
	memset(&directory.keys[i], 0, sizeof(directory.keys[i]));
	strcpy(directory.keys[i].name, name);
	directory.keys[i].there = size > 0;
	if (given && size > 0)
		input_bytes(directory.in, directory.keys[i].text, size - 1u);
	else
		strcpy(directory.keys[i].text, "8");
}

static const char *value(const char *name)
{
	unsigned int i = 0;

	while (i < directory.count && strcmp(directory.keys[i].name, name) != 0)
		i++;
	if (i == directory.count)
		make_key(i, name);
	return directory.keys[i].there ? directory.keys[i].text : NULL;
}

/* libxenstore's: the path's last part is the key. */
void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
	      unsigned int *len)
{
	const char *text = value(path + strlen(FRONT "/"));

	(void)h;
	(void)t;
	*len = text ? (unsigned int)strlen(text) : 0;
	return text ? strdup(text) : NULL;
}

static void fault(const char *key)
{
	promise(faults.count < KEYS_MAX, "as many faults as keys");
	strcpy(faults.names[faults.count++], key);
}

/* A decimal number of 32 bits, ABSENT or MALFORMED. */
static int64_t number(const char *key)
{
	const char *text = value(key);
	int64_t n = 0;

	if (!text)
		return ABSENT;
	if (!*text)
		return MALFORMED;
	for (; *text; text++) {
		if (!strchr("0123456789", *text))
			return MALFORMED;
		n = n * 10 + (*text - '0');
		if (n > UINT32_MAX)
			return MALFORMED;
	}
	return n;
}

static uint32_t needed(const char *key)
{
	int64_t n = number(key);

	if (n < 0)
		fault(key);
	return (uint32_t)n;
}

/* A feature is on when it is 1, and off whatever else it is. */
static uint32_t feature(const char *key, uint32_t bit)
{
	return number(key) == 1 ? bit : 0;
}

static void model_ring(struct msg_blk_queue *q, const char *queue,
		       uint32_t pages, bool numbered)
{
	char key[KEY_MAX];
	uint32_t i;

	snprintf(key, sizeof(key), "%sevent-channel", queue);
	q->port = needed(key);
	for (i = 0; i < pages; i++) {
		snprintf(key, sizeof(key), "%sring-ref", queue);
		if (numbered)
			snprintf(key, sizeof(key), "%sring-ref%u", queue, i);
		q->ring_refs[i] = needed(key);
	}
}

static void model_rings(struct msg_blk_start *m, int64_t queues, int64_t order)
{
	const bool numbered =
		order > 0 || (order == 0 && queues < 2 && !value("ring-ref"));
	char queue[20] = "";
	uint32_t i;

	m->n_queues = queues == ABSENT ? 1 : (uint32_t)queues;
	m->ring_pages = order == ABSENT ? 1 : 1u << order;
	for (i = 0; i < m->n_queues; i++) {
		if (m->n_queues > 1)
			snprintf(queue, sizeof(queue), "queue-%u/", i);
		model_ring(&m->queues[i], queue, m->ring_pages, numbered);
	}
}

static void model_vbd(const struct device *d, struct msg_blk_start *m)
{
	int64_t queues = number("multi-queue-num-queues");
	int64_t order = number("ring-page-order");
	const char *protocol = value("protocol");

	if (!protocol || strcmp(protocol, "x86_32-abi") == 0)
		m->flags |= MSG_BLK_X86_32;
	else if (strcmp(protocol, "x86_64-abi") != 0)
		fault("protocol");
	if (queues != ABSENT && (queues < 1 || queues > d->queues))
		fault("multi-queue-num-queues");
	if (order != ABSENT && (order < 0 || order > 4))
		fault("ring-page-order");
	if (faults.count == 0)
		model_rings(m, queues, order);
	m->flags |= feature("feature-persistent", MSG_BLK_PERSISTENT);
	m->flags |= d->env->disk_barriers ? MSG_BLK_BARRIER : 0;
	m->flags |=
		image_discard_granularity(d->u.vbd.image) ? MSG_BLK_DISCARD : 0;
	m->sectors = DISK_SECTORS;
}

static void model_queue(struct msg_net_queue *q, const char *queue)
{
	char key[KEY_MAX];

	snprintf(key, sizeof(key), "%stx-ring-ref", queue);
	q->tx_ring_ref = needed(key);
	snprintf(key, sizeof(key), "%srx-ring-ref", queue);
	q->rx_ring_ref = needed(key);
	snprintf(key, sizeof(key), "%sevent-channel-tx", queue);
	if (value(key)) {
		q->tx_port = needed(key);
		snprintf(key, sizeof(key), "%sevent-channel-rx", queue);
		q->rx_port = needed(key);
	} else {
		snprintf(key, sizeof(key), "%sevent-channel", queue);
		q->tx_port = q->rx_port = needed(key);
	}
}

static void model_queues(struct msg_net_start *m, int64_t queues)
{
	char queue[20] = "";
	uint32_t i;

	m->n_queues = queues == ABSENT ? 1 : (uint32_t)queues;
	for (i = 0; i < m->n_queues; i++) {
		if (m->n_queues > 1)
			snprintf(queue, sizeof(queue), "queue-%u/", i);
		model_queue(&m->queues[i], queue);
	}
}

static void model_vif(const struct device *d, struct msg_net_start *m)
{
	int64_t queues = number("multi-queue-num-queues");

	if (number("request-rx-copy") != 1)
		fault("request-rx-copy");
	if (queues != ABSENT && (queues < 1 || queues > d->queues))
		fault("multi-queue-num-queues");
	if (faults.count == 0)
		model_queues(m, queues);
	m->flags = feature("feature-sg", MSG_NET_SG) |
		   feature("feature-no-csum-offload", MSG_NET_NO_CSUM) |
		   feature("feature-ipv6-csum-offload", MSG_NET_IPV6_CSUM) |
		   feature("feature-rx-notify", MSG_NET_RX_NOTIFY) |
		   feature("feature-gso-tcpv4", MSG_NET_GSO_TCPV4) |
		   feature("feature-gso-tcpv6", MSG_NET_GSO_TCPV6);
	if (!value("ctrl-ring-ref"))
		return;
	m->flags |= MSG_NET_CTRL;
	m->ctrl_ring_ref = needed("ctrl-ring-ref");
	m->ctrl_port = needed("event-channel-ctrl");
}

void model_begin(struct input *in)
{
	directory.in = in;
	directory.count = 0;
}

void model(const struct device *d, union msg *m)
{
	faults.count = 0;
	if (d->kind == &device_kind_vbd) {
		msg_init(m, MSG_BLK_START);
		model_vbd(d, &m->blk_start);
		m->blk_start.domid = d->domid;
		m->blk_start.devid = d->devid;
		m->blk_start.generation = 1;
	} else {
		msg_init(m, MSG_NET_START);
		model_vif(d, &m->net_start);
		m->net_start.domid = d->domid;
		m->net_start.devid = d->devid;
		m->net_start.generation = 1;
	}
}

/* What a malformed number says is nothing. */
void model_check_wishes(const struct device *d)
{
	int64_t headroom = number("xdp-headroom");

	if (headroom < 0)
		headroom = 0;
	if (headroom > 2048)
		headroom = 2048;
	promise(d->u.vif.wishes.xdp_headroom == headroom,
		"the headroom that it wants, within bounds");
	promise(d->u.vif.wishes.multicast ==
			(number("request-multicast-control") == 1),
		"the multicast that it wants");
}
