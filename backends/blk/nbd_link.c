/* SPDX-License-Identifier: MIT */
/* libnbd's state machine, moved on by a libevent loop. */
#include "nbd_link.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "nbd_api.h"
#include "request.h"

#define MOVES 64 /* a wake-up: libnbd reads one reply a move */

/* libnbd's last words in this thread, without the name of its function. */
static const char *last_words(const char *otherwise)
{
	const char *said = nbd_api.get_error();
	const char *rest;

	if (!said)
		return otherwise;
	rest = text_begins(said, "nbd_") ? strstr(said, ": ") : NULL;
	return rest ? rest + 2 : said;
}

static int link_error(struct err *e)
{
	int code = nbd_api.get_errno();
	char words[200];

	text_escape(last_words("no reason given"), words, sizeof(words));
	return err_set(e, code > 0 ? code : EPROTO, "image server: %s", words);
}

/* To be called right after the call that may have ended the link. */
static void note_why(struct nbd_link *l)
{
	const char *why = "the connection has been closed";

	if (nbd_api.aio_is_dead(l->handle) == 1)
		why = last_words(why);
	if (l->why[0] == '\0')
		text_escape(why, l->why, sizeof(l->why));
}

struct nbd_link *nbd_link_open(int fd, const char *export, struct err *e)
{
	scoped_fd sock = fd;
	struct nbd_link *l;

	if (nbd_api_check(e) < 0)
		return NULL;
	l = calloc(1, sizeof(*l));
	if (!l) {
		err_set(e, ENOMEM, "no memory for a connection");
		return NULL;
	}
	l->handle = nbd_api.create();
	if (l->handle && nbd_api.set_export_name(l->handle, export) == 0 &&
	    nbd_api.aio_connect_socket(l->handle, fd_take(&sock)) == 0)
		return l;
	link_error(e);
	nbd_link_close(l);
	return NULL;
}

void nbd_link_close(struct nbd_link *l)
{
	if (!l)
		return;
	nbd_link_leave(l);
	if (l->handle && nbd_link_is_ready(l))
		nbd_api.aio_disconnect(l->handle, 0);
	if (l->handle)
		nbd_api.close(l->handle);
	free(l);
}

/*
 * libnbd must not be told of what is not so: it would take the silence for
 * the beginning of a reply and send nothing until the rest of it came.
 */
static bool move(struct nbd_link *l)
{
	unsigned int way = nbd_api.aio_get_direction(l->handle);
	struct pollfd p = {.fd = nbd_api.aio_get_fd(l->handle)};

	if (p.fd < 0)
		return false;
	if (way & LIBNBD_AIO_DIRECTION_READ)
		p.events |= POLLIN;
	if (way & LIBNBD_AIO_DIRECTION_WRITE)
		p.events |= POLLOUT;
	if (p.events == 0 || poll(&p, 1, 0) <= 0)
		return false;
	if ((way & LIBNBD_AIO_DIRECTION_READ) &&
	    (p.revents & (POLLIN | POLLHUP | POLLERR)))
		nbd_api.aio_notify_read(l->handle);
	else
		nbd_api.aio_notify_write(l->handle);
	if (nbd_link_is_dead(l)) {
		note_why(l);
		return false;
	}
	return true;
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct nbd_link *l = arg;
	unsigned int left = MOVES;

	(void)fd;
	(void)what;
	while (left-- > 0 && move(l))
		;
	nbd_link_await(l);
	l->on_moved(l->arg);
}

int nbd_link_follow(struct nbd_link *l, struct event_base *base,
		    void (*on_moved)(void *arg), void *arg)
{
	l->base = base;
	l->on_moved = on_moved;
	l->arg = arg;
	l->awaited = 0;
	l->moves = event_new(base, -1, 0, on_ready, l);
	if (!l->moves)
		return -ENOMEM;
	nbd_link_await(l);
	return 0;
}

void nbd_link_leave(struct nbd_link *l)
{
	if (l->moves)
		event_free(l->moves);
	l->moves = NULL;
}

void nbd_link_await(struct nbd_link *l)
{
	short awaited = EV_PERSIST;
	unsigned int way;

	if (nbd_link_is_dead(l)) {
		note_why(l);
		event_del(l->moves);
		return;
	}
	way = nbd_api.aio_get_direction(l->handle);
	if (way & LIBNBD_AIO_DIRECTION_READ)
		awaited |= EV_READ;
	if (way & LIBNBD_AIO_DIRECTION_WRITE)
		awaited |= EV_WRITE;
	if (awaited == l->awaited)
		return;
	event_del(l->moves);
	event_assign(l->moves, l->base, nbd_api.aio_get_fd(l->handle), awaited,
		     on_ready, l);
	event_add(l->moves, NULL);
	l->awaited = awaited;
}

bool nbd_link_is_dead(struct nbd_link *l)
{
	return nbd_api.aio_is_dead(l->handle) == 1 ||
	       nbd_api.aio_is_closed(l->handle) == 1;
}

bool nbd_link_is_ready(struct nbd_link *l)
{
	return nbd_api.aio_is_ready(l->handle) == 1;
}

static int measure_blocks(struct nbd_link *l, struct err *e)
{
	int64_t min = nbd_api.get_block_size(l->handle, LIBNBD_SIZE_MINIMUM);
	int64_t preferred =
		nbd_api.get_block_size(l->handle, LIBNBD_SIZE_PREFERRED);
	int64_t max = nbd_api.get_block_size(l->handle, LIBNBD_SIZE_MAXIMUM);

	if (min > (int64_t)BLK_SECTOR_BYTES)
		return err_set(e, EINVAL,
			       "image server: serves only blocks of %lld "
			       "bytes, a disk's sectors have %d",
			       (long long)min, BLK_SECTOR_BYTES);
	l->preferred = preferred > 0 && preferred <= UINT32_MAX
			       ? (uint32_t)preferred
			       : 0;
	l->bytes_max = BLK_IO_BYTES_MAX;
	if (max > 0 && max < (int64_t)BLK_IO_BYTES_MAX)
		l->bytes_max = (uint32_t)max & ~(BLK_SECTOR_BYTES - 1u);
	if (l->bytes_max == 0)
		return err_set(e, EINVAL,
			       "image server: takes no more than %lld bytes "
			       "at a time",
			       (long long)max);
	return 0;
}

int nbd_link_measure(struct nbd_link *l, struct err *e)
{
	int64_t bytes = nbd_api.get_size(l->handle);

	if (bytes < 0)
		return link_error(e);
	l->sectors = (uint64_t)bytes / BLK_SECTOR_BYTES;
	l->read_only = nbd_api.is_read_only(l->handle) == 1;
	l->flushes = nbd_api.can_flush(l->handle) == 1;
	l->fua = nbd_api.can_fua(l->handle) == 1;
	l->trims = nbd_api.can_trim(l->handle) == 1;
	return measure_blocks(l, e);
}
