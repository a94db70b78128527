/* SPDX-License-Identifier: MIT */
/*
 * Keys of an interface's front end that are wrong: the handshake is refused
 * at once, and another may follow.
 */
#include <errno.h>

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
	    net_prepare(n, &scene_plain_net, e) < 0 ||
	    net_publish(n, lie->key, lie->text, e) < 0)
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
