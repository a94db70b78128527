/* SPDX-License-Identifier: MIT */
/* Ethernet frames: their transport checksum, and what GSO says of them. */
#include "frame.h"

#include <errno.h>
#include <string.h>
#include <net/ethernet.h>
#include <netinet/in.h>

#define TYPE_8021AD	0x88a8
#define TAG_BYTES	4
#define TAGS_MAX	2
#define IPV4_BYTES	20
#define IPV6_BYTES	40
#define TCP_BYTES	20
#define TCP_WORDS	12 /* where the size of the header is, */
#define TCP_FLAGS	13 /* the flags, */
#define TCP_CSUM	16 /* and the checksum */
#define TCP_CWR		0x80
#define EXTENSIONS_MAX	8
#define EXTENSION_BYTES 8 /* the least an IPv6 extension header has */

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Sets the place of the header at start if it is TCP or UDP and all there. */
static bool transport_at(size_t start, size_t size, uint8_t protocol,
			 struct frame_transport *t)
{
	size_t header;

	switch (protocol) {
	case IPPROTO_TCP:
		header = TCP_BYTES;
		t->csum_offset = TCP_CSUM;
		break;
	case IPPROTO_UDP:
		header = 8;
		t->csum_offset = 6;
		break;
	default:
		return false;
	}
	if (start > UINT16_MAX || start > size || size - start < header)
		return false;
	t->start = (uint16_t)start;
	return true;
}

static bool find_over_ipv4(const uint8_t *frame, size_t size, size_t at,
			   struct frame_transport *t)
{
	const uint8_t *ip = frame + at;
	size_t header;

	if (size - at < IPV4_BYTES || ip[0] >> 4 != 4)
		return false;
	header = (ip[0] & 15) * 4u;
	if (header < IPV4_BYTES)
		return false;
	if (be16(ip + 6) & 0x3fff) /* more fragments, or not the first */
		return false;
	t->ipv6 = false;
	return transport_at(at + header, size, ip[9], t);
}

static bool find_over_ipv6(const uint8_t *frame, size_t size, size_t at,
			   struct frame_transport *t)
{
	unsigned int left = EXTENSIONS_MAX;
	uint8_t next;

	if (size - at < IPV6_BYTES || frame[at] >> 4 != 6)
		return false;
	t->ipv6 = true;
	next = frame[at + 6];
	at += IPV6_BYTES;
	while (next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING ||
	       next == IPPROTO_DSTOPTS || next == IPPROTO_AH) {
		const uint8_t *extension = frame + at;

		if (left-- == 0 || at > size || size - at < EXTENSION_BYTES)
			return false;
		/* RFC 4302 counts in 32-bit words, the others in 64-bit. */
		at += next == IPPROTO_AH ? (extension[1] + 2u) * 4
					 : (extension[1] + 1u) * 8;
		next = extension[0];
	}
	return transport_at(at, size, next, t);
}

size_t frame_find_network(const uint8_t *frame, size_t size, uint16_t *type)
{
	size_t at = ETHER_HDR_LEN;
	unsigned int tags = 0;

	if (size < at)
		return 0;
	*type = be16(frame + at - 2);
	while (*type == ETHERTYPE_VLAN || *type == TYPE_8021AD) {
		if (tags++ == TAGS_MAX || size - at < TAG_BYTES)
			return 0;
		at += TAG_BYTES;
		*type = be16(frame + at - 2);
	}
	return at;
}

bool frame_find_transport(const uint8_t *frame, size_t size,
			  struct frame_transport *t)
{
	uint16_t type;
	size_t at = frame_find_network(frame, size, &type);

	if (at == 0)
		return false;
	t->tagged = at > ETHER_HDR_LEN;
	t->ip = (uint16_t)at;
	if (type == ETHERTYPE_IP)
		return find_over_ipv4(frame, size, at, t);
	if (type == ETHERTYPE_IPV6)
		return find_over_ipv6(frame, size, at, t);
	return false;
}

bool frame_measure_gso(const uint8_t *frame, size_t size,
		       struct frame_marks *marks)
{
	struct frame_gso *gso = &marks->gso;
	struct frame_transport t;
	size_t header;

	if (!frame_find_transport(frame, size, &t) ||
	    t.csum_offset != TCP_CSUM ||
	    t.ipv6 != (gso->kind == FRAME_GSO_TCPV6))
		return false;
	header = (frame[t.start + TCP_WORDS] >> 4) * 4u;
	if (header < TCP_BYTES || header >= size - t.start)
		return false;
	header += t.start;
	if (header > UINT16_MAX)
		return false;
	gso->header = (uint16_t)header;
	gso->ecn = frame[t.start + TCP_FLAGS] & TCP_CWR;
	marks->csum.state = FRAME_CSUM_BLANK;
	marks->csum.start = t.start;
	marks->csum.offset = t.csum_offset;
	return true;
}

/*
 * The ones' complement sum of RFC 1071, in whatever byte order this host
 * has: stored the same way it comes out right.
 */
static uint16_t ones_sum(const uint8_t *p, size_t size)
{
	uint64_t sum = 0;
	uint32_t word;

	for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum += word;
	}
	word = 0;
	memcpy(&word, p, size);
	sum += word;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

int frame_fill_csum(uint8_t *frame, size_t size, struct frame_csum *csum)
{
	size_t field = (size_t)csum->start + csum->offset;
	uint16_t value;

	if (field + sizeof(value) > size)
		return -EINVAL;
	value = (uint16_t)~ones_sum(frame + csum->start, size - csum->start);
	if (value == 0)
		value = 0xffff; /* equal, and in UDP 0 means "none" */
	memcpy(frame + field, &value, sizeof(value));
	csum->state = FRAME_CSUM_VALID;
	return 0;
}
