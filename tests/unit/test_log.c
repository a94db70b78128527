/* SPDX-License-Identifier: MIT */
/* Log lines as they leave the process, and the limit on those of a guest. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"

static int saved_stderr = -1;
static int pipe_read = -1;
static char got[16384];

/* From here to log_end, stderr is a pipe that holds 64 KiB. */
static void log_begin(void)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	saved_stderr = dup(STDERR_FILENO);
	assert_true(saved_stderr >= 0);
	assert_true(dup2(fds[1], STDERR_FILENO) >= 0);
	close(fds[1]);
	pipe_read = fds[0];
}

/* What was written, as one string. */
static const char *log_end(void)
{
	size_t used = 0;
	ssize_t n;

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	while ((n = read(pipe_read, got + used, sizeof(got) - 1 - used)) > 0)
		used += (size_t)n;
	close(pipe_read);
	got[used] = '\0';
	return got;
}

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	while ((text = strstr(text, what))) {
		n++;
		text++;
	}
	return n;
}

static void say_all(void)
{
	log_error("d%u: error", 1u);
	log_warn("d%u: warn", 2u);
	log_info("d%u: info", 3u);
	log_debug("d%u: debug", 4u);
}

static void test_by_hand(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_open("xnd", false);
	assert_false(log_debugging());
	log_begin();
	say_all();
	assert_string_equal(log_end(),
			    "xnd: d1: error\nxnd: d2: warn\nxnd: d3: info\n");
}

static void test_debug(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_open("xnd", true);
	assert_true(log_debugging());
	log_begin();
	say_all();
	assert_string_equal(log_end(), "xnd: d1: error\nxnd: d2: warn\n"
				       "xnd: d3: info\nxnd: d4: debug\n");
}

static void test_journal(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_open("xnd", true);
	log_begin();
	say_all();
	assert_string_equal(log_end(), "<3>d1: error\n<4>d2: warn\n"
				       "<6>d3: info\n<7>d4: debug\n");
	unsetenv("JOURNAL_STREAM");
}

static void test_long(void **state)
{
	char text[4096];
	const char *line;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_open("xnd", false);
	log_begin();
	log_error("%s", text);
	log_error("next");
	line = log_end();
	assert_int_equal(count(line, "\n"), 2);
	assert_non_null(strstr(line, "aaa\nxnd: next\n"));
	assert_true(strlen(line) < 1100);
}

static void test_limit(void **state)
{
	struct log_limit limit = {.lines = 0};
	const char *text;
	int i;

	(void)state;
	log_open("xnd", false);
	log_begin();
	for (i = 0; i < 100; i++)
		log_limited(&limit, "line %d.", i);
	text = log_end();
	assert_int_equal(count(text, "\n"), 10);
	assert_non_null(strstr(text, "line 9."));

	/* Five seconds on, it says what is missing and begins anew. */
	limit.since_ms -= 5000;
	log_begin();
	for (i = 0; i < 100; i++)
		log_limited(&limit, "later %d.", i);
	text = log_end();
	assert_int_equal(count(text, "\n"), 11);
	assert_non_null(strstr(text, "90 lines"));
	assert_int_equal(count(text, "left out"), 1);
	assert_int_equal(count(text, "later"), 10);
}

/* One guest's noise does not silence another's. */
static void test_limits_are_apart(void **state)
{
	struct log_limit a = {.lines = 0};
	struct log_limit b = {.lines = 0};
	int i;

	(void)state;
	log_open("xnd", false);
	log_begin();
	for (i = 0; i < 20; i++)
		log_limited(&a, "noise");
	log_limited(&b, "word");
	assert_int_equal(count(log_end(), "word"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),
		cmocka_unit_test(test_debug),
		cmocka_unit_test(test_journal),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_limits_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
