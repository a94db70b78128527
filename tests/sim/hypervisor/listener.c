/* SPDX-License-Identifier: MIT */
/* The socket at which the simulated hypervisor is found. */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <event2/event.h>

static struct event *acceptable;

static void on_acceptable(evutil_socket_t listener, short what, void *arg)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int rc = fd < 0 ? -errno : client_accept(arg, fd);

	(void)what;
	if (rc < 0)
		fprintf(stderr, "xn-sim: cannot accept: %s\n", strerror(-rc));
}

int listener_open(struct event_base *base, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, SOMAXCONN) < 0)
		return -errno;
	acceptable =
		event_new(base, fd, EV_READ | EV_PERSIST, on_acceptable, base);
	if (!acceptable || event_add(acceptable, NULL) < 0)
		return -ENOMEM;
	return 0;
}

void listener_close(void)
{
	if (!acceptable)
		return;
	close(event_get_fd(acceptable));
	event_free(acceptable);
}
