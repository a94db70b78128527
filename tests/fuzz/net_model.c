/* SPDX-License-Identifier: MIT */
/* A guest's packets as the specifications have them. */
#include "tests/fuzz/net_model.h"

#include <string.h>

/* xen/io/netif.h */
#define CSUM_BLANK     1
#define DATA_VALIDATED 2
#define MORE_DATA      4
#define EXTRA_INFO     8
#define EXTRA_MORE     1 /* in an extra's second byte */
#define SLOTS_MAX      18
/* types of extras */
#define GSO	      1
#define MULTICAST_ADD 2
#define MULTICAST_DEL 3
#define HASH	      4

/* linux/virtio_net.h */
#define NEEDS_CSUM 1
#define GSO_TCPV4  1
#define GSO_TCPV6  4
#define GSO_ECN	   0x80

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] + 256 * p[1]);
}

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(256 * p[0] + p[1]);
}

static uint32_t slot_gref(const struct model_slot *s)
{
	return le16(s->bytes) + 65536u * le16(s->bytes + 2);
}

static uint16_t slot_offset(const struct model_slot *s)
{
	return le16(s->bytes + 4);
}

static uint16_t slot_flags(const struct model_slot *s)
{
	return le16(s->bytes + 6);
}

uint16_t model_id(const struct model_slot *slot)
{
	return le16(slot->bytes + 8);
}

static uint16_t slot_size(const struct model_slot *s)
{
	return le16(s->bytes + 10);
}

/* The place of the checksum, or false. */
static bool transport(const uint8_t *f, size_t size, size_t start,
		      uint8_t protocol, struct model_header *h)
{
	size_t header = protocol == 6 ? 20 : 8;

	if (protocol != 6 && protocol != 17)
		return false;
	(void)f;
	h->csum_start = (uint16_t)start;
	h->csum_offset = protocol == 6 ? 16 : 6;
	return start + header <= size && start < 65536;
}

static bool over_ipv4(const uint8_t *f, size_t size, size_t at,
		      struct model_header *h)
{
	if (at + 20 > size || f[at] < 0x45 || f[at] > 0x4f)
		return false;
	if ((f[at + 6] & 0x3f) || f[at + 7])
		return false; /* a fragment */
	return transport(f, size, at + (f[at] - 0x40u) * 4, f[at + 9], h);
}

static bool over_ipv6(const uint8_t *f, size_t size, size_t at,
		      struct model_header *h)
{
	unsigned int extensions = 0;
	uint8_t next;

	if (at + 40 > size || f[at] < 0x60 || f[at] > 0x6f)
		return false;
	next = f[at + 6];
	at += 40;
	for (; next == 0 || next == 43 || next == 60 || next == 51;
	     extensions++) {
		size_t bytes;

		if (extensions == 8 || at + 8 > size)
			return false;
		bytes = next == 51 ? 4 * (size_t)f[at + 1] + 8
				   : 8 * (size_t)f[at + 1] + 8;
		next = f[at];
		at += bytes;
	}
	return transport(f, size, at, next, h);
}

static bool checksum_place(const uint8_t *f, size_t size,
			   struct model_header *h)
{
	unsigned int tags;
	size_t at = 12;

	for (tags = 0; be16(f + at) == 0x8100 || be16(f + at) == 0x88a8;
	     tags++) {
		if (tags == 2 || at + 6 > size)
			return false;
		at += 4;
	}
	if (be16(f + at) == 0x0800)
		return over_ipv4(f, size, at + 2, h);
	return be16(f + at) == 0x86dd && over_ipv6(f, size, at + 2, h);
}

/* Of a frame that has a place for its checksum. */
static bool is_ipv6(const uint8_t *f)
{
	size_t at = 12;

	while (be16(f + at) == 0x8100 || be16(f + at) == 0x88a8)
		at += 4;
	return be16(f + at) == 0x86dd;
}

/* Adds so many bytes of a slot's page to the frame. */
static bool gather(struct model_packet *p, const struct model_slot *s,
		   uint32_t bytes, uint8_t (*pages)[4096])
{
	if (bytes == 0)
		return true; /* whatever else the slot says */
	if ((uint32_t)slot_offset(s) + bytes > 4096 ||
	    slot_gref(s) >= MODEL_PAGES)
		return false;
	memcpy(p->frame + p->size, pages[slot_gref(s)] + slot_offset(s), bytes);
	p->size += bytes;
	return true;
}

/* How often each type of extra comes, and the slot of GSO. */
struct model_extras {
	unsigned int times[256];
	const struct model_slot *gso;
};

static void list_extras(struct model_extras *x, const struct model_packet *p,
			const struct model_slot slots[256], uint32_t first)
{
	uint32_t i;

	memset(x, 0, sizeof(*x));
	for (i = 1; i <= p->n_extras; i++) {
		const struct model_slot *s = &slots[(first + i) % 256];

		x->times[s->bytes[0]]++;
		if (s->bytes[0] == GSO)
			x->gso = s;
	}
}

/* Known ones, once each, and no word about multicast, which is no packet. */
static bool extras_are_good(const struct model_extras *x)
{
	unsigned int i;

	for (i = 0; i < 256; i++)
		if (x->times[i] > (i == GSO || i == HASH))
			return false;
	return true;
}

/* Whether the frame is what its GSO extra says; fills in the header. */
static bool gso_is_good(struct model_packet *p, const struct model_slot *gso,
			bool blank)
{
	struct model_header *h = &p->header;
	const uint16_t segment = le16(gso->bytes + 2);
	const uint8_t type = gso->bytes[4];
	const uint8_t *tcp;
	size_t headers;

	if (!blank || (type != 1 && type != 2) || segment == 0 ||
	    segment >= p->size)
		return false;
	if (!checksum_place(p->frame, p->size, h) || h->csum_offset != 16)
		return false;
	/* The network header ends where TCP begins: which one is it? */
	tcp = p->frame + h->csum_start;
	headers = h->csum_start + (size_t)(tcp[12] / 16 * 4);
	if (tcp[12] < 0x50 || headers >= p->size || headers > 65535)
		return false;
	if (is_ipv6(p->frame) != (type == 2))
		return false;
	h->flags = NEEDS_CSUM;
	h->gso_type = type == 1 ? GSO_TCPV4 : GSO_TCPV6;
	if (tcp[13] & 0x80)
		h->gso_type |= GSO_ECN;
	h->gso_size = segment;
	h->hdr_len = (uint16_t)headers;
	return true;
}

static bool may_be_sent(struct model_packet *p,
			const struct model_slot slots[256], uint32_t first,
			uint8_t (*pages)[4096])
{
	const struct model_slot *head = &slots[first % 256];
	const uint16_t flags = slot_flags(head);
	struct model_extras extras;
	uint32_t others = 0;
	uint32_t i;

	list_extras(&extras, p, slots, first);
	if (!extras_are_good(&extras) || p->n_slots - p->n_extras > SLOTS_MAX)
		return false;
	for (i = 1 + p->n_extras; i < p->n_slots; i++)
		others += slot_size(&slots[(first + i) % 256]);
	if (slot_size(head) < 14 || others > slot_size(head))
		return false;
	if (!gather(p, head, slot_size(head) - others, pages))
		return false;
	for (i = 1 + p->n_extras; i < p->n_slots; i++) {
		const struct model_slot *s = &slots[(first + i) % 256];

		if (!gather(p, s, slot_size(s), pages))
			return false;
	}
	if (extras.gso)
		return gso_is_good(p, extras.gso, flags & CSUM_BLANK);
	p->header.hdr_len = p->size > 2048 ? 256 : 0;
	if (flags & CSUM_BLANK) {
		p->header.flags = NEEDS_CSUM;
		return checksum_place(p->frame, p->size, &p->header);
	}
	p->header.flags = flags & DATA_VALIDATED ? 2 : 0;
	return true;
}

/* A word about multicast stands alone in its packet. */
static bool is_word(struct model_packet *p, const struct model_slot slots[256],
		    uint32_t first)
{
	const uint8_t *extra = slots[(first + 1) % 256].bytes;

	if (p->n_extras != 1 || p->n_slots != 2 ||
	    (extra[0] != MULTICAST_ADD && extra[0] != MULTICAST_DEL))
		return false;
	p->word = extra[0];
	memcpy(p->address, extra + 2, sizeof(p->address));
	return true;
}

void model_packet(struct model_packet *p, const struct model_slot slots[256],
		  uint32_t first, uint32_t n, uint8_t (*pages)[4096])
{
	bool extra = n && slot_flags(&slots[first % 256]) & EXTRA_INFO;
	bool more = n && slot_flags(&slots[first % 256]) & MORE_DATA;

	p->size = 0;
	p->n_extras = 0;
	p->n_slots = 1;
	p->header = (struct model_header){0};
	p->endless = n == 0;
	p->word = 0;
	while (!p->endless && (extra || more)) {
		const struct model_slot *s = &slots[(first + p->n_slots) % 256];

		p->endless = p->n_slots == n;
		if (p->endless)
			return;
		if (extra) {
			extra = s->bytes[1] & EXTRA_MORE;
			p->n_extras++;
		} else {
			more = slot_flags(s) & MORE_DATA;
		}
		p->n_slots++;
	}
	p->sent = !p->endless && !is_word(p, slots, first) &&
		  may_be_sent(p, slots, first, pages);
}
