/* SPDX-License-Identifier: MIT */
/* Caps and figures of disks at the command line: words in, reports out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/cap.h"
#include "tests/unit/cli_rows.h"
#include "tests/unit/cli_words.h"

/* ---- words ---- */

/* result: JSON, or what the error says. */
static const struct {
	const char *words[3];
	const char *result;
} words[] = {
	{{"iops=500"}, "{\"iops\":500}"},
	{{"iops=0"}, "{\"iops\":0}"},
	{{"iops=9223372036854775807"}, "{\"iops\":9223372036854775807}"},
	{{"bandwidth=20M"}, "{\"bytes_per_second\":20971520}"},
	{{"bandwidth=20MB/s"}, "{\"bytes_per_second\":20971520}"},
	{{"bandwidth=20MiB/s"}, "{\"bytes_per_second\":20971520}"},
	{{"bandwidth=500K/s"}, "{\"bytes_per_second\":512000}"},
	{{"bandwidth=1G"}, "{\"bytes_per_second\":1073741824}"},
	{{"bandwidth=2T"}, "{\"bytes_per_second\":2199023255552}"},
	{{"bandwidth=4096"}, "{\"bytes_per_second\":4096}"},
	{{"bandwidth=4096B/s"}, "{\"bytes_per_second\":4096}"},
	{{"bandwidth=0"}, "{\"bytes_per_second\":0}"},
	{{"bandwidth=8388607T"}, "{\"bytes_per_second\":9223370937343148032}"},
	{{"iops=5", "bandwidth=6"}, "{\"iops\":5,\"bytes_per_second\":6}"},
	{{"iops"}, "\"iops\" is not KEY=VALUE"},
	{{"iops="}, "iops=: must be a number of requests a second"},
	{{"iops=-1"}, "iops=-1: must be a number"},
	{{"iops=5K"}, "iops=5K: must be a number"},
	{{"iops=9223372036854775808"}, "must be a number"},
	{{"iops=5", "iops=6"}, "iops is given twice"},
	{{"iop=5"}, "unknown key iop; is iops meant?"},
	{{"=5"}, "unknown key ; there are iops, bandwidth"},
	{{"colour=red"}, "unknown key colour; there are iops, bandwidth"},
	{{"bandwidth="}, "bandwidth=: must be bytes a second, such as"},
	{{"bandwidth=M"}, "must be bytes a second"},
	{{"bandwidth=1.5M"}, "must be bytes a second"},
	{{"bandwidth=20m"}, "must be bytes a second"},
	{{"bandwidth=20X"}, "must be bytes a second"},
	{{"bandwidth=20MM"}, "must be bytes a second"},
	{{"bandwidth=20iB"}, "must be bytes a second"},
	{{"bandwidth=8388608T"}, "must be bytes a second"},
	{{"bandwidth=00000000000000000000000000000001"},
	 "must be bytes a second"},
};

static void test_words(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		cli_words_check(cap_read, words[i].words, words[i].result);
}

/* ---- verbs ---- */

#define DISK                                                          \
	"\"devid\":51712,\"vdev\":\"xvda\",\"target\":\"/a\\u001b\"," \
	"\"access\":\"rw\",\"state\":\"Connected\""
#define FIGURES                                                           \
	"\"figures\":{\"read\":{\"requests\":100,\"bytes\":1288490188,"   \
	"\"failed\":1,\"latency\":[0,0,40,9,45,4,2,0,0,0,0,1]},"          \
	"\"write\":{\"requests\":3,\"bytes\":4096,\"failed\":0,"          \
	"\"latency\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0," \
	"0,0,0,0,0,0,3]},\"flush\":{\"requests\":1,\"bytes\":0,"          \
	"\"failed\":0,\"latency\":[1]},\"refused\":5,\"in_flight\":2,"    \
	"\"merged\":70,\"held\":9,\"events\":50,\"notified\":26,"         \
	"\"spared\":74}"
#define REPORT                                                            \
	"web xvda (51712, Connected, rw) /a\\x1b\n"                       \
	"               requests      bytes   failed   p50 <   p95 <   "  \
	"p99 <   max <\n"                                                 \
	"  read              100    1.2 GiB        1    16us    32us   "  \
	" 64us   2.0ms\n"                                                 \
	"  write               3    4.0 KiB        0  >17min  >17min  "   \
	">17min  >17min\n"                                                \
	"  flush               1        0 B        0     1us     1us    " \
	" 1us     1us\n"                                                  \
	"  discard             0        0 B        0       -       -    " \
	"   -       -\n"                                                  \
	"  requests 2 in flight, 5 refused, 70 merged\n"                  \
	"  events   50 from the guest; 26 to it, 74 spared (74.0 %)\n"

static const struct cli_row rows[] = {
	{{"block-set", "web", "xvda", "iops=500", "bandwidth=20M"},
	 {OK("{\"devid\":51712,\"vdev\":\"xvda\",\"iops\":500}")},
	 0,
	 NULL,
	 NULL,
	 "\"block.set\",\"params\":{\"domain\":\"web\",\"device\":\"xvda\","
	 "\"iops\":500,\"bytes_per_second\":20971520}"},
	{{"block-set", "--json", "web", "51712", "iops=0"},
	 {OK("{\"devid\":51712,\"vdev\":\"xvda\"}")},
	 0,
	 "\"vdev\": \"xvda\"",
	 NULL,
	 "\"device\":51712,\"iops\":0}"},
	{{"block-set", "web", "xvda"}, {NULL}, 2, NULL, "is missing", NULL},
	{{"block-set", "web", "xvda", "iopps=1"},
	 {NULL},
	 2,
	 NULL,
	 "xn: block-set: unknown key iopps; is iops meant?; usage: xn block-set",
	 NULL},
	{{"block-set", "web", "xvdz", "iops=1"},
	 {NO("\"errno\":2", "domain web: has no disk xvdz")},
	 1,
	 NULL,
	 "xn: domain web: has no disk xvdz\n",
	 NULL},
	{{"block-list", "-l", "web"},
	 {OK("[{" DISK "}]"), OK("[{" DISK "," FIGURES "}]")},
	 0,
	 REPORT "  caps     none; 9 requests held\n",
	 NULL,
	 "\"params\":{\"domain\":\"web\",\"device\":51712,\"figures\":true}"},
	{{"block-list", "--long", "web"},
	 {OK("[{" DISK "}]"),
	  OK("[{" DISK ",\"iops\":7,\"bytes_per_second\":2097152," FIGURES
	     "}]")},
	 0,
	 "  caps     7 requests/s, 2.0 MiB/s; 9 requests held\n",
	 NULL,
	 NULL},
	{{"block-list", "-l", "web"},
	 {OK("[{" DISK "}]"),
	  OK("[{" DISK ",\"error\":\"b\\nd\",\"figures\":null}]")},
	 0,
	 "  # b\\x0ad\n  # its figures cannot be read\n",
	 NULL,
	 NULL},
	{{"block-list", "-l", "--json", "web"},
	 {OK("[{" DISK "}]"), OK("[{" DISK "," FIGURES "}]")},
	 0,
	 "\"in_flight\": 2",
	 NULL,
	 NULL},
	{{"block-list", "-l", "no", "web"},
	 {NO("\"errno\":2", "there is no domain no"), OK("[{" DISK "}]"),
	  OK("[{" DISK "," FIGURES "}]")},
	 1,
	 "web xvda (51712",
	 "xn: there is no domain no\n",
	 NULL},
	{{"block-list", "-x", "web"}, {NULL}, 2, NULL, "-x is no option", NULL},
};

static void test_verbs(void **state)
{
	(void)state;
	cli_rows_run(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_verbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
