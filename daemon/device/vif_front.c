/* SPDX-License-Identifier: MIT */
/*
 * The keys of xen/io/netif.h. A front end with one pair of rings writes it at
 * the top; one with more has a directory for each. A feature is on when it is
 * 1; whatever else stands there, it is off.
 */
#include "daemon/device/vif_front.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"
#include "chan/msg.h"
#include "daemon/xs/xs.h"

#define KEY_MAX 40

const char *const vif_front_keys[] = {
	"tx-ring-ref",
	"rx-ring-ref",
	"event-channel",
	"event-channel-tx",
	"event-channel-rx",
	"multi-queue-num-queues",
	"ctrl-ring-ref",
	"event-channel-ctrl",
	"request-rx-copy",
	"feature-rx-notify",
	"feature-sg",
	"feature-gso-tcpv4",
	"feature-gso-tcpv6",
	"feature-no-csum-offload",
	"feature-ipv6-csum-offload",
	"xdp-headroom",
	"request-multicast-control",
	NULL,
};

/* Those that each queue has. */
static const char *const queue_keys[] = {
	"tx-ring-ref",	    "rx-ring-ref",	"event-channel",
	"event-channel-tx", "event-channel-rx",
};

#define QUEUE_KEYS (sizeof(queue_keys) / sizeof(queue_keys[0]))

static bool is_on(const struct xs_values *v, const char *key)
{
	uint32_t on = 0;

	values_u32(v, key, 1, &on);
	return on != 0;
}

static int read_count(const struct xs_values *v, unsigned int queues,
		      uint32_t *n, struct err *e)
{
	char shown[40];
	int rc;

	*n = 1;
	rc = values_u32(v, "multi-queue-num-queues", queues, n);
	/* Zero, unchecked, is CVE-2026-45890. */
	if ((rc < 0 && rc != -ENOENT) || *n == 0)
		return err_set(
			e, EPROTO,
			"the front end's multi-queue-num-queues is "
			"\"%s\"; it has been offered 1 to %u",
			text_escape(values_get(v, "multi-queue-num-queues"),
				    shown, sizeof(shown)),
			queues);
	return 0;
}

static const char *queue_key(char key[KEY_MAX], uint32_t queues, uint32_t queue,
			     const char *name)
{
	if (queues == 1)
		snprintf(key, KEY_MAX, "%s", name);
	else
		snprintf(key, KEY_MAX, "queue-%u/%s", queue, name);
	return key;
}

bool vif_front_more(const struct xs_values *v, const char *front,
		    unsigned int queues, struct xs_values *more)
{
	char key[KEY_MAX];
	struct err e;
	uint32_t n, i;
	size_t k;

	if (read_count(v, queues, &n, &e) < 0 || n == 1)
		return false;
	for (i = 0; i < n; i++)
		for (k = 0; k < QUEUE_KEYS; k++) {
			queue_key(key, n, i, queue_keys[k]);
			values_want(more, key, "%s/%s", front, key);
		}
	return true;
}

/* One port for both rings unless it says that it has split them. */
static int read_ports(const struct xs_values *v, uint32_t queues,
		      uint32_t queue, struct msg_net_queue *q, struct err *e)
{
	char key[KEY_MAX];

	if (values_get(v, queue_key(key, queues, queue, "event-channel-tx"))) {
		if (values_need_u32(v, key, &q->tx_port, e) < 0)
			return -e->code;
		queue_key(key, queues, queue, "event-channel-rx");
		return values_need_u32(v, key, &q->rx_port, e);
	}
	queue_key(key, queues, queue, "event-channel");
	if (values_need_u32(v, key, &q->tx_port, e) < 0)
		return -e->code;
	q->rx_port = q->tx_port;
	return 0;
}

static int read_queue(const struct xs_values *v, uint32_t queues,
		      uint32_t queue, struct msg_net_queue *q, struct err *e)
{
	char key[KEY_MAX];

	queue_key(key, queues, queue, "tx-ring-ref");
	if (values_need_u32(v, key, &q->tx_ring_ref, e) < 0)
		return -e->code;
	queue_key(key, queues, queue, "rx-ring-ref");
	if (values_need_u32(v, key, &q->rx_ring_ref, e) < 0)
		return -e->code;
	return read_ports(v, queues, queue, q, e);
}

/* There is one when it says where. */
static int read_ctrl(const struct xs_values *v, struct msg_net_start *start,
		     struct err *e)
{
	if (!values_get(v, "ctrl-ring-ref"))
		return 0;
	start->flags |= MSG_NET_CTRL;
	if (values_need_u32(v, "ctrl-ring-ref", &start->ctrl_ring_ref, e) < 0)
		return -e->code;
	return values_need_u32(v, "event-channel-ctrl", &start->ctrl_port, e);
}

static uint32_t read_features(const struct xs_values *v)
{
	static const struct {
		const char *key;
		uint32_t flag;
	} features[] = {
		{"feature-sg", MSG_NET_SG},
		{"feature-no-csum-offload", MSG_NET_NO_CSUM},
		{"feature-ipv6-csum-offload", MSG_NET_IPV6_CSUM},
		{"feature-rx-notify", MSG_NET_RX_NOTIFY},
		{"feature-gso-tcpv4", MSG_NET_GSO_TCPV4},
		{"feature-gso-tcpv6", MSG_NET_GSO_TCPV6},
	};
	uint32_t flags = 0;
	size_t i;

	for (i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (is_on(v, features[i].key))
			flags |= features[i].flag;
	return flags;
}

int vif_front_read(const struct xs_values *v, unsigned int queues,
		   struct msg_net_start *start, struct err *e)
{
	uint32_t i;

	if (!is_on(v, "request-rx-copy"))
		return err_set(e, EPROTO,
			       "request-rx-copy: the front end wants its pages "
			       "flipped; only copying is offered");
	if (read_count(v, queues, &start->n_queues, e) < 0)
		return -e->code;
	for (i = 0; i < start->n_queues; i++)
		if (read_queue(v, start->n_queues, i, &start->queues[i], e) < 0)
			return -e->code;
	start->flags = read_features(v);
	return read_ctrl(v, start, e);
}

uint32_t vif_front_headroom(const struct xs_values *v)
{
	uint32_t bytes = 0;

	values_u32(v, "xdp-headroom", UINT32_MAX, &bytes);
	return bytes < MSG_NET_HEADROOM_MAX ? bytes : MSG_NET_HEADROOM_MAX;
}

bool vif_front_multicast(const struct xs_values *v)
{
	return is_on(v, "request-multicast-control");
}
