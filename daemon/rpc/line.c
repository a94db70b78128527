/* SPDX-License-Identifier: MIT */
/* Reading and writing lines, with every failure seen. */
#include "daemon/rpc/line.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

/* evbuffer_readln does not tell want of memory from want of a line. */
bool line_read(struct evbuffer *in, size_t max, char **line, size_t *size)
{
	struct evbuffer_ptr end =
		evbuffer_search_eol(in, NULL, NULL, EVBUFFER_EOL_LF);

	if (end.pos < 0)
		return false;
	*size = (size_t)end.pos;
	*line = *size > max ? NULL : malloc(*size + 1);
	if (*line) {
		evbuffer_copyout(in, *line, *size);
		(*line)[*size] = '\0';
	}
	evbuffer_drain(in, *size + 1);
	return true;
}

/*
 * libevent adds the event in a callback of the buffer, which may fail or never
 * have been made, and says nothing; enabling what is enabled adds it, too.
 */
bool line_write(struct bufferevent *io, const char *text)
{
	return bufferevent_write(io, text, strlen(text)) == 0 &&
	       bufferevent_enable(io, EV_WRITE) == 0;
}

bool line_squeeze(struct bufferevent *io, const char *text)
{
	size_t size = strlen(text);

	return !evbuffer_get_length(bufferevent_get_output(io)) &&
	       send(bufferevent_getfd(io), text, size,
		    MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}
