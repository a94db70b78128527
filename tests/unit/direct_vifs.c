/* SPDX-License-Identifier: MIT */
/* Two vifs in one process. */
#include "tests/unit/direct_vifs.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "daemon/worker/process.h"
#include "tests/unit/fake_store.h"

const struct device_owner direct_owner = {7, "web", UUID, 1};

struct vif_config direct_config(uint32_t devid)
{
	struct vif_config vif = {
		.devid = devid,
		.mac = {0, 0x16, 0x3e, 0, 0, (uint8_t)(devid + 1)},
		.bridge = "xenbr0",
		.direct = true,
	};

	return vif;
}

void direct_until(struct world *w, const struct device *d,
		  enum worker_phase phase)
{
	while (d->phase != phase)
		turn(w);
}

static void on_ready(const struct err *e, void *arg)
{
	bool *ready = arg;

	if (e)
		fail_msg("%s", e->text);
	*ready = true;
}

/* Attaches it and lets its front end connect: one pair of rings. */
static void serve(struct world *w, struct device *d)
{
	static const char *const keys[] = {"tx-ring-ref", "rx-ring-ref",
					   "event-channel", "request-rx-copy",
					   "state"};
	static const char *const values[] = {"8", "9", "10", "1", "4"};
	bool ready = false;
	char path[96];
	struct err e;
	size_t i;

	assert_int_equal(device_attach(d, on_ready, &ready, &e), 0);
	while (!ready)
		turn(w);
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", d->front, keys[i]);
		store_write(path, values[i]);
	}
	direct_until(w, d, PHASE_SERVING);
}

struct world *direct_first(void)
{
	const struct vif_config vif = direct_config(0);
	struct world *w = world_open_vif("/proc/self/exe", &vif);

	if (!w->device)
		fail_msg("%s", w->why.text);
	serve(w, w->device);
	return w;
}

struct device *direct_another(struct world *w)
{
	const struct vif_config vif = direct_config(1);
	struct err e;
	struct device *d =
		device_new_vif(&w->env, &w->list, &direct_owner, &vif, &e);

	if (!d)
		fail_msg("%s", e.text);
	serve(w, d);
	return d;
}

static void on_gone(void *arg)
{
	*(bool *)arg = true;
}

void direct_end(struct world *w, struct device *d)
{
	bool gone = false;

	device_on_gone(d, on_gone, &gone);
	device_end(d);
	while (!gone)
		turn(w);
}

bool direct_is_gone(pid_t pid)
{
	return kill(pid, 0) < 0 && errno == ESRCH;
}

pid_t direct_pid(const struct device *d)
{
	return d->worker ? process_pid(d->worker) : 0;
}

void direct_expect_segment(struct world *w, int pid, unsigned int number,
			   unsigned int times, struct segment_told *told)
{
	while (world_segment(pid, number, told) < times)
		run_for(w, 1);
	assert_int_equal(world_segment(pid, number, told), times);
}
