/* SPDX-License-Identifier: MIT */
/* What each message type must look like, in one table. */
#include "chan/msg.h"

#include <errno.h>
#include <string.h>

struct shape {
	const char *name;
	uint16_t length;
	uint16_t fds_min;
	uint16_t fds_max;
};

#define SHAPE(name, member, min, max)                            \
	{                                                        \
		name, sizeof(((union msg *)0)->member), min, max \
	}

static const struct shape shapes[] = {
	[MSG_READY] = SHAPE("ready", plain, 0, 0),
	[MSG_FAILED] = SHAPE("failed", failed, 0, 0),
	[MSG_STOPPED] = SHAPE("stopped", plain, 0, 0),
	[MSG_STOP] = SHAPE("stop", plain, 0, 0),
	[MSG_BUILD] = SHAPE("build", build, 1, 2),
	[MSG_BUILT] = SHAPE("built", built, 0, 0),
	[MSG_DESTROY] = SHAPE("destroy", plain, 0, 0),
	[MSG_DESTROYED] = SHAPE("destroyed", plain, 0, 0),
	[MSG_BLK_START] = SHAPE("blk-start", blk_start, 2, 3),
	[MSG_BLK_SERVING] = SHAPE("blk-serving", plain, 0, 0),
	[MSG_BLK_CAPS] = SHAPE("blk-caps", blk_caps, 0, 0),
	[MSG_BLK_OPEN] = SHAPE("blk-open", blk_open, 1, 1),
	[MSG_BLK_OPENED] = SHAPE("blk-opened", blk_opened, 0, 0),
	[MSG_BLK_LOST] = SHAPE("blk-lost", plain, 0, 0),
	[MSG_NET_START] = SHAPE("net-start", net_start, 3, MSG_MAX_FDS),
	[MSG_NET_SERVING] = SHAPE("net-serving", plain, 0, 0),
	[MSG_NET_TERMS] = SHAPE("net-terms", net_terms, 0, 0),
	[MSG_NET_ADOPT] = SHAPE("net-adopt", plain, 1, 1),
	[MSG_CONSOLE_ADD] = SHAPE("console-add", console_add, 2, 2),
	[MSG_CONSOLE_SERVING] = SHAPE("console-serving", plain, 0, 0),
	[MSG_CONSOLE_REMOVE] = SHAPE("console-remove", plain, 0, 0),
	[MSG_CONSOLE_REMOVED] = SHAPE("console-removed", plain, 0, 0),
	[MSG_CONSOLE_ATTACH] = SHAPE("console-attach", plain, 1, 1),
};

_Static_assert(sizeof(union msg) <= MSG_MAX_BYTES, "a message fits a packet");
_Static_assert(2 + MSG_NET_QUEUES_MAX <= MSG_MAX_FDS, "so do its descriptors");

static const struct shape *shape_of(unsigned int type)
{
	if (type >= sizeof(shapes) / sizeof(shapes[0]) || !shapes[type].name)
		return NULL;
	return &shapes[type];
}

static int terminated(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

int msg_check(const union msg *m, size_t size, unsigned int fds)
{
	const struct shape *shape;

	if (size < sizeof(m->head) || m->head.version != MSG_VERSION ||
	    m->head.length != size)
		return -EPROTO;
	shape = shape_of(m->head.type);
	if (!shape || size != shape->length || fds < shape->fds_min ||
	    fds > shape->fds_max)
		return -EPROTO;
	if (m->head.type == MSG_FAILED &&
	    !terminated(m->failed.text, sizeof(m->failed.text)))
		return -EPROTO;
	if (m->head.type == MSG_BLK_OPEN &&
	    !terminated(m->blk_open.export, sizeof(m->blk_open.export)))
		return -EPROTO;
	if (m->head.type == MSG_BLK_START &&
	    fds != (m->blk_start.flags & (MSG_BLK_NBD | MSG_BLK_NO_MEDIUM)
			    ? 2u
			    : 3u))
		return -EPROTO;
	if (m->head.type == MSG_NET_START && fds != 2 + m->net_start.n_queues)
		return -EPROTO;
	if (m->head.type == MSG_BUILD &&
	    (!terminated(m->build.cmdline, sizeof(m->build.cmdline)) ||
	     fds != (m->build.has_ramdisk ? 2u : 1u)))
		return -EPROTO;
	return 0;
}

void msg_init(union msg *m, enum msg_type type)
{
	memset(m, 0, sizeof(*m));
	m->head.version = MSG_VERSION;
	m->head.type = (uint16_t)type;
	m->head.length = shapes[type].length;
}

const char *msg_name(unsigned int type)
{
	const struct shape *shape = shape_of(type);

	return shape ? shape->name : "unknown";
}
