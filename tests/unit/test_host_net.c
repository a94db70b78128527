/* SPDX-License-Identifier: MIT */
/* Taps and bridges, in a network namespace of the test's own. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>

#include "base/err.h"
#include "daemon/host/link.h"
#include "daemon/host/tap.h"

static struct nl_sock *netlink;

static int enter_namespace(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	netlink = nl_socket_alloc();
	if (nl_connect(netlink, NETLINK_ROUTE) < 0 ||
	    rtnl_link_bridge_add(netlink, "xenbr0") < 0)
		return -1;
	return 0;
}

static int leave_namespace(void **state)
{
	(void)state;
	nl_socket_free(netlink);
	return 0;
}

static void test_tap(void **state)
{
	struct links *l;
	struct err e;
	int fd;

	(void)state;
	l = links_open(&e);
	assert_non_null(l);
	assert_false(links_exists(l, "vif7.0"));
	fd = tap_open("vif7.0", &e);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(links_exists(l, "vif7.0"));
	assert_int_equal(tap_open("vif7.0", &e), -EBUSY);
	assert_string_equal(e.text, "vif7.0: an interface of that name exists");
	assert_int_equal(tap_open("lo", &e), -EBUSY);
	close(fd);
	assert_false(links_exists(l, "vif7.0"));
	links_close(l);
}

static void test_tap_names(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"a/b",
		"a b",
		"a:b",
		"a%d",
		"a\n",
		"\xc3",
		"a\x7f",
		"sixteencharacter",
	};
	struct err e;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(tap_open(bad[i], &e), -EINVAL);
	assert_string_equal(e.text, "sixteencharacter: not a name for an "
				    "interface: 1 to 15 printable characters "
				    "but '/', ':', '%'");
	fd = tap_open("fifteencharacte", &e);
	assert_true(fd >= 0);
	close(fd);
}

static void test_check_bridge(void **state)
{
	struct links *l;
	struct err e;
	int tap;

	(void)state;
	l = links_open(&e);
	tap = tap_open("plain", &e);
	assert_int_equal(links_check_bridge(l, "xenbr0", &e), 0);
	assert_int_equal(links_check_bridge(l, "xenbr1", &e), -ENODEV);
	assert_string_equal(e.text, "no bridge named xenbr1");
	assert_int_equal(links_check_bridge(l, "", &e), -ENODEV);
	assert_int_equal(links_check_bridge(l, "sixteencharacter", &e),
			 -ENODEV);
	assert_int_equal(links_check_bridge(l, "plain", &e), -EINVAL);
	assert_string_equal(e.text,
			    "plain is not a bridge but an interface of type "
			    "tun");
	assert_int_equal(links_check_bridge(l, "lo", &e), -EINVAL);
	assert_true(links_may_be_openvswitch(l, "plain"));
	assert_false(links_may_be_openvswitch(l, "lo"));
	assert_false(links_may_be_openvswitch(l, "xenbr0"));
	assert_false(links_may_be_openvswitch(l, "xenbr1"));
	close(tap);
	links_close(l);
}

/* ---- libnl without memory ---- */

static enum lookup { WHOLE, NO_ANSWER, NO_OBJECT } lookup;

int __real_rtnl_link_get_kernel(struct nl_sock *sock, int ifindex,
				const char *name, struct rtnl_link **link);
int __wrap_rtnl_link_get_kernel(struct nl_sock *sock, int ifindex,
				const char *name, struct rtnl_link **link);

/* Gives up once, where libnl does. */
int __wrap_rtnl_link_get_kernel(struct nl_sock *sock, int ifindex,
				const char *name, struct rtnl_link **link)
{
	struct nl_msg *question;

	switch (lookup) {
	case WHOLE:
		break;
	case NO_ANSWER:
		lookup = WHOLE;
		rtnl_link_build_get_request(ifindex, name, &question);
		assert_true(nl_send_auto(sock, question) > 0);
		nlmsg_free(question);
		return -NLE_NOMEM;
	case NO_OBJECT:
		lookup = WHOLE;
		return 0;
	}
	return __real_rtnl_link_get_kernel(sock, ifindex, name, link);
}

/* Each is refused, and the next one is answered as if nothing had been. */
static void test_starved(void **state)
{
	static const enum lookup each[] = {NO_ANSWER, NO_OBJECT};
	struct links *l;
	struct err e;
	size_t i;
	int tap;

	(void)state;
	l = links_open(&e);
	tap = tap_open("vif10.0", &e);
	for (i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		lookup = each[i];
		assert_int_equal(links_check_bridge(l, "xenbr0", &e), -ENOMEM);
		assert_string_equal(e.text, "bridge xenbr0: Out of memory");
		assert_int_equal(links_check_bridge(l, "nobr", &e), -ENODEV);
		assert_int_equal(links_check_bridge(l, "xenbr0", &e), 0);
	}
	close(tap);
	links_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tap),
		cmocka_unit_test(test_tap_names),
		cmocka_unit_test(test_check_bridge),
		cmocka_unit_test(test_starved),
	};

	if (geteuid() != 0 || access("/dev/net/tun", R_OK | W_OK) < 0) {
		puts("1..0 # SKIP needs root and /dev/net/tun");
		return 0;
	}
	return cmocka_run_group_tests(tests, enter_namespace, leave_namespace);
}
