/* SPDX-License-Identifier: MIT */
/*
 * A client that sends anything, in pieces of any size. Promise: each complete
 * line gets one answer, valid JSON-RPC with the same id and the code that a
 * model gives it, in order; calls that are held are answered once they are
 * let go; memory stays bounded; and the same stream cut elsewhere gets the
 * same answers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <event2/event.h>

#include "base/err.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/session.h"
#include "json/json.h"
#include "rpc/method.h"
#include "rpc/rpc.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rpc_model.h"

#define STREAM_MAX   (320 * 1024) /* more than the longest frame */
#define STREAM_SMALL 8192	  /* most of the time: it is much faster */
#define LINES_MAX    200
#define ANSWER_MAX   (3 * 1024 * 1024)
#define TURNS	     4			/* of the loop, for what is small */
#define MEMORY_MAX   (48 * 1024 * 1024) /* for one connection */
#define HAND_OVER_S  1

static char stream[STREAM_MAX];
static size_t stream_size;
static char answer[ANSWER_MAX]; /* that is coming in */

/* One connection's client, and what it expects. */
struct client {
	struct session *session; /* NULL once it has closed */
	int fd;
	struct call *held[RPC_MODEL_HELD_MAX];
	unsigned int n_held, n_gone, n_handed;
	struct rpc_model model;
	size_t line_size; /* of the answer that is coming in */
	uint64_t digest;  /* of all that came in */
	size_t memory;	  /* in use before */
};

static struct event_base *base;

/* Of AddressSanitizer; absent without. */
extern size_t __sanitizer_get_current_allocated_bytes(void)
	__attribute__((weak));

static size_t memory_in_use(void)
{
	return __sanitizer_get_current_allocated_bytes
		       ? __sanitizer_get_current_allocated_bytes()
		       : 0;
}

/* ---- the daemon's side ---- */

static void on_gone(void *arg)
{
	((struct client *)arg)->n_gone++;
}

static void on_handed(int fd, void *arg)
{
	promise(fd >= 0, "a client that is there gets its socket handed over");
	((struct client *)arg)->n_handed++;
}

static void dispatch(struct call *c, int method, void *arg)
{
	const char *text = json_get_string(call_params(c), "text");
	struct client *client = arg;
	struct json *result;
	struct err e;

	switch (method) {
	case METHOD_XND_VERSION:
		result = json_new_object();
		json_set_string(result, "text", text);
		call_reply(c, result);
		break;
	case METHOD_HOST_INFO:
		promise(client->n_held < RPC_MODEL_HELD_MAX,
			"no more calls at once than are allowed");
		call_on_gone(c, on_gone, client);
		client->held[client->n_held++] = c;
		break;
	case METHOD_DOMAIN_LIST:
		err_set(&e, EINVAL, "%s", text ? text : "no text");
		err_key(&e, "%s", text ? text : "");
		call_fail(c, &e);
		break;
	case METHOD_DOMAIN_CREATE:
		call_progress(c, text ? text : "");
		call_reply_empty(c);
		break;
	case METHOD_CONSOLE_ATTACH:
		call_reply_and_hand_over(c, json_new_object(), on_handed,
					 client);
		break;
	default:
		err_set(&e, ENOENT, "not here");
		call_fail(c, &e);
	}
}

static void on_closed(struct session *s, void *arg)
{
	struct client *client = arg;

	promise(s == client->session, "it closes once");
	client->session = NULL;
}

/* ---- the client's side ---- */

static void digest(struct client *c, const char *bytes, size_t size)
{
	for (; size > 0; size--, bytes++)
		c->digest = (c->digest ^ (uint8_t)*bytes) * 0x100000001b3ull;
}

static void hear(struct client *c, const char *bytes, size_t size)
{
	digest(c, bytes, size);
	while (size > 0) {
		const char *end = memchr(bytes, '\n', size);
		size_t n = end ? (size_t)(end - bytes) : size;

		promise(c->line_size + n <= ANSWER_MAX, "answers have an end");
		memcpy(answer + c->line_size, bytes, n);
		c->line_size += n;
		if (!end)
			return;
		rpc_model_answer(&c->model, answer, c->line_size);
		c->line_size = 0;
		bytes += n + 1;
		size -= n + 1;
	}
}

/* Turns the loop, and hears, until nothing more comes. */
static void turn(struct client *c)
{
	static char bytes[65536];
	unsigned int quiet = 0;
	ssize_t n;

	while (quiet < TURNS) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		promise(memory_in_use() < c->memory + MEMORY_MAX,
			"%zu bytes for one connection",
			memory_in_use() - c->memory);
		n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		quiet = n > 0 ? 0 : quiet + 1;
		if (n > 0)
			hear(c, bytes, (size_t)n);
	}
}

static void say(struct client *c, const char *bytes, size_t size)
{
	while (size > 0 && c->session) {
		ssize_t n =
			send(c->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);

		turn(c);
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		} else {
			promise(errno == EAGAIN || errno == EPIPE,
				"a client can write");
		}
	}
}

/* Sizes that follow from seed; few, so that a long stream takes no ages. */
static void say_in_pieces(struct client *c, uint32_t seed)
{
	const size_t most = stream_size / 16 + 1;
	size_t at = 0;

	while (at < stream_size) {
		size_t size;

		seed = seed * 1664525 + 1013904223;
		size = 1 + (seed >> 8) % most;
		if (size > stream_size - at)
			size = stream_size - at;
		say(c, stream + at, size);
		at += size;
	}
}

static void let_go(struct client *c)
{
	unsigned int i;

	rpc_model_let_go(&c->model);
	for (i = 0; i < c->n_held; i++)
		call_reply_empty(c->held[i]);
	c->n_held = 0;
	turn(c);
}

/* Returns a digest of all answers. */
static uint64_t converse(bool pieces, uint32_t seed, bool leaves_early)
{
	struct client c = {.memory = memory_in_use()};
	bool there;
	int pair[2];
	struct err e;

	promise(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0,
		"a socket");
	c.fd = pair[0];
	rpc_model_begin(&c.model, stream, stream_size);
	c.session = session_new(base, pair[1], dispatch, &c, on_closed, &c, &e);
	promise(c.session, "%s", e.text);
	if (pieces)
		say_in_pieces(&c, seed);
	else
		say(&c, stream, stream_size);
	turn(&c);
	there = c.session != NULL;
	promise(there == !c.model.handed_over, "it stays as long as it must");
	promise(c.n_handed == (c.model.handed_over ? 1 : 0),
		"handed over once");
	if (!leaves_early)
		let_go(&c);
	rpc_model_end(&c.model);
	promise(c.line_size == 0, "every answer is a line");
	shutdown(c.fd, SHUT_WR);
	turn(&c);
	promise(!c.session, "a client that has left is let go");
	if (leaves_early) {
		promise(c.n_gone == c.n_held, "who works hears of it");
		let_go(&c);
	} else {
		promise(c.n_gone == 0 || !there, "nobody else does");
	}
	close(c.fd);
	return c.digest;
}

/* Ends the stream after so many lines: each of them takes its time. */
static void cut_stream(unsigned int lines)
{
	size_t i;

	for (i = 0; i < stream_size && lines > 0; i++)
		if (stream[i] == '\n')
			lines--;
	stream_size = i;
}

/* Pieces of text, each perhaps many times over. */
static void read_stream(struct input *in, size_t most)
{
	stream_size = 0;
	while (in->left > 0) {
		uint8_t times = input_u8(in);
		uint32_t left = times & 0x80 ? 1u << (times & 0x7f) % 17 : 1;
		uint8_t size = times & 0x80 ? input_u8(in) : times;
		char piece[256];

		input_bytes(in, piece, size);
		for (; left > 0 && size <= most - stream_size; left--) {
			memcpy(stream + stream_size, piece, size);
			stream_size += size;
		}
	}
	cut_stream(LINES_MAX);
}

void fuzz_one(struct input *in)
{
	uint32_t seed = input_u32(in);
	const uint8_t flags = input_u8(in);
	const bool leaves_early = flags & 1;
	uint64_t whole;

	if (!base)
		base = event_base_new();
	read_stream(in, flags & 64 ? STREAM_MAX : STREAM_SMALL);
	whole = converse(false, 0, leaves_early);
	promise(converse(true, seed, leaves_early) == whole,
		"cut elsewhere, the same answers");
}
