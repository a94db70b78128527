/* SPDX-License-Identifier: MIT */
/* A process of several vifs, and xnd's side of it. */
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

#include "chan/chan.h"
#include "tests/unit/net_served.h"

#define ALL (MSG_NET_SG | MSG_NET_IPV6_CSUM | MSG_NET_RX_NOTIFY)

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

static struct event_base *base;
struct worker served_process;
struct line served_line;
bool served_stopped;
static struct vifs *vifs;

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

void line_close(struct line *l)
{
	chan_free(l->chan);
	l->chan = NULL;
}

void line_say(struct line *l, enum msg_type type)
{
	assert_int_equal(chan_say(l->chan, type, 0), 0);
}

void served_turn(void)
{
	event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	usleep(500);
}

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
	served_stopped = true;
}

static const struct chan_ops process_ops = {on_message, on_end};

int served_begin(void **state)
{
	struct err e;

	(void)state;
	base = event_base_new();
	served_process = (struct worker){.base = base};
	served_stopped = false;
	vifs = vifs_new(&served_process, 2, 2, &e);
	assert_non_null(vifs);
	assert_int_equal(worker_adopt(&served_process, line_open(&served_line),
				      &process_ops, on_stop, NULL, &e),
			 0);
	SERVED_AWAIT(served_line.heard == MSG_READY);
	return 0;
}

int served_end(void **state)
{
	(void)state;
	vifs_free(vifs);
	worker_release(&served_process);
	line_close(&served_line);
	event_base_free(base);
	return 0;
}

/* ---- a vif ---- */

void served_ask(struct line *l)
{
	union msg m;
	int fd = line_open(l);

	msg_init(&m, MSG_NET_ADOPT);
	assert_int_equal(chan_send(served_line.chan, &m, &fd, 1), 0);
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

/* The second queue's rings are ordinary pages of the guest's, all zero. */
static const struct msg_net_queue queues[2] = {
	{GUEST_TX_PORT, GUEST_RX_PORT, GUEST_TX_REF, GUEST_RX_REF},
	{GUEST_RX_PORT + 1, GUEST_RX_PORT + 2, GUEST_PAGES - 2,
	 GUEST_PAGES - 1},
};

static void start(struct served *s, unsigned int n_queues)
{
	const int tap = s->guest.vif.tap;
	const size_t bytes = n_queues * sizeof(struct net_figures);
	const int journal = memfd_create("journal", MFD_CLOEXEC);
	const int figures = memfd_create("figures", MFD_CLOEXEC);
	const int fds[] = {journal, figures, tap, tap};
	union msg m;

	msg_init(&m, MSG_NET_START);
	m.net_start.domid = s->guest.vif.domid;
	m.net_start.generation = 1;
	m.net_start.flags = ALL;
	m.net_start.n_queues = n_queues;
	memcpy(m.net_start.queues, queues, sizeof(queues));
	assert_int_equal(ftruncate(journal, MSG_NET_JOURNAL_BYTES), 0);
	assert_int_equal(ftruncate(figures, (off_t)bytes), 0);
	s->figures = mmap(NULL, sizeof(*s->figures), PROT_READ, MAP_SHARED,
			  figures, 0);
	assert_ptr_not_equal(s->figures, MAP_FAILED);
	assert_int_equal(chan_send(s->line.chan, &m, fds, 2 + n_queues), 0);
	close(journal);
	close(figures);
}

void served_start(struct served *s, unsigned int n_queues)
{
	memset(s, 0, sizeof(*s));
	net_guest_begin(&s->guest, ALL, 0);
	served_ask(&s->line);
	SERVED_AWAIT(s->line.heard == MSG_READY);
	tell_terms(s);
	start(s, n_queues);
	SERVED_AWAIT(s->line.heard == MSG_NET_SERVING);
}

void served_forget(struct served *s)
{
	line_close(&s->line);
	munmap(s->figures, sizeof(*s->figures));
	net_guest_stop(&s->guest);
}

void served_stop(struct served *s)
{
	line_say(&s->line, MSG_STOP);
	SERVED_AWAIT(s->line.ended);
	assert_int_equal(s->line.heard, MSG_STOPPED);
	served_forget(s);
}

static uint64_t direct_of(const struct served *s)
{
	return __atomic_load_n(&s->figures->tx.direct, __ATOMIC_RELAXED);
}

void served_pass(struct served *from, struct served *to)
{
	uint8_t *frame = from->guest.pages[GUEST_DATA];
	const uint64_t before = direct_of(from);

	memcpy(frame, net_guest_tcp, NET_GUEST_TCP_BYTES);
	frame[5] = (uint8_t)(to->guest.number + 1);
	frame[11] = (uint8_t)(from->guest.number + 1);
	net_guest_post_rx(&to->guest, SERVED_SLOTS, 1);
	net_guest_put_tx(&from->guest, GUEST_DATA, 0, NET_GUEST_TCP_BYTES, 0,
			 0);
	net_guest_publish_tx(&from->guest);
	SERVED_AWAIT(direct_of(from) == before + 1);
	SERVED_AWAIT(net_guest_has_rx(&to->guest));
	assert_int_equal(net_guest_rx_response(&to->guest).status,
			 NET_GUEST_TCP_BYTES);
}
