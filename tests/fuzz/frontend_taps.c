/* SPDX-License-Identifier: MIT */
/* Taps, in place of daemon/host/tap.c: files in memory, that need no rights. */
#include <sys/mman.h>

#include "daemon/host/tap.h"

int tap_open(const char *ifname, struct err *e)
{
	(void)e;
	return memfd_create(ifname, MFD_CLOEXEC);
}

int tap_open_first(const char *ifname, struct err *e)
{
	return tap_open(ifname, e);
}

int tap_open_queue(int tap, struct err *e)
{
	(void)tap;
	return tap_open("queue", e);
}

int tap_set_carrier(int tap, bool up, struct err *e)
{
	(void)tap;
	(void)up;
	(void)e;
	return 0;
}
