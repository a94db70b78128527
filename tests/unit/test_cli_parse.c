/* SPDX-License-Identifier: MIT */
/* The grammar of xl.cfg: what is in it, and where it says it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli/cfg.h"
#include "cli/cfg_parse.h"
#include "cli/notes.h"

/* Settings are written back as key=value; with lists in [], strings in <>. */
static size_t dump_value(const struct cfg_value *v, char *out, size_t size)
{
	size_t used = 0, i;

	if (v->type != CFG_LIST)
		return (size_t)snprintf(out, size,
					v->type == CFG_STRING ? "<%s>" : "%s",
					v->text);
	used += (size_t)snprintf(out, size, "[");
	for (i = 0; i < v->count; i++) {
		if (i)
			used += (size_t)snprintf(out + used, size - used, ",");
		used += dump_value(v->items[i], out + used, size - used);
	}
	return used + (size_t)snprintf(out + used, size - used, "]");
}

static void dump(const struct cfg *cfg, char *out, size_t size)
{
	const struct cfg_setting *s;
	size_t used = 0;

	out[0] = '\0';
	TAILQ_FOREACH(s, cfg, link) {
		used += (size_t)snprintf(out + used, size - used,
					 "%s%s=", used ? " " : "", s->key);
		used += dump_value(s->value, out + used, size - used);
	}
}

static const struct {
	const char *text, *settings;
} good[] = {
	{"", ""},
	{"\n\n  \t\n", ""},
	{"# only a comment", ""},
	{"a=1", "a=1"},
	{"a = 1\n", "a=1"},
	{" a\t=\t1 # why\n", "a=1"},
	{"a=1;b=2", "a=1 b=2"},
	{";;a=1;;", "a=1"},
	{"a.b_9=0x1f", "a.b_9=0x1f"},
	{"a=\"x\"", "a=<x>"},
	{"a='x'", "a=<x>"},
	{"a=\"\"", "a=<>"},
	{"a=\"it's # not; a [comment]\"", "a=<it's # not; a [comment]>"},
	{"a=\"\\\"\\'\\\\\"", "a=<\"'\\>"},
	{"a=\"\\a\\b\\f\\n\\r\\t\\v\"", "a=<\a\b\f\n\r\t\v>"},
	{"a=\"\\x41\\x7A\\x7a\"", "a=<Azz>"},
	{"a=\"\\101\\60a\\0619\"", "a=<A0a19>"},
	{"a=\"\xc3\xa9\"", "a=<\xc3\xa9>"},
	{"a=[]", "a=[]"},
	{"a=[1]", "a=[1]"},
	{"a=[1,]", "a=[1]"},
	{"a=['x',\"y\",3]", "a=[<x>,<y>,3]"},
	{"a=[\n'x' # one\n,\n\n'y',\n]\nb=2", "a=[<x>,<y>] b=2"},
	{"a=[[1,2],[],'x']", "a=[[1,2],[],<x>]"},
	{"a=[[[[[[[[1]]]]]]]]", "a=[[[[[[[[1]]]]]]]]"},
	{"a='x'\na+='y'", "a=<xy>"},
	{"a=1\na+=2", "a=12"},
	{"a=['x']\na += ['y','z']", "a=[<x>,<y>,<z>]"},
	{"a+=['y']", "a=[<y>]"},
	{"a=1\nb=2\na=['x']", "a=[<x>] b=2"},
};

static void test_good(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct notes notes = {0};
		struct cfg *cfg = cfg_new();
		char found[512];

		cfg_parse_text(cfg, "f", good[i].text, strlen(good[i].text),
			       &notes);
		dump(cfg, found, sizeof(found));
		assert_string_equal(found, good[i].settings);
		assert_int_equal(notes.errors, 0);
		notes_drop(&notes);
		cfg_free(cfg);
	}
}

static const struct {
	const char *text;
	unsigned int line, column;
	const char *says;
} bad[] = {
	{"a", 1, 2, "expected \"=\" after the key, found the end"},
	{"a\n=1", 1, 2, "found the end of the line"},
	{"a b", 1, 3, "found \"b\""},
	{"a=", 1, 3, "expected a value, found the end"},
	{"a=\n1", 1, 3, "expected a value, found the end of the line"},
	{"a=b", 1, 3, "a string in quotes, found \"b\""},
	{"a=True", 1, 3, "\"T\" has no meaning"},
	{"a=-1", 1, 3, "\"-\" has no meaning"},
	{"a=1 2", 1, 5, "the end of the line after the value, found \"2\""},
	{"a='x' 'y'", 1, 7, "found a string"},
	{"a=512M", 1, 3, "512M"},
	{"a=1.5", 1, 3, "1.5"},
	{"a=1_000", 1, 3, "is no number"},
	{"A=1", 1, 1, "lower case"},
	{"_a=1", 1, 1, "has no meaning"},
	{"1=1", 1, 1, "expected a key, found \"1\""},
	{"=1", 1, 1, "expected a key, found \"=\""},
	{"a=1\n\n  b = 'x", 3, 7, "does not end on its line"},
	{"a='x\n'", 1, 3, "does not end on its line"},
	{"a=\"x'", 1, 3, "does not end on its line"},
	{"a='\\", 1, 4, "unknown escape"},
	{"a='x\\q'", 1, 5, "unknown escape"},
	{"a='\\x4'", 1, 4, "two hexadecimal digits"},
	{"a='\\xg1'", 1, 4, "two hexadecimal digits"},
	{"a='\\0'", 1, 4, "a byte from 1 to 255"},
	{"a='\\777'", 1, 4, "a byte from 1 to 255"},
	{"a='\xff'", 1, 3, "not UTF-8"},
	{"a='\xed\xa0\x80'", 1, 3, "not UTF-8"},
	{"a='\xc0\xaf'", 1, 3, "not UTF-8"},
	{"a='\xf4\x90\x80\x80'", 1, 3, "not UTF-8"},
	{"\xc3\xa9=1", 1, 1, "has no meaning"},
	{"a=1\r\n", 1, 4, "carriage return"},
	{"a=[1", 1, 5, "expected \",\" or \"]\" in the list, found the end"},
	{"a=[1\nb=2", 2, 1, "in the list, found \"b\""},
	{"a=[1 2]", 1, 6, "in the list"},
	{"a=[,]", 1, 4, "expected a value, found \",\""},
	{"a=[1,,2]", 1, 6, "expected a value, found \",\""},
	{"a=[1;2]", 1, 5, "in the list, found \";\""},
	{"a=[b]", 1, 4, "a string in quotes"},
	{"a=[1]]", 1, 6, "found \"]\""},
	{"a=[[[[[[[[[1]]]]]]]]]", 1, 11, "nest too deeply"},
	{"a=1\na+=['x']", 2, 1, "a list to a list"},
	{"a=['x']\na+='y'", 2, 1, "a list to a list"},
	{"a + = 1", 1, 3, "\"+\" has no meaning"},
	{"import os", 1, 8, "found \"os\""},
	{"print(1)", 1, 6, "\"(\" has no meaning"},
};

static void test_bad(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct notes notes = {0};
		struct cfg *cfg = cfg_new();

		cfg_parse_text(cfg, "f", bad[i].text, strlen(bad[i].text),
			       &notes);
		if (notes.errors != 1 || notes.count != 1)
			fail_msg("%s: %u errors", bad[i].text, notes.errors);
		if (!strstr(notes.list[0].text, bad[i].says) ||
		    notes.list[0].pos.line != bad[i].line ||
		    notes.list[0].pos.column != bad[i].column)
			fail_msg("%s: %u:%u: %s", bad[i].text,
				 notes.list[0].pos.line,
				 notes.list[0].pos.column, notes.list[0].text);
		notes_drop(&notes);
		cfg_free(cfg);
	}
}

static void test_nul(void **state)
{
	static const char *const texts[] = {"a=1\0\n", "a='x\0'"};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct notes notes = {0};
		struct cfg *cfg = cfg_new();

		cfg_parse_text(cfg, "f", texts[i], i ? 6 : 5, &notes);
		assert_int_equal(notes.errors, 1);
		assert_non_null(strstr(notes.list[0].text, "NUL"));
		notes_drop(&notes);
		cfg_free(cfg);
	}
}

static void test_set_twice(void **state)
{
	static const char text[] = "a=1\nb=2\na=3";
	struct notes notes = {0};
	struct cfg *cfg = cfg_new();

	(void)state;
	cfg_parse_text(cfg, "f", text, strlen(text), &notes);
	assert_int_equal(notes.errors, 0);
	assert_int_equal(notes.count, 1);
	assert_false(notes.list[0].error);
	assert_int_equal(notes.list[0].pos.line, 3);
	assert_non_null(strstr(notes.list[0].text, "line 1"));
	notes_drop(&notes);
	cfg_parse_argument(cfg, "a=4", &notes);
	assert_int_equal(notes.count, 0); /* an override is no mistake */
	assert_string_equal(cfg_find(cfg, "a")->value->text, "4");
	cfg_free(cfg);
}

static const struct {
	const char *argument, *settings; /* NULL: an error */
} arguments[] = {
	{"memory=512", "memory=512"},
	{"memory = 512", "memory=512"},
	{"memory=512;vcpus=2", "memory=512 vcpus=2"},
	{"name=web", "name=<web>"},
	{"name=2web", "name=<2web>"},
	{"name=web 2", "name=<web 2>"},
	{"kernel=/boot/vmlinuz", "kernel=</boot/vmlinuz>"},
	{"extra=a=\"b\" c\\d", "extra=<a=\"b\" c\\d>"},
	{"name='web'", "name=<web>"},
	{"extra=\"a b\"", "extra=<a b>"},
	{"disk=['a','b']", "disk=[<a>,<b>]"},
	{"disk+=['c']", "disk=[<c>]"},
	{"extra+=quiet", "extra=<quiet>"},
	{"name=", NULL},
	{"=1", NULL},
	{"disk=['a'", NULL},
	{"name='web", NULL},
	{"name='web' x", NULL},
	{"Name=web", NULL},
	{"name=a\nb", NULL},
};

static void test_arguments(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
		struct notes notes = {0};
		struct cfg *cfg = cfg_new();
		char found[512];

		cfg_parse_argument(cfg, arguments[i].argument, &notes);
		dump(cfg, found, sizeof(found));
		if (arguments[i].settings) {
			assert_string_equal(found, arguments[i].settings);
			assert_int_equal(notes.errors, 0);
		} else {
			assert_int_equal(notes.errors, 1);
			assert_string_equal(notes.list[0].pos.source,
					    "command line");
		}
		notes_drop(&notes);
		cfg_free(cfg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_set_twice),
		cmocka_unit_test(test_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
