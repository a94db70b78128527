/* SPDX-License-Identifier: MIT */
/* Reading the message that starts a disk. */
#include "start.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"

#define FLAGS                                                       \
	(MSG_BLK_READ_ONLY | MSG_BLK_PERSISTENT | MSG_BLK_DISCARD | \
	 MSG_BLK_BARRIER | MSG_BLK_X86_32 | MSG_BLK_NO_MEDIUM)

_Static_assert(MSG_BLK_RING_PAGES_MAX == BLK_RING_PAGES_MAX, "ring pages");
_Static_assert(MSG_BLK_PAGE_REQUESTS == BLK_RING_ENTRIES, "requests a page");

static int bad(struct err *e, const char *what, unsigned int value)
{
	return err_set(e, EINVAL, "started with %s %u", what, value);
}

int start_check(const struct msg_blk_start *start, unsigned int n_queues,
		struct err *e)
{
	uint32_t pages = start->ring_pages;

	if (start->flags & ~FLAGS)
		return bad(e, "flags", start->flags);
	if (pages == 0 || pages > BLK_RING_PAGES_MAX || (pages & (pages - 1)))
		return bad(e, "ring pages", pages);
	if (start->n_queues == 0 || start->n_queues > n_queues)
		return bad(e, "queues", start->n_queues);
	if (start->sectors > UINT64_MAX / BLK_SECTOR_BYTES)
		return err_set(e, EINVAL, "started with too many sectors");
	return 0;
}

void start_limits(const struct msg_blk_start *start, struct blk_limits *limits)
{
	*limits = (struct blk_limits){
		.sectors = start->sectors,
		.read_only = start->flags & MSG_BLK_READ_ONLY,
		.no_medium = start->flags & MSG_BLK_NO_MEDIUM,
		.indirect = true,
		.barrier = start->flags & MSG_BLK_BARRIER,
		.discard_unit =
			start->flags & MSG_BLK_DISCARD ? BLK_SECTOR_BYTES : 0,
	};
}

void start_peer(const struct msg_blk_start *start, unsigned int i,
		struct queue_peer *peer)
{
	peer->domid = start->domid;
	peer->port = start->queues[i].port;
	peer->n_pages = start->ring_pages;
	memcpy(peer->refs, start->queues[i].ring_refs, sizeof(peer->refs));
	peer->abi =
		start->flags & MSG_BLK_X86_32 ? BLK_ABI_X86_32 : BLK_ABI_X86_64;
	peer->persistent = start->flags & MSG_BLK_PERSISTENT;
}
