/* SPDX-License-Identifier: MIT */
/* Adding figures up, and showing them. */
#include "daemon/device/figures_json.h"

#include <string.h>

#include "daemon/host/figures.h"
#include "json/json.h"

/* Word by word. */
static void add(void *sum, const void *figures, size_t bytes)
{
	size_t at;

	for (at = 0; at + sizeof(uint64_t) <= bytes; at += sizeof(uint64_t)) {
		uint64_t to, from;

		memcpy(&to, (const char *)sum + at, sizeof(to));
		memcpy(&from, (const char *)figures + at, sizeof(from));
		if (__builtin_add_overflow(to, from, &to))
			to = UINT64_MAX;
		memcpy((char *)sum + at, &to, sizeof(to));
	}
}

struct json *figure_json(uint64_t n)
{
	return json_new_int(n < INT64_MAX ? (int64_t)n : INT64_MAX);
}

void figures_set(struct json *into, const void *figures,
		 const struct figure *which, size_t n)
{
	uint64_t v;
	size_t i;

	for (i = 0; i < n; i++) {
		memcpy(&v, (const char *)figures + which[i].offset, sizeof(v));
		json_set(into, which[i].name, figure_json(v));
	}
}

static struct json *shown(const struct figures_of_queues *of, const void *f)
{
	struct json *v = json_new_object();

	of->show(v, f);
	return v;
}

struct json *figures_sum_json(const struct figures_of_queues *of, void *sum,
			      void *one)
{
	struct json *queues = json_new_array();
	struct json *v;
	unsigned int i;

	for (i = 0; i < of->queues; i++) {
		if (figures_read(of->fd, i, one, of->bytes) < 0) {
			json_free(queues);
			return json_new_null();
		}
		add(sum, one, of->bytes);
		json_push(queues, shown(of, one));
	}
	v = shown(of, sum);
	json_set(v, "queues", queues);
	return v;
}
