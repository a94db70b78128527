/* SPDX-License-Identifier: MIT */
/* Requests by the level, over a connection of their own. */
#include "tests/sim/runs/nodes.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenstore_lib.h>
#include <xen/io/xs_wire.h>

#include "base/scope.h"
#include "base/text.h"

struct nodes {
	int fd;	      /* owned by from */
	FILE *from;   /* owned */
	char **paths; /* owned, and what they point to */
	size_t count, room;
	char answer[XENSTORE_PAYLOAD_MAX + 1];
	size_t length; /* of it, without the NUL */
};

static bool nodes_open(struct nodes *n)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", xs_daemon_socket());
	n->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (n->fd < 0)
		return false;
	if (connect(n->fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		n->from = fdopen(n->fd, "r");
	if (!n->from)
		close(n->fd);
	return n->from;
}

/* Takes path. */
static void add(struct nodes *n, char *path)
{
	if (n->count == n->room) {
		n->room = n->room ? 2 * n->room : 64;
		n->paths = reallocarray(n->paths, n->room, sizeof(char *));
		if (!n->paths)
			abort();
	}
	n->paths[n->count++] = path;
}

/* ---- requests and answers, which come in their order ---- */

static void put(FILE *to, uint32_t type, const char *path)
{
	const struct xsd_sockmsg head = {
		.type = type,
		.len = (uint32_t)strlen(path) + 1,
	};

	fwrite(&head, sizeof(head), 1, to);
	fwrite(path, head.len, 1, to);
}

static bool ask(struct nodes *n, size_t first, size_t end)
{
	scoped_str bytes = NULL;
	size_t size = 0;
	size_t done = 0;
	FILE *to = open_memstream(&bytes, &size);

	for (; first < end; first++) {
		put(to, XS_DIRECTORY, n->paths[first]);
		put(to, XS_READ, n->paths[first]);
	}
	fclose(to);
	while (done < size) {
		ssize_t r = write(n->fd, bytes + done, size - done);

		if (r < 0)
			return false;
		done += (size_t)r;
	}
	return true;
}

/* That there is no such node is an empty answer. */
static bool take(struct nodes *n)
{
	struct xsd_sockmsg head;

	if (fread(&head, sizeof(head), 1, n->from) != 1 ||
	    head.len > XENSTORE_PAYLOAD_MAX ||
	    fread(n->answer, 1, head.len, n->from) != head.len)
		return false;
	n->length = head.type == XS_ERROR ? 0 : head.len;
	n->answer[n->length] = '\0';
	return true;
}

/* Names, each with its NUL. */
static void add_children(struct nodes *n, const char *path)
{
	const char *dir = strcmp(path, "/") == 0 ? "" : path;
	const char *name;

	for (name = n->answer; name < n->answer + n->length;
	     name += strlen(name) + 1)
		add(n, text_format("%s/%s", dir, name));
}

static bool tell_level(struct nodes *n, size_t first, size_t end, FILE *out)
{
	if (!ask(n, first, end))
		return false;
	for (; first < end; first++) {
		if (!take(n))
			return false;
		add_children(n, n->paths[first]);
		if (!take(n))
			return false;
		fprintf(out, NODE "%s = %s\n", n->paths[first], n->answer);
	}
	return true;
}

void nodes_tell(FILE *out)
{
	struct nodes n = {0};
	size_t first = 0;
	size_t end = 1;

	bool ok = nodes_open(&n);

	add(&n, strdup("/"));
	while (ok && first < end) {
		ok = tell_level(&n, first, end, out);
		first = end;
		end = n.count;
	}
	if (!ok) {
		fprintf(stderr, "the test bed: xenstored does not answer\n");
		exit(2);
	}
	while (n.count > 0)
		free(n.paths[--n.count]);
	free(n.paths);
	fclose(n.from);
}
