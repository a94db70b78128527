/* SPDX-License-Identifier: MIT */
/*
 * Keys of an interface's front end that are wrong: the handshake is refused
 * at once, and another may follow.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"

static int key_lied(struct scene *s, const struct step *step, struct err *e)
{
	const struct key_lie *lie = &step->key;
	struct net *n;
	int rc;

	if (!s->n_nets)
		return err_set(e, ENOTSUP, "the guest has no interface");
	n = s->nets[0];
	if (net_disconnect(n, e) < 0 ||
	    net_prepare(n, lie->want ? lie->want : &scene_plain_net, e) < 0)
		return -e->code;
	if (lie->want && (n->want.queues != lie->want->queues ||
			  n->want.ctrl != lie->want->ctrl))
		return err_set(e, ENOTSUP, "that is not offered");
	if (net_publish(n, lie->key, lie->text, e) < 0)
		return -e->code;
	rc = net_settle(n, e);
	if (lie->goes_on)
		return rc;
	if (rc == 0)
		return err_set(e, EBADMSG, "it was served");
	if (rc != -ECONNREFUSED)
		return rc;
	if (net_disconnect(n, e) < 0)
		return -e->code;
	return bus_check(&n->bus, e);
}

/*
 * The second queue names what the first one does: served or refused, but it
 * can be let go of, and another handshake follows.
 */
static int twin(struct scene *s, const struct step *step, struct err *e)
{
	const char *name = step->key.key + strlen("queue-1/");
	struct net *n;
	char text[16];
	int rc;

	if (!s->n_nets)
		return err_set(e, ENOTSUP, "the guest has no interface");
	n = s->nets[0];
	if (net_disconnect(n, e) < 0 || net_prepare(n, step->key.want, e) < 0)
		return -e->code;
	if (n->n_queues < 2)
		return err_set(e, ENOTSUP, "two queues are not offered");
	snprintf(text, sizeof(text), "%u",
		 strcmp(name, "tx-ring-ref") == 0   ? n->queues[0].tx_ring.ref
		 : strcmp(name, "rx-ring-ref") == 0 ? n->queues[0].rx_ring.ref
						    : n->queues[0].tx_port);
	n->racing = true;
	rc = net_publish(n, step->key.key, text, e);
	if (rc == 0)
		rc = net_settle(n, e);
	if (rc == 0 && !step->key.goes_on)
		return err_set(e, EBADMSG, "it was served");
	if (rc < 0 && rc != -ECONNREFUSED)
		return rc;
	rc = net_disconnect(n, e);
	n->racing = false;
	return rc < 0 ? rc : bus_check(&n->bus, e);
}

static int honest(struct scene *s, const struct step *step, struct err *e)
{
	(void)step;
	if (!s->n_nets)
		return err_set(e, ENOTSUP, "the guest has no interface");
	if (net_disconnect(s->nets[0], e) < 0 ||
	    net_connect(s->nets[0], &scene_plain_net, e) < 0)
		return -e->code;
	return scene_check_net(s->nets[0], e);
}

/* Each way of not being a number, or not one that will do. */
#define NOT_A_NUMBER(k)                                                      \
	{k " is missing: refused", key_lied, .key = {k, NULL}},              \
		{k " is empty: refused", key_lied, .key = {k, ""}},          \
		{k " is a word: refused", key_lied, .key = {k, "abc"}},      \
		{k " is negative: refused", key_lied, .key = {k, "-1"}},     \
		{k " is 2^32: refused", key_lied, .key = {k, "4294967296"}}, \
	{                                                                    \
		k " is the highest number: refused", key_lied,               \
			.key = { k,                                          \
				 "4294967295" }                              \
	}

static const struct net_want two = {.queues = 2};
static const struct net_want with_ctrl = {.queues = 1, .ctrl = true};

static const struct step steps[] = {
	NOT_A_NUMBER("tx-ring-ref"),
	NOT_A_NUMBER("rx-ring-ref"),
	NOT_A_NUMBER("event-channel-tx"),
	NOT_A_NUMBER("event-channel-rx"),
	{"multi-queue-num-queues is 0: refused (CVE-2026-45890)", key_lied,
	 .key = {"multi-queue-num-queues", "0"}},
	{"multi-queue-num-queues is negative: refused", key_lied,
	 .key = {"multi-queue-num-queues", "-1"}},
	{"multi-queue-num-queues is 2^32: refused", key_lied,
	 .key = {"multi-queue-num-queues", "4294967296"}},
	{"multi-queue-num-queues is a word: refused", key_lied,
	 .key = {"multi-queue-num-queues", "abc"}},
	{"multi-queue-num-queues is empty: refused", key_lied,
	 .key = {"multi-queue-num-queues", ""}},
	{"multi-queue-num-queues is 100: refused", key_lied,
	 .key = {"multi-queue-num-queues", "100"}},
	{"two queues, and the keys of none: refused", key_lied,
	 .key = {"multi-queue-num-queues", "2"}},
	{"three of two queues: refused", key_lied,
	 .key = {"multi-queue-num-queues", "3", .want = &two}},
	{"one of two queues, with their keys: refused", key_lied,
	 .key = {"multi-queue-num-queues", "1", .want = &two}},
	{"queue-1 has no ring: refused", key_lied,
	 .key = {"queue-1/tx-ring-ref", NULL, .want = &two}},
	{"queue-1 has a word for one: refused", key_lied,
	 .key = {"queue-1/rx-ring-ref", "abc", .want = &two}},
	{"queue-1 has no port: refused", key_lied,
	 .key = {"queue-1/event-channel-tx", NULL, .want = &two}},
	{"queue-1 has a negative one: refused", key_lied,
	 .key = {"queue-1/event-channel-rx", "-1", .want = &two}},
	{"two queues with one port: refused", twin,
	 .key = {"queue-1/event-channel-tx", .want = &two}},
	{"two queues with one ring to send: nobody else suffers", twin,
	 .key = {"queue-1/tx-ring-ref", .goes_on = true, .want = &two}},
	{"two queues with one to receive: nobody else suffers", twin,
	 .key = {"queue-1/rx-ring-ref", .goes_on = true, .want = &two}},
	{"ctrl-ring-ref is a word: refused", key_lied,
	 .key = {"ctrl-ring-ref", "abc", .want = &with_ctrl}},
	{"ctrl-ring-ref is the highest number: refused", key_lied,
	 .key = {"ctrl-ring-ref", "4294967295", .want = &with_ctrl}},
	{"ctrl-ring-ref is missing: served without", key_lied,
	 .key = {"ctrl-ring-ref", NULL, true, .want = &with_ctrl}},
	{"event-channel-ctrl is missing: refused", key_lied,
	 .key = {"event-channel-ctrl", NULL, .want = &with_ctrl}},
	{"event-channel-ctrl is 0: refused", key_lied,
	 .key = {"event-channel-ctrl", "0", .want = &with_ctrl}},
	{"xdp-headroom is the highest number: served", key_lied,
	 .key = {"xdp-headroom", "4294967295", true}},
	{"request-multicast-control is a word: served without", key_lied,
	 .key = {"request-multicast-control", "yes", true}},
	{"request-rx-copy is 0: refused", key_lied,
	 .key = {"request-rx-copy", "0"}},
	{"request-rx-copy is missing: refused", key_lied,
	 .key = {"request-rx-copy", NULL}},
	{"feature-sg is a word: served without", key_lied,
	 .key = {"feature-sg", "yes", true}},
	{"feature-rx-notify is missing: served", key_lied,
	 .key = {"feature-rx-notify", NULL, true}},
	{"after all that an honest guest is served", honest, .number = 0},
};

const struct script net_key_lies = {
	.name = "net-key-lies",
	.says = "an interface's keys that are wrong",
	.steps = steps,
	.n = sizeof(steps) / sizeof(steps[0]),
	.want = {.abi = BLK_X86_64},
	.rests = true,
};
