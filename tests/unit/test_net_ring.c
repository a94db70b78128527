/* SPDX-License-Identifier: MIT */
/* A producer index that lies, in each direction and across the wrap. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "backends/net/ring.h"

static const struct {
	const char *name;
	uint32_t prod, taken, answered;
	int rc;
} rows[] = {
	{"empty", 0, 0, 0, 0},
	{"one", 1, 0, 0, 1},
	{"full", 256, 0, 0, 256},
	{"one too many", 257, 0, 0, -EPROTO},
	{"far ahead", 0x80000000, 0, 0, -EPROTO},
	{"as far as can be", UINT32_MAX, 0, 0, -EPROTO},
	{"all taken", 256, 256, 0, 0},
	{"some taken", 200, 150, 100, 50},
	{"full, some taken", 356, 150, 100, 206},
	{"one too many, some taken", 357, 150, 100, -EPROTO},
	{"back by one", 149, 150, 150, -EPROTO},
	{"back behind what was taken", 149, 150, 100, -EPROTO},
	{"back behind what was answered", 99, 150, 100, -EPROTO},
	{"wrapped", 5, UINT32_MAX - 4, UINT32_MAX - 9, 10},
	{"wrapped and full", 246, UINT32_MAX - 4, UINT32_MAX - 9, 251},
	{"wrapped, one too many", 247, UINT32_MAX - 4, UINT32_MAX - 9, -EPROTO},
	{"wrapped and back", UINT32_MAX, 0, UINT32_MAX - 3, -EPROTO},
};

static void test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int rc = ring_waiting(rows[i].prod, rows[i].taken,
				      rows[i].answered, 256);

		if (rc != rows[i].rc)
			fail_msg("%s: %d", rows[i].name, rc);
	}
}

/* Whatever the producer, no more is taken than the ring has room for. */
static void test_promise(void **state)
{
	static const uint32_t bases[] = {0, 1, 0x7fffff80, UINT32_MAX - 100};
	size_t b;
	uint32_t taken;
	int64_t off;

	(void)state;
	for (b = 0; b < sizeof(bases) / sizeof(bases[0]); b++)
		for (taken = 0; taken <= 256; taken += 32)
			for (off = -600; off <= 600; off++) {
				uint32_t prod = bases[b] + (uint32_t)off;
				int rc = ring_waiting(prod, bases[b] + taken,
						      bases[b], 256);

				if (off < taken || off > 256)
					assert_int_equal(rc, -EPROTO);
				else
					assert_int_equal(rc, off - taken);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
