/* SPDX-License-Identifier: MIT */
/* What a guest does to its transmit ring and pages, sense or not. */
#include "tests/fuzz/net_steps.h"

#include <string.h>

#include "tests/fuzz/net_model.h"

#define FRAME_BYTES 200

static void put_slot(struct net_hand *h, const struct model_slot *slot)
{
	memcpy(&h->ring->ring[h->written % 256], slot, sizeof(*slot));
	h->written++;
}

static void step_slot(struct net_hand *h, struct input *in)
{
	const uint16_t id = (uint16_t)h->written;
	struct model_slot slot = {{0}};

	slot.bytes[0] = input_u8(in) % (MODEL_PAGES + 2);
	slot.bytes[6] = input_u8(in) % 16;
	input_bytes(in, slot.bytes + 10, 2);
	input_bytes(in, slot.bytes + 4, 2);
	memcpy(slot.bytes + 8, &id, sizeof(id));
	put_slot(h, &slot);
}

static void step_extra_slot(struct net_hand *h, struct input *in)
{
	const uint8_t choice = input_u8(in);
	struct model_slot slot = {{0}};

	slot.bytes[0] = choice % 6;
	slot.bytes[1] = choice / 8 % 2;
	input_bytes(in, slot.bytes + 2, 2);
	slot.bytes[4] = choice / 16 % 4;
	put_slot(h, &slot);
}

static void step_raw_slot(struct net_hand *h, struct input *in)
{
	struct model_slot slot;

	input_bytes(in, &slot, sizeof(slot));
	put_slot(h, &slot);
}

static void step_page(struct net_hand *h, struct input *in)
{
	uint8_t *page = h->pages[input_u8(in) % MODEL_PAGES];
	uint16_t at = input_u16(in) % 4096;
	size_t size = input_u8(in) % 64;

	if (size > 4096u - at)
		size = 4096u - at;
	input_bytes(in, page + at, size);
}

/* One of 256 frames, most of which have a place for their checksum. */
static void make_frame(uint8_t *at, uint8_t choice)
{
	static const uint8_t types[][2] = {
		{8, 0}, {0x86, 0xdd}, {0x81, 0}, {0x88, 0xa8}};
	static const uint8_t protocols[] = {6, 17, 0, 43, 51, 60};
	uint8_t protocol = protocols[choice / 4 % 6];
	uint8_t *ip = at + 14;

	memset(at, choice, FRAME_BYTES);
	memcpy(at + 12, types[choice % 4], 2);
	if (choice % 4 > 1) {
		memcpy(at + 16, types[choice / 32 % 4], 2);
		ip += 4;
	}
	ip[0] = choice % 2 ? 0x60 : 0x45;
	ip[6] = choice % 2 ? protocol : 0;
	ip[7] = 0;
	ip[9] = protocol;
	ip[32] = 0x50; /* TCP's header, behind IPv4's and IPv6's */
	ip[52] = 0x80;
	ip[40] = protocols[choice / 64];
	ip[41] = choice / 128;
}

static void step_frame(struct net_hand *h, struct input *in)
{
	uint8_t *page = h->pages[input_u8(in) % MODEL_PAGES];

	make_frame(page + input_u16(in) % 3800, input_u8(in));
}

/* A frame and the slots for it, to be cut or, if some byte is odd, refused. */
static void step_gso(struct net_hand *h, struct input *in)
{
	const uint8_t page = input_u8(in) % MODEL_PAGES;
	const uint8_t odd = input_u8(in);
	const uint16_t size = (uint16_t)(60 + input_u16(in) % 3900);
	const uint16_t id = (uint16_t)h->written;
	struct model_slot head = {{page}}, extra = {{1}};

	make_frame(h->pages[page], input_u8(in));
	head.bytes[6] = 1 + 8 + (odd & 6);
	memcpy(head.bytes + 8, &id, sizeof(id));
	memcpy(head.bytes + 10, &size, sizeof(size));
	extra.bytes[1] = odd / 64 % 2;
	extra.bytes[2] = input_u8(in);
	extra.bytes[4] = odd / 16 % 4;
	put_slot(h, &head);
	put_slot(h, &extra);
}

/* A word about one of a few hundred addresses, half of them multicast. */
static void step_control(struct net_hand *h, struct input *in)
{
	const uint16_t id = (uint16_t)h->written;
	struct model_slot head = {{0}}, extra = {{0}};

	head.bytes[6] = 8;
	memcpy(head.bytes + 8, &id, sizeof(id));
	extra.bytes[0] = 2 + input_u8(in) % 2;
	extra.bytes[2] = input_u8(in);
	put_slot(h, &head);
	put_slot(h, &extra);
}

void net_step(struct net_hand *h, enum net_step step, struct input *in)
{
	switch (step) {
	case NET_SLOT:
		step_slot(h, in);
		break;
	case NET_EXTRA_SLOT:
		step_extra_slot(h, in);
		break;
	case NET_RAW_SLOT:
		step_raw_slot(h, in);
		break;
	case NET_PAGE:
		step_page(h, in);
		break;
	case NET_FRAME:
		step_frame(h, in);
		break;
	case NET_GSO:
		step_gso(h, in);
		break;
	case NET_CONTROL:
	case NET_STEPS:
		step_control(h, in);
		break;
	}
}
