/* SPDX-License-Identifier: MIT */
/* A worker's life by a script, and what must come of it. */
#include "tests/fuzz/worker.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "chan/worker.h"
#include "tests/fuzz/worker_packet.h"

#define TURN_MS	  1
#define TURNS_MAX 4000 /* milliseconds, for what is in flight to end */
#define MESSAGES  24   /* a script */

/* The script, and what xnd knows of its worker. */
static struct {
	const struct worker_kind *kind;
	struct input *in;
	int xnd; /* our end of the channel; -1 when it has closed */
	bool closed, stopped, malformed, told_to_stop;
	int start_fds[MSG_MAX_FDS], other_fds[MSG_MAX_FDS];
	unsigned int ready, serving, failed, answers, ends; /* heard */
	uint32_t served; /* the last domid of those */
	unsigned int starts;
	struct {
		uint32_t domid;
		bool broken;
	} guests[MESSAGES]; /* of a worker of many */
	unsigned int n_guests;
} bed;

/* ---- lib/chan/worker.h ---- */

static const struct chan_ops *program_ops;
static void *program_arg;

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	(void)arg;
	promise(!bed.malformed, "nothing is heard after a malformed message");
	program_ops->on_message(m, fds, n, program_arg);
}

static void on_end(void *arg)
{
	struct worker *w = arg;

	promise(bed.malformed || bed.closed, "a channel ends for a reason");
	chan_free(w->chan);
	w->chan = NULL;
	program_ops->on_end(program_arg);
}

static const struct chan_ops worker_ops = {on_message, on_end};

void worker_open(struct worker *w, const char *name, const struct chan_ops *ops,
		 void *arg)
{
	int pair[2];
	struct err e;

	(void)name;
	promise(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ==
			0,
		"a channel");
	program_ops = ops;
	program_arg = arg;
	bed.xnd = pair[0];
	w->base = event_base_new();
	w->chan = chan_new(w->base, pair[1], &worker_ops, w, &e);
	promise(w->chan, "a channel");
}

int worker_adopt(struct worker *w, int fd, const struct chan_ops *ops,
		 void (*on_stop)(void *arg), void *arg, struct err *e)
{
	(void)w, (void)ops, (void)on_stop, (void)arg, (void)e;
	close(fd);
	promise(false, "a worker for one device adopts none");
	return -1;
}

void worker_release(struct worker *w)
{
	chan_free(w->chan);
	w->chan = NULL;
}

void worker_stop(struct worker *w)
{
	bed.stopped = true;
	event_base_loopbreak(w->base);
}

void worker_close(struct worker *w)
{
	chan_free(w->chan);
	event_base_free(w->base);
}

void worker_say(struct worker *w, enum msg_type type, uint32_t domid)
{
	if (w->chan)
		promise(chan_say(w->chan, type, domid) == 0, "xnd is told");
}

void worker_say_failed(struct worker *w, uint32_t domid, const struct err *e)
{
	if (w->chan)
		promise(chan_say_failed(w->chan, domid, e) == 0, "xnd is told");
}

/* ---- what xnd hears ---- */

static unsigned int find_guest(uint32_t domid)
{
	unsigned int i = 0;

	while (i < bed.n_guests && bed.guests[i].domid != domid)
		i++;
	return i;
}

static void add_guest(uint32_t domid)
{
	promise(find_guest(domid) == bed.n_guests, "a guest is served once");
	bed.guests[bed.n_guests].domid = domid;
	bed.guests[bed.n_guests++].broken = false;
}

static void remove_guest(uint32_t domid)
{
	unsigned int i = find_guest(domid);

	if (i < bed.n_guests)
		bed.guests[i] = bed.guests[--bed.n_guests];
}

/* Each guest that works has its port, and nobody else. */
static void check_ports(void)
{
	unsigned int working = 0;
	unsigned int i;

	for (i = 0; i < bed.n_guests; i++)
		working += !bed.guests[i].broken;
	promise(xen_bound() == working, "%u ports for %u guests", xen_bound(),
		working);
}

static void hear_failed(const struct msg_failed *m)
{
	unsigned int i = find_guest(m->domid);

	promise(m->code > 0 && m->text[0], "a failure says what it is");
	bed.failed++;
	bed.served = m->domid;
	/* Its guest has broken the protocol. */
	if (m->code == EPROTO && i < bed.n_guests)
		bed.guests[i].broken = true;
}

static void hear(const union msg *m)
{
	if (m->head.type == MSG_READY) {
		bed.ready++;
	} else if (m->head.type == bed.kind->serving) {
		bed.serving++;
		bed.served = m->plain.domid;
		if (bed.kind->many)
			add_guest(m->plain.domid);
	} else if (m->head.type == MSG_FAILED) {
		hear_failed(&m->failed);
	} else if (m->head.type == MSG_STOPPED) {
		bed.ends++;
	} else {
		promise(bed.kind->answer && m->head.type == bed.kind->answer,
			"a worker does not say %s", msg_name(m->head.type));
		bed.answers++;
	}
	promise(bed.ends == (m->head.type == MSG_STOPPED) && bed.ready == 1 &&
			(!bed.ends || bed.told_to_stop),
		"first ready, last stopped");
}

static void hear_all(void)
{
	union msg m;
	ssize_t n;

	while (bed.xnd >= 0) {
		n = recv(bed.xnd, &m, sizeof(m), MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			promise(bed.malformed || bed.stopped,
				"a channel stays open");
			return;
		}
		promise(msg_check(&m, (size_t)n, 0) == 0, "a message is one");
		hear(&m);
	}
}

static void turn(struct worker *w)
{
	event_base_loop(w->base, EVLOOP_NONBLOCK);
	hear_all();
}

static void turn_for_a_moment(struct worker *w)
{
	const struct timeval moment = {0, TURN_MS * 1000};

	event_base_loopexit(w->base, &moment);
	event_base_loop(w->base, 0);
	hear_all();
}

/* Turns until *enough, or until nothing can be hoped for. */
static void turn_until(struct worker *w, bool (*enough)(unsigned int before),
		       unsigned int before)
{
	unsigned int turns;

	for (turns = 0; turns < TURNS_MAX && !enough(before); turns++)
		turn_for_a_moment(w);
}

static bool has_stopped(unsigned int before)
{
	(void)before;
	return bed.stopped;
}

/* To a start, which a thread of the worker may have to think about. */
static bool has_answered(unsigned int before)
{
	return bed.serving + bed.failed > before;
}

/* ---- the script ---- */

/* The first start, and each of a worker of many guests, has one answer. */
static void check_start(unsigned int said, unsigned int serving, uint32_t domid)
{
	if (bed.starts == 1 || bed.kind->many) {
		promise(said > 0, "a start is answered");
		promise(bed.serving - serving <= 1, "once");
		promise(bed.kind->many || said > 1 || bed.served == domid,
			"for the domain that it is about");
	}
}

static void say(struct worker *w, const struct packet *p)
{
	const unsigned int serving = bed.serving, answers = bed.answers;
	const unsigned int said = serving + bed.failed;
	const unsigned int type = p->u.m.head.type;
	const unsigned int bound = xen_bound();

	bed.malformed = !packet_is_well_formed(p);
	bed.told_to_stop |= !bed.malformed && type == MSG_STOP;
	packet_send(p, bed.xnd,
		    type == bed.kind->start ? bed.start_fds : bed.other_fds);
	turn(w);
	if (bed.malformed) {
		promise(!w->chan, "a malformed message ends the channel");
		return;
	}
	if (type == bed.kind->start) {
		if (bed.starts++ == 0 || bed.kind->many)
			turn_until(w, has_answered, said);
		check_start(bed.serving + bed.failed - said, serving,
			    p->u.m.plain.domid);
		promise(bed.kind->many || bed.serving == serving || bound == 0,
			"one guest at a time");
	} else {
		promise(bed.serving == serving, "nobody asked it to serve");
	}
	promise(bed.answers - answers ==
			(bed.kind->request && type == bed.kind->request),
		"a request has one answer");
	if (bed.answers != answers)
		remove_guest(p->u.m.plain.domid);
	if (bed.kind->many && !bed.told_to_stop)
		check_ports();
}

static void step(struct worker *w)
{
	struct packet p;
	uint8_t which = input_u8(bed.in);

	switch (which % 4) {
	case 0:
		xen_ring(which / 4);
		if (bed.kind->threads)
			turn_for_a_moment(w);
		else
			turn(w);
		break;
	case 1:
		xen_scribble(which / 4, bed.in);
		break;
	default:
		packet_read(&p, bed.in, bed.kind->start);
		say(w, &p);
	}
}

static void say_stop(struct worker *w)
{
	struct packet p = {.size = sizeof(struct msg_plain)};

	msg_init(&p.u.m, MSG_STOP);
	say(w, &p);
}

int worker_run(struct worker *w, char **argv)
{
	unsigned int left = MESSAGES;

	(void)argv;
	worker_say(w, MSG_READY, 0);
	turn(w);
	promise(bed.ready == 1, "a worker is ready");
	while (bed.in->left && left-- && !bed.told_to_stop && w->chan &&
	       !bed.stopped)
		step(w);
	if (w->chan && !bed.told_to_stop && !bed.stopped)
		say_stop(w);
	if (!w->chan && !bed.stopped)
		return 0; /* it serves on, and may: that is no end to wait for */
	turn_until(w, has_stopped, 0);
	hear_all();
	promise(bed.stopped, "a worker that is told to stops");
	promise(bed.ends == 1 || !w->chan, "and says so");
	return 0;
}

int worker_run_trusted(struct worker *w)
{
	return worker_run(w, NULL);
}

/* ---- a life ---- */

static unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

void worker_fuzz(const struct worker_kind *kind, struct input *in)
{
	unsigned int before, i;

	memset(&bed, 0, sizeof(bed));
	bed.kind = kind;
	bed.in = in;
	xen_begin();
	before = open_fds();
	kind->open(bed.start_fds, true);
	kind->open(bed.other_fds, false);
	promise(kind->run() == 0, "it ends well");
	for (i = 0; i < MSG_MAX_FDS; i++) {
		close(bed.start_fds[i]);
		close(bed.other_fds[i]);
	}
	close(bed.xnd);
	promise(open_fds() == before, "no descriptor stays open");
	promise(xen_left() == 0, "nothing stays mapped or bound");
}
