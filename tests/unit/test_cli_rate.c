/* SPDX-License-Identifier: MIT */
/*
 * Rates: what they come to, and that xl's own library takes the same ones for
 * the same.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libxlutil.h>

#include "base/err.h"
#include "cli/rate.h"

static const struct {
	const char *text;
	uint64_t bytes;
	uint32_t interval;
} good[] = {
	{"10Mb/s", 62500, 50000},
	{"250KB/s", 12500, 50000},
	{"1MB/s@20ms", 20000, 20000},
	{"1MB/s@20m", 20000, 20000},
	{"1MB/s@2", 2000000, 2000000},
	{"1MB/s@2s", 2000000, 2000000},
	{"1MB/s@1us", 1, 1},
	{"1MB/s@1u", 1, 1},
	{"100B/s", 5, 50000},
	{"160b/s", 1, 50000},
	{"1000Gb/s", 6250000000, 50000},
	{"4294967295Gb/s@34us", 18253611003750, 34},
	{"20B/s@4294967295us", 85899, 4294967295},
	{"08MB/s", 400000, 50000},
};

static void test_good(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct rate rate;
		struct err e;

		if (rate_parse(good[i].text, &rate, &e) < 0)
			fail_msg("%s: %s", good[i].text, e.text);
		assert_int_equal(rate.bytes, good[i].bytes);
		assert_int_equal(rate.interval, good[i].interval);
	}
}

static const struct {
	const char *text;
	int code;
	const char *why;
} bad[] = {
	{"", EINVAL, "must be a speed such as"},
	{"10", EINVAL, "must be a speed such as"},
	{"Mb/s", EINVAL, "must be a speed such as"},
	{"10Mb", EINVAL, "must be a speed such as"},
	{"10Mbs", EINVAL, "must be a speed such as"},
	{"10mb/s", EINVAL, "must be a speed such as"},
	{"10Tb/s", EINVAL, "must be a speed such as"},
	{"1.5Mb/s", EINVAL, "must be a speed such as"},
	{"-1Mb/s", EINVAL, "must be a speed such as"},
	{" 1Mb/s", EINVAL, "must be a speed such as"},
	{"1Mb/s ", EINVAL, "must be a speed such as"},
	{"@20ms", EINVAL, "must be a speed such as"},
	{"111111111111111111111111111111111111111111111111111111111111111Mb/s",
	 EINVAL, "must be a speed such as"},
	{"1Mb/s@", EINVAL, "its interval must be such as"},
	{"1Mb/s@ms", EINVAL, "its interval must be such as"},
	{"1Mb/s@1h", EINVAL, "its interval must be such as"},
	{"1Mb/s@1ms@1ms", EINVAL, "its interval must be such as"},
	{"1Mb/s@-1ms", EINVAL, "its interval must be such as"},
	{"0Mb/s", EOVERFLOW, "must be a number from 1 to 4294967295"},
	{"4294967296b/s", EOVERFLOW, "must be a number from 1 to 4294967295"},
	{"18446744073709551617b/s", EOVERFLOW, "must be a number from 1"},
	{"1Mb/s@0ms", EOVERFLOW, "its interval must be from 1us to 4294s"},
	{"1Mb/s@4295s", EOVERFLOW, "its interval must be from 1us to 4294s"},
	{"1Mb/s@4294968ms", EOVERFLOW, "its interval must be from 1us"},
	{"1Mb/s@4294967296us", EOVERFLOW, "its interval must be from 1us"},
	{"4294967295Gb/s@35us", EOVERFLOW, "more than an interval of 35 us"},
	{"159b/s", EINVAL, "less than a byte in an interval of 50000 us"},
	{"999KB/s@1us", EINVAL, "less than a byte in an interval of 1 us"},
};

static void test_bad(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rate rate = {77, 77};
		struct err e = {0};

		assert_int_equal(rate_parse(bad[i].text, &rate, &e),
				 -bad[i].code);
		if (!strstr(e.text, bad[i].why))
			fail_msg("%s: %s", bad[i].text, e.text);
		assert_int_equal(rate.bytes, 77);
	}
}

/* ---- as xl ---- */

/* xl's answer: 0, or what it fails with. */
static int ask_xl(const char *text, struct rate *rate)
{
	FILE *null = fopen("/dev/null", "we");
	XLU_Config *cfg = xlu_cfg_init(null, "test");
	libxl_device_nic nic;
	int r;

	assert_non_null(null);
	assert_non_null(cfg);
	libxl_device_nic_init(&nic);
	r = xlu_vif_parse_rate(cfg, text, &nic);
	rate->bytes = nic.rate_bytes_per_interval;
	rate->interval = nic.rate_interval_usecs;
	libxl_device_nic_dispose(&nic);
	xlu_cfg_destroy(cfg);
	fclose(null);
	return r;
}

/* The only known difference: what would let nothing through. */
static void compare(const char *text)
{
	struct rate ours, xls;
	struct err e = {0};
	int rc = rate_parse(text, &ours, &e);
	int r = ask_xl(text, &xls);

	if (r == 0 && xls.bytes == 0) {
		assert_int_equal(rc, -EINVAL);
		return;
	}
	if (rc != -r)
		fail_msg("%s: %d to xn (%s), %d to xl", text, rc, e.text, r);
	if (rc == 0 &&
	    (ours.bytes != xls.bytes || ours.interval != xls.interval))
		fail_msg("%s: not the same to xl", text);
}

static void test_as_xl(void **state)
{
	static const char *const numbers[] = {
		"", "0", "1", "7", "64", "1000", "4294967295", "4294967296"};
	static const char *const units[] = {"b/s",  "B/s",  "Kb/s", "KB/s",
					    "Mb/s", "MB/s", "Gb/s", "GB/s",
					    "b",    "Tb/s", "kb/s", ""};
	static const char *const intervals[] = {"",
						"@0",
						"@1",
						"@3s",
						"@20ms",
						"@20m",
						"@1us",
						"@30u",
						"@4294s",
						"@4295s",
						"@4294967295us",
						"@4294967296us",
						"@ms",
						"@5x"};
	size_t i, k, m;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		for (k = 0; k < sizeof(units) / sizeof(units[0]); k++)
			for (m = 0;
			     m < sizeof(intervals) / sizeof(intervals[0]);
			     m++) {
				char text[64];

				snprintf(text, sizeof(text), "%s%s%s",
					 numbers[i], units[k], intervals[m]);
				compare(text);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_as_xl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
