/* SPDX-License-Identifier: MIT */
/*
 * Several vifs in one process, as xnd sees them: a channel each, on which each
 * begins and ends as if it were alone, in a place that another guest has had.
 */
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <event2/event.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "backends/net/vifs.h"
#include "chan/chan.h"
#include "tests/unit/net_guest.h"

#define ALL   (MSG_NET_SG | MSG_NET_IPV6_CSUM | MSG_NET_RX_NOTIFY)
#define SLOTS 300u

/* Instead of the C library's: the sockets that stand for taps are taps. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list rest;
	struct ifreq *ifr;

	(void)fd;
	va_start(rest, request);
	ifr = va_arg(rest, struct ifreq *);
	va_end(rest);
	if (request == TUNGETIFF)
		ifr->ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	return 0;
}

/* xnd's end of a channel, and what it has heard last. */
struct line {
	struct chan *chan;
	unsigned int heard; /* MSG_… */
	char text[MSG_TEXT_BYTES];
	bool ended;
};

struct served {
	struct line line;
	struct net_guest guest;
	struct net_figures *figures; /* mapped */
};

static struct event_base *base;
static struct worker process;
static struct vifs *vifs;
static struct line line; /* the process's */
static bool stopped;

/* ---- xnd's side ---- */

static void on_heard(const union msg *m, int *fds, unsigned int n, void *arg)
{
	struct line *l = arg;

	(void)fds;
	(void)n;
	l->heard = m->head.type;
	if (l->heard == MSG_FAILED)
		memcpy(l->text, m->failed.text, sizeof(l->text));
}

static void on_ended(void *arg)
{
	struct line *l = arg;

	l->ended = true;
	chan_free(l->chan);
	l->chan = NULL;
}

static const struct chan_ops heard_ops = {on_heard, on_ended};

/* Opens one, and returns the other end. */
static int line_open(struct line *l)
{
	int pair[2];
	struct err e;

	memset(l, 0, sizeof(*l));
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	l->chan = chan_new(base, pair[0], &heard_ops, l, &e);
	assert_non_null(l->chan);
	return pair[1];
}

static void line_close(struct line *l)
{
	chan_free(l->chan);
	l->chan = NULL;
}

static void say(struct line *l, enum msg_type type)
{
	assert_int_equal(chan_say(l->chan, type, 0), 0);
}

static void turn(void)
{
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	usleep(500);
}

/* Fails the test after five seconds without it. */
#define AWAIT(what)                                    \
	do {                                           \
		unsigned int left_ = 10000;            \
		while (!(what) && left_--)             \
			turn();                        \
		if (!(what))                           \
			fail_msg("not so: %s", #what); \
	} while (0)

/* ---- the process ---- */

static void on_message(const union msg *m, int *fds, unsigned int n, void *arg)
{
	(void)n;
	(void)arg;
	vifs_obey(vifs, m, fds);
}

static void on_end(void *arg)
{
	(void)arg;
	vifs_end(vifs);
}

static void on_stop(void *arg)
{
	(void)arg;
	stopped = true;
}

static const struct chan_ops process_ops = {on_message, on_end};

static int begin(void **state)
{
	struct err e;

	(void)state;
	base = event_base_new();
	process = (struct worker){.base = base};
	stopped = false;
	vifs = vifs_new(&process, 2, 2, &e);
	assert_non_null(vifs);
	assert_int_equal(worker_adopt(&process, line_open(&line), &process_ops,
				      on_stop, NULL, &e),
			 0);
	AWAIT(line.heard == MSG_READY);
	return 0;
}

static int end(void **state)
{
	(void)state;
	vifs_free(vifs);
	worker_release(&process);
	line_close(&line);
	event_base_free(base);
	return 0;
}

/* ---- a vif ---- */

static void ask_place(struct line *l)
{
	union msg m;
	int fd = line_open(l);

	msg_init(&m, MSG_NET_ADOPT);
	assert_int_equal(chan_send(line.chan, &m, &fd, 1), 0);
	close(fd);
}

static void tell_terms(struct served *s)
{
	union msg m;

	msg_init(&m, MSG_NET_TERMS);
	m.net_terms.segment = 1;
	m.net_terms.mtu = 1500;
	memcpy(m.net_terms.mac, "\0\x16\x3e\0\0", 5);
	m.net_terms.mac[5] = (uint8_t)(s->guest.number + 1);
	assert_int_equal(chan_send(s->line.chan, &m, NULL, 0), 0);
}

static void start(struct served *s)
{
	union msg m;
	int fds[3];

	msg_init(&m, MSG_NET_START);
	m.net_start.domid = s->guest.vif.domid;
	m.net_start.generation = 1;
	m.net_start.flags = ALL;
	m.net_start.n_queues = 1;
	m.net_start.queues[0] = (struct msg_net_queue){
		GUEST_TX_PORT, GUEST_RX_PORT, GUEST_TX_REF, GUEST_RX_REF};
	fds[0] = memfd_create("journal", MFD_CLOEXEC);
	fds[1] = memfd_create("figures", MFD_CLOEXEC);
	fds[2] = s->guest.vif.tap;
	assert_int_equal(ftruncate(fds[0], MSG_NET_JOURNAL_BYTES), 0);
	assert_int_equal(ftruncate(fds[1], sizeof(struct net_figures)), 0);
	s->figures = mmap(NULL, sizeof(*s->figures), PROT_READ, MAP_SHARED,
			  fds[1], 0);
	assert_ptr_not_equal(s->figures, MAP_FAILED);
	assert_int_equal(chan_send(s->line.chan, &m, fds, 3), 0);
	close(fds[0]);
	close(fds[1]);
}

/* A guest, and a vif that serves it. */
static void serve(struct served *s)
{
	memset(s, 0, sizeof(*s));
	net_guest_begin(&s->guest, ALL, 0);
	ask_place(&s->line);
	AWAIT(s->line.heard == MSG_READY);
	tell_terms(s);
	start(s);
	AWAIT(s->line.heard == MSG_NET_SERVING);
}

/* Nothing of the guest's is mapped or bound any more. */
static void forget(struct served *s)
{
	line_close(&s->line);
	munmap(s->figures, sizeof(*s->figures));
	net_guest_stop(&s->guest);
}

static void stop(struct served *s)
{
	say(&s->line, MSG_STOP);
	AWAIT(s->line.ended);
	assert_int_equal(s->line.heard, MSG_STOPPED);
	forget(s);
}

static uint64_t direct_of(const struct served *s)
{
	return __atomic_load_n(&s->figures->tx.direct, __ATOMIC_RELAXED);
}

/* A frame from one guest to another, which goes directly. */
static void pass_frame(struct served *from, struct served *to)
{
	uint8_t *frame = from->guest.pages[GUEST_DATA];
	const uint64_t before = direct_of(from);

	memcpy(frame, net_guest_tcp, NET_GUEST_TCP_BYTES);
	frame[5] = (uint8_t)(to->guest.number + 1);
	frame[11] = (uint8_t)(from->guest.number + 1);
	net_guest_post_rx(&to->guest, SLOTS, 1);
	net_guest_put_tx(&from->guest, GUEST_DATA, 0, NET_GUEST_TCP_BYTES, 0,
			 0);
	net_guest_publish_tx(&from->guest);
	AWAIT(direct_of(from) == before + 1);
	AWAIT(net_guest_has_rx(&to->guest));
	assert_int_equal(net_guest_rx_response(&to->guest).status,
			 NET_GUEST_TCP_BYTES);
}

/* ---- tests ---- */

/* A place serves one guest after the other, a hundred handles or not. */
static void test_places(void **state)
{
	static struct served a, b, c;
	unsigned int i;

	(void)state;
	serve(&a);
	serve(&b);
	pass_frame(&a, &b);
	pass_frame(&b, &a);
	stop(&a);
	for (i = 0; i < 5; i++) {
		/* In a's domain's place is another one now, in its place c. */
		static struct net_guest between;

		net_guest_begin(&between, ALL, 0);
		serve(&c);
		assert_int_not_equal(c.guest.vif.domid, a.guest.vif.domid);
		pass_frame(&c, &b);
		pass_frame(&b, &c);
		stop(&c);
		net_guest_stop(&between);
	}
	stop(&b);
	assert_false(stopped);
}

static void test_no_place(void **state)
{
	static struct served a, b, c;
	struct line third;

	(void)state;
	serve(&a);
	serve(&b);
	ask_place(&third);
	AWAIT(third.ended);
	assert_int_equal(third.heard, MSG_FAILED);
	assert_non_null(strstr(third.text, "all of its 2 vifs are in use"));
	pass_frame(&a, &b);
	stop(&b);
	serve(&c);
	stop(&a);
	stop(&c);
}

/* A channel that ends before its vif has begun leaves its place. */
static void test_left_idle(void **state)
{
	static struct served a, b;
	struct line idle;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		ask_place(&idle);
		AWAIT(idle.heard == MSG_READY);
		line_close(&idle);
		turn();
		turn();
	}
	serve(&a);
	serve(&b);
	stop(&a);
	stop(&b);
}

static void break_ring(struct served *s)
{
	s->guest.tx.sring->req_prod += 1000;
	net_guest_ring(&s->guest, GUEST_TX_PORT);
}

/* One guest that lies ends its own vif; its place is as good as new. */
static void test_broken(void **state)
{
	static struct served a, b, c;

	(void)state;
	serve(&a);
	serve(&b);
	break_ring(&a);
	AWAIT(a.line.heard == MSG_FAILED);
	assert_non_null(strstr(a.line.text, "transmit ring is corrupt"));
	AWAIT(a.guest.bound == 0);
	stop(&a);
	serve(&c);
	pass_frame(&b, &c);
	pass_frame(&c, &b);
	stop(&b);
	stop(&c);
}

/* xnd stops the process: every vif says its own last word. */
static void test_stop(void **state)
{
	static struct served a, b;
	struct line late;

	(void)state;
	serve(&a);
	serve(&b);
	say(&line, MSG_STOP);
	ask_place(&late);
	AWAIT(stopped);
	AWAIT(a.line.ended && b.line.ended && late.ended);
	assert_int_equal(a.line.heard, MSG_STOPPED);
	assert_int_equal(b.line.heard, MSG_STOPPED);
	assert_int_equal(late.heard, MSG_FAILED);
	AWAIT(line.heard == MSG_STOPPED);
	forget(&a);
	forget(&b);
}

static void test_stop_idle(void **state)
{
	(void)state;
	say(&line, MSG_STOP);
	AWAIT(stopped);
}

/* xnd goes: what serves, serves on, until the last has ended. */
static void test_gone(void **state)
{
	static struct served a, b;

	(void)state;
	serve(&a);
	serve(&b);
	line_close(&line);
	line_close(&a.line);
	AWAIT(!process.chan);
	pass_frame(&a, &b);
	pass_frame(&b, &a);
	stop(&b);
	assert_false(stopped);
	break_ring(&a);
	AWAIT(stopped);
	forget(&a);
}

static void test_gone_idle(void **state)
{
	(void)state;
	line_close(&line);
	AWAIT(stopped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_places, begin, end),
		cmocka_unit_test_setup_teardown(test_no_place, begin, end),
		cmocka_unit_test_setup_teardown(test_left_idle, begin, end),
		cmocka_unit_test_setup_teardown(test_broken, begin, end),
		cmocka_unit_test_setup_teardown(test_stop, begin, end),
		cmocka_unit_test_setup_teardown(test_stop_idle, begin, end),
		cmocka_unit_test_setup_teardown(test_gone, begin, end),
		cmocka_unit_test_setup_teardown(test_gone_idle, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
