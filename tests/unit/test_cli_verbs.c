/* SPDX-License-Identifier: MIT */
/*
 * The command as people and scripts meet it: words in; requests, tables,
 * JSON, error lines and exit statuses out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/fake_xnd.h"

#define OK(result) "{\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":" result "}\n"
#define NO(data, text)                                               \
	"{\"jsonrpc\":\"2.0\",\"id\":%d,\"error\":{\"code\":-32000," \
	"\"message\":\"" text "\",\"data\":{" data "}}}\n"

#define DOMAIN(domid, name)                                              \
	"{\"domid\":" domid ",\"name\":" name                            \
	",\"uuid\":null,\"managed\":true,\"running\":false,\"blocked\":" \
	"true,\"paused\":false,\"shutdown\":true,\"dying\":false,"       \
	"\"shutdown_reason\":3,\"state\":\"crashed\",\"memory_kib\":"    \
	"131072,\"max_memory_kib\":131072,\"vcpus\":2,\"cpu_seconds\":"  \
	"1.25,\"uptime_seconds\":90061}"

#define HEAD                                                           \
	"Name                                        ID   Mem VCPUs\t" \
	"State\tTime(s)\n"

/* out and err must hold these; NULL: must be empty. */
static const struct {
	const char *args[8], *replies[4];
	int status;
	const char *out, *err, *sent;
} rows[] = {
	{{NULL}, {NULL}, 2, "Usage: xn VERB", NULL, NULL},
	{{"help"}, {NULL}, 0, " block-attach        Give", NULL, NULL},
	{{"help", "crea"}, {NULL}, 0, "Usage: xn create FILE", NULL, NULL},
	{{"list", "-h"}, {NULL}, 0, "Usage: xn list", NULL, NULL},
	{{"--version"}, {NULL}, 0, "xn ", NULL, NULL},
	{{"frobnicate"}, {NULL}, 2, NULL, "xn: there is no verb frobn", NULL},
	{{"lsit"}, {NULL}, 2, NULL, "xn: there is no verb lsit; is list", NULL},
	{{"dom", "x"},
	 {NULL},
	 2,
	 NULL,
	 "xn: dom is ambiguous: domid, domname\n",
	 NULL},
	{{"-v", "list"}, {NULL}, 2, NULL, "options come after the verb", NULL},
	{{"destroy"}, {NULL}, 2, NULL, "usage: xn destroy DOMAIN\n", NULL},
	{{"destroy", "a", "b"}, {NULL}, 2, NULL, "\"b\" is too much", NULL},
	{{"list", "--frob"}, {NULL}, 2, NULL, "--frob is no option", NULL},
	{{"console", "-e"}, {NULL}, 2, NULL, "-e takes a value", NULL},
	{{"console", "-t", "serial", "g"}, {NULL}, 2, NULL, "only pv", NULL},
	{{"shutdown"}, {NULL}, 2, NULL, "give -a or a domain", NULL},
	{{"domname", "web"}, {NULL}, 2, NULL, "\"web\" is no number", NULL},

	{{"list"},
	 {OK("[" DOMAIN("3", "\"web\"") "]")},
	 0,
	 HEAD "web                                          3   128     2"
	      "     -b-sc-       1.2\n",
	 NULL,
	 "\"method\":\"domain.list\",\"params\":{}}"},
	{{"li", "-l", "web"},
	 {OK("[" DOMAIN("3", "\"web\"") "]")},
	 0,
	 "\"memory_kib\": 131072",
	 NULL,
	 "{\"domain\":\"web\",\"details\":true}"},
	{{"list"},
	 {OK("[" DOMAIN("3", "\"\\u001b[m\\u009b\xc3\xa9\"") "]")},
	 0,
	 "\n\\x1b[m\\x9b\xc3\xa9 ",
	 NULL,
	 NULL},
	{{"list", "--json"},
	 {OK("[" DOMAIN("3", "\"\\u001b\xc2\x9b\\u007f\"") "]")},
	 0,
	 "\"\\u001B\\u009b\\u007f\"",
	 NULL,
	 NULL},
	{{"list"},
	 {OK("[" DOMAIN("3", "null") "]")},
	 0,
	 "\n(null) ",
	 NULL,
	 NULL},
	{{"list", "a", "b"},
	 {NO("\"errno\":3", "no such domain"),
	  OK("[" DOMAIN("3", "\"b\"") "]")},
	 1,
	 "\nb ",
	 "xn: domain a: no such domain\n",
	 NULL},
	{{"domid", "web"},
	 {OK("[" DOMAIN("3", "\"web\"") "]")},
	 0,
	 "3\n",
	 NULL,
	 "\"domain\":\"web\""},
	{{"domname", "3"},
	 {OK("[" DOMAIN("3", "\"web\"") "]")},
	 0,
	 "web\n",
	 NULL,
	 "\"domain\":\"3\""},
	{{"domname", "3"},
	 {OK("[" DOMAIN("3", "null") "]")},
	 1,
	 NULL,
	 "xn: domain 3 has no name\n",
	 NULL},
	{{"uptime"},
	 {OK("[" DOMAIN("3", "\"web\"") "]")},
	 0,
	 "Name                                ID Uptime\n"
	 "web                                  3 1 day,  1:01:01\n",
	 NULL,
	 NULL},
	{{"uptime", "-s"},
	 {OK("[" DOMAIN("3", "\"web\"") "]")},
	 0,
	 " up 1 day,  1:01, web (3)\n",
	 NULL,
	 NULL},
	{{"info"},
	 {OK("{\"host\":\"h\",\"free_memory_kib\":2048}")},
	 0,
	 "\nfree_memory            : 2\n",
	 NULL,
	 "host.info"},
	{{"version"},
	 {OK("{\"version\":\"9\",\"pid\":7}")},
	 0,
	 "\nxnd 9 (process 7)\n",
	 NULL,
	 "xnd.version"},

	{{"pause", "web"}, {OK("{}")}, 0, NULL, NULL, "domain.pause"},
	{{"unpause", "web"}, {OK("{}")}, 0, NULL, NULL, "domain.unpause"},
	{{"destroy", "5"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"domain.destroy\",\"params\":{\"domain\":\"5\"}"},
	{{"destroy", "web"},
	 {NO("\"errno\":3", "domain web: not there")},
	 1,
	 NULL,
	 "xn: domain web: not there\n",
	 NULL},
	{{"destroy", "web"},
	 {NO("\"errno\":3", "\\u001b\\nx")},
	 1,
	 NULL,
	 "xn: domain web: \\x1b\\x0ax\n",
	 NULL},
	{{"shutdown", "-w", "web"},
	 {OK("[" DOMAIN("3", "\"web\"") "]"), OK("{}"),
	  NO("\"errno\":3", "no such domain")},
	 0,
	 NULL,
	 NULL,
	 "\"domain.wait\",\"params\":{\"domain\":3}"},
	{{"reboot", "web"},
	 {OK("[" DOMAIN("3", "\"web\"") "]"), OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"domain.reboot\",\"params\":{\"domain\":3}"},

	{{"block-attach", "web", "/a,raw,xvdb,r", "--json"},
	 {OK("{\"devid\":51728,\"vdev\":\"xvdb\"}")},
	 0,
	 "\"devid\": 51728",
	 NULL,
	 "\"disk\":{\"vdev\":\"xvdb\",\"target\":\"/a\",\"format\":\"raw\","
	 "\"access\":\"ro\"}"},
	{{"block-attach", "web", "/a,qcow2,xvdb,script=x"},
	 {NULL},
	 1,
	 NULL,
	 "xn: domain web: disk /a,qcow2,xvdb,script=x: not supported by xn yet",
	 NULL},
	{{"block-attach", "web", "/a,qcow2,xvdb"},
	 {OK("{\"devid\":51728,\"vdev\":\"xvdb\"}")},
	 0,
	 NULL,
	 NULL,
	 "\"target\":\"/a\",\"format\":\"qcow2\""},
	{{"block-detach", "web", "xvdb"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"device\":\"xvdb\""},
	{{"destroy", "web"},
	 {NO("\"errno\":2", "there is no domain web")},
	 1,
	 NULL,
	 "xn: there is no domain web\n",
	 NULL},
	{{"block-list", "web"},
	 {OK("[{\"devid\":51712,\"vdev\":\"xvda\",\"target\":\"/a\","
	     "\"access\":\"rw\",\"state\":\"Closed\",\"error\":\"b\\nd\"}]")},
	 0,
	 "6     xvda   rw     /a  # b\\x0ad\n",
	 NULL,
	 NULL},
	{{"block-detach", "web", "51728"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"device\":51728"},
	{{"block-list", "web"},
	 {OK("[{\"devid\":51712,\"vdev\":\"xvda\",\"target\":\"/a\","
	     "\"access\":\"ro\",\"state\":4}]")},
	 0,
	 "51712 0   51712  4     xvda   ro     /a\n",
	 NULL,
	 NULL},
	{{"network-attach", "web"}, {OK("{}")}, 0, NULL, NULL, "\"vif\":{}"},
	{{"network-attach", "web", "bridge=b", "mtu=9000"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"vif\":{\"bridge\":\"b\",\"mtu\":9000}"},
	{{"network-detach", "web", "0"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"device\":0"},
	{{"network-detach", "web", "00:16:3e:01:02:03"},
	 {OK("{}")},
	 0,
	 NULL,
	 NULL,
	 "\"device\":\"00:16:3e:01:02:03\""},
	{{"network-list", "web"},
	 {OK("[{\"devid\":0,\"mac\":\"00:16:3e:01:02:03\",\"bridge\":\"b\","
	     "\"vifname\":\"vif3.0\",\"state\":\"connected\"}]")},
	 0,
	 "0   0  00:16:3e:01:02:03 0      4     vif3.0          b\n",
	 NULL,
	 NULL},

	{{"create"}, {NULL}, 2, NULL, "no file is given", NULL},
	{{"create", "/nonexistent.cfg"},
	 {NULL},
	 1,
	 NULL,
	 "xn: /nonexistent.cfg: No such file",
	 NULL},
	{{"create", "/dev/null", "name=g", "memory=64", "kernel=/k"},
	 {OK("{\"domid\":7,\"name\":\"g\",\"uuid\":\"u\"}")},
	 0,
	 "created domain g, number 7\n",
	 NULL,
	 "\"params\":{\"config\":{\"name\":\"g\",\"memory\":64,"
	 "\"kernel\":\"/k\"}}"},
	{{"create", "-pq", "/dev/null", "name=g", "memory=64", "kernel=/k"},
	 {OK("{\"domid\":7,\"name\":\"g\",\"uuid\":\"u\"}")},
	 0,
	 NULL,
	 NULL,
	 "\"paused\":true"},
	{{"create", "-n", "/dev/null", "name=g", "memory=64", "kernel=/k"},
	 {OK("{\"name\":\"g\",\"uuid\":\"u\"}")},
	 0,
	 "\"memory\": 64",
	 NULL,
	 "\"dry_run\":true"},
	{{"create", "-nf", "/dev/null", "name=g", "memory=6x", "kernel=/k"},
	 {NULL},
	 1,
	 NULL,
	 "xn: command line:1:8: memory = \"6x\"",
	 NULL},
	{{"create", "/dev/null", "name=g", "memory=64", "kernel=/k"},
	 {NO("\"errno\":12,\"key\":\"memory\"", "64 MiB are not there")},
	 1,
	 NULL,
	 "xn: command line:1:8: memory: 64 MiB are not there\n",
	 NULL},
	{{"create", "/dev/null", "name=g", "memory=64", "kernel=/k"},
	 {NO("\"errno\":5", "no more domids")},
	 1,
	 NULL,
	 "xn: domain g: no more domids\n",
	 NULL},
	{{"create", "/dev/null", "name=g", "memory=64", "kernel=/k"},
	 {NULL},
	 1,
	 NULL,
	 "xn: xnd closed the connection\n",
	 NULL},
	{{"create", "/dev/null", "name=g", "memory=64", "kernel=/k",
	  "disk=['/a,,xvda']"},
	 {NO("\"errno\":2,\"key\":\"disks[0].target\"",
	     "disk xvda: /a: no such file")},
	 1,
	 NULL,
	 "xn: command line:1:7: disk xvda: /a: no such file\n",
	 NULL},
	{{"create", "/dev/null", "name=g", "memory=64", "kernel=/k",
	  "disk=['/a,,xvda']"},
	 {NO("\"errno\":2,\"key\":\"disks[0].target\"", "no such file")},
	 1,
	 NULL,
	 "xn: command line:1:7: disks[0].target: no such file\n",
	 NULL},
	{{"create", "-c", "-n", "/dev/null"},
	 {NULL},
	 2,
	 NULL,
	 "-c goes with",
	 NULL},
};

static void expect(const char *const *args, const char *what, const char *found,
		   const char *wanted)
{
	if (!wanted ? found[0] != '\0' : !strstr(found, wanted))
		fail_msg("xn %s %s: %s: \"%s\" has no \"%s\"",
			 args[0] ? args[0] : "",
			 args[0] && args[1] ? args[1] : "", what, found,
			 wanted ? wanted : "");
}

static void test_rows(void **state)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char out[8192], err[8192], sent[8192];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int stdio[3] = {null, fake_xnd_file(), fake_xnd_file()};
		const char *const *args = rows[i].args;
		struct fake_xnd fake;
		int status;
		pid_t pid;

		fake_xnd_start(&fake, rows[i].replies);
		pid = fake_xnd_run(&fake, args, stdio);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		fake_xnd_stop(&fake, sent, sizeof(sent));
		fake_xnd_read(stdio[1], out, sizeof(out));
		fake_xnd_read(stdio[2], err, sizeof(err));
		expect(args, "stdout", out, rows[i].out);
		expect(args, "stderr", err, rows[i].err);
		if (rows[i].sent)
			expect(args, "sent", sent, rows[i].sent);
		if (rows[i].err && strchr(err, '\n') != err + strlen(err) - 1)
			fail_msg("not one line: %s", err);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), rows[i].status);
	}
	close(null);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
