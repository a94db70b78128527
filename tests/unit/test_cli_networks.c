/* SPDX-License-Identifier: MIT */
/* Vifs at the command line: words in, reports out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/cli_rows.h"

#define VIF                                                                  \
	"\"devid\":0,\"mac\":\"00:16:3e:01:02:03\",\"bridge\":\"b\\u001b\"," \
	"\"vifname\":\"vif3.0\",\"state\":\"connected\""
#define FIGURES                                                               \
	"\"figures\":{\"tx\":{\"packets\":100,\"bytes\":1288490188,\"gso\":"  \
	"40,\"slots\":900,\"dropped\":1,\"refused\":2,\"failed\":3,"          \
	"\"events\":50,\"notified\":20,\"spared\":70},\"rx\":{\"packets\":7," \
	"\"bytes\":4096,\"gso\":0,\"slots\":7,\"dropped\":4,\"refused\":0,"   \
	"\"failed\":0,\"events\":10,\"notified\":6,\"spared\":4},\"held\":9," \
	"\"stalled\":5,\"filtered\":8}"
#define TABLE                                                                \
	"                packets      bytes        gso  dropped  refused   " \
	"failed\n"                                                           \
	"  sent              100    1.2 GiB         40        1        2   " \
	"     3\n"                                                           \
	"  received            7    4.0 KiB          0        4        0   " \
	"     0\n"                                                           \
	"  events   60 from the guest; 26 to it, 74 spared (74.0 %)\n"       \
	"  frames   8 of unwanted multicast; the guest stalled 5 times\n"

static const struct cli_row rows[] = {
	{{"network-attach", "web", "bridge=b,ip=192.0.2.1 ::1", "untrusted"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"vif\":{\"bridge\":\"b\",\"ip\":[\"192.0.2.1\",\"::1\"],"
	 "\"trusted\":false}"},
	{{"network-attach", "web", "accel=x"},
	 {OK("{}")},
	 0,
	 NULL,
	 "xn: domain web: warning: vif: accel= is not supported, and ignored\n",
	 "\"vif\":{}"},
	{{"network-attach", "web", "rate=1"},
	 {NULL},
	 1,
	 NULL,
	 "xn: domain web: vif: rate=1: must be a speed such as",
	 NULL},
	{{"network-detach", "-f", "web", "0"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"device\":0,\"force\":true}"},
	{{"network-list", "-l", "web"},
	 {OK("[{" VIF "}]"), OK("[{" VIF "," FIGURES "}]")},
	 0,
	 "web vif3.0 (0, connected, 00:16:3e:01:02:03) bridge=b\\x1b\n" TABLE
	 "  rate     no limit; held 9 times\n",
	 NULL,
	 "\"params\":{\"domain\":\"web\",\"device\":0,\"figures\":true}"},
	{{"network-list", "--long", "web"},
	 {OK("[{" VIF "}]"),
	  OK("[{" VIF ",\"vlan\":\"10p\",\"carrier\":\"down\",\"rate\":{"
	     "\"bytes\":62500,\"interval_us\":50000}," FIGURES "}]")},
	 0,
	 "bridge=b\\x1b vlan=10p carrier=down\n" TABLE
	 "  rate     1.25 MB/s, 62500 bytes in 50000 us; held 9 times\n",
	 NULL,
	 NULL},
	{{"network-list", "-l", "web"},
	 {OK("[{" VIF "}]"),
	  OK("[{" VIF ",\"error\":\"b\\nd\",\"figures\":null}]")},
	 0,
	 "  # b\\x0ad\n  # its figures cannot be read\n",
	 NULL,
	 NULL},
	{{"network-list", "-l", "--json", "web"},
	 {OK("[{" VIF "}]"), OK("[{" VIF "," FIGURES "}]")},
	 0,
	 "\"filtered\": 8",
	 NULL,
	 NULL},
	{{"network-list", "-x", "web"}, {NULL}, 2, NULL, "-x is no opt", NULL},
};

static void test_verbs(void **state)
{
	(void)state;
	cli_rows_run(rows, sizeof(rows) / sizeof(rows[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
