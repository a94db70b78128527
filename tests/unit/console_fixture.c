/* SPDX-License-Identifier: MIT */
/* A guest's console without a guest. */
#include "tests/unit/console_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <event2/event.h>
#include <cmocka.h>

static size_t on_room(void *arg)
{
	return ((struct fixture *)arg)->room;
}

static void on_input(const char *data, size_t size, void *arg)
{
	struct fixture *f = arg;

	assert_true(size <= f->room && size < sizeof(f->typed));
	memcpy(f->typed, data, size);
	f->typed_bytes = size;
}

static void on_gone(struct peer *p, void *arg)
{
	struct fixture *f = arg;

	f->gone = p;
}

const struct peer_ops fixture_ops = {on_room, on_input, on_gone};

int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->base = event_base_new();
	f->room = 16;
	*state = f;
	return history_init(&f->history);
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	history_free(&f->history);
	event_base_free(f->base);
	free(f);
	return 0;
}

void fixture_settle(struct fixture *f)
{
	int left = 60000;

	do {
		struct timeval soon = {.tv_usec = 1000};

		event_base_loopexit(f->base, &soon);
		event_base_dispatch(f->base);
		assert_true(left-- > 0);
	} while (event_base_get_num_events(f->base, EVENT_BASE_COUNT_ACTIVE));
}

void fixture_say(struct fixture *f, const char *text)
{
	history_add(&f->history, text, strlen(text));
}

void fixture_expect(int fd, const char *text)
{
	char got[256];
	ssize_t n = read(fd, got, sizeof(got) - 1);

	assert_true(n >= 0);
	got[n] = '\0';
	assert_string_equal(got, text);
}
