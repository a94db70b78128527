/* SPDX-License-Identifier: MIT */
/* Changes and figures of vifs at the command line: words in, reports out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/scope.h"
#include "cli/vif_change.h"
#include "json/json.h"
#include "tests/unit/cli_rows.h"

/* ---- words ---- */

/* result: JSON, or what the error says. */
static const struct {
	const char *words[5];
	const char *result;
} words[] = {
	{{"rate=10Mb/s"}, "{\"rate\":{\"bytes\":62500,\"interval_us\":50000}}"},
	{{"rate=1MB/s@20ms"},
	 "{\"rate\":{\"bytes\":20000,\"interval_us\":20000}}"},
	{{"rate=0"}, "{\"rate\":{\"bytes\":0,\"interval_us\":1}}"},
	{{"bridge=br0"}, "{\"bridge\":\"br0\"}"},
	{{"vlan=10p/20-30"}, "{\"vlan\":\"10p/20-30\"}"},
	{{"vlan=0"}, "{\"vlan\":\"\"}"},
	{{"carrier=up"}, "{\"carrier\":\"up\"}"},
	{{"carrier=down", "vlan=7", "bridge=b", "rate=8b/s@1s"},
	 "{\"carrier\":\"down\",\"vlan\":\"7\",\"bridge\":\"b\",\"rate\":"
	 "{\"bytes\":1,\"interval_us\":1000000}}"},
	{{"rate"}, "\"rate\" is not KEY=VALUE"},
	{{"rate="}, "rate=: must be a speed such as 10Mb/s"},
	{{"rate=00"}, "rate=00: must be a speed such as"},
	{{"rate=5M"}, "rate=5M: must be a speed such as"},
	{{"bridge="}, "bridge= has no value"},
	{{"vlan="}, "vlan= has no value"},
	{{"carrier=on"}, "carrier=on: must be up or down"},
	{{"rate=0", "rate=0"}, "rate is given twice"},
	{{"brigde=b"}, "unknown key brigde; is bridge meant?"},
	{{"mac=x"}, "unknown key mac; there are rate, bridge, vlan, carrier"},
};

static void test_words(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct json *params = json_new_object();
		struct err e = {0};
		int rc = 0;

		for (k = 0; rc == 0 && words[i].words[k]; k++)
			rc = vif_change_read(words[i].words[k], params, &e);
		if (rc == 0) {
			scoped_str text = json_print(params, false);

			assert_string_equal(text, words[i].result);
		} else if (words[i].result[0] == '{' ||
			   !strstr(e.text, words[i].result)) {
			fail_msg("%s: %s", words[i].words[0], e.text);
		}
		json_free(params);
	}
}

/* ---- verbs ---- */

#define VIF                                                                  \
	"\"devid\":0,\"mac\":\"00:16:3e:01:02:03\",\"bridge\":\"b\\u001b\"," \
	"\"vifname\":\"vif3.0\",\"state\":\"connected\""
#define FIGURES                                                               \
	"\"figures\":{\"tx\":{\"packets\":100,\"bytes\":1288490188,\"gso\":"  \
	"40,\"slots\":900,\"dropped\":1,\"refused\":2,\"failed\":3,"          \
	"\"events\":50,\"notified\":20,\"spared\":70,\"direct\":60},\"rx\":{" \
	"\"packets\":7,\"bytes\":4096,\"gso\":0,\"slots\":7,\"dropped\":4,"   \
	"\"refused\":0,\"failed\":0,\"events\":10,\"notified\":6,\"spared\":" \
	"4,\"direct\":2},\"held\":9,\"stalled\":5,\"filtered\":8}"
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
	{{"network-set", "web", "0", "rate=10Mb/s", "carrier=down"},
	 {OK("{\"devid\":0}")},
	 0,
	 NULL,
	 NULL,
	 "\"network.set\",\"params\":{\"domain\":\"web\",\"device\":0,"
	 "\"rate\":{\"bytes\":62500,\"interval_us\":50000},\"carrier\":"
	 "\"down\"}"},
	{{"network-set", "--json", "web", "00:16:3e:01:02:03", "bridge=b"},
	 {OK("{\"devid\":0,\"bridge\":\"b\"}")},
	 0,
	 "\"bridge\": \"b\"",
	 NULL,
	 "\"device\":\"00:16:3e:01:02:03\",\"bridge\":\"b\"}"},
	{{"network-set", "web", "0"}, {NULL}, 2, NULL, "is missing", NULL},
	{{"network-set", "web", "0", "ratte=1"},
	 {NULL},
	 2,
	 NULL,
	 "xn: network-set: unknown key ratte; is rate meant?; usage: xn net",
	 NULL},
	{{"network-set", "web", "9", "vlan=0"},
	 {NO("\"errno\":2", "domain web: has no vif 9")},
	 1,
	 NULL,
	 "xn: domain web: has no vif 9\n",
	 NULL},
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
	  OK("[{" VIF ",\"vlan\":\"10p\",\"carrier\":\"down\","
	     "\"direct\":true,\"rate\":{"
	     "\"bytes\":62500,\"interval_us\":50000}," FIGURES "}]")},
	 0,
	 "bridge=b\\x1b vlan=10p carrier=down direct=1\n" TABLE
	 "  rate     1.25 MB/s, 62500 bytes in 50000 us; held 9 times\n"
	 "  direct   60 sent to other guests, 2 received from them\n",
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
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_verbs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
