/* SPDX-License-Identifier: MIT */
/* Ethernet, IPv4 or IPv6, TCP or UDP: written, and looked at. */
#include "tests/sim/guest/flow.h"

#include <string.h>

#define ETHER	 14
#define FIRST	 1000u /* sequence number */
#define PROTOCOL (f->udp ? 17u : 6u)

static uint32_t transport_at(const struct flow *f)
{
	return ETHER + (f->ipv6 ? 40 : 20);
}

uint32_t flow_header(const struct flow *f)
{
	return transport_at(f) + (f->udp ? 8 : 20);
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint32_t get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

static uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

/* Adds bytes to a sum in ones' complement, folded to 16 bits. */
static uint32_t add(uint32_t sum, const uint8_t *bytes, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* Of the pseudo-header, for so many bytes of transport. */
static uint32_t pseudo_sum(const struct flow *f, const uint8_t *frame,
			   uint32_t bytes)
{
	uint8_t rest[4] = {0, (uint8_t)PROTOCOL};

	put16(rest + 2, bytes);
	return add(add(0, rest, sizeof(rest)),
		   frame + ETHER + (f->ipv6 ? 8 : 12), f->ipv6 ? 32 : 8);
}

static uint8_t *sum_place(const struct flow *f, uint8_t *frame)
{
	return frame + transport_at(f) + (f->udp ? 6 : 16);
}

static void fill_network(const struct flow *f, uint8_t *ip, uint32_t bytes)
{
	memset(ip, 0, f->ipv6 ? 40 : 20);
	if (f->ipv6) {
		ip[0] = 0x60;
		put16(ip + 4, bytes - 40);
		ip[6] = (uint8_t)PROTOCOL;
		ip[7] = 64;
		ip[8] = ip[24] = 0xfd; /* fd00::1 to fd00::2 */
		ip[23] = 1;
		ip[39] = 2;
		return;
	}
	ip[0] = 0x45;
	put16(ip + 2, bytes);
	ip[6] = 0x40; /* not to be fragmented */
	ip[8] = 64;
	ip[9] = (uint8_t)PROTOCOL;
	memcpy(ip + 12, "\x0a\x00\x00\x02\x0a\x00\x00\x03", 8);
	put16(ip + 10, ~add(0, ip, 20) & 0xffff);
}

void flow_fill(const struct flow *f, uint8_t *frame, uint32_t size,
	       uint32_t seed)
{
	const uint32_t header = flow_header(f), at = transport_at(f);
	uint32_t i;

	memcpy(frame, f->to, 6);
	memcpy(frame + 6, f->from, 6);
	put16(frame + 12, f->ipv6 ? 0x86dd : 0x0800);
	fill_network(f, frame + ETHER, size - ETHER);
	memset(frame + at, 0, header - at);
	put16(frame + at, f->port);
	put16(frame + at + 2, 9); /* the port that discards */
	if (f->udp) {
		put16(frame + at + 4, size - at);
	} else {
		put16(frame + at + 6, FIRST);
		frame[at + 12] = 5 << 4;
		frame[at + 13] = 0x10; /* ACK */
	}
	for (i = header; i < size; i++)
		frame[i] = (uint8_t)(i * 31 + seed + i / 251);
	put16(sum_place(f, frame), pseudo_sum(f, frame, size - at));
}

static const char *judge_network(const struct flow *f, const uint8_t *ip,
				 uint32_t bytes)
{
	if (f->ipv6)
		return get16(ip + 4) == bytes - 40 ? NULL
						   : "IPv6 has another length";
	if (get16(ip + 2) != bytes)
		return "IPv4 has another length";
	return add(0, ip, 20) == 0xffff ? NULL : "IPv4's sum is wrong";
}

static const char *judge_sum(const struct flow *f, const uint8_t *got,
			     uint32_t size, bool blank)
{
	const uint32_t at = transport_at(f), bytes = size - at;
	const uint32_t pseudo = pseudo_sum(f, got, bytes);
	uint8_t field[2];

	memcpy(field, got + at + (f->udp ? 6 : 16), sizeof(field));
	if (blank)
		return get16(field) == pseudo ? NULL
					      : "the blank sum is not blank";
	return add(pseudo, got + at, bytes) == 0xffff ? NULL
						      : "the checksum is wrong";
}

const char *flow_judge(const struct flow *f, const uint8_t *got, uint32_t size,
		       bool blank, const uint8_t *whole, uint32_t whole_size,
		       uint32_t *payload, uint32_t *at)
{
	const uint32_t header = flow_header(f);
	const char *why;

	if (size <= header || memcmp(got, whole, ETHER) != 0 ||
	    memcmp(got + transport_at(f), whole + transport_at(f), 4) != 0)
		return "it is another frame";
	why = judge_network(f, got + ETHER, size - ETHER);
	if (!why)
		why = judge_sum(f, got, size, blank);
	if (why)
		return why;
	*payload = size - header;
	*at = f->udp ? 0 : get32(got + transport_at(f) + 4) - FIRST;
	if (*at > whole_size - header || *payload > whole_size - header - *at ||
	    memcmp(got + header, whole + header + *at, *payload) != 0)
		return "it has another payload";
	return NULL;
}
