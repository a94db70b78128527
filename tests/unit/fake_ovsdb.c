/* SPDX-License-Identifier: MIT */
/* It is looked at between two turns of the loop, and has no events. */
#include "tests/unit/fake_ovsdb.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/scope.h"
#include "json/json.h"
#include "tests/unit/scratch.h"

void fake_ovsdb_open(struct fake_ovsdb *f, struct event_base *base,
		     const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memset(f, 0, sizeof(*f));
	f->base = base;
	f->client = -1;
	scratch_path(f->path, name);
	unlink(f->path);
	strcpy(address.sun_path, f->path);
	f->listener =
		socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(
		bind(f->listener, (struct sockaddr *)&address, sizeof(address)),
		0);
	assert_int_equal(listen(f->listener, 4), 0);
}

void fake_ovsdb_hang_up(struct fake_ovsdb *f)
{
	fd_drop(&f->client);
	f->n_heard = 0;
}

void fake_ovsdb_close(struct fake_ovsdb *f)
{
	fake_ovsdb_hang_up(f);
	fd_drop(&f->listener);
	unlink(f->path);
}

static void look(struct fake_ovsdb *f)
{
	int fd = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);
	ssize_t n;

	if (fd >= 0) {
		fake_ovsdb_hang_up(f);
		f->client = fd;
		f->clients++;
	}
	n = f->client < 0 ? 0
			  : recv(f->client, f->heard + f->n_heard,
				 sizeof(f->heard) - f->n_heard, MSG_DONTWAIT);
	if (n > 0)
		f->n_heard += (size_t)n;
	assert_true(f->n_heard < sizeof(f->heard));
}

struct json *fake_ovsdb_hear(struct fake_ovsdb *f)
{
	struct json_scan scan = {0};
	struct json *v;
	struct err e;
	size_t size;

	while (look(f), !(size = json_scan_end(&scan, f->heard, f->n_heard))) {
		assert_true(event_base_loop(f->base, EVLOOP_NONBLOCK) >= 0);
		usleep(100);
	}
	v = json_parse(f->heard, size, &e);
	assert_non_null(v);
	f->n_heard -= size;
	memmove(f->heard, f->heard + size, f->n_heard);
	return v;
}

void fake_ovsdb_say(struct fake_ovsdb *f, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = send(f->client, text, size,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		/* Who has heard enough may have gone. */
		if (n < 0 && errno != EAGAIN)
			return;
		if (n > 0) {
			text += n;
			size -= (size_t)n;
		}
		assert_true(event_base_loop(f->base, EVLOOP_NONBLOCK) >= 0);
	}
}
