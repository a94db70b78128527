/* SPDX-License-Identifier: MIT */
/* The store, granted pages and event channels, by ioctl and by write. */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/xen.h>
#include <xen/evtchn.h>
#include <xen/gntalloc.h>
#include <xen/io/xs_wire.h>

#define VALUE_MAX 4096

static int grants, events, store;

void give_up(const char *why, ...)
{
	va_list args;

	printf("\nGUEST hostile not ok - goes on to the end: ");
	va_start(args, why);
	vprintf(why, args);
	va_end(args);
	printf(" (%s)\n", strerror(errno));
	exit(1);
}

static int device_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		give_up("%s", path);
	return fd;
}

void machine_open(void)
{
	grants = device_open("/dev/xen/gntalloc");
	events = device_open("/dev/xen/evtchn");
	store = device_open("/dev/xen/xenbus");
}

void pages_give(uint16_t domid, bool writable, unsigned int n,
		struct page *pages)
{
	struct ioctl_gntalloc_alloc_gref give = {
		.domid = domid,
		.flags = writable ? GNTALLOC_FLAG_WRITABLE : 0,
		.count = 1,
	};
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (ioctl(grants, IOCTL_GNTALLOC_ALLOC_GREF, &give) < 0)
			give_up("no grants");
		pages[i].ref = give.gref_ids[0];
		pages[i].data = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
				     MAP_SHARED, grants, (off_t)give.index);
		if (pages[i].data == MAP_FAILED)
			give_up("no granted page");
	}
}

uint32_t page_revoked(void)
{
	struct ioctl_gntalloc_alloc_gref give = {.count = 1};
	struct ioctl_gntalloc_dealloc_gref take = {.count = 1};

	if (ioctl(grants, IOCTL_GNTALLOC_ALLOC_GREF, &give) < 0)
		give_up("no grants");
	take.index = give.index;
	if (ioctl(grants, IOCTL_GNTALLOC_DEALLOC_GREF, &take) < 0)
		give_up("a grant does not end");
	return give.gref_ids[0];
}

uint32_t port_new(void)
{
	struct ioctl_evtchn_bind_unbound_port bind = {.remote_domain = 0};
	int port = ioctl(events, IOCTL_EVTCHN_BIND_UNBOUND_PORT, &bind);

	if (port < 0)
		give_up("no event channel");
	return (uint32_t)port;
}

void port_ring(uint32_t port)
{
	struct ioctl_evtchn_notify notify = {.port = port};

	ioctl(events, IOCTL_EVTCHN_NOTIFY, &notify);
}

/* ---- the store ---- */

static void read_whole(void *to, size_t bytes)
{
	uint8_t *at = to;

	while (bytes > 0) {
		ssize_t n = read(store, at, bytes);

		if (n <= 0)
			give_up("the store does not answer");
		at += n;
		bytes -= (size_t)n;
	}
}

/* The answer's text in value, which has room for VALUE_MAX; its type. */
static uint32_t ask(uint32_t type, const char *path, const char *text,
		    char *value)
{
	char buffer[sizeof(struct xsd_sockmsg) + VALUE_MAX];
	const size_t path_bytes = strlen(path) + 1;
	const size_t text_bytes = text ? strlen(text) : 0;
	struct xsd_sockmsg msg = {
		.type = type,
		.len = (uint32_t)(path_bytes + text_bytes),
	};

	memcpy(buffer, &msg, sizeof(msg));
	memcpy(buffer + sizeof(msg), path, path_bytes);
	if (text)
		memcpy(buffer + sizeof(msg) + path_bytes, text, text_bytes);
	if (write(store, buffer, sizeof(msg) + msg.len) < 0)
		give_up("the store does not listen");
	read_whole(&msg, sizeof(msg));
	if (msg.len >= VALUE_MAX)
		give_up("the store says too much");
	read_whole(value, msg.len);
	value[msg.len] = '\0';
	return msg.type;
}

bool store_read(const char *path, char *value, size_t max)
{
	char answer[VALUE_MAX];

	if (ask(XS_READ, path, NULL, answer) == XS_ERROR)
		return false;
	snprintf(value, max, "%s", answer);
	return true;
}

void store_write(const char *path, const char *value)
{
	char answer[VALUE_MAX];

	if (ask(XS_WRITE, path, value, answer) == XS_ERROR)
		give_up("%s: %s", path, answer);
}

void store_remove(const char *path)
{
	char answer[VALUE_MAX];

	ask(XS_RM, path, NULL, answer);
}
