/* SPDX-License-Identifier: MIT */
/*
 * Lines on a socket, whether there is memory or not: where libevent would lose
 * something in silence, these tell.
 */
#ifndef XN_RPC_LINE_H
#define XN_RPC_LINE_H

#include <stdbool.h>
#include <stddef.h>

struct bufferevent;
struct evbuffer;

/*
 * Takes the next line out of in, without its newline: the caller's; or, when
 * it is longer than max or there is no memory for it, NULL. False: there is
 * no whole line yet.
 */
bool line_read(struct evbuffer *in, size_t max, char **line, size_t *size);

/* Sends text, sooner or later. False when there is no memory for that. */
bool line_write(struct bufferevent *io, const char *text);

/*
 * Sends text without memory: false unless nothing waits to be sent and the
 * socket takes all of it at once.
 */
bool line_squeeze(struct bufferevent *io, const char *text);

#endif
