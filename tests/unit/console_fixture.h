/* SPDX-License-Identifier: MIT */
/* What the tests of peers share: a guest of which only the history is real. */
#ifndef XN_TESTS_CONSOLE_FIXTURE_H
#define XN_TESTS_CONSOLE_FIXTURE_H

#include <stddef.h>

#include "console/history.h"
#include "console/peer.h"

struct event_base;

struct fixture {
	struct event_base *base;
	struct history history;
	size_t room;
	char typed[64];
	size_t typed_bytes;
	struct peer *gone;
};

extern const struct peer_ops fixture_ops;

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* All that can be done without waiting. Fails if it never ends (a spin). */
void fixture_settle(struct fixture *f);

/* The guest says text. */
void fixture_say(struct fixture *f, const char *text);

/* What waits at fd is exactly text. */
void fixture_expect(int fd, const char *text);

#endif
