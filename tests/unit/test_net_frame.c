/* SPDX-License-Identifier: MIT */
/*
 * Where a frame's transport checksum is and what completes it. The expected
 * checksums were computed by another program, from RFC 1071.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "backends/net/frame.h"

#define MACS "\x00\x16\x3e\x00\x00\x02\x00\x16\x3e\x00\x00\x01"

#define IP4_TCP                                            \
	"\x45\x00\x00\x2d\x12\x34\x00\x00\x40\x06\x54\x95" \
	"\x0a\x00\x00\x02\x0a\x00\x00\x01\x9c\x40\x00\x50" \
	"\x00\x00\x00\x01\x00\x00\x00\x02\x50\x18\x03\xe8" \
	"\x14\x22\x00\x00\x68\x65\x6c\x6c\x6f"

#define IP4_UDP                                            \
	"\x45\x00\x00\x21\x12\x34\x00\x00\x40\x11\x54\x96" \
	"\x0a\x00\x00\x02\x0a\x00\x00\x01\x13\x88\x00\x35" \
	"\x00\x0d\x14\x21\x68\x65\x6c\x6c\x6f"

/* Its sum is such that the complement is 0, which UDP keeps for "none". */
#define IP4_UDP_ZERO                                       \
	"\x45\x00\x00\x1e\x12\x34\x00\x00\x40\x11\x54\x99" \
	"\x0a\x00\x00\x02\x0a\x00\x00\x01\x13\x88\x00\x35" \
	"\x00\x0a\x14\x1e\xd8\x1a"

#define IP6_ENDS                                           \
	"\xfe\x80\x00\x00\x00\x00\x00\x00\x02\x16\x00\xff" \
	"\xfe\x3e\x00\x01\xfe\x80\x00\x00\x00\x00\x00\x00" \
	"\x02\x16\x00\xff\xfe\x3e\x00\x02"

#define IP6_TCP                                                    \
	"\x60\x00\x00\x00\x00\x19\x06\x40" IP6_ENDS                \
	"\x9c\x40\x00\x50\x00\x00\x00\x01\x00\x00\x00\x02\x50\x18" \
	"\x03\xe8\xff\xcb\x00\x00\x68\x65\x6c\x6c\x6f"

/* Behind a hop-by-hop header. */
#define IP6_UDP                                        \
	"\x60\x00\x00\x00\x00\x15\x00\x40" IP6_ENDS    \
	"\x11\x00\x01\x04\x00\x00\x00\x00"             \
	"\x13\x88\x00\x35\x00\x0d\xff\xca\x68\x65\x6c" \
	"\x6c\x6f"

#define FRAME(text) text, sizeof(text) - 1

static const struct {
	const char *name;
	const char *bytes;
	size_t size;
	uint16_t start, offset;
	bool ipv6, tagged;
	uint16_t csum; /* once completed, as on the wire */
} good[] = {
	{"IPv4 TCP", FRAME(MACS "\x08\x00" IP4_TCP), 34, 16, 0, 0, 0xb777},
	{"IPv4 UDP", FRAME(MACS "\x08\x00" IP4_UDP), 34, 6, 0, 0, 0x9442},
	{"IPv4 UDP, sum of 0", FRAME(MACS "\x08\x00" IP4_UDP_ZERO), 34, 6, 0, 0,
	 0xffff},
	{"IPv4 UDP in a VLAN", FRAME(MACS "\x81\x00\x00\x0a\x08\x00" IP4_UDP),
	 38, 6, 0, 1, 0x9442},
	{"IPv4 TCP in two VLANs",
	 FRAME(MACS "\x88\xa8\x00\x0b\x81\x00\x00\x0a\x08\x00" IP4_TCP), 42, 16,
	 0, 1, 0xb777},
	{"IPv6 TCP", FRAME(MACS "\x86\xdd" IP6_TCP), 54, 16, 1, 0, 0xcbcd},
	{"IPv6 UDP behind an extension", FRAME(MACS "\x86\xdd" IP6_UDP), 62, 6,
	 1, 0, 0xa898},
	{"IPv6 UDP in a VLAN", FRAME(MACS "\x81\x00\x00\x0a\x86\xdd" IP6_UDP),
	 66, 6, 1, 1, 0xa898},
};

/* One byte of a good frame is changed, and there is nothing to be found. */
static const struct {
	const char *name;
	unsigned int frame; /* in good[] */
	size_t at;
	uint8_t value;
} bad[] = {
	{"ARP", 0, 13, 0x06},
	{"version 6 in IPv4", 0, 14, 0x65},
	{"header of 16 bytes", 0, 14, 0x44},
	{"header longer than the frame", 0, 14, 0x4f},
	{"more fragments", 0, 20, 0x20},
	{"a later fragment", 0, 21, 0x01},
	{"ICMP", 0, 23, 1},
	{"SCTP", 0, 23, 132},
	{"ARP in a VLAN", 3, 17, 0x06},
	{"three tags", 4, 20, 0x81},
	{"version 4 in IPv6", 5, 14, 0x40},
	{"ICMPv6", 5, 20, 58},
	{"IPv6 fragment", 5, 20, 44},
	{"extension longer than the frame", 6, 55, 3},
	{"ICMPv6 behind an extension", 6, 54, 58},
};

/* A copy of exactly the frame's size, so that sanitizers see its end. */
static uint8_t *frame_copy(unsigned int i, size_t size)
{
	uint8_t *frame = malloc(size ? size : 1);

	assert_non_null(frame);
	memcpy(frame, good[i].bytes, size);
	return frame;
}

static void test_good(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint8_t *frame = frame_copy(i, good[i].size);
		struct frame_transport t;
		struct frame_csum csum = {FRAME_CSUM_BLANK, good[i].start,
					  good[i].offset};
		size_t field = good[i].start + good[i].offset;

		print_message("# %s\n", good[i].name);
		assert_true(frame_find_transport(frame, good[i].size, &t));
		assert_int_equal(t.start, good[i].start);
		assert_int_equal(t.csum_offset, good[i].offset);
		assert_int_equal(t.ipv6, good[i].ipv6);
		assert_int_equal(t.tagged, good[i].tagged);
		assert_int_equal(frame_fill_csum(frame, good[i].size, &csum),
				 0);
		assert_int_equal(csum.state, FRAME_CSUM_VALID);
		assert_int_equal(frame[field] << 8 | frame[field + 1],
				 good[i].csum);
		/* And not a byte else. */
		frame[field] = (uint8_t)good[i].bytes[field];
		frame[field + 1] = (uint8_t)good[i].bytes[field + 1];
		assert_memory_equal(frame, good[i].bytes, good[i].size);
		free(frame);
	}
}

static void test_bad(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t size = good[bad[i].frame].size;
		uint8_t *frame = frame_copy(bad[i].frame, size);
		struct frame_transport t;

		print_message("# %s\n", bad[i].name);
		frame[bad[i].at] = bad[i].value;
		assert_false(frame_find_transport(frame, size, &t));
		free(frame);
	}
}

/* Every frame, cut at every length: found exactly when the header is whole. */
static void test_cut(void **state)
{
	unsigned int i;
	size_t size;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		for (size = 0; size < good[i].size; size++) {
			size_t header = good[i].offset == 16 ? 20 : 8;
			uint8_t *frame = frame_copy(i, size);
			struct frame_transport t;

			assert_int_equal(frame_find_transport(frame, size, &t),
					 size >= good[i].start + header);
			free(frame);
		}
}

/* IPv6 extensions are followed so far and no further. */
static void test_extensions(void **state)
{
	uint8_t frame[14 + 40 + 20 * 8 + 20] = {0};
	unsigned int n, i;

	(void)state;
	for (n = 0; n <= 20; n++) {
		struct frame_transport t;
		uint8_t *next = &frame[20];

		memset(frame, 0, sizeof(frame));
		frame[12] = 0x86;
		frame[13] = 0xdd;
		frame[14] = 0x60;
		for (i = 0; i < n; i++) {
			*next = 60;
			next = &frame[54 + i * 8];
		}
		*next = 6;
		assert_int_equal(frame_find_transport(frame, sizeof(frame), &t),
				 n <= 8);
		if (n <= 8)
			assert_int_equal(t.start, 54 + n * 8);
	}
}

static void test_fill_outside(void **state)
{
	static const struct {
		uint16_t start, offset;
		int rc;
	} places[] = {
		{0, 58, -EINVAL},     {0, 57, 0},
		{59, 0, -EINVAL},     {58, 0, -EINVAL},
		{57, 0, 0},	      {43, 16, -EINVAL},
		{0xffff, 6, -EINVAL}, {0xffff, 0xffff, -EINVAL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		uint8_t *frame = frame_copy(0, 59);
		struct frame_csum csum = {FRAME_CSUM_BLANK, places[i].start,
					  places[i].offset};

		assert_int_equal(frame_fill_csum(frame, 59, &csum),
				 places[i].rc);
		if (places[i].rc < 0)
			assert_memory_equal(frame, good[0].bytes, 59);
		free(frame);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_extensions),
		cmocka_unit_test(test_fill_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
