/* SPDX-License-Identifier: MIT */
/* VLANs and prefixes: what is read, how it is said back, what is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/net/prefix.h"
#include "daemon/net/segments.h"
#include "daemon/net/vlan.h"

/* ---- VLANs ---- */

static const struct {
	const char *text;
	const char *said;
	unsigned int pvid;
} vlans[] = {
	{"10", "10p", 10},
	{"10p", "10p", 10},
	{"10u", "10p", 10},
	{"4094", "4094p", 4094},
	{"1p/4094", "1p/4094", 1},
	{"010p", "10p", 10},
	{"20/10p", "10p/20", 10},
	{"10p/20u", "10p/20u", 10},
	{"10p/20-30", "10p/20-30", 10},
	{"10p/20-20", "10p/20", 10},
	{"10p/20-30u", "10p/20-30u", 10},
	{"10p/100+10x4", "10p/100+10x4", 10},
	{"10p/100+10x4u", "10p/100+10x4u", 10},
	{"10p/100+7x1", "10p/100", 10},
	{"10p/100+10x2", "10p/100/110", 10},
	{"10p/100+1x3", "10p/100-102", 10},
	/* One row in another, and each with its own flag. */
	{"15p/10+10x3/13+10x3", "10/13/15p/20/23/30/33", 15},
	{"5p/10/20u/30/40u/50", "5p/10+20x3/20u/40u", 5},
	{"3p/1-2/4-6", "1-2/3p/4-6", 3},
	{"1p/2+2x2000", "1p/2+2x2000", 1},
	{"1p/2-4094", "1p/2-4094", 1},
};

static void reads_vlans(void **state)
{
	char said[VLAN_TEXT_BYTES], again[VLAN_TEXT_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(vlans) / sizeof(vlans[0]); i++) {
		struct vlans v, back;
		struct err e;

		assert_int_equal(vlan_parse(vlans[i].text, &v, &e), 0);
		vlan_print(&v, said);
		assert_string_equal(said, vlans[i].said);
		assert_int_equal(v.pvid, vlans[i].pvid);
		assert_int_equal(vlan_parse(said, &back, &e), 0);
		assert_memory_equal(&v, &back, sizeof(v));
		vlan_print(&back, again);
		assert_string_equal(again, said);
	}
}

static const char *const no_vlans[] = {
	"",	      "p",	    "0",
	"0p",	      "4095",	    "10pp",
	"10pu",	      "10x",	    "10/",
	"/10",	      "10//20",	    "30-20p",
	"10p/30-",    "10p/9-5",    "10p/4090-4095",
	"10p/20-30p", "10p/1+2",    "10p/1+0x2",
	"10p/1+2x0",  "10p/5+2x3p", "10p/10",
	"10p/5-15",   "10p/20p",    "10/20",
	"10u/20u",    "99999",	    "10p/123456",
	" 10",	      "10 ",	    "-10",
	"+10x2",      "10p,20",	    "10p/4000+50x3",
	"10p/20/20u", "10P",
};

static void refuses_vlans(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no_vlans) / sizeof(no_vlans[0]); i++) {
		struct vlans v = {.pvid = 77};
		struct err e = {0};

		if (vlan_parse(no_vlans[i], &v, &e) != -EINVAL)
			fail_msg("\"%s\" was taken", no_vlans[i]);
		assert_true(e.text[0] != '\0');
		assert_int_equal(v.pvid, 77);
	}
}

static void says_which_vlan(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"10p/20/4095", "VLAN 4095 is not from 1 to 4094"},
		{"10p/20/5-25", "VLAN 10 is named twice"},
		{"10p/20p", "both 10p and 20p: there is one PVID"},
		{"10p/x\n", "\"x\\x0a\" is no VLAN such as 10, 10p, 10u, "
			    "20-30 or 100+10x4"},
	};
	struct vlans v;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(vlan_parse(rows[i].text, &v, &e), -EINVAL);
		assert_string_equal(e.text, rows[i].why);
	}
}

/* Gaps that grow make no rows: at some length there is no room to say them. */
static void refuses_what_it_could_not_say(void **state)
{
	char text[1024] = "1p";
	size_t used = 2;
	unsigned int id = 2, gap = 1, kept = 0;
	struct vlans v;
	struct err e;

	(void)state;
	for (; id < 4000 && used < sizeof(text) - 8; id += ++gap) {
		used += (size_t)sprintf(text + used, "/%u", id);
		if (vlan_parse(text, &v, &e) < 0)
			break;
		kept++;
	}
	assert_non_null(strstr(e.text, "too scattered"));
	assert_true(used >= VLAN_TEXT_BYTES);
	assert_true(kept > 40);
}

static void tells_of_one_vlan(void **state)
{
	struct vlans v;
	struct err e;

	(void)state;
	assert_int_equal(vlan_parse("10p/20-21/30u", &v, &e), 0);
	assert_true(vlan_passes(&v, 10) && vlan_untagged(&v, 10));
	assert_true(vlan_passes(&v, 20) && !vlan_untagged(&v, 20));
	assert_true(vlan_passes(&v, 21) && !vlan_untagged(&v, 21));
	assert_true(vlan_passes(&v, 30) && vlan_untagged(&v, 30));
	assert_false(vlan_passes(&v, 0) || vlan_passes(&v, 22) ||
		     vlan_passes(&v, 4095) || vlan_passes(&v, 65536));
}

static void tells_of_one_alone(void **state)
{
	static const struct {
		const char *text;
		bool one;
	} rows[] = {
		{"10", true},	   {"10p", true},      {"4094", true},
		{"10p/20", false}, {"10p/20u", false}, {"1/4094p", false},
	};
	struct vlans v = {0};
	struct err e;
	size_t i;

	(void)state;
	assert_true(vlan_is_one(&v));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(vlan_parse(rows[i].text, &v, &e), 0);
		if (vlan_is_one(&v) != rows[i].one)
			fail_msg("%s", rows[i].text);
	}
}

/* A bridge and a VLAN are one, whatever else there is. */
static void numbers_segments(void **state)
{
	struct segments *s;
	uint32_t plain, ten;
	struct err e;

	(void)state;
	s = segments_new(&e);
	assert_non_null(s);
	plain = segments_number(s, 4, 0);
	ten = segments_number(s, 4, 10);
	assert_true(plain > 0 && ten > 0 && plain != ten);
	assert_true(segments_number(s, 5, 0) != plain);
	assert_true(segments_number(s, 5, 10) != ten);
	assert_int_equal(segments_number(s, 4, 0), plain);
	assert_int_equal(segments_number(s, 4, 10), ten);
	segments_free(s);
}

/* ---- prefixes ---- */

static const struct {
	const char *text;
	const char *said;
	int family;
	unsigned int bits;
} prefixes[] = {
	{"192.0.2.7", "192.0.2.7", AF_INET, 32},
	{"192.0.2.7/32", "192.0.2.7", AF_INET, 32},
	{"192.0.2.0/24", "192.0.2.0/24", AF_INET, 24},
	{"192.0.2.128/25", "192.0.2.128/25", AF_INET, 25},
	{"0.0.0.0/0", "0.0.0.0/0", AF_INET, 0},
	{"2001:DB8::1", "2001:db8::1", AF_INET6, 128},
	{"2001:db8::/64", "2001:db8::/64", AF_INET6, 64},
	{"fe80:0:0:0:0:0:0:1/128", "fe80::1", AF_INET6, 128},
	{"::/0", "::/0", AF_INET6, 0},
	{"::ffff:192.0.2.1", "::ffff:192.0.2.1", AF_INET6, 128},
};

static void reads_prefixes(void **state)
{
	char said[PREFIX_TEXT_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		struct prefix p, back;
		struct err e;

		assert_int_equal(prefix_parse(prefixes[i].text, &p, &e), 0);
		assert_int_equal(p.family, prefixes[i].family);
		assert_int_equal(p.bits, prefixes[i].bits);
		prefix_print(&p, said);
		assert_string_equal(said, prefixes[i].said);
		assert_int_equal(prefix_parse(said, &back, &e), 0);
		assert_memory_equal(&p, &back, sizeof(p));
	}
}

static const char *const no_prefixes[] = {
	"",
	"/",
	"/24",
	"192.0.2",
	"192.0.2.256",
	"192.0.2.1.1",
	"192.0.2.1/",
	"192.0.2.1/33",
	"192.0.2.1/-1",
	"192.0.2.1/24/8",
	"192.0.2.1/ 8",
	" 192.0.2.1",
	"192.0.2.1 ",
	"2001:db8::/129",
	"2001:db8:::",
	"1::2::3",
	"fe80::1%eth0",
	"web",
	"192.0.2.1/24",
	"2001:db8::1/64",
	"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc/64",
};

static void refuses_prefixes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no_prefixes) / sizeof(no_prefixes[0]); i++) {
		struct prefix p = {.family = 77};
		struct err e = {0};

		if (prefix_parse(no_prefixes[i], &p, &e) != -EINVAL)
			fail_msg("\"%s\" was taken", no_prefixes[i]);
		assert_true(e.text[0] != '\0');
		assert_int_equal(p.family, 77);
	}
}

static void says_what_else_a_prefix_may_be(void **state)
{
	struct prefix p;
	struct err e;

	(void)state;
	prefix_parse("192.0.2.7/29", &p, &e);
	assert_string_equal(e.text,
			    "192.0.2.7/29 has bits set behind the first 29: "
			    "say 192.0.2.7 for that address alone, or "
			    "192.0.2.0/29 for all of them");
}

static void knows_what_covers_what(void **state)
{
	static const struct {
		const char *a, *b;
		bool covers;
	} rows[] = {
		{"192.0.2.0/24", "192.0.2.7", true},
		{"192.0.2.0/24", "192.0.2.0/25", true},
		{"192.0.2.0/25", "192.0.2.0/24", false},
		{"192.0.2.0/25", "192.0.2.128", false},
		{"0.0.0.0/0", "192.0.2.7", true},
		{"0.0.0.0/0", "::", false},
		{"2001:db8::/33", "2001:db8:7fff::/48", true},
		{"2001:db8::/33", "2001:db8:8000::/48", false},
		{"192.0.2.7", "192.0.2.7", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct prefix a, b;

		assert_int_equal(prefix_parse(rows[i].a, &a, NULL), 0);
		assert_int_equal(prefix_parse(rows[i].b, &b, NULL), 0);
		assert_int_equal(prefix_covers(&a, &b), rows[i].covers);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_vlans),
		cmocka_unit_test(refuses_vlans),
		cmocka_unit_test(says_which_vlan),
		cmocka_unit_test(refuses_what_it_could_not_say),
		cmocka_unit_test(tells_of_one_vlan),
		cmocka_unit_test(tells_of_one_alone),
		cmocka_unit_test(numbers_segments),
		cmocka_unit_test(reads_prefixes),
		cmocka_unit_test(refuses_prefixes),
		cmocka_unit_test(says_what_else_a_prefix_may_be),
		cmocka_unit_test(knows_what_covers_what),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
