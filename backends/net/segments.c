/* SPDX-License-Identifier: MIT */
/* Cutting a frame of GSO into those that it stands for. */
#include "segments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define IPV4_LENGTH   2
#define IPV4_ID	      4
#define IPV4_CSUM     10
#define IPV6_LENGTH   4
#define IPV6_BYTES    40
#define TCP_SEQUENCE  4
#define TCP_FLAGS     13
#define TCP_ONLY_LAST 0x09 /* FIN, PSH */
#define TCP_CWR	      0x80 /* only on the first */

int segments_open(struct segments *s)
{
	memset(s, 0, sizeof(*s));
	s->frame = malloc(ARENA_FRAME_MAX);
	return s->frame ? 0 : -ENOMEM;
}

void segments_close(struct segments *s)
{
	free(s->frame);
	s->frame = NULL;
}

bool segments_begin(struct segments *s, const uint8_t *frame, uint32_t size,
		    const struct frame_marks *marks)
{
	s->marks = *marks;
	if (!frame_measure_gso(frame, size, &s->marks) ||
	    !frame_find_transport(frame, size, &s->where))
		return false;
	memcpy(s->frame, frame, size);
	s->size = size;
	s->at = s->marks.gso.header;
	s->made = 0;
	return true;
}

bool segments_left(const struct segments *s)
{
	return s->at < s->size;
}

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* bytes: of the packet, from its IPv4 header on. */
static void fix_ipv4(const struct segments *s, uint8_t *ip, uint32_t bytes)
{
	const unsigned int header = (ip[0] & 15) * 4u;
	uint32_t sum = 0;
	unsigned int i;

	put16(ip + IPV4_LENGTH, bytes);
	put16(ip + IPV4_ID, get16(ip + IPV4_ID) + (uint32_t)s->made);
	put16(ip + IPV4_CSUM, 0);
	for (i = 0; i < header; i += 2)
		sum += get16(ip + i);
	put16(ip + IPV4_CSUM, ~(uint32_t)folded(sum));
}

/* bytes: of the segment, from its TCP header on. */
static void fix_tcp(const struct segments *s, uint8_t *tcp, uint32_t bytes)
{
	const uint32_t was = s->size - s->where.start;
	uint8_t *sequence = tcp + TCP_SEQUENCE;
	uint8_t *csum = tcp + s->where.csum_offset;
	uint32_t n = (uint32_t)get16(sequence) << 16 | get16(sequence + 2);

	n += s->at - s->marks.gso.header;
	put16(sequence, n >> 16);
	put16(sequence + 2, n);
	if (s->made > 0)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_CWR;
	if (bytes - (s->marks.gso.header - s->where.start) < s->size - s->at)
		tcp[TCP_FLAGS] &= (uint8_t)~TCP_ONLY_LAST;
	/* The pseudo-header's sum, of another length. */
	n = get16(csum) + (0xffffu - folded(was)) + bytes;
	put16(csum, folded(n));
}

uint32_t segments_next(struct segments *s, uint8_t *to,
		       struct frame_marks *marks)
{
	const uint32_t header = s->marks.gso.header;
	const uint32_t left = s->size - s->at;
	const uint32_t part =
		left < s->marks.gso.size ? left : s->marks.gso.size;
	const uint32_t size = header + part;
	uint8_t *ip = to + s->where.ip;

	memcpy(to, s->frame, header);
	memcpy(to + header, s->frame + s->at, part);
	if (s->where.ipv6)
		put16(ip + IPV6_LENGTH, size - s->where.ip - IPV6_BYTES);
	else
		fix_ipv4(s, ip, size - s->where.ip);
	fix_tcp(s, to + s->where.start, size - s->where.start);
	marks->csum = s->marks.csum;
	marks->gso = (struct frame_gso){.kind = FRAME_GSO_NONE};
	s->at += part;
	s->made++;
	return size;
}
