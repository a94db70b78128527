/* SPDX-License-Identifier: MIT */
/* The world of a vif. */
#include "tests/unit/vif_world.h"

#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <netlink/netlink.h>
#include <netlink/route/link/bridge.h>

#include "daemon/worker/process.h"
#include "tests/unit/fake_store.h"

struct nl_sock *netlink;

void finish(struct world *w)
{
	device_end(w->device);
	run_until_gone(w);
	world_close(w);
	assert_int_equal(access(JOURNAL, F_OK), -1);
	assert_int_equal(if_nametoindex("vif7.0"), 0);
}

struct world *attached(const struct vif_rate *rate)
{
	struct vif_config vif = {
		.mac = {0, 0x16, 0x3e, 0, 0, 1},
		.bridge = "xenbr0",
		.rate = *rate,
	};
	struct world *w = world_open_vif("/proc/self/exe", &vif);

	if (!w->device)
		fail_msg("%s", w->why.text);
	attach(w);
	while (!w->attached)
		turn(w);
	return w;
}

/* A front end of two queues. */
void connect_it(void)
{
	static const char *const keys[] = {"tx-ring-ref", "rx-ring-ref",
					   "event-channel-tx",
					   "event-channel-rx"};
	char path[80], value[8];
	unsigned int i, k;

	for (i = 0; i < 2; i++)
		for (k = 0; k < 4; k++) {
			snprintf(path, sizeof(path), VIF_FRONT "/queue-%u/%s",
				 i, keys[k]);
			snprintf(value, sizeof(value), "%u", 10 * i + k);
			store_write(path, value);
		}
	store_write(VIF_FRONT "/request-rx-copy", "1");
	store_write(VIF_FRONT "/multi-queue-num-queues", "2");
	store_write(VIF_FRONT "/state", "4");
}

struct world *serving(const struct vif_rate *rate)
{
	struct world *w = attached(rate);

	connect_it();
	run_until(w, PHASE_SERVING);
	assert_int_equal(w->device->ours, XenbusStateConnected);
	return w;
}

const struct vif_rate no_rate = {0, 0};

void lose_worker(struct world *w)
{
	assert_int_equal(kill(process_pid(w->device->worker), SIGKILL), 0);
	run_until(w, PHASE_NONE);
}

void run_until_state(struct world *w, enum xenbus_state state)
{
	while (w->device->ours != state)
		turn(w);
}

void await(struct world *w, const char *path, const char *value)
{
	while (!store_has(path, value))
		run_for(w, 1);
}

static int (*tests)(void);

static int run(void)
{
	int failed;

	if (access("/dev/net/tun", R_OK | W_OK) < 0 ||
	    unshare(CLONE_NEWNET) < 0) {
		puts("1..0 # SKIP needs root and /dev/net/tun");
		return 0;
	}
	netlink = nl_socket_alloc();
	if (nl_connect(netlink, NETLINK_ROUTE) < 0 ||
	    rtnl_link_bridge_add(netlink, "xenbr0") < 0 ||
	    rtnl_link_bridge_add(netlink, "xenbr1") < 0)
		return 1;
	failed = tests();
	nl_socket_free(netlink);
	return failed;
}

int vif_world_main(int argc, char **argv, int (*own)(void))
{
	tests = own;
	return world_main(argc, argv, run);
}
