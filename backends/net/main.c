/* SPDX-License-Identifier: MIT */
/*
 * xn-net: one virtual interface of one guest, served between its rings and a
 * tap; or, started with vifs=N, up to so many, which come and go (vifs.h).
 * Opens its handles, lets itself be confined, and then does what the
 * messages on its channel say. It is given the tap by xnd and opens nothing
 * but Xen's devices. When memory is out while it starts it exits; when it
 * is out at MSG_NET_START the vif is refused; while it serves it allocates
 * nothing.
 *
 * Handles cannot be opened after confinement, when the guest says how many
 * queues it uses. So they are opened for as many as it has been offered
 * (queues=N); those of queues that it leaves out are closed then, unless
 * another guest may come for them.
 */
#include <stddef.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/text.h"
#include "chan/worker.h"
#include "device.h"
#include "vifs.h"

/* Serves either. */
struct program {
	struct worker worker;
	struct device *device; /* owned */
	struct vifs *vifs;     /* owned */
};

static void on_message(const union msg *m, int *fds, unsigned int n_fds,
		       void *arg)
{
	struct program *p = arg;

	(void)n_fds; /* msg_check has counted them */
	if (p->vifs)
		vifs_obey(p->vifs, m, fds);
	else
		device_obey(p->device, m, fds);
}

static void on_end(void *arg)
{
	struct program *p = arg;

	if (p->vifs)
		vifs_end(p->vifs);
	else if (device_is_idle(p->device))
		worker_stop(&p->worker);
	else
		log_info("xnd is gone, serving on");
}

static const struct chan_ops ops = {on_message, on_end};

/* The value of key= among the arguments, others of which are for ps(1). */
static unsigned int read_argument(char **argv, const char *key, uint32_t max)
{
	uint32_t n = 1;

	for (; *argv; argv++)
		if (text_begins(*argv, key))
			num_parse_u32(*argv + strlen(key), max, &n);
	return n ? n : 1;
}

static int program_open(struct program *p, char **argv, struct err *e)
{
	const unsigned int vifs = read_argument(argv, "vifs=", VIFS_MAX);
	const unsigned int queues =
		read_argument(argv, "queues=", MSG_NET_QUEUES_MAX);

	if (vifs > 1)
		p->vifs = vifs_new(&p->worker, vifs, queues, e);
	else
		p->device = device_new(&p->worker, queues, NULL, e);
	return p->vifs || p->device ? 0 : -e->code;
}

int main(int argc, char **argv)
{
	struct program p = {0};
	struct err e;
	int status;

	(void)argc;
	worker_open(&p.worker, "xn-net", &ops, &p);
	if (program_open(&p, argv, &e) < 0) {
		log_error("%s", e.text);
		worker_say_failed(&p.worker, 0, &e);
		worker_close(&p.worker);
		return 1;
	}
	status = worker_run(&p.worker, argv);
	device_free(p.device);
	vifs_free(p.vifs);
	worker_close(&p.worker);
	return status;
}
