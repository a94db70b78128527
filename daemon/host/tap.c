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

int tap_open(const char *ifname, struct err *e)
{
	struct ifreq ifr = {.ifr_flags = (short)(IFF_TAP | IFF_NO_PI |
						 IFF_VNET_HDR | IFF_TUN_EXCL)};
	char shown[64];
	scoped_fd fd = -1;

	if (!is_name(ifname))
		return err_set(e, EINVAL,
			       "%s: not a name for an interface: 1 to 15 "
			       "printable characters but '/', ':', '%%'",
			       text_escape(ifname, shown, sizeof(shown)));
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, errno,
				 "/dev/net/tun: cannot open (is the module "
				 "tun loaded?)");
	strcpy(ifr.ifr_name, ifname);
	if (ioctl(fd, TUNSETIFF, &ifr) == 0)
		return fd_take(&fd);
	if (errno == EBUSY)
		return err_set(e, EBUSY, "%s: an interface of that name exists",
			       ifname);
	return err_errno(e, errno, "%s: cannot make a tap", ifname);
}
