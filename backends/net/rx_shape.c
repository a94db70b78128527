/* SPDX-License-Identifier: MIT */
/* What a frame is on the receive ring. */
#include "rx_shape.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "chan/msg.h"
#include "frame.h"
#include "hash.h"

/* Newer than Debian 12's <xen/io/netif.h>; Linux's netback and netfront. */
#ifndef XEN_NETIF_EXTRA_TYPE_XDP
#define XEN_NETIF_EXTRA_TYPE_XDP 5
#endif

static bool takes_gso(uint32_t flags, enum frame_gso_kind kind)
{
	return flags & MSG_NET_SG &&
	       flags & (kind == FRAME_GSO_TCPV4 ? MSG_NET_GSO_TCPV4
						: MSG_NET_GSO_TCPV6);
}

bool rx_shape_may_stay_blank(uint32_t flags, const uint8_t *frame,
			     uint32_t size, const struct frame_csum *csum)
{
	struct frame_transport t;

	return frame_find_transport(frame, size, &t) && !t.tagged &&
	       t.start == csum->start && t.csum_offset == csum->offset &&
	       (t.ipv6 ? flags & MSG_NET_IPV6_CSUM
		       : !(flags & MSG_NET_NO_CSUM));
}

static uint16_t settle_csum(uint32_t flags, uint8_t *frame, uint32_t size,
			    struct frame_csum *csum)
{
	if (csum->state == FRAME_CSUM_BLANK) {
		if (rx_shape_may_stay_blank(flags, frame, size, csum))
			return NETRXF_csum_blank | NETRXF_data_validated;
		if (frame_fill_csum(frame, size, csum) < 0)
			return 0;
	}
	return csum->state == FRAME_CSUM_VALID ? NETRXF_data_validated : 0;
}

static struct netif_extra_info *add_extra(struct rx_shape *shape, uint8_t type)
{
	struct netif_extra_info *extra;

	if (shape->n_extras)
		shape->extras[shape->n_extras - 1].flags =
			XEN_NETIF_EXTRA_FLAG_MORE;
	shape->flags |= NETRXF_extra_info;
	extra = &shape->extras[shape->n_extras++];
	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	return extra;
}

static void add_gso(struct rx_shape *shape, const struct frame_gso *gso)
{
	struct netif_extra_info *extra =
		add_extra(shape, XEN_NETIF_EXTRA_TYPE_GSO);

	extra->u.gso.type = gso->kind == FRAME_GSO_TCPV4
				    ? XEN_NETIF_GSO_TYPE_TCPV4
				    : XEN_NETIF_GSO_TYPE_TCPV6;
	extra->u.gso.size = gso->size;
}

int rx_shape_find(struct rx_shape *shape, uint32_t flags, uint32_t headroom,
		  uint8_t *frame, uint32_t size, struct frame_marks *marks)
{
	const struct frame_gso *gso = &marks->gso;

	if (gso->kind != FRAME_GSO_NONE &&
	    !(takes_gso(flags, gso->kind) &&
	      rx_shape_may_stay_blank(flags, frame, size, &marks->csum)))
		return -EOPNOTSUPP;
	shape->n_data = (headroom + size + XC_PAGE_SIZE - 1) / XC_PAGE_SIZE;
	if (shape->n_data > 1 && !(flags & MSG_NET_SG))
		return -EMSGSIZE;
	shape->n_extras = 0;
	shape->offset = (uint16_t)headroom;
	shape->flags = settle_csum(flags, frame, size, &marks->csum);
	if (gso->kind != FRAME_GSO_NONE)
		add_gso(shape, gso);
	if (headroom)
		add_extra(shape, XEN_NETIF_EXTRA_TYPE_XDP)->u.pad[0] =
			(uint16_t)headroom;
	return 0;
}

void rx_shape_add_hash(struct rx_shape *shape, const struct hash *hash)
{
	struct netif_extra_info *extra;

	if (!hash->known)
		return;
	extra = add_extra(shape, XEN_NETIF_EXTRA_TYPE_HASH);
	extra->u.hash.type = hash->type;
	extra->u.hash.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ;
	/* Its least significant byte first, as this host has it. */
	memcpy(extra->u.hash.value, &hash->value, sizeof(hash->value));
}

uint16_t rx_shape_part(const struct rx_shape *shape, unsigned int i,
		       uint32_t size)
{
	const uint32_t first = XC_PAGE_SIZE - shape->offset;
	uint32_t at = i == 0 ? 0 : first + (i - 1) * XC_PAGE_SIZE;
	uint32_t room = i == 0 ? first : XC_PAGE_SIZE;

	return (uint16_t)(size - at < room ? size - at : room);
}
