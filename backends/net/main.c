/* SPDX-License-Identifier: MIT */
/*
 * xn-net: one virtual interface of one guest, served between its rings and a
 * tap. It is told numbers and given the tap by xnd, and opens nothing but its
 * two Xen handles. When memory is out at start it says so; while it serves
 * it allocates nothing.
 */
#include <errno.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "chan/worker.h"
#include "device.h"
#include "xen/abi.h"
#include "xen/evtchn.h"

struct program {
	struct worker worker;
	struct evtchn *ec;	  /* owned */
	xengnttab_handle *gnttab; /* owned */
	struct device *device;	  /* owned; NULL before and after serving */
	uint32_t domid;
};

static void on_device_failed(const struct err *e, void *arg)
{
	struct program *p = arg;

	log_error("%s", e->text);
	worker_say_failed(&p->worker, p->domid, e);
	device_close(p->device);
	p->device = NULL;
	if (!p->worker.chan)
		worker_stop(&p->worker);
}

static void start(struct program *p, const struct msg_net_start *m, int *tap)
{
	struct err e;

	if (p->device) {
		err_set(&e, EBUSY, "this xn-net serves an interface already");
		worker_say_failed(&p->worker, m->domid, &e);
		return;
	}
	p->domid = m->domid;
	p->device = device_open(p->worker.base, p->ec, p->gnttab, m,
				fd_take(tap), on_device_failed, p, &e);
	if (!p->device) {
		log_error("%s", e.text);
		worker_say_failed(&p->worker, m->domid, &e);
		return;
	}
	log_info("d%u/vif%u: serving", m->domid, m->devid);
	worker_say(&p->worker, MSG_NET_SERVING, m->domid);
}

static void stop(struct program *p)
{
	device_close(p->device);
	p->device = NULL;
	worker_say(&p->worker, MSG_STOPPED, p->domid);
	worker_stop(&p->worker);
}

static void on_message(const union msg *m, int *fds, unsigned int n_fds,
		       void *arg)
{
	struct program *p = arg;
	struct err e;

	(void)n_fds;
	switch (m->head.type) {
	case MSG_NET_START:
		start(p, &m->net_start, &fds[2]);
		break;
	case MSG_STOP:
		stop(p);
		break;
	default:
		err_set(&e, EPROTO, "xn-net was sent a %s message",
			msg_name(m->head.type));
		log_error("%s", e.text);
		worker_say_failed(&p->worker, 0, &e);
	}
}

static void on_end(void *arg)
{
	struct program *p = arg;

	if (!p->device)
		worker_stop(&p->worker);
	else
		log_info("xnd is gone, serving on");
}

static int open_handles(struct program *p, struct err *e)
{
	p->ec = evtchn_open(p->worker.base, e);
	if (!p->ec)
		return -e->code;
	p->gnttab = xengnttab_open(NULL, 0);
	if (!p->gnttab)
		return err_errno(e, errno, "cannot open the grant device");
	return 0;
}

int main(void)
{
	static const struct chan_ops ops = {on_message, on_end};
	struct program p = {0};
	struct err e;
	int status;

	worker_open(&p.worker, "xn-net", &ops, &p);
	if (open_handles(&p, &e) < 0) {
		log_error("%s", e.text);
		worker_say_failed(&p.worker, 0, &e);
		status = 1;
	} else {
		status = worker_run(&p.worker);
	}
	device_close(p.device);
	if (p.gnttab)
		xengnttab_close(p.gnttab);
	evtchn_close(p.ec);
	worker_close(&p.worker);
	return status;
}
