/* SPDX-License-Identifier: MIT */
/* Taps, through /dev/net/tun. */
#include "daemon/host/tap.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"

/* The kernel's rule (dev_valid_name), and '%', which TUNSETIFF expands. */
static bool is_name(const char *name)
{
	const char *c;

	if (!*name || strlen(name) >= IFNAMSIZ || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return false;
	for (c = name; *c; c++)
		if (!isgraph((unsigned char)*c) || strchr("/:%", *c))
			return false;
	return true;
}

#define TAP_FLAGS (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)

static int open_device(struct err *e)
{
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return err_errno(e, errno,
				 "/dev/net/tun: cannot open (is the module "
				 "tun loaded?)");
	return fd;
}

static int make(const char *ifname, int flags, struct err *e)
{
	struct ifreq ifr = {.ifr_flags = (short)flags};
	char shown[64];
	scoped_fd fd = -1;

	if (!is_name(ifname))
		return err_set(e, EINVAL,
			       "%s: not a name for an interface: 1 to 15 "
			       "printable characters but '/', ':', '%%'",
			       text_escape(ifname, shown, sizeof(shown)));
	fd = open_device(e);
	if (fd < 0)
		return -e->code;
	strcpy(ifr.ifr_name, ifname);
	if (ioctl(fd, TUNSETIFF, &ifr) == 0)
		return fd_take(&fd);
	if (errno == EBUSY)
		return err_set(e, EBUSY, "%s: an interface of that name exists",
			       ifname);
	return err_errno(e, errno, "%s: cannot make a tap", ifname);
}

int tap_open(const char *ifname, struct err *e)
{
	return make(ifname, TAP_FLAGS | IFF_TUN_EXCL, e);
}

int tap_open_first(const char *ifname, struct err *e)
{
	return make(ifname, TAP_FLAGS | IFF_TUN_EXCL | IFF_MULTI_QUEUE, e);
}

int tap_open_queue(int tap, struct err *e)
{
	struct ifreq ifr = {0};
	scoped_fd fd = -1;

	/* By the name that it has now. */
	if (ioctl(tap, TUNGETIFF, &ifr) < 0)
		return err_errno(e, errno, "cannot ask a tap for its name");
	fd = open_device(e);
	if (fd < 0)
		return -e->code;
	ifr.ifr_flags = (short)(TAP_FLAGS | IFF_MULTI_QUEUE);
	if (ioctl(fd, TUNSETIFF, &ifr) == 0)
		return fd_take(&fd);
	return err_errno(e, errno, "%s: cannot have another queue",
			 ifr.ifr_name);
}

int tap_set_carrier(int tap, bool up, struct err *e)
{
	int carrier = up;

	if (ioctl(tap, TUNSETCARRIER, &carrier) < 0)
		return err_errno(e, errno, "cannot %s its cable",
				 up ? "put in" : "take out");
	return 0;
}
