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

static struct rtnl_link *look(const char *name)
{
	struct rtnl_link *link;

	assert_int_equal(rtnl_link_get_kernel(netlink, 0, name, &link), 0);
	return link;
}

static void set_mtu(const char *name, unsigned int mtu)
{
	struct rtnl_link *was = look(name);
	struct rtnl_link *change = rtnl_link_alloc();

	rtnl_link_set_mtu(change, mtu);
	assert_int_equal(rtnl_link_change(netlink, was, change, 0), 0);
	rtnl_link_put(change);
	rtnl_link_put(was);
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
	assert_int_equal(links_bridge_mtu(l, "xenbr0"), 1500);
	assert_int_equal(links_bridge_mtu(l, "xenbr1"), 0);
	assert_int_equal(links_bridge_mtu(l, "plain"), 0);
	close(tap);
	links_close(l);
}

/* Has the interface an IPv6 address? By /proc/net/if_inet6 of this thread. */
static bool has_ipv6(const char *name)
{
	FILE *file = fopen("/proc/thread-self/net/if_inet6", "re");
	char line[128];
	bool found = false;

	if (!file)
		return false;
	while (fgets(line, sizeof(line), file))
		if (strstr(line, name))
			found = true;
	fclose(file);
	return found;
}

static void test_join(void **state)
{
	struct rtnl_link *port, *bridge;
	char mac[32];
	struct links *l;
	struct err e;
	int tap;

	(void)state;
	l = links_open(&e);
	tap = tap_open("vif8.0", &e);
	assert_int_equal(links_join(l, "vif8.0", "xenbr0", 0, &e), 0);
	port = look("vif8.0");
	bridge = look("xenbr0");
	assert_int_equal(rtnl_link_get_master(port),
			 rtnl_link_get_ifindex(bridge));
	assert_true(rtnl_link_get_flags(port) & IFF_UP);
	assert_int_equal(rtnl_link_get_mtu(port), 1500);
	assert_string_equal(
		nl_addr2str(rtnl_link_get_addr(port), mac, sizeof(mac)),
		"fe:ff:ff:ff:ff:ff");
	assert_false(has_ipv6("vif8.0"));
	rtnl_link_put(port);
	rtnl_link_put(bridge);
	close(tap);
	links_close(l);
}

/* The MTU asked for is set; without one, the bridge's at that time. */
static void test_join_mtu(void **state)
{
	struct rtnl_link *port;
	struct links *l;
	struct err e;
	int a, b;

	(void)state;
	l = links_open(&e);
	set_mtu("xenbr0", 1400);
	assert_int_equal(links_bridge_mtu(l, "xenbr0"), 1400);
	a = tap_open("vif8.1", &e);
	b = tap_open("vif8.2", &e);
	assert_int_equal(links_join(l, "vif8.1", "xenbr0", 0, &e), 0);
	assert_int_equal(links_join(l, "vif8.2", "xenbr0", 9000, &e), 0);
	port = look("vif8.1");
	assert_int_equal(rtnl_link_get_mtu(port), 1400);
	rtnl_link_put(port);
	port = look("vif8.2");
	assert_int_equal(rtnl_link_get_mtu(port), 9000);
	rtnl_link_put(port);
	close(a);
	close(b);
	set_mtu("xenbr0", 1500);
	links_close(l);
}

static void test_join_refused(void **state)
{
	struct links *l;
	struct err e;
	int tap;

	(void)state;
	l = links_open(&e);
	tap = tap_open("vif9.0", &e);
	assert_int_equal(links_join(l, "vif9.0", "nobr", 0, &e), -ENODEV);
	assert_string_equal(e.text, "no bridge named nobr");
	assert_int_equal(links_join(l, "vif9.0", "lo", 0, &e), -EINVAL);
	assert_int_equal(links_join(l, "vif9.9", "xenbr0", 0, &e), -ENODEV);
	assert_non_null(strstr(e.text, "interface vif9.9: cannot join bridge "
				       "xenbr0: "));
	/* A bridge may not be a port of itself. */
	assert_true(links_join(l, "xenbr0", "xenbr0", 0, &e) < 0);
	assert_non_null(strstr(e.text, "cannot join bridge xenbr0"));
	/* Over the tap's maximum (65535 less the header). */
	assert_int_equal(links_join(l, "vif9.0", "xenbr0", 100000, &e),
			 -EINVAL);
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
		assert_int_equal(links_join(l, "vif10.0", "xenbr0", 0, &e), 0);
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
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_join_mtu),
		cmocka_unit_test(test_join_refused),
		cmocka_unit_test(test_starved),
	};

	if (geteuid() != 0 || access("/dev/net/tun", R_OK | W_OK) < 0) {
		puts("1..0 # SKIP needs root and /dev/net/tun");
		return 0;
	}
	return cmocka_run_group_tests(tests, enter_namespace, leave_namespace);
}
