/* SPDX-License-Identifier: MIT */
/*
 * xn-blk: serves one disk of one guest. Opens its handles, lets itself be
 * confined, and then does what the messages on its channel say. When memory
 * is out while it starts it exits; afterwards it allocates nothing.
 */
#include <stddef.h>

#include "base/err.h"
#include "base/log.h"
#include "chan/worker.h"
#include "device.h"

struct program {
	struct worker worker;
	struct device *device; /* owned */
};

static void on_message(const union msg *m, int *fds, unsigned int n_fds,
		       void *arg)
{
	struct program *p = arg;

	(void)n_fds; /* msg_check has counted them */
	switch (m->head.type) {
	case MSG_BLK_START:
		device_start(p->device, &m->blk_start, fds);
		break;
	case MSG_STOP:
		device_stop(p->device);
		break;
	default:
		log_warn("not for this worker: %s", msg_name(m->head.type));
	}
}

static void on_end(void *arg)
{
	struct program *p = arg;

	if (device_is_idle(p->device))
		worker_stop(&p->worker);
}

static const struct chan_ops ops = {on_message, on_end};

int main(void)
{
	struct program p = {0};
	struct err e;
	int status;

	worker_open(&p.worker, "xn-blk", &ops, &p);
	p.device = device_new(&p.worker, &e);
	if (!p.device) {
		log_error("%s", e.text);
		worker_say_failed(&p.worker, 0, &e);
		worker_close(&p.worker);
		return 1;
	}
	status = worker_run(&p.worker);
	device_free(p.device);
	worker_close(&p.worker);
	return status;
}
