/* SPDX-License-Identifier: MIT */
/* A xentoollog logger that keeps the lines that explain a failure. */
#include "build/message.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <xentoollog.h>

#include "base/log.h"
#include "base/text.h"

static char first_error[MESSAGE_BYTES];
static char last_unpacking[MESSAGE_BYTES];

/* Past "word: ", when what stands before the colon is one word. */
static const char *skip_word(const char *text)
{
	const char *end = strstr(text, ": ");

	if (!end || memchr(text, ' ', (size_t)(end - text)))
		return text;
	return end + 2;
}

/* The names of xc_error_code, which end every message of xc_dom_panic. */
static void cut_code_name(char *text)
{
	static const char *const names[] = {
		": Internal error",
		": Invalid kernel",
		": Invalid parameter",
		": Out of memory",
	};
	size_t size = strlen(text);
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (size > n && strcmp(text + size - n, names[i]) == 0)
			text[size - n] = '\0';
	}
}

void message_trim(const char *text, char out[MESSAGE_BYTES])
{
	size_t size;

	if (text_begins(text, "panic: "))
		text = skip_word(text + strlen("panic: "));
	if (text_begins(text, "xc_") || text_begins(text, "_xc_"))
		text = skip_word(text);
	if (text_begins(text, "ERROR: "))
		text += strlen("ERROR: ");
	snprintf(out, MESSAGE_BYTES, "%s", text);
	size = strlen(out);
	while (size && isspace((unsigned char)out[size - 1]))
		out[--size] = '\0';
	cut_code_name(out);
}

/* Images are foreign bytes, and libelf prints some of them. */
static void keep(const char *line, char out[MESSAGE_BYTES])
{
	char trimmed[MESSAGE_BYTES];

	message_trim(line, trimmed);
	text_escape(trimmed, out, MESSAGE_BYTES);
}

/* libxenguest's bzImage loader gives up with one of these, as a remark. */
static bool is_unpacking(const char *line)
{
	static const char *const words[] = {
		"error: ",	  "output too large", "insufficient input",
		"invalid header", "inflate failed",
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(line, words[i]))
			return true;
	return false;
}

static void on_line(struct xentoollog_logger *logger, xentoollog_level level,
		    int code, const char *context, const char *fmt,
		    va_list args) __attribute__((format(printf, 5, 0)));

static void on_line(struct xentoollog_logger *logger, xentoollog_level level,
		    int code, const char *context, const char *fmt,
		    va_list args)
{
	char line[512];
	size_t size;

	(void)logger;
	(void)code;
	vsnprintf(line, sizeof(line), fmt, args);
	size = strlen(line);
	if (size && line[size - 1] == '\n')
		line[size - 1] = '\0';
	log_debug("%s: %s", context ? context : "xen", line);
	if (level >= XTL_ERROR && !first_error[0])
		keep(line, first_error);
	else if (is_unpacking(line))
		keep(line, last_unpacking);
}

static struct xentoollog_logger logger_vtable = {.vmessage = on_line};

struct xentoollog_logger *message_logger(void)
{
	return &logger_vtable;
}

void message_forget(void)
{
	first_error[0] = '\0';
	last_unpacking[0] = '\0';
}

const char *message_error(void)
{
	return first_error;
}

const char *message_unpacking(void)
{
	return last_unpacking;
}
