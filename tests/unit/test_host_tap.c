/* SPDX-License-Identifier: MIT */
/* Taps of several queues, in a network namespace of the test's own. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>

#include "base/err.h"
#include "daemon/host/qdisc.h"
#include "daemon/host/tap.h"

static struct nl_sock *netlink;

static int enter_namespace(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	netlink = nl_socket_alloc();
	return nl_connect(netlink, NETLINK_ROUTE) < 0 ? -1 : 0;
}

static int leave_namespace(void **state)
{
	(void)state;
	nl_socket_free(netlink);
	return 0;
}

static struct rtnl_link *look(const char *name)
{
	struct rtnl_link *link;

	assert_int_equal(rtnl_link_get_kernel(netlink, 0, name, &link), 0);
	return link;
}

static void bring_up(const char *name)
{
	struct rtnl_link *was = look(name);
	struct rtnl_link *change = rtnl_link_alloc();

	rtnl_link_set_flags(change, rtnl_link_str2flags("up"));
	assert_int_equal(rtnl_link_change(netlink, was, change, 0), 0);
	rtnl_link_put(change);
	rtnl_link_put(was);
}

static void test_queues(void **state)
{
	struct err e;
	int first, more, plain;

	(void)state;
	first = tap_open_first("vif7.0", &e);
	assert_true(first >= 0);
	more = tap_open_queue(first, &e);
	assert_true(more >= 0);
	assert_true(fcntl(more, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(more, F_GETFL) & O_NONBLOCK);
	close(more);
	more = tap_open_queue(first, &e);
	assert_true(more >= 0);
	assert_int_equal(tap_open_first("vif7.0", &e), -EBUSY);
	plain = tap_open("vif7.1", &e);
	assert_int_equal(tap_open_queue(plain, &e), -EINVAL);
	assert_string_equal(e.text, "vif7.1: cannot have another queue: "
				    "Invalid argument");
	close(plain);
	assert_true(tap_open_queue(plain, &e) < 0);
	close(more);
	close(first);
	assert_true(rtnl_link_get_kernel(netlink, 0, "vif7.0",
					 &(struct rtnl_link *){NULL}) < 0);
}

static void check_carrier(int tap, bool up)
{
	struct rtnl_link *link;
	struct err e;

	assert_int_equal(tap_set_carrier(tap, up, &e), 0);
	link = look("vif8.0");
	assert_int_equal(rtnl_link_get_carrier(link), up);
	rtnl_link_put(link);
}

static void test_carrier(void **state)
{
	struct err e;
	int tap = tap_open("vif8.0", &e);

	(void)state;
	assert_true(tap >= 0);
	check_carrier(tap, false);
	bring_up("vif8.0");
	check_carrier(tap, true);
	check_carrier(tap, false);
	close(tap);
	assert_true(tap_set_carrier(tap, true, &e) < 0);
}

static void test_qdisc(void **state)
{
	struct rtnl_link *link;
	struct err e;
	int tap = tap_open_first("vif9.0", &e);

	(void)state;
	assert_true(tap >= 0);
	assert_int_equal(qdisc_remove("vif9.0", &e), 0);
	bring_up("vif9.0");
	link = look("vif9.0");
	assert_string_equal(rtnl_link_get_qdisc(link), "noqueue");
	rtnl_link_put(link);
	close(tap);
	assert_int_equal(qdisc_remove("vif9.0", &e), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_queues),
		cmocka_unit_test(test_carrier),
		cmocka_unit_test(test_qdisc),
	};

	if (geteuid() != 0 || access("/dev/net/tun", R_OK | W_OK) < 0) {
		puts("1..0 # SKIP needs root and /dev/net/tun");
		return 0;
	}
	return cmocka_run_group_tests(tests, enter_namespace, leave_namespace);
}
