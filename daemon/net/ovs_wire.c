/* SPDX-License-Identifier: MIT */
/* In order of time: connection, request, answer, loss. */
#include "daemon/net/ovs_wire.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "base/scope.h"
#include "base/text.h"
#include "json/json.h"

/* More than this that the server does not read, and it is asked no more. */
#define UNREAD_BYTES_MAX (4 * 1024 * 1024)

struct ovs_wire {
	struct event_base *base; /* borrowed */
	struct sockaddr_un address;
	struct bufferevent *io; /* owned; NULL while there is no connection */
	struct json_scan scan;	/* of what it has read */
	int64_t last_id;
	unsigned int unanswered; /* of this connection's requests */
	const struct ovs_wire_events *events;
	void *arg;
};

struct ovs_wire *ovs_wire_new(struct event_base *base, const char *socket,
			      const struct ovs_wire_events *events, void *arg,
			      struct err *e)
{
	struct ovs_wire *w;

	if (strlen(socket) >= sizeof(w->address.sun_path)) {
		err_set(e, ENAMETOOLONG,
			"%s: the name of a socket is at most %zu bytes", socket,
			sizeof(w->address.sun_path) - 1);
		return NULL;
	}
	w = calloc(1, sizeof(*w));
	if (!w) {
		err_set(e, ENOMEM, "no memory for Open vSwitch");
		return NULL;
	}
	w->base = base;
	w->address.sun_family = AF_UNIX;
	strcpy(w->address.sun_path, socket);
	w->events = events;
	w->arg = arg;
	return w;
}

static void hang_up(struct ovs_wire *w)
{
	if (w->io)
		bufferevent_free(w->io);
	w->io = NULL;
	memset(&w->scan, 0, sizeof(w->scan));
	w->unanswered = 0;
}

void ovs_wire_free(struct ovs_wire *w)
{
	if (!w)
		return;
	hang_up(w);
	free(w);
}

static void lose(struct ovs_wire *w, struct err *e)
{
	hang_up(w);
	err_wrap(e, "ovsdb-server (%s)", w->address.sun_path);
	w->events->lost(e, w->arg);
}

/* ---- what comes ---- */

/* Enabling what is enabled tells whether libevent could add its event. */
static int send_value(struct ovs_wire *w, const struct json *v, struct err *e)
{
	scoped_str text = json_print(v, false);

	if (evbuffer_get_length(bufferevent_get_output(w->io)) >
	    UNREAD_BYTES_MAX)
		return err_set(e, ENOBUFS, "does not read what it is asked");
	if (!text || bufferevent_write(w->io, text, strlen(text)) < 0 ||
	    bufferevent_enable(w->io, EV_WRITE) < 0)
		return err_set(e, ENOMEM, "no memory to ask it");
	return 0;
}

static struct json *copy_or_null(const struct json *v)
{
	return v ? json_copy(v) : json_new_null();
}

/* Whether we are there. */
static void echo(struct ovs_wire *w, const struct json *asked)
{
	struct json *answer = json_new_object();
	struct err e;
	int rc;

	json_set(answer, "id", copy_or_null(json_get(asked, "id")));
	json_set(answer, "result", copy_or_null(json_get(asked, "params")));
	json_set(answer, "error", json_new_null());
	rc = send_value(w, answer, &e);
	json_free(answer);
	if (rc < 0)
		lose(w, &e);
}

/* An "error" member that is not null, in one line. */
static void read_error(const struct json *error, struct err *e)
{
	const char *what = json_string(error), *details;
	char shown[2][128];

	if (!what)
		what = json_get_string(error, "error");
	details = json_get_string(error, "details");
	err_set(e, EIO, "ovsdb-server: %s%s%s",
		text_escape(what ? what : "an error without words", shown[0],
			    sizeof(shown[0])),
		details ? ": " : "",
		text_escape(details ? details : "", shown[1],
			    sizeof(shown[1])));
}

static void read_answer(struct ovs_wire *w, const struct json *v)
{
	const struct json *error = json_get(v, "error");
	const struct json *result = json_get(v, "result");
	int64_t id = json_get_int(v, "id", 0);
	struct err e;

	if (w->unanswered)
		w->unanswered--;
	if (json_type(error) != JSON_NULL) {
		read_error(error, &e);
		result = NULL;
	} else if (!result) {
		err_set(&e, EPROTO, "ovsdb-server: an answer without a result");
	}
	w->events->answered(id, result, result ? NULL : &e, w->arg);
}

static void read_value(struct ovs_wire *w, const struct json *v)
{
	const char *method = json_get_string(v, "method");
	char shown[64];

	if (!method)
		read_answer(w, v);
	else if (strcmp(method, "echo") == 0)
		echo(w, v);
	else
		log_debug("ovsdb-server says %s, which nobody has asked for",
			  text_escape(method, shown, sizeof(shown)));
}

/* True when there may be another. */
static bool read_next(struct ovs_wire *w)
{
	struct evbuffer *in = bufferevent_get_input(w->io);
	size_t size = evbuffer_get_length(in), value;
	struct json *v = NULL;
	const char *text;
	struct err e;

	if (size == 0)
		return false;
	text = (const char *)evbuffer_pullup(in, -1);
	value = text ? json_scan_end(&w->scan, text, size) : 0;
	if (text && value == 0 && size <= OVS_WIRE_MESSAGE_BYTES)
		return false;
	if (!text)
		err_set(&e, ENOMEM, "no memory for what it says");
	else if (value == 0 || value > OVS_WIRE_MESSAGE_BYTES)
		err_set(&e, EMSGSIZE, "says more than %d KiB at once",
			OVS_WIRE_MESSAGE_BYTES / 1024);
	else
		v = json_parse(text, value, &e);
	if (!v) {
		lose(w, &e);
		return false;
	}
	memset(&w->scan, 0, sizeof(w->scan));
	evbuffer_drain(in, value);
	read_value(w, v);
	json_free(v);
	return true;
}

static void on_read(struct bufferevent *io, void *arg)
{
	struct ovs_wire *w = arg;

	/* What is read may end this connection, and begin another. */
	while (w->io == io && read_next(w))
		;
}

static void on_event(struct bufferevent *io, short what, void *arg)
{
	struct ovs_wire *w = arg;
	struct err e;

	(void)io;
	if (what & BEV_EVENT_EOF)
		err_set(&e, ECONNRESET, "has closed the connection");
	else
		err_errno(&e, errno, "the connection has failed");
	lose(w, &e);
}

/* ---- the connection ---- */

static int connect_now(struct ovs_wire *w, struct err *e)
{
	scoped_fd fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	/* A unix socket is connected at once, or is not. */
	if (fd < 0 || connect(fd, (const struct sockaddr *)&w->address,
			      sizeof(w->address)) < 0)
		return err_errno(e, errno, "ovsdb-server (%s)",
				 w->address.sun_path);
	w->io = bufferevent_socket_new(w->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!w->io)
		return err_set(e, ENOMEM, "no memory for a connection");
	fd_take(&fd);
	bufferevent_setcb(w->io, on_read, NULL, on_event, w);
	if (bufferevent_enable(w->io, EV_READ | EV_WRITE) == 0)
		return 0;
	hang_up(w);
	return err_set(e, ENOMEM, "no memory for a connection");
}

/* The server may have gone since, and another have come. */
static bool is_closed(const struct ovs_wire *w)
{
	char c;
	ssize_t r =
		recv(bufferevent_getfd(w->io), &c, 1, MSG_PEEK | MSG_DONTWAIT);

	return r == 0 || (r < 0 && errno != EAGAIN && errno != EINTR);
}

int64_t ovs_wire_ask(struct ovs_wire *w, const char *method,
		     struct json *params, struct err *e)
{
	struct json *v = json_new_object();
	int64_t id = ++w->last_id;
	int rc = 0;

	json_set_string(v, "method", method);
	json_set(v, "params", params);
	json_set_int(v, "id", id);
	if (w->io && w->unanswered == 0 && is_closed(w))
		hang_up(w);
	if (!w->io)
		rc = connect_now(w, e);
	if (rc == 0) {
		rc = send_value(w, v, e);
		if (rc < 0)
			err_wrap(e, "ovsdb-server (%s)", w->address.sun_path);
	}
	json_free(v);
	if (rc < 0)
		return rc;
	w->unanswered++;
	return id;
}
