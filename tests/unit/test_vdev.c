/* SPDX-License-Identifier: MIT */
/* Virtual disks' numbers, after docs/misc/xen-vbd-interface. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "daemon/device/config.h"

static const struct {
	const char *vdev;
	int rc;
	uint32_t number;
} rows[] = {
	{"xvda", 0, 51712},
	{"xvda1", 0, 51713},
	{"xvdb", 0, 51728},
	{"xvdp", 0, 51952},
	{"xvdp15", 0, 51967},
	{"xvda16", 0, 1u << 28 | 16},
	{"xvdq", 0, 1u << 28 | 16 << 8},
	{"xvdaa", 0, 1u << 28 | 26 << 8},
	{"xvdzz255", 0, 1u << 28 | 701u << 8 | 255},
	{"xvda256", -EINVAL, 0},
	{"xvda0", -EINVAL, 0},
	{"xvda01", -EINVAL, 0},
	{"xvd", -EINVAL, 0},
	{"xvd1", -EINVAL, 0},
	{"xvdA", -EINVAL, 0},
	{"xvda-1", -EINVAL, 0},
	{"xvda1x", -EINVAL, 0},
	{"xvdzzzzzzzzzzzzz", -EINVAL, 0},
	{"sda", 0, 2048},
	{"sdp15", 0, 2048 + 255},
	{"sdq", -EINVAL, 0},
	{"sda16", -EINVAL, 0},
	{"hda", 0, 768},
	{"hdb1", 0, 768 + 65},
	{"hdc", 0, 5632},
	{"hdd63", 0, 5632 + 127},
	{"hde", -EINVAL, 0},
	{"hda64", -EINVAL, 0},
	{"d0", 0, 51712},
	{"d0p1", 0, 51713},
	{"d0p0", 0, 51712},
	{"d16", 0, 1u << 28 | 16 << 8},
	{"d1048575p255", 0, 1u << 28 | 1048575u << 8 | 255},
	{"d1048576", -EINVAL, 0},
	{"d0p256", -EINVAL, 0},
	{"d00", -EINVAL, 0},
	{"d", -EINVAL, 0},
	{"dp1", -EINVAL, 0},
	{"d1p", -EINVAL, 0},
	{"", -EINVAL, 0},
	{"vda", -EINVAL, 0},
	{"nvme0n1", -EINVAL, 0},
	{"xvda/../../etc", -EINVAL, 0},
	{"xvdaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", -EINVAL, 0},
};

static void test_vdev(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t number = 0;
		int rc = vdev_number(rows[i].vdev, &number);

		if (rc != rows[i].rc || (rc == 0 && number != rows[i].number))
			fail_msg("%s: %d, %u", rows[i].vdev, rc, number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_vdev)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
