/* SPDX-License-Identifier: MIT */
/*
 * One request under way: what an operation reads its parameters from and
 * answers, exactly once, now or later. The client may be gone by then.
 */
#ifndef XN_RPC_CALL_H
#define XN_RPC_CALL_H

#include <stdbool.h>

struct call;
struct err;
struct json;

/* The request's parameters; NULL when it has none. Borrowed. */
const struct json *call_params(const struct call *c);

/* Each of these answers and ends the call. result is taken. */
void call_reply(struct call *c, struct json *result);
void call_reply_empty(struct call *c); /* {} */
void call_fail(struct call *c, const struct err *e);

/*
 * Answers, and once the answer has left gives the connection's socket to
 * hand_over (which must duplicate what it keeps) and closes our side.
 * hand_over is called once, with -1 when the client has gone before.
 */
void call_reply_and_hand_over(struct call *c, struct json *result,
			      void (*hand_over)(int fd, void *arg), void *arg);

/* Tells the client how far the call has come; dropped when it is gone. */
void call_progress(struct call *c, const char *text);

/*
 * on_gone is called, once, when the client goes before the answer; the call
 * must still be ended by an answer, then or later. NULL takes it back.
 */
void call_on_gone(struct call *c, void (*on_gone)(void *arg), void *arg);

#endif
