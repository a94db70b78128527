/* SPDX-License-Identifier: MIT */
/*
 * What a fenced guest gets out: frames written to its tap, and looked for at
 * another tap of the same bridge.
 */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "daemon/host/tap.h"
#include "daemon/net/fence.h"
#include "tests/unit/fence_packets.h"
#include "tests/unit/net_world.h"
#include "tests/unit/starve.h"

#define VNET_BYTES 10

/* ---- taps ---- */

static int guest, peer;
static struct join *guest_join, *peer_join;

static void send_frame(int tap, const struct frame *f)
{
	uint8_t bytes[VNET_BYTES + FRAME_BYTES] = {0};

	memcpy(bytes + VNET_BYTES, f->bytes, f->size);
	assert_int_equal(write(tap, bytes, VNET_BYTES + f->size),
			 VNET_BYTES + f->size);
}

/* Reads peer's frames up to the mark; whether f was among them. */
static bool has_come(const struct frame *f, const struct frame *mark)
{
	struct pollfd readable = {.fd = peer, .events = POLLIN};
	uint8_t bytes[2048];
	bool found = false;
	ssize_t n;

	for (;;) {
		assert_int_equal(poll(&readable, 1, 60000), 1);
		n = read(peer, bytes, sizeof(bytes)) - VNET_BYTES;
		found |= n == (ssize_t)f->size &&
			 memcmp(bytes + VNET_BYTES, f->bytes, f->size) == 0;
		if (n == (ssize_t)mark->size &&
		    memcmp(bytes + VNET_BYTES, mark->bytes, mark->size) == 0)
			return found;
	}
}

/* Does the guest's frame come through? What it may send comes behind it. */
static bool passes(const struct packet *p)
{
	static uint16_t count;
	struct packet good = {.kind = IPV4,
			      .from = "10.0.0.2",
			      .to = "10.0.0.9",
			      .ports = {7, ++count}};
	struct frame frame, mark;

	fence_packet_frame(p, &frame);
	fence_packet_frame(&good, &mark);
	send_frame(guest, &frame);
	send_frame(guest, &mark);
	return has_come(&frame, &mark);
}

static const char *const prefixes[] = {FENCE_PACKET_PREFIXES, NULL};

static int open_guest(void **state)
{
	struct place place;
	struct err e;

	(void)state;
	guest = tap_open("vif8.0", &e);
	peer = tap_open("vif9.0", &e);
	assert_true(guest >= 0 && peer >= 0);
	place = net_world_place("vif8.0", "xenbr0", prefixes);
	guest_join = net_world_join(&place, &e);
	assert_non_null(guest_join);
	place = net_world_place("vif9.0", "xenbr0", NULL);
	peer_join = net_world_join(&place, &e);
	assert_non_null(peer_join);
	return 0;
}

static int close_guest(void **state)
{
	(void)state;
	net_world_part(guest_join);
	net_world_part(peer_join);
	close(guest);
	close(peer);
	return 0;
}

/* ---- the tests ---- */

static void test_packets(void **state)
{
	bool as_said = true;
	size_t i;

	(void)state;
	for (i = 0; i < fence_packets_count; i++) {
		const struct packet *p = &fence_packets[i];

		if (passes(p) == p->passes)
			continue;
		print_error("%s %s\n", p->what,
			    p->passes ? "is dropped" : "passes");
		as_said = false;
	}
	assert_true(as_said);
}

static void test_counted(void **state)
{
	const struct packet spoofed = {
		.kind = IPV4, .from = "10.9.9.9", .to = "10.0.0.9"};
	char *list;

	(void)state;
	assert_false(passes(&spoofed));
	assert_false(passes(&spoofed));
	assert_false(passes(&spoofed));
	list = net_world_nft("list chain netdev xn-vif8.0 check_ipv4");
	assert_non_null(strstr(list, "counter packets 3 bytes"));
	free(list);
}

/* Other prefixes without a moment of none; then none, and all passes. */
static void test_moved(void **state)
{
	static const char *const others[] = {"10.0.0.2", "10.7.0.0/16", NULL};
	const struct packet given = {
		.kind = IPV4, .from = "10.7.0.1", .to = "10.0.0.9"};
	const struct packet spoofed = {.kind = OTHER, .foreign = true};
	struct place place = net_world_place("vif8.0", "xenbr0", others);
	struct err e;
	char *list;

	(void)state;
	assert_false(passes(&given));
	assert_int_equal(net_world_move(guest_join, &place, &e), 0);
	assert_true(passes(&given));
	assert_false(passes(&spoofed));
	place.n_prefixes = 0;
	assert_int_equal(net_world_move(guest_join, &place, &e), 0);
	assert_true(passes(&spoofed));
	list = net_world_nft("list tables netdev");
	assert_null(strstr(list, "xn-vif8.0"));
	free(list);
}

static void test_parted(void **state)
{
	struct place place = net_world_place("vif7.0", "xenbr0", prefixes);
	struct join *j;
	struct err e;
	char *list;
	int tap;

	(void)state;
	tap = tap_open("vif7.0", &e);
	j = net_world_join(&place, &e);
	assert_non_null(j);
	list = net_world_nft("list tables netdev");
	assert_string_equal(list, "table netdev xn-vif7.0\n");
	free(list);
	net_world_part(j);
	list = net_world_nft("list tables netdev");
	assert_string_equal(list, "");
	free(list);
	close(tap);
}

/* One of IPv4 alone, with no words for IPv6 but its own link's; and so on. */
static void test_families(void **state)
{
	static const char *const each[][2] = {{"10.0.0.2"}, {"2001:db8::2"}};
	struct place place;
	struct join *j;
	struct err e;
	size_t i;
	int tap;

	(void)state;
	tap = tap_open("vif7.0", &e);
	for (i = 0; i < 2; i++) {
		place = net_world_place("vif7.0", "xenbr0", each[i]);
		j = net_world_join(&place, &e);
		assert_non_null(j);
		net_world_part(j);
	}
	close(tap);
}

static void test_refused(void **state)
{
	struct place place = net_world_place("vif#1", "xenbr0", prefixes);
	struct err e;
	int tap;

	(void)state;
	tap = tap_open("vif#1", &e);
	assert_null(net_world_join(&place, &e));
	assert_string_equal(e.text,
			    "interface vif#1: its guest cannot be kept to its "
			    "addresses: nftables takes names of letters, "
			    "digits, '-', '_' and '.'");
	close(tap);
	place = net_world_place("vif6.0", "xenbr0", prefixes);
	tap = tap_open("vif6.0", &e);
	setenv("XN_LIBEXECDIR", "/nowhere", 1);
	assert_null(net_world_join(&place, &e));
	setenv("XN_LIBEXECDIR", "daemon", 1);
	assert_string_equal(e.text,
			    "interface vif6.0: its guest cannot be kept to its "
			    "addresses: nftables: xn-nft cannot be started: No "
			    "such file or directory");
	close(tap);
}

/* Whatever cannot be had: it is said, and nothing is left; or all is well. */
static void test_starved(void **state)
{
	struct place place = net_world_place("vif7.0", "xenbr0", prefixes);
	unsigned int nth = 0, refused = 0;
	bool met = true;
	struct join *j;
	struct err e;
	char *list;
	int tap;

	(void)state;
	while (met) {
		tap = tap_open("vif7.0", &e);
		starve(++nth);
		j = net_world_join(&place, &e);
		met = starve_over();
		refused += !j;
		if (j)
			net_world_part(j);
		else
			assert_int_equal(e.code, ENOMEM);
		list = net_world_nft("list tables netdev");
		assert_string_equal(list, "");
		free(list);
		close(tap);
	}
	/* The join, a run of its commands, and one more to take them back. */
	assert_true(refused >= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_packets, open_guest,
						close_guest),
		cmocka_unit_test_setup_teardown(test_counted, open_guest,
						close_guest),
		cmocka_unit_test_setup_teardown(test_moved, open_guest,
						close_guest),
		cmocka_unit_test(test_parted),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_starved),
	};

	if (!net_world_can_be()) {
		puts("1..0 # SKIP needs root and /dev/net/tun");
		return 0;
	}
	return cmocka_run_group_tests(tests, net_world_enter, net_world_leave);
}
