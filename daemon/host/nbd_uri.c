/* SPDX-License-Identifier: MIT */
/* Reading NBD URIs. */
#include "daemon/host/nbd_uri.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "base/text.h"
#include "daemon/host/hex.h"

#define TCP_SCHEME  "nbd://"
#define UNIX_SCHEME "nbd+unix://"
#define PORT	    "10809" /* IANA's */

bool nbd_uri_is(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

	return n > 0 && text_begins(text + n, "://");
}

/* The byte that the two digits after a percent sign say, or -1. */
static int escaped_byte(const char *digits, size_t left)
{
	int high = left < 2 ? -1 : hex_digit(digits[0]);
	int low = left < 2 ? -1 : hex_digit(digits[1]);

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/*
 * Decodes length bytes of text into out, of size bytes with its NUL. what:
 * for the error.
 */
static int decode(const char *text, size_t length, char *out, size_t size,
		  const char *what, struct err *e)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < length; i++) {
		int c = (unsigned char)text[i];

		if (c == '%') {
			c = escaped_byte(text + i + 1, length - i - 1);
			i += 2;
		}
		if (c < ' ' || c == 0x7f)
			return err_set(e, EINVAL,
				       "the %s holds a control character, or a "
				       "%% that two hexadecimal digits do not "
				       "follow",
				       what);
		if (n + 1 == size)
			return err_set(e, EINVAL,
				       "the %s is longer than %zu bytes", what,
				       size - 1);
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return 0;
}

static int parse_port(const char *text, size_t length, struct nbd_uri *u,
		      struct err *e)
{
	uint32_t port;

	if (length >= sizeof(u->port))
		return err_set(e, EINVAL, "the port is no number");
	memcpy(u->port, text, length);
	u->port[length] = '\0';
	if (num_parse_u32(u->port, UINT16_MAX, &port) < 0 || port == 0)
		return err_set(e, EINVAL, "the port is not from 1 to 65535");
	snprintf(u->port, sizeof(u->port), "%hu", (uint16_t)port);
	return 0;
}

/* HOST, HOST:PORT or [ADDRESS]:PORT, of length bytes. */
static int parse_authority(const char *text, size_t length, struct nbd_uri *u,
			   struct err *e)
{
	const char *end = text + length;
	const char *host = text;
	const char *host_end = text;

	if (memchr(text, '@', length))
		return err_set(e, EINVAL,
			       "a user is named, which only encrypted NBD has");
	if (text < end && *text == '[') {
		host++;
		host_end = memchr(text, ']', length);
		if (!host_end)
			return err_set(e, EINVAL, "a [ is not closed");
		text = host_end + 1;
	} else {
		while (text < end && *text != ':')
			text++;
		host_end = text;
	}
	if (host == host_end)
		return err_set(e, EINVAL, "names no host");
	if (decode(host, (size_t)(host_end - host), u->host, sizeof(u->host),
		   "host", e) < 0)
		return -e->code;
	strcpy(u->port, PORT);
	if (text == end)
		return 0;
	if (*text != ':')
		return err_set(e, EINVAL, "something follows the ]");
	text++;
	return text == end ? 0 : parse_port(text, (size_t)(end - text), u, e);
}

/* "socket=PATH", and nothing else. */
static int parse_query(const char *query, struct nbd_uri *u, struct err *e)
{
	static const char key[] = "socket=";

	if (!text_begins(query, key))
		return err_set(e, EINVAL,
			       "the only parameter known is socket=/path");
	query += strlen(key);
	if (strpbrk(query, "&;"))
		return err_set(e, EINVAL,
			       "has parameters besides socket=/path");
	if (decode(query, strlen(query), u->socket, sizeof(u->socket),
		   "socket's path", e) < 0)
		return -e->code;
	if (u->socket[0] != '/')
		return err_set(e, EINVAL, "the socket's path is not absolute");
	return 0;
}

static int refuse_scheme(const char *text, struct err *e)
{
	if (text_begins(text, "nbds:") || text_begins(text, "nbds+"))
		return err_set(e, EINVAL,
			       "encrypted NBD is not supported; tunnel it, or "
			       "use nbd:// in a network that is yours");
	if (text_begins(text, "nbd+"))
		return err_set(e, EINVAL,
			       "of NBD, only nbd:// and nbd+unix:// are "
			       "supported");
	return err_set(e, EINVAL,
		       "is no path, and of URIs only nbd:// and nbd+unix:// "
		       "are known");
}

int nbd_uri_parse(const char *text, struct nbd_uri *u, struct err *e)
{
	bool tcp = text_begins(text, TCP_SCHEME);
	const char *path;
	const char *query;
	size_t length;

	memset(u, 0, sizeof(*u));
	if (!tcp && !text_begins(text, UNIX_SCHEME))
		return refuse_scheme(text, e);
	if (strchr(text, '#'))
		return err_set(e, EINVAL, "a # must be written %%23");
	text += strlen(tcp ? TCP_SCHEME : UNIX_SCHEME);
	length = strcspn(text, "/?");
	path = text + length;
	query = path + strcspn(path, "?");
	if (tcp && parse_authority(text, length, u, e) < 0)
		return -e->code;
	if (!tcp && length)
		return err_set(e, EINVAL,
			       "has a host; write nbd+unix:///export?socket=");
	if (*path == '/')
		path++;
	if (decode(path, (size_t)(query - path), u->export, sizeof(u->export),
		   "export's name", e) < 0)
		return -e->code;
	if (tcp && *query)
		return err_set(e, EINVAL,
			       "nbd:// takes no parameters (a ? must be "
			       "written %%3f)");
	if (tcp)
		return 0;
	return *query ? parse_query(query + 1, u, e)
		      : err_set(e, EINVAL, "names no ?socket=/path");
}
