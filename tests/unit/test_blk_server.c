/* SPDX-License-Identifier: MIT */
/*
 * The whole of xn-blk, confined as it is in earnest, told by a test in xnd's
 * place of an NBD server that comes, goes and comes again.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <cmocka.h>

#include "chan/blk_figures.h"
#include "chan/msg.h"
#include "chan/nobody.h"
#include "tests/unit/blk_guest.h"
#include "tests/unit/nbd_server.h"
#include "tests/unit/scratch.h"

#define DOMID	GUEST_DOMID
#define SECTORS 2048
#define USER	"user=2000000007"

int __real_nobody_become(uint32_t id, const char *dir, struct err *e);
int __wrap_nobody_become(uint32_t id, const char *dir, struct err *e);

/* In a folder of ours; where there is no root to give up, it is not. */
int __wrap_nobody_become(uint32_t id, const char *dir, struct err *e)
{
	assert_string_equal(dir, "/run/xn/empty");
	return geteuid() == 0 ? __real_nobody_become(id, "empty", e) : 0;
}

/* xn-blk's main(), which the Makefile gives this name. */
int worker_main(int argc, char **argv);

static pid_t worker;
static int channel;
static int journal;
static uint32_t generation; /* of the next worker */

static void expect(union msg *m, enum msg_type type)
{
	struct pollfd p = {.fd = channel, .events = POLLIN};

	assert_int_equal(poll(&p, 1, 60000), 1);
	assert_true(recv(channel, m, sizeof(*m), 0) > 0);
	if (m->head.type != type)
		fail_msg("%s in the place of %s: %s", msg_name(m->head.type),
			 msg_name(type),
			 m->head.type == MSG_FAILED ? m->failed.text : "");
}

static void expect_failure(const char *words)
{
	union msg m;

	expect(&m, MSG_FAILED);
	assert_int_equal(m.failed.domid, DOMID);
	if (!strstr(m.failed.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, m.failed.text);
}

static void expect_plain(enum msg_type type)
{
	union msg m;

	expect(&m, type);
	if (type != MSG_READY)
		assert_int_equal(m.plain.domid, DOMID);
}

static void say(const union msg *m, const int *fds, unsigned int n)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * MSG_MAX_FDS)];
	} control = {0};
	struct iovec iov = {(void *)(uintptr_t)m, m->head.length};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};

	if (n) {
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int) * n);
		memcpy(CMSG_DATA(&control.head), fds, sizeof(int) * n);
	}
	assert_int_equal(sendmsg(channel, &mh, 0), m->head.length);
}

static void say_open(uint32_t flags)
{
	int fd = nbd_server_connect();
	union msg m;

	msg_init(&m, MSG_BLK_OPEN);
	m.blk_open.domid = DOMID;
	m.blk_open.flags = flags;
	say(&m, &fd, 1);
	close(fd);
}

static void say_start(uint32_t flags, uint32_t n_queues)
{
	int fds[2] = {journal, memfd_create("figures", MFD_CLOEXEC)};
	union msg m;

	assert_int_equal(ftruncate(fds[1], 2 * sizeof(struct blk_figures)), 0);
	msg_init(&m, MSG_BLK_START);
	m.blk_start.domid = DOMID;
	m.blk_start.devid = 51712;
	m.blk_start.generation = generation++;
	m.blk_start.flags = flags;
	m.blk_start.sectors = SECTORS;
	m.blk_start.n_queues = n_queues;
	m.blk_start.ring_pages = 1;
	m.blk_start.queues[0].port = GUEST_PORT;
	m.blk_start.queues[0].ring_refs[0] = GUEST_RING_REF;
	say(&m, fds, 2);
	close(fds[1]);
}

static void say_stop(void)
{
	union msg m;

	msg_init(&m, MSG_STOP);
	m.plain.domid = DOMID;
	say(&m, NULL, 0);
}

static void expect_exit(int expected)
{
	int status;

	assert_int_equal(waitpid(worker, &status, 0), worker);
	worker = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
}

/* The worker, with a guest of its own as this test has made it. */
static void start_worker(bool two_queues)
{
	char name[] = "xn-blk", queues[] = "queues=1", user[] = USER;
	char *argv[] = {name, queues, user, NULL};
	int ends[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	worker = fork();
	if (worker == 0) {
		close(ends[0]);
		dup2(ends[1], 3);
		if (two_queues)
			queues[7] = '2';
		_exit(worker_main(3, argv));
	}
	close(ends[1]);
	channel = ends[0];
	expect_plain(MSG_READY);
}

static int begin(void **state)
{
	(void)state;
	guest_begin();
	channel = -1;
	journal = memfd_create("journal", MFD_CLOEXEC);
	generation = 1;
	return ftruncate(journal, MSG_BLK_JOURNAL_BYTES(2, 32));
}

static int end(void **state)
{
	(void)state;
	if (worker > 0) {
		kill(worker, SIGKILL);
		waitpid(worker, NULL, 0);
		worker = 0;
	}
	if (channel >= 0)
		close(channel);
	close(journal);
	nbd_server_end(SIGKILL);
	guest_end();
	return 0;
}

static void put_write(uint64_t id, int value)
{
	memset(guest.pages[id], value, 4096);
	guest_add(guest_put(id, BLKIF_OP_WRITE, id * 8), (uint32_t)id, 0, 7);
}

static bool image_has(uint64_t id, int value)
{
	unsigned char found = 0;
	int fd = open("image", O_RDONLY | O_CLOEXEC);

	assert_int_equal(pread(fd, &found, 1, (off_t)id * 4096 + 77), 1);
	close(fd);
	return found == value;
}

static void expect_in_image(uint64_t id, int value)
{
	int tries;

	for (tries = 0; tries < 500 && !image_has(id, value); tries++)
		usleep(10000);
	assert_true(image_has(id, value));
}

static void test_life(void **state)
{
	union msg m;

	(void)state;
	scratch_file("image", SECTORS * 512, 0600);
	nbdkit_start("file image");
	put_write(1, 'x');
	guest.ring.sring.req_prod = guest.put;
	start_worker(false);
	say_open(0);
	expect(&m, MSG_BLK_OPENED);
	assert_int_equal(m.blk_opened.domid, DOMID);
	assert_int_equal(m.blk_opened.sectors, SECTORS);
	assert_int_equal(m.blk_opened.flags, MSG_NBD_FLUSH | MSG_NBD_DISCARD);
	assert_int_equal(m.blk_opened.block_bytes, 512);
	say_start(MSG_BLK_NBD, 1);
	expect_plain(MSG_BLK_SERVING);
	expect_in_image(1, 'x');
	say_stop();
	expect_plain(MSG_STOPPED);
	expect_exit(0);
}

/* The write that is under way when its server dies lands by the next. */
static void test_lost_and_found(void **state)
{
	union msg m;

	(void)state;
	scratch_file("image", SECTORS * 512, 0600);
	nbdkit_start("--filter=delay file image wdelay=60");
	put_write(2, 'y');
	guest.ring.sring.req_prod = guest.put;
	start_worker(false);
	say_open(0);
	expect(&m, MSG_BLK_OPENED);
	say_start(MSG_BLK_NBD, 1);
	expect_plain(MSG_BLK_SERVING);
	usleep(100000);
	nbd_server_end(SIGKILL);
	expect_plain(MSG_BLK_LOST);

	nbdkit_start("memory 512k");
	say_open(0);
	expect_plain(MSG_BLK_LOST); /* too short to be it */
	nbd_server_end(SIGKILL);
	nbdkit_start("eval get_size='echo 1M' pread='head -c $3 /dev/zero' "
		     "pwrite='cat >/dev/null'");
	say_open(0);
	expect_plain(MSG_BLK_LOST); /* the guest has been told of flushes */
	nbd_server_end(SIGKILL);
	assert_false(image_has(2, 'y'));

	nbdkit_start("file image");
	say_open(0);
	expect(&m, MSG_BLK_OPENED);
	expect_in_image(2, 'y');
	nbd_server_end(SIGKILL);
	expect_plain(MSG_BLK_LOST);
	say_stop();
	expect_plain(MSG_STOPPED);
	expect_exit(0);
}

/* A worker dies with a write under way; its successor carries it out. */
static void test_successor(void **state)
{
	union msg m;

	(void)state;
	scratch_file("image", 0, 0600);
	scratch_file("image", SECTORS * 512, 0600);
	nbdkit_start("--filter=delay file image wdelay=60");
	put_write(3, 'z');
	guest.ring.sring.req_prod = guest.put;
	start_worker(false);
	say_open(0);
	expect(&m, MSG_BLK_OPENED);
	say_start(MSG_BLK_NBD, 1);
	expect_plain(MSG_BLK_SERVING);
	usleep(100000);
	kill(worker, SIGKILL);
	waitpid(worker, NULL, 0);
	close(channel);
	nbd_server_end(SIGKILL);
	assert_false(image_has(3, 'z'));
	memset(guest.ring.bytes + 64, 0xff, 112); /* it is in the journal */

	nbdkit_start("file image");
	start_worker(false);
	say_open(0);
	expect(&m, MSG_BLK_OPENED);
	say_start(MSG_BLK_NBD, 1);
	expect_plain(MSG_BLK_SERVING);
	expect_in_image(3, 'z');
	say_stop();
	expect_plain(MSG_STOPPED);
	expect_exit(0);
}

static void test_refused(void **state)
{
	union msg m;

	(void)state;
	nbdkit_start("-r memory 512k");
	start_worker(false);
	say_open(0);
	expect_failure("the export is read-only");
	say_open(MSG_BLK_READ_ONLY);
	expect(&m, MSG_BLK_OPENED);
	assert_int_equal(m.blk_opened.flags & MSG_NBD_READ_ONLY,
			 MSG_NBD_READ_ONLY);
	say_start(MSG_BLK_NBD | MSG_BLK_READ_ONLY, 1);
	expect_failure("has 1024 sectors, fewer than the disk's 2048");
	say_stop();
	expect_plain(MSG_STOPPED);
	expect_exit(0);
}

static void check_start_refused(uint32_t flags, uint32_t n_queues,
				const char *words)
{
	start_worker(n_queues == 2);
	say_start(flags, n_queues);
	expect_failure(words);
	say_stop();
	expect_plain(MSG_STOPPED);
	expect_exit(0);
	close(channel);
	channel = -1;
}

static void test_bad_starts(void **state)
{
	(void)state;
	check_start_refused(MSG_BLK_NBD, 1, "none has been opened");
	check_start_refused(MSG_BLK_NBD, 2, "queues 2");
	check_start_refused(MSG_BLK_NBD | MSG_BLK_NO_MEDIUM, 1, "flags 96");
}

static void test_no_medium(void **state)
{
	(void)state;
	start_worker(false);
	say_start(MSG_BLK_NO_MEDIUM | MSG_BLK_READ_ONLY, 1);
	expect_plain(MSG_BLK_SERVING);
	say_stop();
	expect_plain(MSG_STOPPED);
	expect_exit(0);
}

static int enter(void **state)
{
	return scratch_enter(state) < 0 ? -1 : mkdir("empty", 0755);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_life),       TEST(test_lost_and_found),
		TEST(test_successor),  TEST(test_refused),
		TEST(test_bad_starts), TEST(test_no_medium),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, enter, scratch_remove);
}
