/* SPDX-License-Identifier: MIT */
/*
 * Log lines on stderr. Under systemd (JOURNAL_STREAM is set) each begins
 * with its syslog priority, as sd-daemon(3) describes; on a terminal or in a
 * file, with the program's name. A line begins with whom it is about:
 * "d3/vbd-51712: ". What a guest wrote goes through text_escape first.
 */
#ifndef XN_BASE_LOG_H
#define XN_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* name is borrowed. debug: log_debug lines are printed too. */
void log_open(const char *name, bool debug);
bool log_debugging(void);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * For lines that a guest can cause (XSA-43): at most 10 in 5 seconds from one
 * limit, and then one line that says how many were left out. Zeroed to begin.
 */
struct log_limit {
	uint64_t since_ms;
	unsigned int lines;
	unsigned int left_out;
};

/* True when one more line may be printed now; counts it either way. */
bool log_allowed(struct log_limit *limit);

/* log_warn, when log_allowed. */
void log_limited(struct log_limit *limit, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
