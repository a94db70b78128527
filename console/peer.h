/* SPDX-License-Identifier: MIT */
/*
 * One who reads a guest's output and types its input: a client's socket, or
 * the pty. A peer follows the history with an offset of its own and never
 * holds up anybody: one that is too slow skips what is no longer kept, and a
 * client is told how much ("[xn: 512 bytes skipped]"). A pty that nobody has
 * open any more is away: it is left alone until peer_retry, and then goes on
 * where it was, or with the oldest byte that is kept. (One that nobody has
 * opened yet takes the first bytes and keeps them; so open and close it once.)
 */
#ifndef XN_CONSOLE_PEER_H
#define XN_CONSOLE_PEER_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct history;
struct peer;

enum peer_kind { PEER_CLIENT, PEER_PTY };

struct peer_ops {
	/* How many bytes of input the guest can take now. */
	size_t (*room)(void *arg);
	/* At most so many were typed. May call peer_listen. */
	void (*on_input)(const char *data, size_t size, void *arg);
	/*
	 * A client closed its end or shut down its sending half, or has all
	 * that peer_end promised it. The last that is heard; p is to be freed.
	 */
	void (*on_gone)(struct peer *p, void *arg);
};

/*
 * Takes fd (a connected stream socket, or a pty's master; made non-blocking),
 * on failure too. The others are borrowed. Begins with the oldest byte that
 * is kept. NULL with errno set.
 */
struct peer *peer_new(struct event_base *base, int fd, enum peer_kind kind,
		      const struct history *history, const struct peer_ops *ops,
		      void *arg);

/* Closes. NULL is fine. */
void peer_free(struct peer *p);

/*
 * Writes what can be written of what it has not seen; the loop does the rest.
 * 1: it has seen all; 0: not yet; -EPIPE: a client that is gone, to be freed
 * (on_gone is not called). Never -EPIPE for a pty.
 */
int peer_flush(struct peer *p);

/* As peer_flush, by the loop and not now: for use where nothing may end. */
void peer_wake(struct peer *p);

/* Whether input is read. It is not, to begin with. */
void peer_listen(struct peer *p, bool listen);

/* To be called now and then for a pty: perhaps somebody has opened it. */
void peer_retry(struct peer *p);
bool peer_is_away(const struct peer *p);

/*
 * No more input; on_gone is called once all output is written. A pty has no
 * way to tell that, so it is for the caller to let it go.
 */
void peer_end(struct peer *p);

#endif
