/* SPDX-License-Identifier: MIT */
/* What the keys of xl.cfg mean, and which of them xn will not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "cli/cfg.h"
#include "cli/cfg_domain.h"
#include "cli/cfg_keys.h"
#include "cli/cfg_parse.h"
#include "cli/notes.h"
#include "json/json.h"

/* What every row begins with; a row's text is added to it. */
#define BASE "name='g';memory=64;kernel='/k'\n"
#define JSON "{\"name\":\"g\",\"memory\":64,\"kernel\":\"/k\""

struct result {
	struct cfg *cfg;
	struct notes notes;
	struct json *config;
};

static void build(struct result *r, const char *text)
{
	memset(r, 0, sizeof(*r));
	r->cfg = cfg_new();
	cfg_parse_text(r->cfg, "f", text, strlen(text), &r->notes);
	assert_int_equal(r->notes.errors, 0);
	r->config = cfg_domain_build(r->cfg, "f", "/cwd", &r->notes);
}

static void drop(struct result *r)
{
	json_free(r->config);
	notes_drop(&r->notes);
	cfg_free(r->cfg);
}

static const struct {
	const char *text, *json;
} good[] = {
	{BASE, JSON "}"},
	{"name=5\nmemory='0x40'\nkernel='k'",
	 "{\"name\":\"5\",\"memory\":64,\"kernel\":\"/cwd/k\"}"},
	{BASE "memory=0100", JSON "}"},
	{BASE "maxmem=128\nvcpus=2\nmaxvcpus=4",
	 JSON ",\"maxmem\":128,\"vcpus\":2,\"maxvcpus\":4}"},
	{BASE "ramdisk='./r'", JSON ",\"ramdisk\":\"/cwd/./r\"}"},
	{BASE "uuid='u'", JSON ",\"uuid\":\"u\"}"},
	{BASE "type='pv'", JSON ",\"type\":\"pv\"}"},
	{BASE "builder='generic'", JSON ",\"type\":\"pv\"}"},
	{BASE "extra='a b'", JSON ",\"cmdline\":\"a b\"}"},
	{BASE "root='/dev/xvda'", JSON ",\"cmdline\":\"root=/dev/xvda\"}"},
	{BASE "extra='a b'\nroot='/r'", JSON ",\"cmdline\":\"root=/r a b\"}"},
	{BASE "extra='a'\nextra+=' b'", JSON ",\"cmdline\":\"a b\"}"},
	{BASE "cmdline=''", JSON ",\"cmdline\":\"\"}"},
	{BASE "disk=[]\nvif=[]", JSON ",\"disks\":[],\"vifs\":[]}"},
	{BASE "disk=['/a,raw,xvda,r']",
	 JSON ",\"disks\":[{\"vdev\":\"xvda\",\"target\":\"/a\","
	      "\"format\":\"raw\",\"access\":\"ro\"}]}"},
	{BASE "vif=['','mtu=9000']", JSON ",\"vifs\":[{},{\"mtu\":9000}]}"},
	{BASE "on_poweroff='preserve'\non_reboot='destroy'\n"
	      "on_crash='restart'\non_watchdog='destroy'",
	 JSON ",\"on_poweroff\":\"preserve\",\"on_reboot\":\"destroy\","
	      "\"on_crash\":\"restart\",\"on_watchdog\":\"destroy\"}"},
	/* What asks for nothing is not refused. */
	{BASE "pci=[];vfb=[];bootloader='';pvshim=0;usb=0x0;cpus=''", JSON "}"},
};

/* The same members, in any order; what is in them, printed the same. */
static void assert_same(const struct json *found, const char *wanted)
{
	struct json *tree = json_parse(wanted, strlen(wanted), NULL);
	size_t i;

	assert_non_null(tree);
	for (i = 0; i < json_count(tree); i++) {
		const struct json *v = json_get(found, json_key(tree, i));
		scoped_str a = json_print(v, false);
		scoped_str b = json_print(json_member(tree, i), false);

		if (!a || strcmp(a, b) != 0)
			fail_msg("%s: %s in place of %s", json_key(tree, i), a,
				 b);
	}
	assert_int_equal(json_count(found), json_count(tree));
	json_free(tree);
}

static void test_good(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct result r;

		build(&r, good[i].text);
		if (!r.config)
			fail_msg("%s: %s", good[i].text, r.notes.list[0].text);
		assert_same(r.config, good[i].json);
		drop(&r);
	}
}

static const struct {
	const char *text; /* after BASE, which is line 1 */
	unsigned int line, column;
	const char *says;
} bad[] = {
	{"name=''", 2, 6, "name is empty"},
	{"name=['x']", 2, 6, "name must be one value, not a list"},
	{"memory=0", 2, 8, "memory = \"0\": must be a number from 1, in MiB"},
	{"memory='64M'", 2, 8, "memory = \"64M\""},
	{"memory='-1'", 2, 8, "memory = \"-1\""},
	{"memory=' 1'", 2, 8, "memory = \" 1\""},
	{"memory=''", 2, 8, "memory = \"\""},
	{"memory=09", 2, 8, "memory = \"09\""},
	{"memory=4294967296", 2, 8, "memory = \"4294967296\""},
	{"memory=99999999999999999999", 2, 8, "must be a number"},
	{"memory=[64]", 2, 8, "memory must be one value, not a list"},
	{"memory+=6", 2, 1, "memory: += does not add numbers"},
	{"vcpus='two'", 2, 7, "vcpus = \"two\": must be a number from 1"},
	{"kernel=''", 2, 8, "kernel is empty"},
	{"ramdisk=['r']", 2, 9, "ramdisk must be one value"},
	{"extra=['a']", 2, 7, "extra must be one value"},
	{"type='hvm'", 2, 6, "not supported by xn yet: type = \"hvm\""},
	{"type='pvh'", 2, 6, "not supported by xn yet: type = \"pvh\""},
	{"type='p'", 2, 6, "type = \"p\": must be \"pv\""},
	{"builder='hvm'", 2, 9, "not supported by xn yet: builder = \"hvm\""},
	{"builder='pvh'", 2, 9, "builder = \"pvh\": must be \"generic\""},
	{"on_crash='coredump-restart'", 2, 10,
	 "not supported by xn yet: on_crash = \"coredump-restart\""},
	{"on_reboot='rename-restart'", 2, 11, "not supported by xn yet"},
	{"on_poweroff='Destroy'", 2, 13,
	 "must be destroy, restart or preserve"},
	{"disk='/a,raw,xvda'", 2, 6, "disk must be a list"},
	{"disk=[['/a,raw,xvda']]", 2, 7, "disk: must be a string"},
	{"disk=['/a,raw,xvda',\n '/b,foo,xvdb']", 3, 2,
	 "disk: unknown value for format: near `foo'"},
	{"disk=['/a,raw,xvda']\ndisk+=['/b']", 3, 8, "disk: no vdev specified"},
	{"vif=''", 2, 5, "vif must be a list"},
	{"vif=['bridge=a','mac=x']", 2, 17, "vif: mac=x: must be six bytes"},
	{"vif=['rate=9']", 2, 6, "vif: rate=9: must be a speed such as"},
	{"pci=['0:1.0']", 2, 1, "not supported by xn yet: pci; remove it"},
	{"bootloader='pygrub'", 2, 1, "bootloader; give kernel and ramdisk"},
	{"cpus='0-3'", 2, 1, "not supported by xn yet: cpus"},
	{"pvshim=1", 2, 1, "not supported by xn yet: pvshim"},
	{"usb=1", 2, 1, "not supported by xn yet: usb"},
	{"vfb=['type=vnc']", 2, 1, "not supported by xn yet: vfb"},
};

static void test_bad(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[512];
		const struct note *note;
		struct result r;

		snprintf(text, sizeof(text), BASE "%s", bad[i].text);
		build(&r, text);
		assert_null(r.config);
		if (r.notes.errors != 1)
			fail_msg("%s: %u errors", bad[i].text, r.notes.errors);
		note = &r.notes.list[0];
		while (!note->error)
			note++;
		if (!strstr(note->text, bad[i].says) ||
		    note->pos.line != bad[i].line ||
		    note->pos.column != bad[i].column)
			fail_msg("%s: %u:%u: %s", bad[i].text, note->pos.line,
				 note->pos.column, note->text);
		drop(&r);
	}
}

static void test_missing(void **state)
{
	static const char *const says[] = {
		"name is missing", "memory is missing", "kernel is missing"};
	struct result r;
	size_t i;

	(void)state;
	build(&r, "vcpus=1");
	assert_null(r.config);
	assert_int_equal(r.notes.count, 3);
	for (i = 0; i < 3; i++) {
		assert_string_equal(r.notes.list[i].text, says[i]);
		assert_string_equal(r.notes.list[i].pos.source, "f");
		assert_int_equal(r.notes.list[i].pos.line, 0);
	}
	drop(&r);
}

static const struct {
	const char *text, *says; /* NULL: silence */
} warnings[] = {
	{"", NULL},
	{"vcpu=1", "vcpu is unknown and ignored; is vcpus meant?"},
	{"memmory=1", "is memory meant?"},
	{"disks=[]", "is disk meant?"},
	{"on_crsah='destroy'", "is on_crash meant?"},
	{"qqqqqqqqqq=1", "qqqqqqqqqq is unknown and ignored"},
	{"vnc=1", "vnc is ignored: only an HVM guest has it"},
	{"localtime=1", "localtime is ignored"},
	{"cmdline='a'\nroot='b'", "root and extra are ignored"},
	{"vif=['accel=x']", "vif: accel= is not supported, and ignored"},
	{"vif=['bridge=b','netdev=x']", "vif: netdev= is deprecated"},
};

static void test_warnings(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++) {
		char text[512];
		struct result r;

		snprintf(text, sizeof(text), BASE "%s", warnings[i].text);
		build(&r, text);
		assert_non_null(r.config);
		assert_int_equal(r.notes.count, warnings[i].says ? 1 : 0);
		if (warnings[i].says &&
		    !strstr(r.notes.list[0].text, warnings[i].says))
			fail_msg("%s: %s", text, r.notes.list[0].text);
		drop(&r);
	}
}

static const struct {
	const char *key;
	unsigned int line, column; /* 0: nowhere */
} places[] = {
	{"name", 1, 6},		 {"memory", 2, 8},
	{"maxmem", 2, 8},	 {"vcpus", 0, 0},
	{"cmdline", 3, 7},	 {"disks[0].target", 4, 10},
	{"disks[1].vdev", 5, 3}, {"disks[2].vdev", 6, 9},
	{"disks[7].vdev", 6, 1}, {"disks", 4, 8},
	{"vifs[0]", 0, 0},	 {"kernel", 0, 0},
	{"disks[", 4, 10},	 {"nonsense", 0, 0},
};

static void test_places(void **state)
{
	static const char text[] = "name='g'\n"
				   "memory=64\n"
				   "extra='q'\n"
				   "disk = [ '/a,raw,xvda',\n"
				   "  '/b,raw,xvdb' ]\n"
				   "disk+= ['/c,raw,xvdc']\n";
	struct notes notes = {0};
	struct cfg *cfg = cfg_new();
	size_t i;

	(void)state;
	cfg_parse_text(cfg, "f", text, strlen(text), &notes);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct cfg_pos pos = {0};

		assert_int_equal(cfg_domain_where(cfg, places[i].key, &pos),
				 places[i].line != 0);
		if (pos.line != places[i].line ||
		    pos.column != places[i].column)
			fail_msg("%s: %u:%u", places[i].key, pos.line,
				 pos.column);
	}
	notes_drop(&notes);
	cfg_free(cfg);
}

static void test_keys(void **state)
{
	const struct cfg_key *k;

	(void)state;
	for (k = cfg_keys; k->name; k++) {
		assert_ptr_equal(cfg_key_find(k->name), k);
		assert_string_equal(cfg_key_nearest(k->name), k->name);
		if (k > cfg_keys)
			assert_true(strcmp(k[-1].name, k->name) < 0);
		if (k->use == CFG_KEY_IGNORED)
			assert_non_null(k->note);
	}
	assert_null(cfg_key_find("vcpu"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	cmocka_unit_test(test_bad),
		cmocka_unit_test(test_missing), cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_places),	cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
