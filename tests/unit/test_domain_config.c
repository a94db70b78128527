/* SPDX-License-Identifier: MIT */
/* A domain's configuration: what is taken, what is refused and how. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/scope.h"
#include "daemon/domain/config.h"
#include "json/json.h"

#define MINIMUM "\"name\":\"web\",\"memory\":128,\"kernel\":\"/k\""
#define DISK	"{\"vdev\":\"xvda\",\"target\":\"/d\"}"

static int read_text(const char *text, struct domain_config *c, struct err *e)
{
	struct json *v = json_parse(text, strlen(text), e);
	int rc;

	assert_non_null(v);
	rc = domain_config_read(c, v, "xenbr0", e);
	json_free(v);
	return rc;
}

/* A configuration that is refused, and the key that is named. */
static const struct {
	const char *text;
	const char *key;
} refused[] = {
	{"[]", "config"},
	{"{}", "name"},
	{"{\"name\":\"web\",\"memory\":128}", "kernel"},
	{"{\"name\":\"web\",\"kernel\":\"/k\"}", "memory"},
	{"{" MINIMUM ",\"colour\":1}", "colour"},
	{"{" MINIMUM ",\"type\":\"hvm\"}", "type"},
	{"{" MINIMUM ",\"uuid\":\"no\"}", "uuid"},
	{"{" MINIMUM ",\"maxmem\":127}", "maxmem"},
	{"{" MINIMUM ",\"vcpus\":0}", "vcpus"},
	{"{" MINIMUM ",\"vcpus\":65}", "vcpus"},
	{"{" MINIMUM ",\"vcpus\":\"2\"}", "vcpus"},
	{"{" MINIMUM ",\"vcpus\":2,\"maxvcpus\":1}", "maxvcpus"},
	{"{" MINIMUM ",\"ramdisk\":\"relative\"}", "ramdisk"},
	{"{" MINIMUM ",\"cmdline\":7}", "cmdline"},
	{"{" MINIMUM ",\"on_crash\":\"explode\"}", "on_crash"},
	{"{" MINIMUM ",\"disks\":{}}", "disks"},
	{"{" MINIMUM ",\"disks\":[1]}", "disks[0]"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\"}]}", "disks[0].target"},
	{"{" MINIMUM ",\"disks\":[{\"target\":\"/d\"}]}", "disks[0].vdev"},
	{"{" MINIMUM ",\"disks\":[" DISK "," DISK "]}", "disks[1].vdev"},
	{"{" MINIMUM ",\"disks\":[" DISK
	 ",{\"vdev\":\"xvdb\",\"target\":\"/d\","
	 "\"format\":\"docx\"}]}",
	 "disks[1].format"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\","
	 "\"target\":\"nbd://h/e\",\"format\":\"qcow2\"}]}",
	 "disks[0].format"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\","
	 "\"target\":\"nbds://h/e\"}]}",
	 "disks[0].target"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"nbd:h\"}]}",
	 "disks[0].target"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"/d\","
	 "\"cdrom\":true}]}",
	 "disks[0].access"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"/d\","
	 "\"discard\":1}]}",
	 "disks[0].discard"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"/d\","
	 "\"iops\":-1}]}",
	 "disks[0].iops"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"/d\","
	 "\"bytes_per_second\":\"1M\"}]}",
	 "disks[0].bytes_per_second"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"/d\","
	 "\"access\":\"w\"}]}",
	 "disks[0].access"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"/d\","
	 "\"format\":\"qcow2\",\"access\":\"w!\"}]}",
	 "disks[0].access"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"/d\","
	 "\"direct_io_safe\":1}]}",
	 "disks[0].direct_io_safe"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"/d\","
	 "\"trusted\":\"no\"}]}",
	 "disks[0].trusted"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"d\"}]}",
	 "disks[0].target"},
	{"{" MINIMUM ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"d\","
	 "\"script\":\"\"}]}",
	 "disks[0].script"},
	{"{" MINIMUM ",\"vifs\":[{\"mac\":\"01:00:00:00:00:00\"}]}",
	 "vifs[0].mac"},
	{"{" MINIMUM ",\"vifs\":[{\"bridge\":\"a/b\"}]}", "vifs[0].bridge"},
	{"{" MINIMUM ",\"vifs\":[{\"vifname\":\"sixteen-letters!\"}]}",
	 "vifs[0].vifname"},
	{"{" MINIMUM ",\"vifs\":[{\"mtu\":67}]}", "vifs[0].mtu"},
	{"{" MINIMUM ",\"vifs\":[{\"vifname\":\"a\"},{},"
	 "{\"vifname\":\"a\"}]}",
	 "vifs[2].vifname"},
	{"{" MINIMUM ",\"vifs\":[{\"devid\":1},{\"devid\":1}]}",
	 "vifs[0].devid"},
	{"{" MINIMUM ",\"vifs\":[{\"mac\":\"00:16:3e:00:00:01\"},"
	 "{\"mac\":\"00:16:3e:00:00:01\"}]}",
	 "vifs[1].mac"},
	{"{\"name\":\"\",\"memory\":128,\"kernel\":\"/k\"}", "name"},
	{"{\"name\":\"7\",\"memory\":128,\"kernel\":\"/k\"}", "name"},
	{"{\"name\":\"../x\",\"memory\":128,\"kernel\":\"/k\"}", "name"},
	{"{\"name\":\".x\",\"memory\":128,\"kernel\":\"/k\"}", "name"},
	{"{\"name\":\"web\",\"memory\":-1,\"kernel\":\"/k\"}", "memory"},
	{"{\"name\":\"web\",\"memory\":1e3,\"kernel\":\"/k\"}", "memory"},
	{"{\"name\":\"web\",\"memory\":128,\"kernel\":\"k\"}", "kernel"},
};

static void test_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct domain_config c;
		struct err e = {0};

		if (read_text(refused[i].text, &c, &e) >= 0)
			fail_msg("taken: %s", refused[i].text);
		assert_string_equal(e.key, refused[i].key);
		assert_non_null(strstr(e.text, refused[i].key));
	}
}

static void test_defaults(void **state)
{
	struct domain_config c;
	struct err e;

	(void)state;
	assert_int_equal(read_text("{" MINIMUM ",\"vifs\":[{}]}", &c, &e), 0);
	assert_int_equal(c.maxmem_mib, 128);
	assert_int_equal(c.vcpus, 1);
	assert_int_equal(c.maxvcpus, 1);
	assert_string_equal(c.cmdline, "");
	assert_null(c.ramdisk);
	assert_int_equal(c.on_poweroff, ACTION_DESTROY);
	assert_int_equal(c.on_reboot, ACTION_RESTART);
	assert_int_equal(c.on_crash, ACTION_DESTROY);
	assert_int_equal(strlen(c.uuid), 36);
	assert_string_equal(c.vifs[0].bridge, "xenbr0");
	assert_memory_equal(c.vifs[0].mac, "\x00\x16\x3e", 3);
	domain_config_clear(&c);
}

static void test_devids(void **state)
{
	struct domain_config c;
	struct err e;

	(void)state;
	assert_int_equal(read_text("{" MINIMUM ",\"vifs\":[{},{\"devid\":0},{},"
				   "{\"devid\":2}]}",
				   &c, &e),
			 0);
	assert_int_equal(c.vifs[0].devid, 1);
	assert_int_equal(c.vifs[1].devid, 0);
	assert_int_equal(c.vifs[2].devid, 3);
	assert_int_equal(c.vifs[3].devid, 2);
	domain_config_clear(&c);
}

/* What is printed reads as the same, for a restart. */
static void test_round_trip(void **state)
{
	struct domain_config c;
	struct json *first;
	struct json *second;
	struct err e;

	(void)state;
	assert_int_equal(
		read_text("{" MINIMUM
			  ",\"maxmem\":256,\"vcpus\":2,\"maxvcpus\":4,"
			  "\"ramdisk\":\"/r\",\"cmdline\":\"a b\","
			  "\"on_reboot\":\"preserve\",\"disks\":[" DISK
			  ",{\"vdev\":\"xvdb\",\"target\":\"/e\","
			  "\"access\":\"ro\",\"iops\":100,"
			  "\"bytes_per_second\":1048576},{\"vdev\":\"xvdc\","
			  "\"target\":\"a b\",\"access\":\"w!\","
			  "\"script\":\"block-x\",\"trusted\":false,"
			  "\"direct_io_safe\":true,\"discard\":false},"
			  "{\"vdev\":\"hdc\",\"access\":\"ro\","
			  "\"cdrom\":true}],\"vifs\":[{\"mtu\":9000,"
			  "\"vifname\":\"web0\"}]}",
			  &c, &e),
		0);
	assert_true(c.disks[2].unchecked && c.disks[2].untrusted &&
		    c.disks[2].direct_io_safe && c.disks[2].no_discard);
	assert_string_equal(c.disks[2].script, "/etc/xen/scripts/block-x");
	first = domain_config_json(&c);
	domain_config_clear(&c);
	assert_int_equal(domain_config_read(&c, first, "other", &e), 0);
	assert_int_equal(c.disks[1].caps.iops, 100);
	assert_int_equal(c.disks[1].caps.bytes_per_second, 1048576);
	domain_config_set_caps(&c, c.disks[0].devid,
			       &(struct disk_caps){.iops = 7});
	assert_int_equal(c.disks[0].caps.iops, 7);
	assert_int_equal(c.disks[1].caps.iops, 100);
	domain_config_set_caps(&c, c.disks[0].devid, &(struct disk_caps){0});
	second = domain_config_json(&c);
	domain_config_clear(&c);
	{
		scoped_str a = json_print(first, false);
		scoped_str b = json_print(second, false);

		assert_string_equal(a, b);
	}
	json_free(first);
	json_free(second);
}

static void test_hotplug(void **state)
{
	char path[] = "/z";
	struct disk_config more = {
		.vdev = "xvdz", .devid = 1, .target = path, .read_only = true};
	struct domain_config c;
	struct vif_config vif;
	struct err e;

	(void)state;
	assert_int_equal(read_text("{" MINIMUM ",\"disks\":[" DISK
				   "],\"vifs\":[{},{}]}",
				   &c, &e),
			 0);
	assert_int_equal(domain_config_add_disk(&c, &more), 0);
	assert_int_equal(c.n_disks, 2);
	assert_ptr_not_equal(c.disks[1].target, path);
	more.target = NULL;
	assert_int_equal(domain_config_set_disk(&c, &more), 0);
	assert_null(c.disks[1].target);
	more.target = path;
	assert_int_equal(domain_config_set_disk(&c, &more), 0);
	assert_string_equal(c.disks[1].target, "/z");
	assert_ptr_not_equal(c.disks[1].target, path);
	more.devid = 2;
	assert_int_equal(domain_config_set_disk(&c, &more), -ENOENT);
	domain_config_rm_disk(&c, 51712);
	assert_int_equal(c.n_disks, 1);
	assert_string_equal(c.disks[0].target, "/z");
	domain_config_rm_disk(&c, 4711);
	assert_int_equal(c.n_disks, 1);
	vif = c.vifs[1];
	vif.carrier_down = true;
	domain_config_set_vif(&c, &vif);
	assert_true(c.vifs[1].carrier_down && !c.vifs[0].carrier_down);
	vif.devid = 9;
	domain_config_set_vif(&c, &vif);
	assert_int_equal(c.n_vifs, 2);
	domain_config_rm_vif(&c, 0);
	assert_int_equal(c.n_vifs, 1);
	assert_int_equal(c.vifs[0].devid, 1);
	domain_config_clear(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_devids),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_hotplug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
