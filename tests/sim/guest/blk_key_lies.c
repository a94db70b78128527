/* SPDX-License-Identifier: MIT */
/*
 * Keys of a disk's front end that are wrong, each number with all the ways of
 * not being one: the handshake is refused at once, and another may follow.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/lie.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"
#include "tests/sim/guest/store.h"

#define LONG_BYTES 1500

static int handshake(struct blk *b, const struct key_lie *lie, struct err *e)
{
	int rc;

	if (blk_disconnect(b, e) < 0 ||
	    blk_prepare(b, &scene_plain_disk, e) < 0 ||
	    blk_publish(b, lie->key, lie->text, e) < 0)
		return -e->code;
	rc = blk_settle(b, e);
	if (lie->goes_on)
		return rc;
	if (rc == 0)
		return err_set(e, EBADMSG, "it was served");
	if (rc != -ECONNREFUSED)
		return rc;
	if (blk_disconnect(b, e) < 0)
		return -e->code;
	return bus_check(&b->bus, e);
}

static int key_lied(struct scene *s, const struct step *step, struct err *e)
{
	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	return handshake(s->disks[0], &step->key, e);
}

/* A text of so many bytes for that key. */
static int key_long(struct scene *s, const struct step *step, struct err *e)
{
	char text[LONG_BYTES + 1];
	struct key_lie lie = step->key;

	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	memset(text, '9', LONG_BYTES);
	text[LONG_BYTES] = '\0';
	lie.text = text;
	return handshake(s->disks[0], &lie, e);
}

/* The port of xenstore, which is bound already. */
static int port_of_another(struct scene *s, const struct step *step,
			   struct err *e)
{
	struct key_lie lie = step->key;
	scoped_str port = NULL;

	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	port = store_read(s->guest->store, 0, "store/port");
	if (!port)
		return err_errno(e, errno, "store/port");
	lie.text = port;
	return handshake(s->disks[0], &lie, e);
}

static int never_granted(struct scene *s, const struct step *step,
			 struct err *e)
{
	struct key_lie lie = step->key;
	struct lie page;
	char ref[16];
	int rc;

	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	if (lie_open(&page, s->guest, REF_NEVER_GRANTED, e) < 0)
		return -e->code;
	snprintf(ref, sizeof(ref), "%u", page.ref);
	lie.text = ref;
	rc = handshake(s->disks[0], &lie, e);
	lie_close(&page);
	return rc;
}

static int honest(struct scene *s, const struct step *step, struct err *e)
{
	(void)step;
	if (!s->n_disks)
		return err_set(e, ENOTSUP, "the guest has no disk");
	if (blk_disconnect(s->disks[0], e) < 0 ||
	    blk_connect(s->disks[0], &s->disk_want, e) < 0)
		return -e->code;
	return scene_check_disk(s, s->disks[0], e);
}

/* Each way of not being a number, or not one that will do. */
#define NOT_A_NUMBER(k)                                                      \
	{k " is empty: refused", key_lied, .key = {k, ""}},                  \
		{k " is a word: refused", key_lied, .key = {k, "abc"}},      \
		{k " is negative: refused", key_lied, .key = {k, "-1"}},     \
		{k " is in hexadecimal: refused", key_lied,                  \
		 .key = {k, "0x8"}},                                         \
		{k " has a blank: refused", key_lied, .key = {k, "8 "}},     \
		{k " is a path: refused", key_lied,                          \
		 .key = {k, "/local/domain/0/name"}},                        \
		{k " is 2^32: refused", key_lied, .key = {k, "4294967296"}}, \
		{k " is 2^64 + 8: refused", key_lied,                        \
		 .key = {k, "18446744073709551624"}},                        \
	{                                                                    \
		k " is a thousand digits: refused", key_long, .key = { k }   \
	}

static const struct step steps[] = {
	NOT_A_NUMBER("ring-ref"),
	{"ring-ref is missing: refused", key_lied, .key = {"ring-ref", NULL}},
	{"ring-ref was never granted: refused", never_granted,
	 .key = {"ring-ref", NULL}},
	{"ring-ref is beyond the table: refused", key_lied,
	 .key = {"ring-ref", "4294967295"}},
	NOT_A_NUMBER("event-channel"),
	{"event-channel is missing: refused", key_lied,
	 .key = {"event-channel", NULL}},
	{"event-channel is no port: refused", key_lied,
	 .key = {"event-channel", "4000"}},
	{"event-channel is the highest number: refused", key_lied,
	 .key = {"event-channel", "4294967295"}},
	{"event-channel is xenstore's: refused", port_of_another,
	 .key = {"event-channel", NULL}},
	NOT_A_NUMBER("ring-page-order"),
	{"ring-page-order is 5: refused", key_lied,
	 .key = {"ring-page-order", "5"}},
	{"ring-page-order is 31: refused", key_lied,
	 .key = {"ring-page-order", "31"}},
	{"ring-page-order is the highest number: refused", key_lied,
	 .key = {"ring-page-order", "4294967295"}},
	{"ring-page-order is 1 without its rings: refused", key_lied,
	 .key = {"ring-page-order", "1"}},
	NOT_A_NUMBER("multi-queue-num-queues"),
	{"multi-queue-num-queues is 0: refused", key_lied,
	 .key = {"multi-queue-num-queues", "0"}},
	{"multi-queue-num-queues is 2 without the queues: refused", key_lied,
	 .key = {"multi-queue-num-queues", "2"}},
	{"multi-queue-num-queues is 1000: refused", key_lied,
	 .key = {"multi-queue-num-queues", "1000"}},
	{"protocol is unknown: refused", key_lied,
	 .key = {"protocol", "ia64-abi"}},
	{"protocol is empty: refused", key_lied, .key = {"protocol", ""}},
	{"protocol is longer than any: refused", key_long, .key = {"protocol"}},
	{"protocol has control bytes: refused", key_lied,
	 .key = {"protocol", "\033[2J\r\nxnd: all is well"}},
	{"feature-persistent is a word: served without", key_lied,
	 .key = {"feature-persistent", "yes", true}},
	{"feature-persistent is negative: served without", key_lied,
	 .key = {"feature-persistent", "-1", true}},
	{"after all that an honest guest is served", honest, .number = 0},
};

const struct script blk_key_lies = {
	.name = "blk-key-lies",
	.says = "a disk's keys that are wrong",
	.steps = steps,
	.n = sizeof(steps) / sizeof(steps[0]),
	.want = {.abi = BLK_X86_64},
	.rests = true,
};
