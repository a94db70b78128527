/* SPDX-License-Identifier: MIT */
/* Making, running and ending a served queue. */
#include "tests/unit/blk_served.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "tests/unit/blk_guest.h"

struct served served;

static void on_failed(const struct err *e, void *arg)
{
	(void)arg;
	assert_string_equal(e->text, "request ring is corrupt");
	served.failed++;
}

static void on_drained(void *arg)
{
	(void)arg;
	served.drained++;
}

static const struct queue_ops ops = {on_failed, on_drained};

double served_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

void served_until(const unsigned int *counter, unsigned int goal)
{
	double begun = served_ms();

	while (*counter < goal) {
		event_base_loop(served.base, EVLOOP_ONCE);
		guest_collect();
		if (served_ms() - begun > 60000)
			fail_msg("%u after a minute, not %u", *counter, goal);
	}
}

int16_t served_status(uint64_t id)
{
	guest_push();
	served_until(&guest.answers[id], 1);
	assert_int_equal(guest.answers[id], 1);
	return guest.status[id];
}

static void use_journal(int file, uint32_t generation)
{
	const struct journal_geometry geometry = {1, 32 * guest.n_pages};
	struct err e;

	journal_close(&served.journal);
	if (journal_open(&served.journal, file, &geometry, generation, &e) < 0)
		fail_msg("%s", e.text);
}

void served_use_journal(int file, uint32_t generation)
{
	use_journal(file, generation);
	served.has_journal = true;
}

static void use_new_journal(void)
{
	size_t bytes = MSG_BLK_JOURNAL_BYTES(1, 32 * guest.n_pages);
	int file = memfd_create("journal", MFD_CLOEXEC);

	assert_int_equal(ftruncate(file, (off_t)bytes), 0);
	use_journal(file, 1);
	close(file);
}

int served_attach(uint32_t port, uint32_t ref)
{
	struct queue_peer peer = {
		.name = "d5/vbd-51712",
		.domid = GUEST_DOMID,
		.port = port,
		.n_pages = guest.n_pages,
		.abi = guest.abi,
		.persistent = served.persistent,
		.image = served.image,
		.store = served.store,
		.limits = served.limits,
		.journal = &served.journal.queue[0],
		.figures = &served.figures,
		.caps = &served.caps,
	};
	unsigned int i;
	struct err e;

	if (!served.has_journal)
		use_new_journal();
	for (i = 0; i < guest.n_pages; i++)
		peer.refs[i] = ref + i;
	served.store = NULL;
	return queue_attach(served.q, &peer, &e);
}

int served_begin(void **state)
{
	const struct timeval tick = {.tv_usec = 1000};
	struct err e;

	(void)state;
	guest_begin();
	memset(&served, 0, sizeof(served));
	pthread_mutex_init(&served.caps.lock, NULL);
	served.limits = (struct blk_limits){
		.sectors = SERVED_SECTORS,
		.indirect = true,
		.barrier = true,
		.discard_unit = 512,
	};
	served.image = memfd_create("image", MFD_CLOEXEC);
	served.base = event_base_new();
	if (ftruncate(served.image, SERVED_SECTORS * 512) < 0)
		return -1;
	served.tick = event_new(served.base, -1, EV_PERSIST, on_tick, NULL);
	event_add(served.tick, &tick);
	served.q = queue_new(served.base, &ops, NULL, &e);
	return 0;
}

int served_end(void **state)
{
	(void)state;
	queue_free(served.q);
	journal_close(&served.journal);
	event_free(served.tick);
	event_base_free(served.base);
	close(served.image);
	guest_end();
	return guest.mapped != 0 || guest.data_mapped != 0 || guest.bound;
}

void served_start(void)
{
	if (!served.q)
		skip();
	assert_int_equal(served_attach(GUEST_PORT, GUEST_RING_REF), 0);
}

int served_start_slow(void)
{
	int ends[2];

	if (!served.q)
		skip();
	assert_int_equal(pipe(ends), 0);
	close(served.image);
	served.image = ends[0];
	served_start();
	guest_add(guest_put(1, BLKIF_OP_READ, 0), 0, 0, 7);
	guest_push();
	while (queue_busy(served.q) == 0)
		event_base_loop(served.base, EVLOOP_ONCE);
	return ends[1];
}
