/* SPDX-License-Identifier: MIT */
/*
 * xn-net: one virtual interface of one guest, served between its rings and a
 * tap. Opens its handles, lets itself be confined, and then does what the
 * messages on its channel say. It is given the tap by xnd and opens nothing
 * but Xen's two devices. When memory is out while it starts it exits; when it
 * is out at MSG_NET_START the vif is refused; while it serves it allocates
 * nothing.
 *
 * Handles cannot be opened after confinement, when the guest says how many
 * queues it uses. So they are opened for as many as it has been offered
 * (queues=N); those of queues that it leaves out are closed then.
 */
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/text.h"
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
	case MSG_NET_START:
		device_start(p->device, &m->net_start, fds);
		break;
	case MSG_NET_TERMS:
		device_set_terms(p->device, &m->net_terms);
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
	else
		log_info("xnd is gone, serving on");
}

static const struct chan_ops ops = {on_message, on_end};

/* Of the arguments, the others of which are for ps(1). */
static unsigned int read_queues(char **argv)
{
	static const char key[] = "queues=";
	uint32_t n = 1;

	for (; *argv; argv++)
		if (text_begins(*argv, key))
			num_parse_u32(*argv + strlen(key), MSG_NET_QUEUES_MAX,
				      &n);
	return n ? n : 1;
}

int main(int argc, char **argv)
{
	struct program p = {0};
	struct err e;
	int status;

	(void)argc;
	worker_open(&p.worker, "xn-net", &ops, &p);
	p.device = device_new(&p.worker, read_queues(argv), &e);
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
