/* SPDX-License-Identifier: MIT */
/* A flat table of nodes behind libxenstore's functions. */
#include "tests/unit/fake_store.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <xenstore.h>

#include "base/text.h"

#define NODES	 128
#define WATCHES	 8
#define EVENTS	 64
#define TEXT_MAX 128

struct xs_handle {
	int fd;
};

struct watch {
	char path[TEXT_MAX];
	char token[TEXT_MAX];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct node {
	char path[TEXT_MAX];
	char value[TEXT_MAX];
	unsigned int writes;
} nodes[NODES];
static struct watch watches[WATCHES];
static struct watch events[EVENTS];
static unsigned int n_events;
static int watch_fd = -1;
static const char *read_path, *then_path, *then_value;

static void copy(char to[TEXT_MAX], const char *from)
{
	snprintf(to, TEXT_MAX, "%s", from);
}

static struct node *find(const char *path)
{
	unsigned int i;

	for (i = 0; i < NODES; i++)
		if (strcmp(nodes[i].path, path) == 0)
			return &nodes[i];
	return NULL;
}

static void queue(const struct watch *w)
{
	if (n_events < EVENTS)
		events[n_events++] = *w;
	eventfd_write(watch_fd, 1);
}

static void fire(const char *path)
{
	unsigned int i;

	for (i = 0; i < WATCHES; i++)
		if (watches[i].path[0] && strcmp(watches[i].path, path) == 0)
			queue(&watches[i]);
}

static void put(const char *path, const char *value)
{
	struct node *n = find(path);

	if (!n)
		n = find("");
	if (strcmp(n->path, path) != 0)
		n->writes = 0;
	copy(n->path, path);
	copy(n->value, value);
	n->writes++;
	fire(path);
}

void store_write(const char *path, const char *value)
{
	pthread_mutex_lock(&lock);
	put(path, value);
	pthread_mutex_unlock(&lock);
}

unsigned int store_writes(const char *path)
{
	struct node *n;
	unsigned int writes;

	pthread_mutex_lock(&lock);
	n = find(path);
	writes = n ? n->writes : 0;
	pthread_mutex_unlock(&lock);
	return writes;
}

bool store_has(const char *path, const char *value)
{
	const struct node *n;
	bool has;

	pthread_mutex_lock(&lock);
	n = find(path);
	has = n && strcmp(n->value, value) == 0;
	pthread_mutex_unlock(&lock);
	return has;
}

unsigned int store_count(void)
{
	unsigned int count = 0;
	unsigned int i;

	for (i = 0; i < NODES; i++)
		count += nodes[i].path[0] != '\0';
	return count;
}

void store_when_read(const char *path, const char *other, const char *value)
{
	read_path = path;
	then_path = other;
	then_value = value;
}

void store_clear(void)
{
	memset(nodes, 0, sizeof(nodes));
	memset(watches, 0, sizeof(watches));
	n_events = 0;
}

/* ---- xenstore.h ---- */

struct xs_handle *xs_open(unsigned long flags)
{
	struct xs_handle *h = malloc(sizeof(*h));

	(void)flags;
	h->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return h;
}

void xs_close(struct xs_handle *h)
{
	if (watch_fd == h->fd)
		watch_fd = -1;
	close(h->fd);
	free(h);
}

/* The handle that is asked for its descriptor is that of the watches. */
int xs_fileno(struct xs_handle *h)
{
	watch_fd = h->fd;
	return h->fd;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	unsigned int i;

	(void)h;
	pthread_mutex_lock(&lock);
	for (i = 0; watches[i].path[0]; i++)
		continue;
	copy(watches[i].path, path);
	copy(watches[i].token, token);
	queue(&watches[i]);
	pthread_mutex_unlock(&lock);
	return true;
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	unsigned int i;

	(void)h;
	(void)path;
	pthread_mutex_lock(&lock);
	for (i = 0; i < WATCHES; i++)
		if (strcmp(watches[i].token, token) == 0)
			watches[i].path[0] = '\0';
	pthread_mutex_unlock(&lock);
	return true;
}

char **xs_check_watch(struct xs_handle *h)
{
	char **event = NULL;
	eventfd_t count;
	char *text;

	pthread_mutex_lock(&lock);
	eventfd_read(h->fd, &count);
	if (n_events) {
		event = malloc(2 * sizeof(*event) + sizeof(events[0]));
		text = (char *)(event + 2);
		memcpy(text, &events[0], sizeof(events[0]));
		event[XS_WATCH_PATH] = text;
		event[XS_WATCH_TOKEN] = text + offsetof(struct watch, token);
		n_events--;
		memmove(events, events + 1, n_events * sizeof(events[0]));
		eventfd_write(h->fd, 1);
	}
	pthread_mutex_unlock(&lock);
	return event;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
	      unsigned int *len)
{
	const struct node *n;
	char *value = NULL;

	(void)h;
	(void)t;
	if (read_path && strcmp(read_path, path) == 0) {
		read_path = NULL;
		store_write(then_path, then_value);
		usleep(100000);
	}
	pthread_mutex_lock(&lock);
	n = find(path);
	if (n) {
		value = strdup(n->value);
		*len = (unsigned int)strlen(value);
	}
	pthread_mutex_unlock(&lock);
	return value;
}

/* Direct children that have a value of their own. */
char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path,
		    unsigned int *num)
{
	size_t length = strlen(path);
	char **names = malloc(NODES * (sizeof(char *) + TEXT_MAX));
	char *text = (char *)(names + NODES);
	unsigned int i;

	(void)h;
	(void)t;
	*num = 0;
	pthread_mutex_lock(&lock);
	for (i = 0; i < NODES; i++) {
		const char *at = nodes[i].path;

		if (strncmp(at, path, length) != 0 || at[length] != '/' ||
		    strchr(at + length + 1, '/'))
			continue;
		copy(text, at + length + 1);
		names[(*num)++] = text;
		text += TEXT_MAX;
	}
	pthread_mutex_unlock(&lock);
	if (*num)
		return names;
	free(names);
	errno = ENOENT;
	return NULL;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path,
	      const void *data, unsigned int len)
{
	(void)h;
	(void)t;
	(void)len;
	store_write(path, data);
	return true;
}

bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	return xs_write(h, t, path, "", 0);
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	size_t size = strlen(path);
	unsigned int i;

	(void)h;
	(void)t;
	pthread_mutex_lock(&lock);
	for (i = 0; i < NODES; i++)
		if (strncmp(nodes[i].path, path, size) == 0 &&
		    (nodes[i].path[size] == '/' || !nodes[i].path[size]))
			nodes[i].path[0] = '\0';
	pthread_mutex_unlock(&lock);
	return true;
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t,
			const char *path, struct xs_permissions *perms,
			unsigned int n)
{
	(void)h;
	(void)t;
	(void)path;
	(void)perms;
	return n > 0;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	(void)h;
	return 1;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
	(void)h;
	(void)t;
	(void)abort;
	return true;
}

/* It never loses a connection. */
char *xs_get_domain_path(struct xs_handle *h, unsigned int domid)
{
	(void)h;
	return text_format("/local/domain/%u", domid);
}

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid,
			 unsigned long mfn, unsigned int port)
{
	(void)h;
	(void)domid;
	(void)mfn;
	(void)port;
	return true;
}
