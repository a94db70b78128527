/* SPDX-License-Identifier: MIT */
/*
 * What a disk's process still holds when its guest is served: not the means to
 * make its journal longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "backends/blk/device.h"
#include "backends/blk/thread.h"
#include "base/err.h"
#include "chan/blk_figures.h"
#include "chan/msg.h"
#include "chan/worker.h"
#include "tests/unit/blk_guest.h"

#define FDS_MAX 256

enum { FD_JOURNAL, FD_FIGURES, FD_IMAGE };

static struct stat journal;
static unsigned int started;

int __wrap_thread_start(struct thread *t, unsigned int number,
			const struct queue_peer *peer, struct err *e);

static bool is_journal(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == journal.st_dev &&
	       st.st_ino == journal.st_ino;
}

/* From here on the guest could have a hold of the process. */
int __wrap_thread_start(struct thread *t, unsigned int number,
			const struct queue_peer *peer, struct err *e)
{
	int fd;

	(void)t;
	(void)number;
	(void)peer;
	(void)e;
	for (fd = 0; fd < FDS_MAX; fd++)
		assert_false(is_journal(fd));
	started++;
	return 0;
}

static int make_file(const char *name, size_t bytes)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	assert_true(fd >= 0 && fd < FDS_MAX);
	assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
	return fd;
}

static void test_journal_is_closed(void **state)
{
	struct worker w = {.base = event_base_new()};
	int fds[MSG_MAX_FDS] = {[0 ... MSG_MAX_FDS - 1] = -1};
	struct device *dev;
	struct err e;
	union msg m;

	(void)state;
	guest_begin();
	dev = device_new(&w, 1, &e);
	if (!dev)
		skip();
	msg_init(&m, MSG_BLK_START);
	m.blk_start.domid = GUEST_DOMID;
	m.blk_start.devid = 51712;
	m.blk_start.generation = 1;
	m.blk_start.flags = MSG_BLK_NO_MEDIUM;
	m.blk_start.n_queues = 1;
	m.blk_start.ring_pages = 1;
	fds[FD_JOURNAL] = make_file("journal", MSG_BLK_JOURNAL_BYTES(1, 32));
	fds[FD_FIGURES] = make_file("figures", sizeof(struct blk_figures));
	assert_int_equal(fstat(fds[FD_JOURNAL], &journal), 0);
	assert_true(is_journal(fds[FD_JOURNAL]));
	device_start(dev, &m.blk_start, fds);
	assert_int_equal(started, 1);
	assert_int_equal(fds[FD_JOURNAL], -1);
	close(fds[FD_FIGURES]);
	device_free(dev);
	event_base_free(w.base);
	guest_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_journal_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
