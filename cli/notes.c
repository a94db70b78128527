/* SPDX-License-Identifier: MIT */
/* Collecting errors and warnings about a configuration. */
#include "cli/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/say.h"

static void add(struct notes *n, bool error, const struct cfg_pos *pos,
		const char *fmt, va_list args)
	__attribute__((format(printf, 4, 0)));

static void add(struct notes *n, bool error, const struct cfg_pos *pos,
		const char *fmt, va_list args)
{
	struct note *list;

	if (error)
		n->errors++;
	list = reallocarray(n->list, n->count + 1, sizeof(*list));
	if (!list)
		return; /* counted all the same: an error stays an error */
	n->list = list;
	list += n->count++;
	list->error = error;
	list->pos = *pos;
	vsnprintf(list->text, sizeof(list->text), fmt, args);
}

void notes_error(struct notes *n, const struct cfg_pos *pos, const char *fmt,
		 ...)
{
	va_list args;

	va_start(args, fmt);
	add(n, true, pos, fmt, args);
	va_end(args);
}

void notes_warn(struct notes *n, const struct cfg_pos *pos, const char *fmt,
		...)
{
	va_list args;

	va_start(args, fmt);
	add(n, false, pos, fmt, args);
	va_end(args);
}

/* Sources keep the order in which they were first spoken of. */
static size_t source_order(const struct notes *n, const struct note *note)
{
	size_t i = 0;

	while (n->list[i].pos.source != note->pos.source)
		i++;
	return i;
}

static bool is_before(const struct notes *n, const struct note *a,
		      const struct note *b)
{
	size_t of_a = source_order(n, a), of_b = source_order(n, b);

	if (of_a != of_b)
		return of_a < of_b;
	if (a->pos.line != b->pos.line)
		return a->pos.line < b->pos.line;
	return a->pos.column < b->pos.column;
}

/* By insertion: there are few, and equals keep their order. */
static void sort(struct notes *n)
{
	size_t i, j;

	for (i = 1; i < n->count; i++) {
		for (j = i; j > 0; j--) {
			struct note later = n->list[j];

			if (!is_before(n, &later, &n->list[j - 1]))
				break;
			n->list[j] = n->list[j - 1];
			n->list[j - 1] = later;
		}
	}
}

void notes_print(struct notes *n, bool with_warnings)
{
	size_t i;

	sort(n);
	for (i = 0; i < n->count; i++) {
		const struct note *note = &n->list[i];

		if (!note->error && !with_warnings)
			continue;
		if (note->pos.line)
			say("%s:%u:%u: %s%s", note->pos.source, note->pos.line,
			    note->pos.column,
			    note->error ? "" : "warning: ", note->text);
		else
			say("%s: %s", note->pos.source, note->text);
	}
}

void notes_drop(struct notes *n)
{
	free(n->list);
	memset(n, 0, sizeof(*n));
}
