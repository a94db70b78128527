/* SPDX-License-Identifier: MIT */
/* The programs of a disk's world, which are the test's own: xn-blk, qemu-nbd. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "chan/chan.h"
#include "chan/worker.h"
#include "tests/unit/device_world.h"
#include "tests/unit/scratch.h"

/* ---- the worker ---- */

/* What it says in the end: a disk's worker's, or a vif's. */
static enum msg_type serving = MSG_BLK_SERVING;

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	worker_say(arg, serving, 0);
}

static void tell(const struct msg_blk_start *start, int journal)
{
	unsigned long sectors = (unsigned long)start->sectors;
	FILE *out = fopen("told", "a");
	struct stat st;

	if (!out || fstat(journal, &st) < 0)
		_exit(1);
	fprintf(out, "%u %u %u %lu %d %lu %u\n", start->generation,
		start->queues[0].port, start->queues[0].ring_refs[0],
		(unsigned long)st.st_ino, (int)getpid(), sectors, start->flags);
	fclose(out);
}

static void tell_net(const struct msg_net_start *start, const int *fds,
		     unsigned int n)
{
	FILE *out = fopen("net-told", "a");
	struct stat st;

	if (!out || fstat(fds[0], &st) < 0)
		_exit(1);
	fprintf(out, "%u %u %u %u %lu %d\n", start->generation, start->n_queues,
		start->queues[start->n_queues - 1].rx_port, n - 2,
		(unsigned long)st.st_ino, (int)getpid());
	fclose(out);
}

static void note_terms(const struct msg_net_terms *terms)
{
	FILE *out = fopen("terms", "a");

	if (!out)
		_exit(1);
	fprintf(out, "%u %u %u %llu %d\n", terms->flags, terms->xdp_headroom,
		terms->rate_interval, (unsigned long long)terms->rate_bytes,
		access("net-told", F_OK) == 0);
	fclose(out);
}

static void note_caps(const struct msg_blk_caps *caps)
{
	FILE *out = fopen("capped", "a");

	if (!out)
		_exit(1);
	fprintf(out, "%llu %llu %d\n", (unsigned long long)caps->iops,
		(unsigned long long)caps->bytes_per_second,
		access("told", F_OK) == 0);
	fclose(out);
}

/* Nobody else has this open file description any more. */
static void keep_image(void)
{
	if (access("keep", F_OK) < 0 || fork() != 0)
		return;
	while (access("release", F_OK) < 0)
		usleep(1000);
	_exit(0);
}

/* Its last requests take their time. */
static void drain(void)
{
	while (access(SLOW_TO_STOP, F_OK) == 0)
		usleep(1000);
	_exit(0);
}

static void refuse(struct worker *w)
{
	struct err e;

	err_set(&e, EIO, "does not like it");
	worker_say_failed(w, 7, &e);
}

static void on_server_lost(evutil_socket_t fd, short what, void *arg)
{
	char rest[64];

	(void)what;
	if (read(fd, rest, sizeof(rest)) > 0) {
		event_base_once(((struct worker *)arg)->base, fd, EV_READ,
				on_server_lost, arg, NULL);
		return;
	}
	close(fd);
	worker_say(arg, MSG_BLK_LOST, 0);
}

/* What the server greets with is taken for a negotiation. */
static void open_server(struct worker *w, int fd)
{
	union msg m;

	scratch_file("opened", 0, 0600);
	msg_init(&m, MSG_BLK_OPENED);
	m.blk_opened.flags = MSG_NBD_FLUSH | MSG_NBD_DISCARD;
	if (access(EXPORT_READ_ONLY, F_OK) == 0)
		m.blk_opened.flags |= MSG_NBD_READ_ONLY;
	m.blk_opened.sectors = access(EXPORT_GROWN, F_OK) == 0 ? 8642 : 4321;
	m.blk_opened.block_bytes = 1024;
	chan_send(w->chan, &m, NULL, 0);
	event_base_once(w->base, fd, EV_READ, on_server_lost, w, NULL);
}

/* ---- the worker of several vifs ---- */

/* One of them, by when it came. */
struct lodger {
	struct worker *w;
	struct chan *chan;
	unsigned int number;
};

static void note_segment(const struct lodger *l,
			 const struct msg_net_terms *terms)
{
	FILE *out = fopen("segments", "a");

	if (!out)
		_exit(1);
	fprintf(out, "%d %u %u %u %u\n", (int)getpid(), l->number,
		terms->segment, terms->mtu, terms->mac[5]);
	fclose(out);
}

static void stop_lodger(struct lodger *l)
{
	if (access(SLOW_TO_STOP, F_OK) == 0)
		return;
	if (unlink(ENDS_WITHOUT_A_WORD) < 0)
		chan_say(l->chan, MSG_STOPPED, 0);
	chan_free(l->chan);
	free(l);
}

static void on_lodger_message(const union msg *m, int *fds, unsigned int n,
			      void *arg)
{
	struct lodger *l = arg;

	if (m->head.type == MSG_STOP) {
		stop_lodger(l);
	} else if (m->head.type == MSG_NET_TERMS) {
		note_segment(l, &m->net_terms);
	} else if (m->head.type == MSG_NET_START) {
		tell_net(&m->net_start, fds, n);
		chan_say(l->chan, MSG_NET_SERVING, 0);
	}
}

/* xnd has gone: it serves on. */
static void on_lodger_end(void *arg)
{
	(void)arg;
}

static void adopt(struct worker *w, int fd)
{
	static const struct chan_ops ops = {on_lodger_message, on_lodger_end};
	static unsigned int last;
	struct lodger *l;
	struct err e;

	if (unlink(DECLINES_ONCE) == 0) {
		close(fd);
		return;
	}
	l = calloc(1, sizeof(*l));
	l->w = w;
	l->number = last++;
	l->chan = chan_new(w->base, fd, &ops, l, &e);
	if (!l->chan)
		_exit(1);
	if (access(MUTE_AT_ALL, F_OK) < 0)
		chan_say(l->chan, MSG_READY, 0);
}

static void on_worker_message(const union msg *m, int *fds, unsigned int n,
			      void *arg)
{
	struct timeval late = {0, 200000};
	struct worker *w = arg;

	if (m->head.type == MSG_STOP)
		drain();
	if (m->head.type == MSG_NET_ADOPT) {
		adopt(w, fds[0]);
		fds[0] = -1;
		return;
	}
	if (m->head.type == MSG_BLK_CAPS) {
		note_caps(&m->blk_caps);
		return;
	}
	if (m->head.type == MSG_NET_TERMS) {
		note_terms(&m->net_terms);
		return;
	}
	if (m->head.type == MSG_BLK_OPEN) {
		open_server(w, fds[0]);
		fds[0] = -1;
		return;
	}
	if (unlink(REFUSES_ONCE) == 0) {
		refuse(w);
		return;
	}
	if (m->head.type == MSG_NET_START) {
		serving = MSG_NET_SERVING;
		tell_net(&m->net_start, fds, n);
		event_base_once(w->base, -1, EV_TIMEOUT, on_late, w, &late);
		return;
	}
	tell(&m->blk_start, fds[0]);
	if (access(MUTE_STARTED, F_OK) == 0)
		return;
	keep_image();
	if (n > 2)
		fds[2] = -1; /* the image is ours, until we end */
	event_base_once(w->base, -1, EV_TIMEOUT, on_late, w, &late);
}

static void on_worker_end(void *arg)
{
	(void)arg;
	_exit(0);
}

static int worker_main(void)
{
	static const struct chan_ops ops = {on_worker_message, on_worker_end};
	static struct worker w;

	worker_open(&w, "xn-blk", &ops, &w);
	if (access(MUTE_AT_ALL, F_OK) == 0)
		return event_base_dispatch(w.base);
	return worker_run_trusted(&w);
}

/* ---- qemu-nbd ---- */

/* Greets the one connection, and ends with it, or when it is told to. */
static int server_main(void)
{
	char rest[64];
	int fd;

	signal(SIGTERM, SIG_IGN);
	if (access(SERVER_REFUSES, F_OK) == 0) {
		fprintf(stderr, "qemu-nbd: Image is not in that format\n");
		return 1;
	}
	scratch_file("started", 0, 0600);
	while (access(SERVER_MUTE, F_OK) == 0)
		usleep(1000);
	fd = accept(3, NULL, NULL);
	if (fd < 0 || write(fd, "NBDMAGIC", 8) != 8)
		return 1;
	while (read(fd, rest, sizeof(rest)) > 0)
		;
	while (access(SERVER_BUSY, F_OK) == 0)
		usleep(1000);
	return 0;
}

int world_main(int argc, char **argv, int (*run)(void))
{
	char dir[64];
	int failed;

	if (argc > 0 &&
	    (strcmp(argv[0], "xn-blk") == 0 || strcmp(argv[0], "xn-net") == 0))
		return worker_main();
	if (argc > 0 && strcmp(argv[0], "qemu-nbd") == 0)
		return server_main();
	if (scratch_enter(NULL) < 0)
		return 1;
	snprintf(dir, sizeof(dir), "%s", scratch_dir());
	setenv("XN_LIBEXECDIR", dir, 1);
	failed = run();
	scratch_remove(NULL);
	return failed;
}
