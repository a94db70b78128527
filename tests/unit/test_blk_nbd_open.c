/* SPDX-License-Identifier: MIT */
/* NBD servers' greetings: broken ones, and exports that cannot be served. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "backends/blk/nbd_link.h"
#include "tests/unit/blk_served.h"
#include "tests/unit/nbd_served.h"
#include "tests/unit/nbd_server.h"
#include "tests/unit/scratch.h"

static void test_no_nbd_server(void **state)
{
	static const char other[] = "SSH-2.0-OpenSSH_9.2p1 Debian\r\n";
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(write(ends[1], other, sizeof(other)), sizeof(other));
	nbd_begin_open(ends[0], "", true);
	nbd_expect_refusal(
		"image server: handshake: server did not send expected NBD");
	close(ends[1]);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	nbd_begin_open(ends[0], "", true);
	close(ends[1]);
	nbd_expect_refusal("image server: ");
}

/* Every part of a greeting, and then garbage or nothing. */
static void test_broken_greetings(void **state)
{
	static const char greeting[] = "NBDMAGICIHAVEOPT\0\3"
				       "\0\3\xe8\x89\4\x55\x65\xa9\0\0\0\7\0\0"
				       "\0\3\0\0\0\x0c\0\0\0\0\0\0\0\0\0\x80";
	unsigned int n;

	(void)state;
	for (n = 0; n < 2 * sizeof(greeting); n++) {
		int ends[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
		assert_int_equal(write(ends[1], greeting, n / 2), n / 2);
		if (n & 1)
			assert_int_equal(write(ends[1],
					       "\xff\xff\xff\xff\xff\xff\xff"
					       "\xff\xff\xff\xff\xff\xff\xff"
					       "\xff\xff\xff\xff\xff\xff\xff",
					       21),
					 21);
		shutdown(ends[1], SHUT_WR);
		nbd_begin_open(ends[0], "", true);
		nbd_expect_refusal("image server: ");
		close(ends[1]);
	}
}

static void test_refused_exports(void **state)
{
	(void)state;
	nbdkit_start("-r memory " NBD_SIZE);
	assert_null(nbd_open_link("", true));
	nbd_expect_refusal("the export is read-only");
	assert_non_null(nbd_open_link("", false));
	assert_true(nbd.link->read_only);
	assert_int_equal(nbd.link->sectors, SERVED_SECTORS);
	nbd_link_close(nbd.link);
	nbd_server_end(SIGKILL);

	nbdkit_start("memory 1000001 --filter=exportname exportname=one "
		     "exportname-strict=true");
	assert_null(nbd_open_link("\x1btwo", true));
	nbd_expect_refusal("image server: ");
	assert_null(strchr(nbd.failure.text, '\x1b'));
	assert_non_null(nbd_open_link("one", true));
	assert_int_equal(nbd.link->sectors, 1953); /* and 65 bytes */
	nbd_link_close(nbd.link);
	nbd_server_end(SIGKILL);

	nbdkit_start("--filter=blocksize-policy memory " NBD_SIZE
		     " blocksize-minimum=4096 blocksize-preferred=4096");
	assert_null(nbd_open_link("", true));
	nbd_expect_refusal("serves only blocks of 4096 bytes");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, nbd_begin, nbd_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_nbd_server),
		TEST(test_broken_greetings),
		TEST(test_refused_exports),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, scratch_enter, scratch_remove);
}
