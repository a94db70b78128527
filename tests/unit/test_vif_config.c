/* SPDX-License-Identifier: MIT */
/* A vif's configuration: what is taken and said back, what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/scope.h"
#include "daemon/device/config.h"
#include "json/json.h"

#define TEN   "aaaaaaaaaa"
#define SIXTY TEN TEN TEN TEN TEN TEN

/* What it is to be, and how the same is said back behind devid and mac. */
static const struct {
	const char *text, *said;
} good[] = {
	{"", "\"bridge\":\"br9\""},
	{"\"bridge\":\"b\"", "\"bridge\":\"b\""},
	{"\"gatewaydev\":\"eth0\"", "\"gatewaydev\":\"eth0\""},
	{"\"gatewaydev\":\"eth0\",\"ip\":[\"192.0.2.7\",\"2001:DB8::/64\"]",
	 "\"gatewaydev\":\"eth0\",\"ip\":[\"192.0.2.7\",\"2001:db8::/64\"]"},
	{"\"ip\":[\"192.0.2.0/25\",\"192.0.2.128/25\"]",
	 "\"bridge\":\"br9\",\"ip\":[\"192.0.2.0/25\",\"192.0.2.128/25\"]"},
	{"\"ip\":[]", "\"bridge\":\"br9\""},
	{"\"vlan\":\"10\"", "\"bridge\":\"br9\",\"vlan\":\"10p\""},
	{"\"vlan\":\"\"", "\"bridge\":\"br9\""},
	{"\"rate\":{\"bytes\":62500}",
	 "\"bridge\":\"br9\",\"rate\":{\"bytes\":62500,"
	 "\"interval_us\":50000}"},
	{"\"rate\":{\"bytes\":9223372036854775807,\"interval_us\":4294967295}",
	 "\"bridge\":\"br9\",\"rate\":{\"bytes\":9223372036854775807,"
	 "\"interval_us\":4294967295}"},
	{"\"rate\":{\"bytes\":0,\"interval_us\":7}", "\"bridge\":\"br9\""},
	{"\"carrier\":\"up\",\"trusted\":true", "\"bridge\":\"br9\""},
	{"\"carrier\":\"down\",\"trusted\":false,\"mtu\":9000",
	 "\"bridge\":\"br9\",\"mtu\":9000,\"carrier\":\"down\","
	 "\"trusted\":false"},
	{"\"direct\":false", "\"bridge\":\"br9\""},
	{"\"direct\":true,\"vlan\":\"10\"",
	 "\"bridge\":\"br9\",\"vlan\":\"10p\",\"direct\":true"},
	{"\"direct\":false,\"script\":\"/s\"",
	 "\"bridge\":\"br9\",\"script\":\"/s\""},
	{"\"script\":\"vif-x\",\"vlan\":\"10p/20\"",
	 "\"bridge\":\"br9\",\"script\":\"/etc/xen/scripts/vif-x\","
	 "\"vlan\":\"10p/20\""},
	{"\"script\":\"/s\",\"gatewaydev\":\"eth0\"",
	 "\"gatewaydev\":\"eth0\",\"script\":\"/s\""},
	{"\"script\":\"/" SIXTY SIXTY SIXTY SIXTY TEN "1234\"",
	 "\"bridge\":\"br9\",\"script\":\"/" SIXTY SIXTY SIXTY SIXTY TEN
	 "1234\""},
};

#define MAC "\"mac\":\"00:16:3e:00:00:01\""

static int read_text(const char *members, struct vif_config *v, struct err *e)
{
	scoped_str text = NULL;
	struct json *from;
	int rc;

	assert_true(asprintf(&text, "{" MAC "%s%s}", *members ? "," : "",
			     members) > 0);
	from = json_parse(text, strlen(text), e);
	assert_non_null(from);
	rc = vif_config_read(v, from, "br9", "vifs[3]", e);
	json_free(from);
	return rc;
}

static void reads_what_it_says(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		scoped_str wanted = NULL;
		struct vif_config v, again;
		struct json *said;
		struct err e;

		if (read_text(good[i].text, &v, &e) < 0)
			fail_msg("%s: %s", good[i].text, e.text);
		said = vif_config_json(&v);
		assert_true(asprintf(&wanted, "{\"devid\":0," MAC ",%s}",
				     good[i].said) > 0);
		{
			scoped_str text = json_print(said, false);

			assert_string_equal(text, wanted);
		}
		assert_int_equal(
			vif_config_read(&again, said, "other", "vif", &e), 0);
		again.has_devid = false;
		assert_memory_equal(&v, &again, sizeof(v));
		json_free(said);
	}
}

static const struct {
	const char *text, *key, *why;
} bad[] = {
	{"\"colour\":1", "colour", "no such key"},
	{"\"bridge\":\"a/b\"", "bridge", "no interface's name"},
	{"\"gatewaydev\":\"\"", "gatewaydev", "must be an interface's name"},
	{"\"gatewaydev\":\"eth0\",\"bridge\":\"b\"", "gatewaydev",
	 "is for a routed vif, and bridge is given"},
	{"\"vlan\":\"10p\",\"gatewaydev\":\"eth0\"", "vlan",
	 "is for a vif in a bridge, and gatewaydev is given"},
	{"\"vlan\":10", "vlan", "must be a string"},
	{"\"vlan\":\"10/20\"", "vlan", "which of its VLANs"},
	{"\"ip\":\"192.0.2.1\"", "ip", "must be an array"},
	{"\"ip\":[1]", "ip", "must be an array of addresses"},
	{"\"ip\":[\"web\"]", "ip", "\"web\" is no address"},
	{"\"ip\":[\"192.0.2.1\",\"192.0.2.1\"]", "ip",
	 "192.0.2.1 and 192.0.2.1 have addresses in common"},
	{"\"ip\":[\"192.0.2.1\",\"192.0.0.0/16\"]", "ip",
	 "192.0.2.1 and 192.0.0.0/16 have addresses in common"},
	{"\"ip\":[\"::/0\",\"::1\"]", "ip", "have addresses in common"},
	{"\"ip\":[\"1.0.0.0\",\"1.0.0.1\",\"1.0.0.2\",\"1.0.0.3\","
	 "\"1.0.0.4\",\"1.0.0.5\",\"1.0.0.6\",\"1.0.0.7\",\"1.0.0.8\","
	 "\"1.0.0.9\",\"1.0.1.0\",\"1.0.1.1\",\"1.0.1.2\",\"1.0.1.3\","
	 "\"1.0.1.4\",\"1.0.1.5\",\"1.0.1.6\"]",
	 "ip", "at most 16"},
	{"\"rate\":5", "rate", "must be an object"},
	{"\"rate\":{}", "rate.bytes", "is missing"},
	{"\"rate\":{\"bytes\":-1}", "rate.bytes", "must be a whole number"},
	{"\"rate\":{\"bytes\":\"1\"}", "rate.bytes", "must be a whole number"},
	{"\"rate\":{\"bytes\":1,\"interval_us\":0}", "rate.interval_us",
	 "from 1 to 4294967295"},
	{"\"rate\":{\"bytes\":1,\"interval_us\":4294967296}",
	 "rate.interval_us", "from 1 to 4294967295"},
	{"\"rate\":{\"bytes\":1,\"per\":1}", "rate.per", "no such key"},
	{"\"carrier\":\"off\"", "carrier", "must be \"up\" or \"down\""},
	{"\"carrier\":true", "carrier", "must be \"up\" or \"down\""},
	{"\"trusted\":\"no\"", "trusted", "must be true or false"},
	{"\"direct\":1", "direct", "must be true or false"},
	{"\"direct\":true,\"script\":\"/s\"", "direct",
	 "true is for a vif in a bridge, in one VLAN, that may send from any "
	 "address; not with script /s"},
	{"\"direct\":true,\"gatewaydev\":\"eth0\"", "direct",
	 "not with gatewaydev eth0"},
	{"\"direct\":true,\"ip\":[\"192.0.2.7\"]", "direct",
	 "not with ip 192.0.2.7"},
	{"\"direct\":true,\"vlan\":\"10p/20\"", "direct",
	 "not with vlan 10p/20"},
	{"\"direct\":true,\"vlan\":\"10p/20u\"", "direct",
	 "not with vlan 10p/20u"},
	{"\"script\":\"\"", "script", "must be the name or the path"},
	{"\"script\":\"/" SIXTY SIXTY SIXTY SIXTY TEN "12345\"", "script",
	 "is longer than 255 bytes"},
	{"\"mtu\":67", "mtu", "from 68 to 65521"},
	{"\"devid\":256", "devid", "from 0 to 255"},
};

static void refuses_with_the_key(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vif_config v;
		struct err e = {0};
		char key[64];

		if (read_text(bad[i].text, &v, &e) != -EINVAL)
			fail_msg("%s was taken", bad[i].text);
		snprintf(key, sizeof(key), "vifs[3].%s", bad[i].key);
		assert_string_equal(e.key, key);
		if (!strstr(e.text, bad[i].why) ||
		    strncmp(e.text, key, strlen(key)) != 0)
			fail_msg("%s: %s", bad[i].text, e.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_says),
		cmocka_unit_test(refuses_with_the_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
