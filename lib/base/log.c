/* SPDX-License-Identifier: MIT */
/* The one writer of log lines: whole lines, one write each. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The priorities of syslog(3), as the journal reads them from a prefix. */
enum { LEVEL_ERROR = 3, LEVEL_WARN = 4, LEVEL_INFO = 6, LEVEL_DEBUG = 7 };

#define LIMIT_LINES	10
#define LIMIT_WINDOW_MS 5000

static const char *log_name = "xn";
static bool log_is_debug;
static bool log_to_journal;

void log_open(const char *name, bool debug)
{
	log_name = name;
	log_is_debug = debug;
	log_to_journal = getenv("JOURNAL_STREAM") != NULL;
}

bool log_debugging(void)
{
	return log_is_debug;
}

static void log_line(int level, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

static void log_line(int level, const char *fmt, va_list args)
{
	char line[1024];
	size_t used;
	int n;

	if (log_to_journal)
		n = snprintf(line, sizeof(line), "<%d>", level);
	else
		n = snprintf(line, sizeof(line), "%s: ", log_name);
	used = (size_t)n;
	n = vsnprintf(line + used, sizeof(line) - used - 1, fmt, args);
	if (n < 0)
		return;
	used += (size_t)n;
	if (used > sizeof(line) - 2)
		used = sizeof(line) - 2;
	line[used++] = '\n';
	/* Nobody is left to tell when this fails. */
	if (write(STDERR_FILENO, line, used) < 0)
		return;
}

#define LOG_AT(level)                       \
	do {                                \
		va_list args;               \
		va_start(args, fmt);        \
		log_line(level, fmt, args); \
		va_end(args);               \
	} while (0)

void log_error(const char *fmt, ...)
{
	LOG_AT(LEVEL_ERROR);
}

void log_warn(const char *fmt, ...)
{
	LOG_AT(LEVEL_WARN);
}

void log_info(const char *fmt, ...)
{
	LOG_AT(LEVEL_INFO);
}

void log_debug(const char *fmt, ...)
{
	if (log_is_debug)
		LOG_AT(LEVEL_DEBUG);
}

bool log_allowed(struct log_limit *limit)
{
	struct timespec now;
	uint64_t now_ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	if (now_ms - limit->since_ms >= LIMIT_WINDOW_MS) {
		if (limit->left_out)
			log_warn("%u lines like the next were left out",
				 limit->left_out);
		limit->since_ms = now_ms;
		limit->lines = 0;
		limit->left_out = 0;
	}
	if (limit->lines >= LIMIT_LINES) {
		limit->left_out++;
		return false;
	}
	limit->lines++;
	return true;
}

void log_limited(struct log_limit *limit, const char *fmt, ...)
{
	if (log_allowed(limit))
		LOG_AT(LEVEL_WARN);
}
