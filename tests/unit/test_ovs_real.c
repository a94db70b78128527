/* SPDX-License-Identifier: MIT */
/*
 * Ports of a real Open vSwitch, with its datapath in user space: seen by
 * ovs-vsctl, and by the frames that pass.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>
#include <linux/virtio_net.h>

#include "base/err.h"
#include "daemon/host/tap.h"
#include "daemon/net/ovs.h"
#include "daemon/net/vlan.h"
#include "tests/unit/ovs_servers.h"
#include "tests/unit/scratch.h"

static struct ovs_servers servers;
static struct event_base *base;
static struct ovs *ovs;

static unsigned int calls;
static struct err why; /* of the last call; text "" for well */
static char names[256];

static void on_done(const struct err *e, void *arg)
{
	(void)arg;
	calls++;
	memset(&why, 0, sizeof(why));
	if (e)
		why = *e;
}

static void on_names(const struct err *e, const char *const *list, void *arg)
{
	on_done(e, arg);
	names[0] = '\0';
	for (; !e && *list; list++) {
		strcat(names, *list);
		strcat(names, " ");
	}
}

/* 0, or what the call came to. */
static int wait_for(const struct ovs_call *c)
{
	unsigned int before = calls;

	if (!c)
		return why.code;
	while (calls == before)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
	return why.code;
}

static int add(const char *bridge, const char *port, const char *vlans)
{
	struct vlans v = {0};

	if (*vlans)
		assert_int_equal(vlan_parse(vlans, &v, &why), 0);
	return wait_for(
		ovs_add_port(ovs, bridge, port, &v, on_done, NULL, &why));
}

static int del(const char *port)
{
	return wait_for(ovs_del_port(ovs, port, on_done, NULL, &why));
}

static void assert_well(int code)
{
	if (code)
		fail_msg("%s", why.text);
}

static void assert_said(const char *words, const char *expected)
{
	assert_string_equal(ovs_servers_say(&servers, words), expected);
}

/* ---- frames ---- */

#define FRAME_BYTES 64

static void set_up(const char *name)
{
	struct ifreq ifr = {.ifr_flags = IFF_UP};
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(s >= 0);
	strcpy(ifr.ifr_name, name);
	assert_int_equal(ioctl(s, SIOCSIFFLAGS, &ifr), 0);
	close(s);
}

static int tap(const char *name)
{
	int fd = tap_open(name, &why);

	assert_true(fd >= 0);
	set_up(name);
	return fd;
}

static const uint8_t head[14] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,
				 0,    0,    0,	   0,	 1,    0x88, 0xb5};

static uint8_t serial; /* of the last frame, which carries it */

/* As whoever is behind a tap sends it; tag 0: without one. */
static void send_frame(int fd, unsigned int tag)
{
	uint8_t all[sizeof(struct virtio_net_hdr) + FRAME_BYTES] = {0};
	uint8_t *frame = all + sizeof(struct virtio_net_hdr);
	const uint8_t q[] = {0x81, 0, (uint8_t)(tag >> 8), (uint8_t)tag};

	memcpy(frame, head, 12);
	frame += 12;
	if (tag) {
		memcpy(frame, q, 4);
		frame += 4;
	}
	memcpy(frame, head + 12, 2);
	frame[2] = ++serial;
	assert_int_equal(write(fd, all, sizeof(all)), (ssize_t)sizeof(all));
}

/* The tag of the last frame if it comes in time: 0 for none, or -1. */
static int receive_frame(int fd, int timeout_ms)
{
	struct pollfd in = {.fd = fd, .events = POLLIN};
	uint8_t all[2048], *frame = all + sizeof(struct virtio_net_hdr);

	while (poll(&in, 1, timeout_ms) > 0) {
		ssize_t n = read(fd, all, sizeof(all));
		uint8_t *type = frame + 12;
		int tag = 0;

		if (n < (ssize_t)sizeof(struct virtio_net_hdr) + 19)
			continue;
		if (type[0] == 0x81) {
			tag = (type[2] & 0xf) << 8 | type[3];
			type += 4;
		}
		if (memcmp(frame, head, 12) == 0 &&
		    memcmp(type, head + 12, 2) == 0 && type[2] == serial)
			return tag;
	}
	return -1;
}

/* What is sent at from with a tag comes out of to with that one. */
static void assert_passes(int from, unsigned int tag, int to, int expected)
{
	unsigned int tries = 50;
	int got = -1;

	/* A switch that has just got a port may lose its first frames. */
	while (got < 0 && tries--) {
		send_frame(from, tag);
		got = receive_frame(to, 100);
	}
	assert_int_equal(got, expected);
}

/* To be asked when other frames have passed from there: it is no delay. */
static void assert_stops(int from, unsigned int tag, int to)
{
	send_frame(from, tag);
	assert_int_equal(receive_frame(to, 200), -1);
}

/* ---- tests ---- */

static void test_bridge(void **state)
{
	(void)state;
	assert_well(wait_for(ovs_has_bridge(ovs, "br0", on_done, NULL, &why)));
	assert_int_equal(
		wait_for(ovs_has_bridge(ovs, "br9", on_done, NULL, &why)),
		ENODEV);
	assert_string_equal(why.text, "Open vSwitch has no bridge br9");
}

static void test_life(void **state)
{
	int a = tap("vif1.0"), b = tap("vif2.0");

	(void)state;
	assert_int_equal(add("br9", "vif1.0", ""), ENODEV);
	assert_well(add("br0", "vif1.0", ""));
	assert_well(add("br0", "vif2.0", ""));
	assert_said("port-to-br vif1.0", "br0");
	assert_said("get port vif1.0 tag trunks vlan_mode external_ids",
		    "[]\n[]\n[]\n{xn=vif}");
	assert_passes(a, 0, b, 0);
	assert_passes(b, 7, a, 7);
	assert_well(wait_for(ovs_list_ports(ovs, on_names, NULL, &why)));
	assert_true(strcmp(names, "vif1.0 vif2.0 ") == 0 ||
		    strcmp(names, "vif2.0 vif1.0 ") == 0);
	assert_well(del("vif1.0"));
	assert_said("list-ports br0", "vif2.0");
	assert_stops(a, 0, b);
	assert_well(del("vif1.0"));
	assert_well(del("vif2.0"));
	assert_well(wait_for(ovs_list_ports(ovs, on_names, NULL, &why)));
	assert_string_equal(names, "");
	close(a);
	close(b);
}

static void test_vlans(void **state)
{
	int access = tap("vif1.0"), native = tap("vif3.0");
	int all = tap("vif4.0");

	(void)state;
	assert_well(add("br0", "vif4.0", ""));
	assert_well(add("br0", "vif1.0", "10"));
	assert_well(add("br0", "vif3.0", "10p/20-21"));
	assert_said("get port vif1.0 tag trunks vlan_mode", "10\n[]\naccess");
	assert_said("get port vif3.0 tag trunks vlan_mode",
		    "10\n[10, 20, 21]\nnative-untagged");
	assert_passes(access, 0, all, 10);
	assert_passes(access, 0, native, 0);
	assert_passes(native, 0, all, 10);
	assert_passes(native, 20, all, 20);
	assert_passes(all, 10, access, 0);
	assert_passes(all, 10, native, 0);
	assert_passes(all, 21, native, 21);
	assert_stops(all, 22, native);
	assert_stops(all, 0, access);
	assert_stops(native, 22, all);
	assert_stops(native, 20, access);
	/* What this kind of bridge cannot do. */
	assert_int_equal(add("br0", "vif2.0", "10p/20u"), EINVAL);
	assert_string_equal(why.text, "vlan 20: with Open vSwitch, only the "
				      "PVID leaves without a tag");
	assert_well(del("vif1.0"));
	assert_well(del("vif3.0"));
	assert_well(del("vif4.0"));
	close(access);
	close(native);
	close(all);
}

static void test_foreign(void **state)
{
	int fd = tap("tap0");

	(void)state;
	ovs_servers_say(&servers, "add-port br0 tap0 tag=5");
	assert_int_equal(add("br0", "tap0", ""), EEXIST);
	assert_string_equal(why.text, "Open vSwitch has a port tap0 already, "
				      "which is not of xn");
	assert_well(del("tap0"));
	assert_said("get port tap0 tag", "5");
	assert_well(wait_for(ovs_list_ports(ovs, on_names, NULL, &why)));
	assert_string_equal(names, "");
	/* One with another's value under our key is another's, too. */
	ovs_servers_say(&servers, "set port tap0 external_ids:xn=other");
	assert_well(del("tap0"));
	assert_said("port-to-br tap0", "br0");
	ovs_servers_say(&servers, "del-port tap0");
	close(fd);
}

/* What an earlier xnd has left may set down the tap of its name. */
static void test_replaced(void **state)
{
	int old = tap("vif1.0"), peer = tap("vif2.0"), again;

	(void)state;
	ovs_servers_say(&servers, "add-br br1 -- set bridge br1 "
				  "datapath_type=netdev");
	assert_well(add("br1", "vif1.0", "7"));
	assert_well(add("br0", "vif2.0", ""));
	close(old);
	again = tap("vif1.0");
	assert_well(add("br0", "vif1.0", ""));
	set_up("vif1.0");
	assert_said("port-to-br vif1.0", "br0");
	assert_said("get port vif1.0 tag", "[]");
	assert_passes(again, 0, peer, 0);
	assert_passes(peer, 0, again, 0);
	/* In the same bridge. */
	close(again);
	again = tap("vif1.0");
	assert_well(add("br0", "vif1.0", ""));
	set_up("vif1.0");
	assert_passes(peer, 0, again, 0);
	/* And when it is there, and as it was. */
	assert_well(add("br0", "vif1.0", "7"));
	set_up("vif1.0");
	assert_passes(again, 0, peer, 7);
	assert_well(del("vif1.0"));
	assert_well(del("vif2.0"));
	ovs_servers_say(&servers, "del-br br1");
	close(again);
	close(peer);
}

/* An interface that is not there: the daemon's words, and no port is left. */
static void test_refused(void **state)
{
	(void)state;
	assert_int_equal(add("br0", "vif9.9", ""), EIO);
	if (!strstr(why.text, "bridge br0 of Open vSwitch: ovs-vswitchd: could "
			      "not open network device vif9.9"))
		fail_msg("%s", why.text);
	assert_well(del("vif9.9"));
	assert_said("list-ports br0", "");
}

/* The database goes while a call waits for the daemon, and comes again. */
static void test_killed(void **state)
{
	int fd = tap("vif1.0");
	struct vlans none = {0};
	const struct ovs_call *c;

	(void)state;
	assert_int_equal(kill(servers.daemon, SIGSTOP), 0);
	c = ovs_add_port(ovs, "br0", "vif1.0", &none, on_done, NULL, &why);
	while (strcmp(ovs_servers_say(&servers, "--no-wait list-ports br0"),
		      "vif1.0") != 0)
		assert_true(event_base_loop(base, EVLOOP_NONBLOCK) >= 0);
	/* So that it waits by now. */
	while (event_base_loop(base, EVLOOP_NONBLOCK) == 0 && calls == 0 &&
	       !ovs_servers_say(&servers, "--no-wait get interface vif1.0 "
					  "ofport"))
		;
	ovs_servers_stop(&servers.database);
	assert_int_equal(wait_for(c), ECONNRESET);
	assert_null(ovs_has_bridge(ovs, "br0", on_done, NULL, &why));
	ovs_servers_start_database(&servers);
	assert_int_equal(kill(servers.daemon, SIGCONT), 0);
	assert_well(wait_for(ovs_list_ports(ovs, on_names, NULL, &why)));
	assert_string_equal(names, "vif1.0 ");
	assert_well(add("br0", "vif1.0", ""));
	assert_well(del("vif1.0"));
	close(fd);
}

static int enter(void **state)
{
	struct err e;

	if (unshare(CLONE_NEWNET) < 0 || scratch_enter(state) < 0)
		return -1;
	ovs_servers_start(&servers);
	ovs_servers_say(&servers, "add-br br0 -- set bridge br0 "
				  "datapath_type=netdev");
	base = event_base_new();
	ovs = ovs_open(base, servers.socket, &e);
	return ovs ? 0 : -1;
}

static int leave(void **state)
{
	ovs_close(ovs);
	event_base_free(base);
	ovs_servers_stop(&servers.daemon);
	ovs_servers_stop(&servers.database);
	return scratch_remove(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bridge),	 cmocka_unit_test(test_life),
		cmocka_unit_test(test_vlans),	 cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_replaced), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_killed),
	};

	if (!ovs_servers_are_here()) {
		printf("1..0 # SKIP no Open vSwitch, or not root\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, enter, leave);
}
