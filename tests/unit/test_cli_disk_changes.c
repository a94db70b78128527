/* SPDX-License-Identifier: MIT */
/* Verbs that change a disk in use: words in, requests out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/cli_rows.h"

static const struct cli_row rows[] = {
	{{"block-list", "web"},
	 {OK("[{\"devid\":5632,\"vdev\":\"hdc\",\"target\":\"\","
	     "\"access\":\"ro\",\"cdrom\":true,\"state\":4}]")},
	 0,
	 "5632  0   5632   4     hdc    ro     \n",
	 NULL,
	 NULL},
	{{"block-resize", "web", "xvda", "20G"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"block.resize\",\"params\":{\"domain\":\"web\",\"device\":"
	 "\"xvda\",\"bytes\":21474836480}"},
	{{"block-resize", "--shrink", "web", "51712", "4k"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"device\":51712,\"bytes\":4096,\"shrink\":true}"},
	{{"block-resize", "web", "xvda"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"device\":\"xvda\"}"},
	{{"block-resize", "web", "xvda", "20G"},
	 {NO("\"errno\":22", "xvda: a block device")},
	 1,
	 NULL,
	 "xn: domain web: xvda: a block device\n",
	 NULL},
	{{"block-resize", "web", "xvda", "20"},
	 {NULL},
	 2,
	 NULL,
	 "xn: block-resize: size 20: of which unit?",
	 NULL},
	{{"block-resize", "web", "--grow", "xvda", "20G"},
	 {NULL},
	 2,
	 NULL,
	 "--grow is no option",
	 NULL},
	{{"block-resize", "-h"}, {NULL}, 0, "Usage: xn block-r", NULL, NULL},
	{{"cd-insert", "web", "hdc", "/a b,c.iso"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"block.insert\",\"params\":{\"domain\":\"web\",\"device\":"
	 "\"hdc\",\"target\":\"/a b,c.iso\",\"format\":\"raw\"}"},
	{{"cd-insert", "web", "hdc"},
	 {NULL},
	 2,
	 NULL,
	 "usage: xn cd-insert DOMAIN VDEV IMAGE\n",
	 NULL},
	{{"cd-eject", "web", "hdc"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"block.eject\",\"params\":{\"domain\":\"web\",\"device\":"
	 "\"hdc\"}"},
};

static void test_rows(void **state)
{
	(void)state;
	cli_rows_run(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
