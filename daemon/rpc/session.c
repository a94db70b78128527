/* SPDX-License-Identifier: MIT */
/*
 * A client's connection and the calls under way on it. Nothing is freed
 * inside a callback: drop marks and silences, the loop reaps.
 */
#include "daemon/rpc/session.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/line.h"
#include "json/json.h"
#include "rpc/method.h"
#include "rpc/rpc.h"

/* With more answers than this unread, its next requests wait with it; */
#define SESSION_UNREAD_PAUSE (256 * 1024)
/* with more than this, from calls it has made already, it is dropped. */
#define SESSION_UNREAD_MAX (4 * 1024 * 1024)
/*
 * What a client of an oversized request goes on to send is read and thrown
 * away, up to this much and for as long as it comes: a client that is still
 * writing when we close would not see its answer.
 */
#define SESSION_DISCARD_MAX (256 * 1024 * 1024)
#define SESSION_DISCARD_S   2
/* Calls under way on one connection. */
#define SESSION_CALLS_MAX 64

struct call {
	LIST_ENTRY(call) link;
	struct session *session; /* NULL once the client is gone */
	struct rpc_request request;
	void (*on_gone)(void *arg);
	void *on_gone_arg;
};

struct session {
	struct bufferevent *io; /* owned */
	struct event *reap;	/* owned */
	LIST_HEAD(, call) calls;
	unsigned int n_calls;
	bool paused; /* not read from until the answers so far have left */
	bool ending; /* no more requests; closed once the answers have left */
	bool discarding;  /* and not before the client has stopped writing */
	size_t discarded; /* bytes */
	bool dead;
	session_dispatch *dispatch;
	void *dispatch_arg;
	void (*closed)(struct session *s, void *arg);
	void *closed_arg;
	void (*hand_over)(int fd, void *arg); /* called before that */
	void *hand_over_arg;
};

void session_drop(struct session *s)
{
	if (s->dead)
		return;
	s->dead = true;
	bufferevent_disable(s->io, EV_READ | EV_WRITE);
	bufferevent_setcb(s->io, NULL, NULL, NULL, NULL);
	event_active(s->reap, EV_TIMEOUT, 0);
}

static void on_reap(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	struct call *c;

	(void)fd;
	(void)what;
	while ((c = LIST_FIRST(&s->calls))) {
		void (*on_gone)(void *) = c->on_gone;

		LIST_REMOVE(c, link);
		c->session = NULL;
		c->on_gone = NULL;
		if (on_gone)
			on_gone(c->on_gone_arg);
	}
	if (s->hand_over)
		s->hand_over(-1, s->hand_over_arg);
	bufferevent_free(s->io);
	event_free(s->reap);
	s->closed(s, s->closed_arg);
	free(s);
}

/* No more requests; the rest happens when what is written has left. */
static void session_end(struct session *s)
{
	s->ending = true;
	bufferevent_disable(s->io, EV_READ);
	if (!evbuffer_get_length(bufferevent_get_output(s->io)))
		session_drop(s);
}

/* False: there is no memory for it. */
static bool session_write(struct session *s, const char *text)
{
	if (!line_write(s->io, text))
		return false;
	if (evbuffer_get_length(bufferevent_get_output(s->io)) >
	    SESSION_UNREAD_MAX) {
		log_warn("rpc: a client does not read its answers: dropped");
		session_drop(s);
	}
	return true;
}

/*
 * Takes text, which answers call id; NULL: there was no memory for it, and
 * the client hears that. True when it will hear text.
 */
static bool session_answer(struct session *s, char *text, const struct json *id)
{
	char starved[RPC_STARVED_SIZE];
	bool ok = text && !s->dead && session_write(s, text);

	free(text);
	if (ok || s->dead)
		return ok;
	log_warn("rpc: out of memory for an answer");
	rpc_starved(id, starved);
	/* Better no connection than a call without its answer. */
	if (!line_squeeze(s->io, starved) && !session_write(s, starved))
		session_drop(s);
	return false;
}

static void session_frame(struct session *s, const char *line, size_t size)
{
	struct rpc_request q;
	struct call *c = NULL;
	enum method method;
	struct err e;
	int code;

	code = rpc_request_read(&q, line, size, &e);
	method = code ? METHOD_COUNT : method_find(q.method);
	if (!code && method == METHOD_COUNT) {
		code = RPC_METHOD_NOT_FOUND;
		err_set(&e, ENOSYS, "method: there is no %.64s", q.method);
	}
	if (!code && s->n_calls == SESSION_CALLS_MAX) {
		code = RPC_FAILED;
		err_set(&e, EBUSY, "more than %d calls at once",
			SESSION_CALLS_MAX);
	}
	if (!code && !(c = calloc(1, sizeof(*c)))) {
		code = RPC_FAILED;
		err_set(&e, ENOMEM, "no memory for a call");
	}
	if (code) {
		session_answer(s,
			       e.code == ENOMEM
				       ? NULL
				       : rpc_make_error(q.id, code, &e),
			       q.id);
		rpc_request_drop(&q);
		return;
	}
	c->request = q;
	c->session = s;
	LIST_INSERT_HEAD(&s->calls, c, link);
	s->n_calls++;
	s->dispatch(c, (int)method, s->dispatch_arg);
}

/* Where it ends is unknown, so nothing can follow it. */
static void session_refuse_oversized(struct session *s)
{
	static const struct timeval quiet = {SESSION_DISCARD_S, 0};
	struct err e;

	err_set(&e, EMSGSIZE, "a request is longer than %d bytes",
		RPC_MAX_FRAME);
	session_answer(s, rpc_make_error(NULL, RPC_INVALID_REQUEST, &e), NULL);
	s->ending = true;
	s->discarding = true;
	bufferevent_set_timeouts(s->io, &quiet, NULL);
}

static void session_discard(struct session *s, struct evbuffer *in)
{
	s->discarded += evbuffer_get_length(in);
	evbuffer_drain(in, evbuffer_get_length(in));
	if (s->discarded > SESSION_DISCARD_MAX)
		session_drop(s);
}

/* True when the client must read first; on_written goes on then. */
static bool session_pause(struct session *s)
{
	if (evbuffer_get_length(bufferevent_get_output(s->io)) <=
	    SESSION_UNREAD_PAUSE)
		return false;
	s->paused = true;
	bufferevent_disable(s->io, EV_READ);
	return true;
}

static void on_read(struct bufferevent *io, void *arg)
{
	struct session *s = arg;
	struct evbuffer *in = bufferevent_get_input(io);

	while (!s->dead && !s->ending) {
		scoped_str line = NULL;
		size_t size;

		if (session_pause(s))
			return;
		if (line_read(in, RPC_MAX_FRAME, &line, &size)) {
			if (size > RPC_MAX_FRAME)
				session_refuse_oversized(s);
			else if (!line)
				session_answer(s, NULL, NULL);
			else if (size)
				session_frame(s, line, size);
			continue;
		}
		if (evbuffer_get_length(in) <= RPC_MAX_FRAME)
			return;
		session_refuse_oversized(s);
	}
	if (s->discarding && !s->dead)
		session_discard(s, in);
}

static void on_written(struct bufferevent *io, void *arg)
{
	struct session *s = arg;

	if (s->paused && !s->ending) {
		s->paused = false;
		bufferevent_enable(io, EV_READ);
		on_read(io, s);
		return;
	}
	if (!s->ending || s->discarding)
		return;
	if (s->hand_over) {
		s->hand_over(bufferevent_getfd(io), s->hand_over_arg);
		s->hand_over = NULL;
	}
	session_drop(s);
}

static void on_event(struct bufferevent *io, short what, void *arg)
{
	struct session *s = arg;

	/* It has spoken, and there was no memory to hear it. */
	if ((what & BEV_EVENT_ERROR) && (what & BEV_EVENT_READING) &&
	    EVUTIL_SOCKET_ERROR() == ENOMEM) {
		session_answer(s, NULL, NULL);
		s->discarding = false;
		session_end(s);
		return;
	}
	/* A client that only says no more may still read its answers. */
	if ((what & BEV_EVENT_EOF) && !s->n_calls &&
	    evbuffer_get_length(bufferevent_get_output(io))) {
		s->discarding = false;
		session_end(s);
		return;
	}
	session_drop(s);
}

struct session *session_new(struct event_base *base, int fd,
			    session_dispatch *dispatch, void *dispatch_arg,
			    void (*closed)(struct session *s, void *arg),
			    void *closed_arg, struct err *e)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		goto fail;
	LIST_INIT(&s->calls);
	s->dispatch = dispatch;
	s->dispatch_arg = dispatch_arg;
	s->closed = closed;
	s->closed_arg = closed_arg;
	/* The reaper is made at birth, so that dying cannot fail. */
	s->reap = event_new(base, -1, 0, on_reap, s);
	s->io = s->reap ? bufferevent_socket_new(base, fd,
						 BEV_OPT_CLOSE_ON_FREE)
			: NULL;
	if (!s->io)
		goto fail;
	/*
	 * No high watermark, which libevent does not survive without memory:
	 * on_read sees every few KiB, so that little more than a frame is ever
	 * taken in.
	 */
	bufferevent_setcb(s->io, on_read, on_written, on_event, s);
	if (bufferevent_enable(s->io, EV_READ | EV_WRITE) < 0)
		goto fail;
	return s;

fail:
	err_set(e, ENOMEM, "no memory for a connection");
	if (s && s->io)
		bufferevent_free(s->io);
	else
		close(fd);
	if (s && s->reap)
		event_free(s->reap);
	free(s);
	return NULL;
}

const struct json *call_params(const struct call *c)
{
	return c->request.params;
}

/* Takes text: the answer. True when the client will hear it. */
static bool call_end(struct call *c, char *text)
{
	bool ok = false;

	if (c->session) {
		LIST_REMOVE(c, link);
		c->session->n_calls--;
		ok = session_answer(c->session, text, c->request.id);
	} else {
		free(text);
	}
	rpc_request_drop(&c->request);
	free(c);
	return ok;
}

void call_reply(struct call *c, struct json *result)
{
	call_end(c, rpc_make_result(c->request.id, result));
}

void call_reply_empty(struct call *c)
{
	call_reply(c, json_new_object());
}

void call_fail(struct call *c, const struct err *e)
{
	int code = e->code == EINVAL ? RPC_INVALID_PARAMS : RPC_FAILED;

	call_end(c, rpc_make_error(c->request.id, code, e));
}

void call_reply_and_hand_over(struct call *c, struct json *result,
			      void (*hand_over)(int fd, void *arg), void *arg)
{
	struct session *s = c->session;

	if (!call_end(c, rpc_make_result(c->request.id, result)) || s->dead) {
		hand_over(-1, arg);
		return;
	}
	s->hand_over = hand_over;
	s->hand_over_arg = arg;
	session_end(s);
}

void call_progress(struct call *c, const char *text)
{
	char *frame;

	if (!c->session || c->session->dead)
		return;
	frame = rpc_make_progress(c->request.id, text);
	if (frame)
		session_write(c->session, frame);
	free(frame);
}

void call_on_gone(struct call *c, void (*on_gone)(void *arg), void *arg)
{
	c->on_gone = on_gone;
	c->on_gone_arg = arg;
}
