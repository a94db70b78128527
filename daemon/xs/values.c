/* SPDX-License-Identifier: MIT */
/* Reading a handful of nodes, some of them written by guests. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "base/err.h"
#include "base/num.h"
#include "daemon/xs/job.h"

struct value {
	char *tag;  /* owned */
	char *path; /* owned */
	char *text; /* owned; NULL when absent */
	bool names; /* of what is below it */
};

struct xs_values {
	struct value *list; /* owned */
	unsigned int count;
	unsigned int room;
};

struct xs_values *values_new(void)
{
	return calloc(1, sizeof(struct xs_values));
}

void values_free(struct xs_values *v)
{
	unsigned int i;

	if (!v)
		return;
	for (i = 0; i < v->count; i++) {
		free(v->list[i].tag);
		free(v->list[i].path);
		free(v->list[i].text);
	}
	free(v->list);
	free(v);
}

__attribute__((format(printf, 4, 0))) static void want(struct xs_values *v,
						       bool names,
						       const char *tag,
						       const char *path,
						       va_list args)
{
	struct value one = {.names = names};

	if (!v)
		return;
	if (v->count == v->room) {
		unsigned int room = v->room ? v->room * 2 : 16;
		struct value *more;

		more = reallocarray(v->list, room, sizeof(*more));
		if (!more)
			return; /* reads as absent */
		v->list = more;
		v->room = room;
	}
	if (vasprintf(&one.path, path, args) < 0)
		return;
	one.tag = strdup(tag);
	if (!one.tag) {
		free(one.path);
		return;
	}
	v->list[v->count++] = one;
}

void values_want(struct xs_values *v, const char *tag, const char *path, ...)
{
	va_list args;

	va_start(args, path);
	want(v, false, tag, path, args);
	va_end(args);
}

void values_want_names(struct xs_values *v, const char *tag, const char *path,
		       ...)
{
	va_list args;

	va_start(args, path);
	want(v, true, tag, path, args);
	va_end(args);
}

/* As xs_read; NULL with errno set. */
static char *read_names(struct xs_handle *requests, const char *path)
{
	unsigned int count, i;
	char **names = xs_directory(requests, XBT_NULL, path, &count);
	char *all = NULL;
	size_t size = 0;
	FILE *out;

	if (!names)
		return NULL;
	out = open_memstream(&all, &size);
	for (i = 0; out && i < count; i++)
		fprintf(out, "%s%s", i ? " " : "", names[i]);
	if (out)
		fclose(out);
	free(names);
	return all;
}

int values_run(struct xs_values *v, struct xs_handle *requests)
{
	struct value *one;
	unsigned int i;
	unsigned int size;
	int rc = 0;

	for (i = 0; i < v->count; i++) {
		one = &v->list[i];
		free(one->text);
		one->text = one->names ? read_names(requests, one->path)
				       : xs_read(requests, XBT_NULL, one->path,
						 &size);
		if (!one->text && errno != ENOENT && errno != EACCES)
			rc = -errno;
	}
	return rc;
}

const char *values_get(const struct xs_values *v, const char *tag)
{
	unsigned int i;

	for (i = 0; i < v->count; i++)
		if (strcmp(v->list[i].tag, tag) == 0)
			return v->list[i].text;
	return NULL;
}

bool values_any(const struct xs_values *v)
{
	unsigned int i;

	for (i = 0; i < v->count; i++)
		if (v->list[i].text)
			return true;
	return false;
}

const char *values_find(const struct xs_values *v, const char *text)
{
	unsigned int i;

	for (i = 0; i < v->count; i++)
		if (v->list[i].text && strcmp(v->list[i].text, text) == 0)
			return v->list[i].tag;
	return NULL;
}

int values_u32(const struct xs_values *v, const char *tag, uint32_t max,
	       uint32_t *n)
{
	const char *text = values_get(v, tag);

	return text ? num_parse_u32(text, max, n) : -ENOENT;
}

int values_need_u32(const struct xs_values *v, const char *tag, uint32_t *n,
		    struct err *e)
{
	int rc = values_u32(v, tag, UINT32_MAX, n);

	if (rc == -ENOENT)
		return err_set(e, EPROTO, "the front end gives no %s", tag);
	if (rc < 0)
		return err_set(e, EPROTO, "the front end's %s is no number",
			       tag);
	return 0;
}
