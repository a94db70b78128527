/* SPDX-License-Identifier: MIT */
/*
 * A frame of GSO in pieces: each is a whole packet by itself, by a checksum
 * that is computed here the slow way, and together they are what there was.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backends/net/segments.h"

#define FRAME_MAX 66000
#define SEQUENCE  0xfffffff0u /* wraps */
#define FLAGS	  0x99	      /* CWR, ACK, PSH, FIN */

/* A frame to be made, and cut. */
struct shape {
	const char *name;
	bool ipv6;
	unsigned int tags;
	unsigned int options; /* bytes of the IPv4 and of the TCP header each */
	uint32_t payload;
	uint16_t gso_size;
};

static const struct shape shapes[] = {
	{"IPv4", false, 0, 0, 4000, 1448},
	{"IPv4, a last piece as large as the others", false, 0, 0, 2896, 1448},
	{"IPv4 with options", false, 0, 12, 4001, 1436},
	{"IPv4 in a VLAN", false, 1, 12, 65000, 1448},
	{"IPv6", true, 0, 0, 4000, 1428},
	{"IPv6 in two VLANs", true, 2, 12, 65000, 1428},
	{"a payload smaller than a segment", false, 0, 0, 5, 1448},
	{"segments of one byte", false, 0, 0, 30, 1},
};

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] * 256 + p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

/* Adds to a sum of 16-bit words; an odd byte is followed by 0. */
static uint32_t sum_of(uint32_t sum, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum > 0xffff)
		sum = sum % 0x10000 + sum / 0x10000;
	return sum;
}

/* Of the addresses, the protocol and the length. */
static uint32_t pseudo_sum(const uint8_t *ip, bool ipv6, uint32_t length)
{
	return sum_of(6 + length, ip + (ipv6 ? 8 : 12), ipv6 ? 32 : 8);
}

struct layout {
	uint32_t ip, tcp, data; /* where each begins */
};

static uint32_t make(uint8_t *f, const struct shape *s, struct layout *l)
{
	uint32_t i, size;

	memset(f, 0x5a, 12);
	l->ip = 14 + 4 * s->tags;
	l->tcp = l->ip + (s->ipv6 ? 40 : 20 + s->options);
	l->data = l->tcp + 20 + s->options;
	size = l->data + s->payload;
	for (i = 0; i < s->tags; i++) {
		put16(f + 12 + 4 * i, 0x8100);
		put16(f + 14 + 4 * i, 10 + i);
	}
	put16(f + l->ip - 2, s->ipv6 ? 0x86dd : 0x0800);
	for (i = l->ip; i < l->data; i++)
		f[i] = (uint8_t)(i * 5 + 1);
	for (i = l->data; i < size; i++)
		f[i] = (uint8_t)(i * 7 + i / 256);
	f[l->ip] = (uint8_t)(s->ipv6 ? 0x60 : 0x45 + s->options / 4);
	if (s->ipv6) {
		put16(f + l->ip + 4, size - l->tcp);
		f[l->ip + 6] = 6;
	} else {
		put16(f + l->ip + 2, size - l->ip);
		put16(f + l->ip + 4, 0xffff); /* the identification wraps */
		put16(f + l->ip + 6, 0x4000);
		f[l->ip + 9] = 6;
	}
	put16(f + l->tcp + 4, SEQUENCE >> 16);
	put16(f + l->tcp + 6, SEQUENCE & 0xffff);
	f[l->tcp + 12] = (uint8_t)((20 + s->options) / 4 * 16);
	f[l->tcp + 13] = FLAGS;
	put16(f + l->tcp + 16, pseudo_sum(f + l->ip, s->ipv6, size - l->tcp));
	return size;
}

/* One segment: n bytes, the first of which is byte at of the payload. */
static void check(const struct shape *s, const struct layout *l,
		  const uint8_t *frame, uint8_t *f, uint32_t n, uint32_t at,
		  struct frame_csum *csum)
{
	const uint32_t part = n - l->data;
	const bool first = at == 0, last = at + part == s->payload;
	uint8_t flags = FLAGS;

	assert_int_equal(part, last ? s->payload - at : s->gso_size);
	assert_memory_equal(f + l->data, frame + l->data + at, part);
	assert_memory_equal(f, frame, l->ip);
	if (s->ipv6) {
		assert_int_equal(get16(f + l->ip + 4), n - l->tcp);
	} else {
		assert_int_equal(get16(f + l->ip + 2), n - l->ip);
		assert_int_equal(get16(f + l->ip + 4),
				 (0xffff + at / s->gso_size) % 0x10000);
		assert_int_equal(sum_of(0, f + l->ip, l->tcp - l->ip), 0xffff);
	}
	assert_int_equal(get32(f + l->tcp + 4), SEQUENCE + at);
	if (!first)
		flags &= 0x7f;
	if (!last)
		flags &= 0xf6;
	assert_int_equal(f[l->tcp + 13], flags);
	assert_int_equal(csum->state, FRAME_CSUM_BLANK);
	assert_int_equal(csum->start, l->tcp);
	assert_int_equal(frame_fill_csum(f, n, csum), 0);
	assert_int_equal(sum_of(pseudo_sum(f + l->ip, s->ipv6, n - l->tcp),
				f + l->tcp, n - l->tcp),
			 0xffff);
}

static void cut(const struct shape *s)
{
	struct frame_marks marks = {
		.csum.state = FRAME_CSUM_BLANK,
		.gso = {.kind = s->ipv6 ? FRAME_GSO_TCPV6 : FRAME_GSO_TCPV4,
			.size = s->gso_size}};
	static uint8_t frame[FRAME_MAX], piece[FRAME_MAX];
	struct segments segments;
	struct frame_marks got;
	struct layout l;
	uint32_t size = make(frame, s, &l);
	uint32_t at = 0;

	assert_int_equal(segments_open(&segments), 0);
	assert_false(segments_left(&segments));
	assert_true(segments_begin(&segments, frame, size, &marks));
	while (segments_left(&segments)) {
		uint32_t n = segments_next(&segments, piece, &got);

		assert_int_equal(got.gso.kind, FRAME_GSO_NONE);
		check(s, &l, frame, piece, n, at, &got.csum);
		at += n - l.data;
	}
	assert_int_equal(at, s->payload);
	segments_close(&segments);
}

static void test_shapes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		print_message("# %s\n", shapes[i].name);
		cut(&shapes[i]);
	}
}

/* What is not what it claims is not cut at all. */
static void test_refused(void **state)
{
	static const struct {
		uint32_t at; /* a byte that is changed, */
		uint8_t to;  /* to this, */
		enum frame_gso_kind kind;
		uint32_t size; /* and how many bytes are there of 500 */
	} rows[] = {
		{0, 0x5a, FRAME_GSO_TCPV6, 500},  /* it is TCPv4 */
		{23, 17, FRAME_GSO_TCPV4, 500},	  /* UDP */
		{46, 0x40, FRAME_GSO_TCPV4, 500}, /* a header of 16 bytes */
		{46, 0xf0, FRAME_GSO_TCPV4, 94},  /* nothing behind 60 */
		{46, 0xf0, FRAME_GSO_TCPV4, 93},  /* and not even those */
		{0, 0x5a, FRAME_GSO_TCPV4, 54},	  /* no payload */
	};
	static const struct shape shape = {"", false, 0, 0, 446, 100};
	static uint8_t frame[FRAME_MAX];
	struct segments segments;
	struct layout l;
	size_t i;

	(void)state;
	assert_int_equal(segments_open(&segments), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct frame_marks marks = {
			.gso = {.kind = rows[i].kind, .size = 100}};

		assert_int_equal(make(frame, &shape, &l), 500);
		frame[rows[i].at] = rows[i].to;
		assert_false(
			segments_begin(&segments, frame, rows[i].size, &marks));
		assert_false(segments_left(&segments));
	}
	segments_close(&segments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
