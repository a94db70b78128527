/* SPDX-License-Identifier: MIT */
/* Every message type: what its packet must look like, and all that it is not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "chan/msg.h"

#define LENGTH(member) sizeof(((union msg *)0)->member)

static const struct {
	enum msg_type type;
	const char *name;
	size_t length;
	unsigned int fds_min;
	unsigned int fds_max;
} rows[] = {
	{MSG_READY, "ready", LENGTH(plain), 0, 0},
	{MSG_FAILED, "failed", LENGTH(failed), 0, 0},
	{MSG_STOPPED, "stopped", LENGTH(plain), 0, 0},
	{MSG_STOP, "stop", LENGTH(plain), 0, 0},
	{MSG_BUILD, "build", LENGTH(build), 1, 1},
	{MSG_BUILT, "built", LENGTH(built), 0, 0},
	{MSG_DESTROY, "destroy", LENGTH(plain), 0, 0},
	{MSG_DESTROYED, "destroyed", LENGTH(plain), 0, 0},
	{MSG_BLK_START, "blk-start", LENGTH(blk_start), 3, 3},
	{MSG_BLK_SERVING, "blk-serving", LENGTH(plain), 0, 0},
	{MSG_BLK_CAPS, "blk-caps", LENGTH(blk_caps), 0, 0},
	{MSG_BLK_OPEN, "blk-open", LENGTH(blk_open), 1, 1},
	{MSG_BLK_OPENED, "blk-opened", LENGTH(blk_opened), 0, 0},
	{MSG_BLK_LOST, "blk-lost", LENGTH(plain), 0, 0},
	{MSG_NET_START, "net-start", LENGTH(net_start), 4, 4},
	{MSG_NET_SERVING, "net-serving", LENGTH(plain), 0, 0},
	{MSG_NET_TERMS, "net-terms", LENGTH(net_terms), 0, 0},
	{MSG_NET_ADOPT, "net-adopt", LENGTH(plain), 1, 1},
	{MSG_CONSOLE_ADD, "console-add", LENGTH(console_add), 2, 2},
	{MSG_CONSOLE_SERVING, "console-serving", LENGTH(plain), 0, 0},
	{MSG_CONSOLE_REMOVE, "console-remove", LENGTH(plain), 0, 0},
	{MSG_CONSOLE_REMOVED, "console-removed", LENGTH(plain), 0, 0},
	{MSG_CONSOLE_ATTACH, "console-attach", LENGTH(plain), 1, 1},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* A packet that passes, with the descriptors that make it pass. */
static void good(size_t i, union msg *m)
{
	memset(m, 0xa5, sizeof(*m));
	msg_init(m, rows[i].type);
	if (m->head.type == MSG_NET_START)
		m->net_start.n_queues = 2;
}

static void test_good(void **state)
{
	union msg m;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		good(i, &m);
		assert_int_equal(m.head.length, rows[i].length);
		assert_int_equal(msg_check(&m, m.head.length, rows[i].fds_min),
				 0);
		assert_int_equal(msg_check(&m, m.head.length, rows[i].fds_max),
				 0);
		assert_string_equal(msg_name(rows[i].type), rows[i].name);
	}
}

static void test_descriptors(void **state)
{
	union msg m;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		good(i, &m);
		assert_int_equal(
			msg_check(&m, m.head.length, rows[i].fds_max + 1),
			-EPROTO);
		if (rows[i].fds_min)
			assert_int_equal(msg_check(&m, m.head.length,
						   rows[i].fds_min - 1),
					 -EPROTO);
	}
}

static void test_length(void **state)
{
	union msg m;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		unsigned int fds = rows[i].fds_min;
		size_t size;

		/* Every packet that was cut short, headers included. */
		good(i, &m);
		for (size = 0; size < rows[i].length; size++) {
			assert_int_equal(msg_check(&m, size, fds), -EPROTO);
			m.head.length = (uint32_t)size;
			assert_int_equal(msg_check(&m, size, fds), -EPROTO);
			m.head.length = (uint32_t)rows[i].length;
		}
		assert_int_equal(msg_check(&m, rows[i].length + 8, fds),
				 -EPROTO);
		m.head.length += 8;
		assert_int_equal(msg_check(&m, rows[i].length, fds), -EPROTO);
		assert_int_equal(msg_check(&m, rows[i].length + 8, fds),
				 -EPROTO);
	}
}

static void test_version(void **state)
{
	union msg m;
	size_t i;

	(void)state;
	for (i = 0; i < ROWS; i++) {
		good(i, &m);
		m.head.version = MSG_VERSION + 1;
		assert_int_equal(msg_check(&m, m.head.length, rows[i].fds_min),
				 -EPROTO);
		m.head.version = 0;
		assert_int_equal(msg_check(&m, m.head.length, rows[i].fds_min),
				 -EPROTO);
	}
}

/* All other numbers, the gaps between ranges included. */
static void test_unknown(void **state)
{
	unsigned int type;
	unsigned int known = 0;
	union msg m;

	(void)state;
	for (type = 0; type <= UINT16_MAX; type++) {
		if (strcmp(msg_name(type), "unknown") != 0) {
			known++;
			continue;
		}
		memset(&m, 0, sizeof(m));
		m.head.version = MSG_VERSION;
		m.head.type = (uint16_t)type;
		m.head.length = sizeof(m.plain);
		assert_int_equal(msg_check(&m, sizeof(m.plain), 0), -EPROTO);
		m.head.length = 0;
		assert_int_equal(msg_check(&m, 0, 0), -EPROTO);
	}
	assert_int_equal(known, ROWS);
	assert_string_equal(msg_name(UINT32_MAX), "unknown");
}

static void test_text(void **state)
{
	union msg m;

	(void)state;
	msg_init(&m, MSG_FAILED);
	memset(m.failed.text, 'x', sizeof(m.failed.text));
	assert_int_equal(msg_check(&m, m.head.length, 0), -EPROTO);
	m.failed.text[sizeof(m.failed.text) - 1] = '\0';
	assert_int_equal(msg_check(&m, m.head.length, 0), 0);

	msg_init(&m, MSG_BUILD);
	memset(m.build.cmdline, 'x', sizeof(m.build.cmdline));
	assert_int_equal(msg_check(&m, m.head.length, 1), -EPROTO);
	m.build.cmdline[sizeof(m.build.cmdline) - 1] = '\0';
	assert_int_equal(msg_check(&m, m.head.length, 1), 0);
}

/* A builder counts on the second descriptor when it is announced. */
static void test_ramdisk(void **state)
{
	union msg m;

	(void)state;
	msg_init(&m, MSG_BUILD);
	m.build.has_ramdisk = 1;
	assert_int_equal(msg_check(&m, m.head.length, 2), 0);
	assert_int_equal(msg_check(&m, m.head.length, 1), -EPROTO);
	assert_int_equal(msg_check(&m, m.head.length, 3), -EPROTO);
	m.build.has_ramdisk = 0;
	assert_int_equal(msg_check(&m, m.head.length, 2), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_ramdisk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
