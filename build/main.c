/* SPDX-License-Identifier: MIT */
/*
 * xn-build: does for xnd what is long and needs the hypervisor: fills a new
 * domain's memory, and destroys domains. One request at a time; xnd runs as
 * many of these as it wants to have at once. Without memory it ends: xnd
 * starts another.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <xenctrl.h>

#include "base/err.h"
#include "base/log.h"
#include "build/image.h"
#include "build/message.h"
#include "chan/worker.h"

struct builder {
	struct worker worker;
	xc_interface *xc; /* owned */
};

static void say_built(struct builder *b, uint32_t domid,
		      const struct image *image)
{
	union msg m;

	if (!b->worker.chan)
		return;
	msg_init(&m, MSG_BUILT);
	m.built.domid = domid;
	m.built.console_frame = image->console_frame;
	m.built.store_frame = image->store_frame;
	chan_send(b->worker.chan, &m, NULL, 0);
}

static void serve_build(struct builder *b, const struct msg_build *req,
			int kernel_fd, int ramdisk_fd)
{
	struct image image = {.console_frame = 0};
	struct err e;

	if (image_build(&image, b->xc, req, kernel_fd, ramdisk_fd, &e) == 0)
		say_built(b, req->domid, &image);
	else
		worker_say_failed(&b->worker, req->domid, &e);
	image_release(&image);
	/* An unpacked kernel is 50 MiB that this process need not keep. */
	malloc_trim(0);
}

/*
 * Xen does a part at a time and its libraries carry on by themselves, except
 * where they hand EAGAIN through. A domain that is gone already is destroyed.
 */
static void serve_destroy(struct builder *b, uint32_t domid)
{
	struct err e;
	int r;

	do {
		r = xc_domain_destroy(b->xc, domid);
	} while (r < 0 &&
		 (errno == EAGAIN || errno == EINTR || errno == ERESTART));
	if (r < 0 && errno != ESRCH) {
		err_errno(&e, errno, "cannot destroy domain %u", domid);
		worker_say_failed(&b->worker, domid, &e);
		return;
	}
	worker_say(&b->worker, MSG_DESTROYED, domid);
}

static void on_message(const union msg *m, int *fds, unsigned int n_fds,
		       void *arg)
{
	struct builder *b = arg;

	switch (m->head.type) {
	case MSG_BUILD:
		serve_build(b, &m->build, fds[0], n_fds > 1 ? fds[1] : -1);
		break;
	case MSG_DESTROY:
		serve_destroy(b, m->plain.domid);
		break;
	case MSG_STOP:
		worker_say(&b->worker, MSG_STOPPED, 0);
		worker_stop(&b->worker);
		break;
	default:
		log_error("a %s message is not for a builder",
			  msg_name(m->head.type));
	}
}

/* Unlike a device worker, a builder has nothing to keep serving. */
static void on_end(void *arg)
{
	struct builder *b = arg;

	worker_stop(&b->worker);
}

static const struct chan_ops ops = {on_message, on_end};

int main(void)
{
	struct builder b = {.xc = NULL};
	int status = EXIT_FAILURE;
	struct err e;

	worker_open(&b.worker, "xn-build", &ops, &b);
	/* As its own domain-builder log, too: else it writes a file. */
	b.xc = xc_interface_open(message_logger(), message_logger(), 0);
	if (!b.xc) {
		err_errno(&e, errno, "cannot reach the hypervisor");
		worker_say_failed(&b.worker, 0, &e);
		log_error("%s", e.text);
		goto out;
	}
	status = worker_run_trusted(&b.worker);

out:
	xc_interface_close(b.xc);
	worker_close(&b.worker);
	return status;
}
