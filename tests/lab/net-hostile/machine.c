/* SPDX-License-Identifier: MIT */
/* Granted pages and event channels, by ioctl; and what the guest waits for. */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xen/xen.h>
#include <xen/evtchn.h>
#include <xen/gntalloc.h>

#include "wire.h"

static int grants, events;

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

int device_open(const char *path, int flags)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | flags);

	if (fd < 0)
		give_up("%s", path);
	return fd;
}

void machine_open(void)
{
	grants = device_open("/dev/xen/gntalloc", 0);
	events = device_open("/dev/xen/evtchn", O_NONBLOCK);
	wire_open();
}

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* A port that has rung is masked until it is written back. */
static void hear_ports(void)
{
	uint32_t ports[64];
	const ssize_t n = read(events, ports, sizeof(ports));

	if (n > 0 && write(events, ports, (size_t)n) != n)
		give_up("ports cannot be unmasked");
}

void machine_wait(uint64_t end_ms)
{
	struct pollfd fds[2] = {
		{.fd = events, .events = POLLIN},
		{.fd = wire_fd(), .events = POLLIN},
	};
	const uint64_t now = now_ms();

	/* A change may have come before the answer to something else. */
	if (wire_has_changed() || now >= end_ms)
		return;
	if (poll(fds, 2, (int)(end_ms - now)) <= 0)
		return;
	if (fds[0].revents)
		hear_ports();
	if (fds[1].revents)
		wire_hear_change();
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
