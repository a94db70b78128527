/* SPDX-License-Identifier: MIT */
/* The two frames that dom0 answers. */
#include "frame.h"

#include <string.h>

#define FIRST_ADDRESS 100 /* of a hundred */

static const uint8_t theirs[] = {10, 0, 0, 1};

static void write_ours(uint8_t *to, const struct vif *v)
{
	memcpy(to, theirs, 3);
	to[3] = v->address;
}

void frame_write_arp(uint8_t *frame, struct vif *v)
{
	static const uint8_t question[] = {0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1};

	v->address = (uint8_t)(FIRST_ADDRESS + (v->address + 1) % 100);
	memset(frame, 0, ARP_BYTES);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, v->mac, 6);
	memcpy(frame + 12, question, sizeof(question));
	memcpy(frame + 22, v->mac, 6);
	write_ours(frame + 28, v);
	memcpy(frame + 38, theirs, 4);
}

static uint32_t sum(const uint8_t *p, unsigned int bytes)
{
	uint32_t words = 0;
	unsigned int i;

	for (i = 0; i < bytes; i += 2)
		words += (uint32_t)p[i] << 8 | p[i + 1];
	return words;
}

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static uint32_t fold(uint32_t words)
{
	words = (words & 0xffff) + (words >> 16);
	return (words & 0xffff) + (words >> 16);
}

void frame_write_tcp(uint8_t *frame, struct vif *v, uint16_t size)
{
	static const uint8_t ip[] = {0x08, 0, 0x45, 0, 0, 0, 0, 1, 0, 0, 64, 6};

	memcpy(frame, v->dom0, 6);
	memcpy(frame + 6, v->mac, 6);
	memcpy(frame + 12, ip, sizeof(ip));
	memset(frame + 24, 0, 30);
	write_ours(frame + 26, v);
	memcpy(frame + 30, theirs, 4);
	put16(frame + 16, size - 14u);
	put16(frame + 24, ~fold(sum(frame + 14, 20)));
	frame[35] = frame[37] = 9;	   /* ports: nobody is there */
	frame[45] = (uint8_t)++v->segment; /* heard so far: a reset's place */
	frame[46] = 5 << 4;		   /* words of header */
	frame[47] = 0x10; /* ACK, which needs an answer from nobody */
	/* As far as it goes: of the addresses, the protocol and the length. */
	put16(frame + 50, fold(sum(frame + 26, 8) + 6 + size - 34u));
}
