/* SPDX-License-Identifier: MIT */
/* What every worker's main() shares. */
#include "chan/worker.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "base/text.h"
#include "chan/confine.h"
#include "chan/nobody.h"

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct worker *w = arg;

	w->ops->on_message(m, fds, n, w->arg);
}

static void on_end(void *arg)
{
	struct worker *w = arg;

	worker_release(w);
	w->ops->on_end(w->arg);
}

static const struct chan_ops worker_ops = {on_message, on_end};

static bool is_channel(int fd)
{
	int type;
	socklen_t size = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
	       type == SOCK_SEQPACKET;
}

void worker_open(struct worker *w, const char *name, const struct chan_ops *ops,
		 void *arg)
{
	struct err e;

	log_open(name, getenv("XN_DEBUG") != NULL);
	if (!is_channel(WORKER_CHANNEL_FD)) {
		fprintf(stderr, "%s: is started by xnd, not by hand\n", name);
		exit(2);
	}
	signal(SIGPIPE, SIG_IGN);
	w->ops = ops;
	w->arg = arg;
	w->on_stop = NULL;
	w->base = event_base_new();
	if (!w->base) {
		log_error("cannot make an event loop");
		exit(2);
	}
	w->chan = chan_new(w->base, WORKER_CHANNEL_FD, &worker_ops, w, &e);
	if (!w->chan) {
		log_error("%s", e.text);
		exit(2);
	}
}

int worker_adopt(struct worker *w, int fd, const struct chan_ops *ops,
		 void (*on_stop)(void *arg), void *arg, struct err *e)
{
	w->ops = ops;
	w->arg = arg;
	w->on_stop = on_stop;
	w->chan = chan_new(w->base, fd, &worker_ops, w, e);
	if (!w->chan)
		return -e->code;
	worker_say(w, MSG_READY, 0);
	return 0;
}

void worker_release(struct worker *w)
{
	chan_free(w->chan);
	w->chan = NULL;
}

static int become_user(char **argv, struct err *e)
{
	const size_t skip = strlen(WORKER_USER_ARG);
	uint32_t user = 0;

	for (; *argv; argv++)
		if (text_begins(*argv, WORKER_USER_ARG))
			num_parse_u32(*argv + skip, UINT32_MAX - 1, &user);
	if (!user)
		return err_set(e, EINVAL,
			       "xnd has not said which user to become; is it "
			       "of another version?");
	return nobody_become(user, WORKER_ROOT, e);
}

int worker_run(struct worker *w, char **argv)
{
	struct err e;

	if (become_user(argv, &e) < 0 || confine_self(&e) < 0) {
		worker_say_failed(w, 0, &e);
		log_error("%s", e.text);
		return 1;
	}
	return worker_run_trusted(w);
}

int worker_run_trusted(struct worker *w)
{
	worker_say(w, MSG_READY, 0);
	return event_base_dispatch(w->base) < 0 ? 1 : 0;
}

void worker_stop(struct worker *w)
{
	if (w->on_stop)
		w->on_stop(w->arg);
	else
		event_base_loopbreak(w->base);
}

void worker_close(struct worker *w)
{
	worker_release(w);
	event_base_free(w->base);
	w->base = NULL;
}

void worker_say(struct worker *w, enum msg_type type, uint32_t domid)
{
	int rc;

	if (!w->chan)
		return;
	rc = chan_say(w->chan, type, domid);
	if (rc < 0)
		log_warn("cannot say %s to xnd (%d)", msg_name(type), -rc);
}

void worker_say_failed(struct worker *w, uint32_t domid, const struct err *e)
{
	if (w->chan)
		chan_say_failed(w->chan, domid, e);
}
