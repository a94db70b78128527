/* SPDX-License-Identifier: MIT */
/* Requests to xenstored, one at a time, and watches. */
#include "tests/sim/guest/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/num.h"
#include "base/scope.h"
#include "tests/sim/guest/events.h"
#include "tests/sim/guest/wire.h"

#define PATH_BYTES 512
#define ANSWER_MS  10000
#define TOKEN	   "w%u"

struct store_watch {
	LIST_ENTRY(store_watch) link;
	struct store *store; /* borrowed */
	unsigned int number; /* its token */
	char path[PATH_BYTES];
	bool fired;
	store_cb *cb;
	void *arg;
};

struct store {
	struct events *events; /* borrowed */
	uint32_t port;
	struct wire wire;
	uint32_t last_request;
	bool hung_up;
	bool waiting;
	int answer; /* its length, or -errno; while not waiting */
	char *text; /* owned: of the answer, with a NUL */
	unsigned int last_watch;
	struct event *fire; /* owned: watches have fired */
	LIST_HEAD(, store_watch) watches;
};

static int error_number(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
		if (strcmp(xsd_errors[i].errstring, name) == 0)
			return xsd_errors[i].errnum;
	return EIO;
}

/* The payload is a path and a token, each with its NUL. */
static void store_on_watch(struct store *s)
{
	const char *token = s->wire.payload + strlen(s->wire.payload) + 1;
	struct store_watch *w;
	uint32_t number;

	if (token >= s->wire.payload + s->wire.head.len ||
	    num_parse_u32(token + 1, UINT32_MAX, &number) < 0)
		return;
	LIST_FOREACH(w, &s->watches, link) {
		if (w->number == number) {
			w->fired = true;
			event_active(s->fire, EV_TIMEOUT, 0);
		}
	}
}

static void store_on_answer(struct store *s)
{
	const struct xsd_sockmsg *head = &s->wire.head;

	if (!s->waiting || head->req_id != s->last_request)
		return;
	s->waiting = false;
	s->answer = (int)head->len;
	if (head->type == XS_ERROR) {
		s->answer = -error_number(s->wire.payload);
		return;
	}
	s->text = malloc(head->len + 1u);
	if (s->text)
		memcpy(s->text, s->wire.payload, head->len + 1u);
	else
		s->answer = -ENOMEM;
}

static void on_port(void *arg)
{
	struct store *s = arg;
	bool moved = false;
	int rc;

	while ((rc = wire_take(&s->wire, &moved)) > 0) {
		if (s->wire.head.type == XS_WATCH_EVENT)
			store_on_watch(s);
		else
			store_on_answer(s);
	}
	if (rc < 0) {
		s->waiting = false;
		s->answer = rc;
	}
	if (moved)
		events_notify(s->events, s->port);
}

static void on_fire(evutil_socket_t fd, short what, void *arg)
{
	struct store *s = arg;
	struct store_watch *w;

	(void)fd;
	(void)what;
	/* From the start after each: the callback may drop any of them. */
	do {
		LIST_FOREACH(w, &s->watches, link)
			if (w->fired)
				break;
		if (w) {
			w->fired = false;
			w->cb(w->arg);
		}
	} while (w);
}

static int store_send(struct store *s, const void *bytes, size_t n)
{
	const char *at = bytes;
	long done;

	while (n) {
		done = wire_put(&s->wire, at, n);
		if (done < 0)
			return (int)done;
		at += done;
		n -= (size_t)done;
		if (done)
			events_notify(s->events, s->port);
		else if (events_turn(s->events, ANSWER_MS) <= 0)
			return -ETIMEDOUT;
	}
	return 0;
}

/*
 * One request of n bytes of payload. The length of the answer, which is then
 * in s->text until the next one; or -errno.
 */
static int store_ask(struct store *s, uint32_t type, uint32_t transaction,
		     const void *payload, size_t n)
{
	const struct xsd_sockmsg head = {
		.type = type,
		.req_id = ++s->last_request,
		.tx_id = transaction,
		.len = (uint32_t)n,
	};
	int rc;

	if (s->hung_up)
		return -EPIPE;
	free(s->text);
	s->text = NULL;
	s->waiting = true;
	rc = store_send(s, &head, sizeof(head));
	if (rc == 0)
		rc = store_send(s, payload, n);
	while (rc == 0 && s->waiting)
		if (events_turn(s->events, ANSWER_MS) <= 0)
			rc = -ETIMEDOUT;
	s->waiting = false;
	return rc < 0 ? rc : s->answer;
}

struct store *store_open(struct events *ev, struct event_base *base, void *page,
			 uint32_t port, struct err *e)
{
	struct store *s = calloc(1, sizeof(*s));
	int rc;

	if (!s) {
		err_set(e, ENOMEM, "no memory for xenstore");
		return NULL;
	}
	LIST_INIT(&s->watches);
	s->wire.page = page;
	s->events = ev;
	s->port = port;
	s->fire = event_new(base, -1, 0, on_fire, s);
	rc = s->fire ? events_adopt(ev, port, on_port, s) : -ENOMEM;
	/* An earlier kernel's are still there. */
	if (rc == 0)
		rc = store_ask(s, XS_RESET_WATCHES, 0, "", 1);
	if (rc < 0) {
		err_errno(e, -rc, "no xenstore on port %u", port);
		store_close(s);
		return NULL;
	}
	return s;
}

void store_hang_up(struct store *s)
{
	s->hung_up = true;
}

void store_close(struct store *s)
{
	struct store_watch *w;

	if (!s)
		return;
	while ((w = LIST_FIRST(&s->watches))) {
		LIST_REMOVE(w, link);
		free(w);
	}
	events_free(s->events, s->port);
	if (s->fire)
		event_free(s->fire);
	free(s->text);
	free(s);
}

/* As store_ask, of a path made by format and what follows its NUL. */
static int store_vask(struct store *s, uint32_t type, uint32_t transaction,
		      const char *tail, size_t tail_bytes, const char *fmt,
		      va_list args)
{
	char payload[PATH_BYTES + XENSTORE_PAYLOAD_MAX];
	int n = vsnprintf(payload, PATH_BYTES, fmt, args);

	if (n < 0 || n >= PATH_BYTES || tail_bytes > XENSTORE_PAYLOAD_MAX)
		return -ENAMETOOLONG;
	memcpy(payload + n + 1, tail, tail_bytes);
	return store_ask(s, type, transaction, payload,
			 (size_t)n + 1 + tail_bytes);
}

char *store_read(struct store *s, uint32_t transaction, const char *path, ...)
{
	va_list args;
	int rc;

	va_start(args, path);
	rc = store_vask(s, XS_READ, transaction, "", 0, path, args);
	va_end(args);
	if (rc < 0) {
		errno = -rc;
		return NULL;
	}
	return str_take(&s->text);
}

uint32_t store_read_u32(struct store *s, uint32_t otherwise, const char *path,
			...)
{
	uint32_t v = otherwise;
	va_list args;
	int rc;

	va_start(args, path);
	rc = store_vask(s, XS_READ, 0, "", 0, path, args);
	va_end(args);
	if (rc >= 0 && num_parse_u32(s->text, UINT32_MAX, &v) < 0)
		v = otherwise;
	return v;
}

long store_list(struct store *s, uint32_t transaction, char **names,
		const char *path, ...)
{
	va_list args;
	int rc;

	va_start(args, path);
	rc = store_vask(s, XS_DIRECTORY, transaction, "", 0, path, args);
	va_end(args);
	*names = rc < 0 ? NULL : str_take(&s->text);
	return rc;
}

int store_write(struct store *s, uint32_t transaction, const char *value,
		const char *path, ...)
{
	va_list args;
	int rc;

	va_start(args, path);
	rc = store_vask(s, XS_WRITE, transaction, value, strlen(value), path,
			args);
	va_end(args);
	return rc < 0 ? rc : 0;
}

int store_write_u32(struct store *s, uint32_t transaction, uint32_t value,
		    const char *path, ...)
{
	char text[16];
	va_list args;
	int rc;

	snprintf(text, sizeof(text), "%u", value);
	va_start(args, path);
	rc = store_vask(s, XS_WRITE, transaction, text, strlen(text), path,
			args);
	va_end(args);
	return rc < 0 ? rc : 0;
}

int store_remove(struct store *s, uint32_t transaction, const char *path, ...)
{
	va_list args;
	int rc;

	va_start(args, path);
	rc = store_vask(s, XS_RM, transaction, "", 0, path, args);
	va_end(args);
	return rc < 0 ? rc : 0;
}

uint32_t store_begin(struct store *s)
{
	uint32_t transaction = 0;
	int rc = store_ask(s, XS_TRANSACTION_START, 0, "", 1);

	if (rc < 0)
		errno = -rc;
	else if (num_parse_u32(s->text, UINT32_MAX, &transaction) < 0)
		errno = EPROTO;
	return transaction;
}

int store_commit(struct store *s, uint32_t transaction)
{
	int rc = store_ask(s, XS_TRANSACTION_END, transaction, "T", 2);

	return rc < 0 ? rc : 0;
}

struct store_watch *store_watch(struct store *s, store_cb *cb, void *arg,
				const char *path, ...)
{
	struct store_watch *w = calloc(1, sizeof(*w));
	char payload[PATH_BYTES + 16];
	va_list args;
	int n, rc;

	if (!w)
		return NULL;
	va_start(args, path);
	vsnprintf(w->path, sizeof(w->path), path, args);
	va_end(args);
	w->store = s;
	w->number = ++s->last_watch;
	w->cb = cb;
	w->arg = arg;
	LIST_INSERT_HEAD(&s->watches, w, link);
	n = snprintf(payload, sizeof(payload), "%s%c" TOKEN, w->path, 0,
		     w->number);
	rc = store_ask(s, XS_WATCH, 0, payload, (size_t)n + 1);
	if (rc >= 0)
		return w;
	LIST_REMOVE(w, link);
	free(w);
	errno = -rc;
	return NULL;
}

void store_unwatch(struct store_watch *w)
{
	char payload[PATH_BYTES + 16];
	int n;

	if (!w)
		return;
	LIST_REMOVE(w, link);
	n = snprintf(payload, sizeof(payload), "%s%c" TOKEN, w->path, 0,
		     w->number);
	store_ask(w->store, XS_UNWATCH, 0, payload, (size_t)n + 1);
	free(w);
}
