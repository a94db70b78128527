/* SPDX-License-Identifier: MIT */
/*
 * What an interface leaves to its device, switched on and off: checksums,
 * frames in pieces, segmentation.
 *
 *	offload DEVICE on|off|show
 *
 * What a device does not let one change stays. Prints what is then so.
 */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* In the order in which each rests on those before it. */
static const struct feature {
	const char *name;
	unsigned int get, set;
} features[] = {
	{"tx", ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM},
	{"sg", ETHTOOL_GSG, ETHTOOL_SSG},
	{"tso", ETHTOOL_GTSO, ETHTOOL_STSO},
	{"gso", ETHTOOL_GGSO, ETHTOOL_SGSO},
};

#define N_FEATURES (sizeof(features) / sizeof(features[0]))

static int ask(int fd, const char *device, struct ethtool_value *value)
{
	struct ifreq request = {.ifr_data = (void *)value};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (ioctl(fd, SIOCETHTOOL, &request) == 0 || errno == EOPNOTSUPP)
		return 0;
	printf("%s: %s\n", device, strerror(errno));
	return -1;
}

static int set(int fd, const char *device, unsigned int on)
{
	size_t i;

	for (i = 0; i < N_FEATURES; i++) {
		const struct feature *f =
			&features[on ? i : N_FEATURES - 1 - i];
		struct ethtool_value value = {f->set, on};

		if (ask(fd, device, &value) < 0)
			return -1;
	}
	return 0;
}

static int show(int fd, const char *device)
{
	size_t i;

	for (i = 0; i < N_FEATURES; i++) {
		struct ethtool_value value = {features[i].get, 0};

		if (ask(fd, device, &value) < 0)
			return -1;
		printf("%s%s %s", i ? ", " : "", features[i].name,
		       value.data ? "on" : "off");
	}
	puts("");
	return 0;
}

int main(int argc, char **argv)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc != 3 || fd < 0 ||
	    (strcmp(argv[2], "on") != 0 && strcmp(argv[2], "off") != 0 &&
	     strcmp(argv[2], "show") != 0)) {
		fputs("usage: offload DEVICE on|off|show\n", stderr);
		return 2;
	}
	if (strcmp(argv[2], "show") != 0 &&
	    set(fd, argv[1], strcmp(argv[2], "on") == 0) < 0)
		return 1;
	return show(fd, argv[1]) < 0;
}
