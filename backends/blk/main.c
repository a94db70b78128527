/* SPDX-License-Identifier: MIT */
/*
 * xn-blk: serves one disk of one guest. Opens its handles, lets itself be
 * confined, and then does what the messages on its channel say. When memory
 * is out while it starts it exits; when it is out at MSG_BLK_START the disk is
 * refused; afterwards a request waits instead.
 *
 * Handles cannot be opened after confinement, when the guest says how many
 * queues it uses. So they are opened for as many as it has been offered
 * (queues=N), which xnd holds to the guest's vCPUs: a guest uses no more. A
 * queue costs three descriptors and the kernel some 60 KiB until it is used;
 * its thread and its memory are made by MSG_BLK_START, and the handles of
 * those that the guest leaves out are closed then. Nor can a library be loaded
 * afterwards: libnbd is before, unless xnd says that there is no use for it
 * (image=file).
 */
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/text.h"
#include "chan/worker.h"
#include "device.h"
#include "nbd_api.h"

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
	case MSG_BLK_OPEN:
		device_open(p->device, &m->blk_open, fds);
		break;
	case MSG_BLK_START:
		device_start(p->device, &m->blk_start, fds);
		break;
	case MSG_BLK_CAPS:
		device_set_caps(p->device, &m->blk_caps);
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

/* Of the arguments, the others of which are for ps(1). */
static unsigned int read_queues(char **argv)
{
	static const char key[] = "queues=";
	uint32_t n = 1;

	for (; *argv; argv++)
		if (text_begins(*argv, key))
			num_parse_u32(*argv + strlen(key), MSG_BLK_QUEUES_MAX,
				      &n);
	return n ? n : 1;
}

static bool may_need_server(char **argv)
{
	for (; *argv; argv++)
		if (strcmp(*argv, "image=file") == 0)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct program p = {0};
	struct err e;
	int status;

	(void)argc;
	worker_open(&p.worker, "xn-blk", &ops, &p);
	if (may_need_server(argv))
		nbd_api_load();
	p.device = device_new(&p.worker, read_queues(argv), &e);
	if (!p.device) {
		log_error("%s", e.text);
		worker_say_failed(&p.worker, 0, &e);
		worker_close(&p.worker);
		return 1;
	}
	status = worker_run(&p.worker, argv);
	device_free(p.device);
	worker_close(&p.worker);
	return status;
}
