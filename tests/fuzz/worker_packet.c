/* SPDX-License-Identifier: MIT */
/* Packets of any shape, and which of them are messages. */
#include "tests/fuzz/worker_packet.h"

#include <string.h>
#include <sys/socket.h>

#define BODY_WORDS 24 /* of a message that are the input's */

/* Of each type its size, and how many descriptors it may carry: msg.h. */
static const struct shape {
	enum msg_type type;
	size_t size;
	unsigned int fds_min, fds_max;
} shapes[] = {
	{MSG_STOP, 16, 0, 0},
	{MSG_READY, 16, 0, 0},
	{MSG_FAILED, 336, 0, 0},
	{MSG_STOPPED, 16, 0, 0},
	{MSG_BUILD, 4136, 1, 2},
	{MSG_BUILT, 32, 0, 0},
	{MSG_DESTROY, 16, 0, 0},
	{MSG_DESTROYED, 16, 0, 0},
	{MSG_BLK_START, 1128, 2, 3},
	{MSG_BLK_SERVING, 16, 0, 0},
	{MSG_BLK_CAPS, 32, 0, 0},
	{MSG_BLK_OPEN, 1040, 1, 1},
	{MSG_BLK_OPENED, 32, 0, 0},
	{MSG_BLK_LOST, 16, 0, 0},
	{MSG_NET_START, 168, 3, 10},
	{MSG_NET_SERVING, 16, 0, 0},
	{MSG_NET_TERMS, 48, 0, 0},
	{MSG_CONSOLE_ADD, 24, 2, 2},
	{MSG_CONSOLE_SERVING, 16, 0, 0},
	{MSG_CONSOLE_REMOVE, 16, 0, 0},
	{MSG_CONSOLE_REMOVED, 16, 0, 0},
	{MSG_CONSOLE_ATTACH, 16, 1, 1},
	{MSG_NET_ADOPT, 16, 1, 1},
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

bool packet_is_well_formed(const struct packet *p)
{
	const struct shape *s = shapes;

	while (s < shapes + SHAPES && s->type != p->u.m.head.type)
		s++;
	if (p->size < 8 || s == shapes + SHAPES || p->size != s->size ||
	    p->u.m.head.length != s->size || p->u.m.head.version != 1 ||
	    p->fds < s->fds_min || p->fds > s->fds_max)
		return false;
	if (s->type == MSG_FAILED && p->u.bytes[16 + 319] &&
	    !memchr(p->u.bytes + 16, 0, 320))
		return false;
	if (s->type == MSG_BLK_OPEN && !memchr(p->u.bytes + 16, 0, 1024))
		return false;
	if (s->type == MSG_BLK_START &&
	    p->fds != (p->u.m.blk_start.flags & 0x60 ? 2u : 3u))
		return false;
	if (s->type == MSG_NET_START && p->fds != 2 + p->u.m.net_start.n_queues)
		return false;
	if (s->type == MSG_BUILD &&
	    (!memchr(p->u.bytes + 40, 0, 4096) ||
	     p->fds != (p->u.m.build.has_ramdisk ? 2u : 1u)))
		return false;
	return true;
}

/* Small numbers more often than large ones. */
static uint32_t input_number(struct input *in)
{
	uint8_t small = input_u8(in);

	return small < 0xc0 ? small : input_u32(in);
}

void packet_read(struct packet *p, struct input *in, enum msg_type favourite)
{
	const uint8_t twist = input_u8(in);
	const struct shape *s = &shapes[input_u8(in) % SHAPES];
	uint32_t word;
	size_t at;

	if (twist & 0x80)
		for (s = shapes; s->type != favourite; s++)
			continue;
	memset(p, 0, sizeof(*p));
	p->u.m.head.version = 1;
	p->u.m.head.type = (uint16_t)s->type;
	p->u.m.head.length = (uint32_t)s->size;
	p->size = s->size;
	p->fds = s->fds_min;
	for (at = 8; at < 8 + 4 * BODY_WORDS && at + 4 <= p->size; at += 4) {
		word = input_number(in);
		memcpy(p->u.bytes + at, &word, sizeof(word));
	}
	if (s->type == MSG_NET_START && p->u.m.net_start.n_queues <= 8)
		p->fds = 2 + p->u.m.net_start.n_queues;
	if ((twist & 7) == 1)
		p->size = input_u16(in) % MSG_MAX_BYTES;
	if ((twist & 7) == 2)
		input_bytes(in, p->u.bytes, 8);
	if ((twist & 7) == 3)
		p->fds = input_u8(in) % (MSG_MAX_FDS + 1);
	if ((twist & 7) == 4)
		memset(p->u.bytes + 16, 'x', sizeof(p->u.bytes) - 16);
	if ((twist & 7) == 5) {
		p->size += input_u8(in) % 16;
		p->u.m.head.length = (uint32_t)p->size;
	}
	/* An empty packet is how a channel ends. */
	if (p->size == 0)
		p->size = 1;
}

void packet_send(const struct packet *p, int fd, const int fds[MSG_MAX_FDS])
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * MSG_MAX_FDS)];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec iov = {(void *)p->u.bytes, p->size};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};

	if (p->fds) {
		struct cmsghdr *cmsg = &control.align;

		mh.msg_control = control.bytes;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * p->fds);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * p->fds);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * p->fds);
	}
	promise(sendmsg(fd, &mh, MSG_NOSIGNAL) == (ssize_t)p->size, "a packet");
}
