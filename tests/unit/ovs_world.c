/* SPDX-License-Identifier: MIT */
/* A client, a server, and what they say to each other. */
#include "tests/unit/ovs_world.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <event2/event.h>

#include "daemon/net/ovs.h"
#include "json/json.h"

int __real_event_add(struct event *ev, const struct timeval *limit);
int __wrap_event_add(struct event *ev, const struct timeval *limit);

bool impatient;

int __wrap_event_add(struct event *ev, const struct timeval *limit)
{
	const struct timeval shorter = {0, 50000};
	bool is_call = limit && limit->tv_sec == 10;

	return __real_event_add(ev, impatient && is_call ? &shorter : limit);
}

void on_done(const struct err *e, void *arg)
{
	struct world *w = arg;

	w->calls++;
	memset(&w->e, 0, sizeof(w->e));
	if (e)
		w->e = *e;
}

int open_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct err e;

	w->base = event_base_new();
	fake_ovsdb_open(&w->server, w->base, "db.sock");
	w->ovs = ovs_open(w->base, w->server.path, &e);
	*state = w;
	return w->ovs ? 0 : -1;
}

int close_world(void **state)
{
	struct world *w = *state;

	ovs_close(w->ovs);
	fake_ovsdb_close(&w->server);
	event_base_free(w->base);
	free(w);
	return 0;
}

void turn_until(struct world *w, unsigned int calls)
{
	while (w->calls < calls)
		assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
	assert_int_equal(w->calls, calls);
}

struct ovs_call *has_bridge(struct world *w)
{
	struct ovs_call *c = ovs_has_bridge(w->ovs, "br0", on_done, w, &w->e);

	assert_non_null(c);
	return c;
}

int64_t hear_id(struct world *w)
{
	struct json *v = fake_ovsdb_hear(&w->server);
	int64_t id = json_get_int(v, "id", -1);

	assert_true(id > 0);
	assert_string_equal(json_get_string(v, "method"), "transact");
	assert_string_equal(json_string(json_at(json_get(v, "params"), 0)),
			    "Open_vSwitch");
	json_free(v);
	return id;
}

void say(struct world *w, const char *text)
{
	fake_ovsdb_say(&w->server, text, strlen(text));
}

void answer(struct world *w, int64_t id, const char *result)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 "{\"id\":%" PRId64 ",\"error\":null,\"result\":%s}", id,
		 result);
	say(w, text);
}

void assert_why(const struct world *w, int code, const char *why)
{
	if (w->e.code != code || !strstr(w->e.text, why))
		fail_msg("%d: %s", w->e.code, w->e.text);
}
