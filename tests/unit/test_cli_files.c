/* SPDX-License-Identifier: MIT */
/*
 * The files of tests/lab/xlcfg, which a lab test gives to xl too: good ones
 * become configurations, all others get errors that name their line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "cli/cfg.h"
#include "cli/cfg_domain.h"
#include "cli/cfg_file.h"
#include "cli/cfg_parse.h"
#include "cli/notes.h"
#include "json/json.h"

static void check(const char *path)
{
	bool good = text_begins(strrchr(path, '/'), "/good-");
	struct json *config = NULL;
	struct notes notes = {0};
	struct cfg *cfg = cfg_new();
	scoped_str text = NULL;
	struct err e;
	size_t size;

	assert_int_equal(cfg_file_read(path, &text, &size, &e), 0);
	cfg_parse_text(cfg, path, text, size, &notes);
	if (!notes.errors)
		config = cfg_domain_build(cfg, path, "/", &notes);
	if (good != (config != NULL))
		fail_msg("%s: %u errors, %s", path, notes.errors,
			 notes.count ? notes.list[0].text : "no notes");
	json_free(config);
	notes_drop(&notes);
	cfg_free(cfg);
}

static void test_files(void **state)
{
	const char *top = getenv("top_srcdir");
	scoped_str pattern = NULL;
	glob_t files;
	size_t i;

	(void)state;
	pattern = text_format("%s/tests/lab/xlcfg/*.cfg", top ? top : ".");
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 30);
	for (i = 0; i < files.gl_pathc; i++)
		check(files.gl_pathv[i]);
	globfree(&files);
}

static void test_unreadable(void **state)
{
	static const char *const paths[] = {"/nonexistent/x.cfg", "/"};
	struct err e;
	char *text;
	size_t size, i;

	(void)state;
	for (i = 0; i < 2; i++) {
		assert_true(cfg_file_read(paths[i], &text, &size, &e) < 0);
		assert_true(text_begins(e.text, paths[i]));
	}
	assert_true(cfg_file_read("/dev/zero", &text, &size, &e) < 0);
	assert_non_null(strstr(e.text, "longer than"));
	assert_int_equal(cfg_file_read("/dev/null", &text, &size, &e), 0);
	assert_int_equal(size, 0);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
