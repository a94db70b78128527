/* SPDX-License-Identifier: MIT */
/* A packet socket on the bridge. */
#include "tests/sim/runs/host_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define TYPE 0x88b5 /* IEEE 802: for local experiments */

int host_net_open(void)
{
	struct sockaddr_ll where = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(TYPE),
		.sll_ifindex = (int)if_nametoindex(HOST_NET_BRIDGE),
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			htons(TYPE));

	if (fd < 0)
		return -errno;
	if (where.sll_ifindex == 0 ||
	    bind(fd, (struct sockaddr *)&where, sizeof(where)) < 0) {
		close(fd);
		return where.sll_ifindex ? -errno : -ENODEV;
	}
	return fd;
}

void host_net_mac(int fd, uint8_t mac[6])
{
	struct ifreq r = {.ifr_name = HOST_NET_BRIDGE};

	if (ioctl(fd, SIOCGIFHWADDR, &r) < 0)
		memset(&r.ifr_hwaddr, 0, sizeof(r.ifr_hwaddr));
	memcpy(mac, r.ifr_hwaddr.sa_data, ETH_ALEN);
}

void host_net_frame(uint8_t frame[HOST_NET_BYTES], const uint8_t to[6],
		    const uint8_t from[6], uint32_t seed)
{
	struct ether_header head = {.ether_type = htons(TYPE)};
	size_t i;

	memcpy(head.ether_dhost, to, ETH_ALEN);
	memcpy(head.ether_shost, from, ETH_ALEN);
	memcpy(frame, &head, sizeof(head));
	for (i = sizeof(head); i < HOST_NET_BYTES; i++) {
		seed = seed * 1103515245u + 12345u;
		frame[i] = (uint8_t)(seed >> 16);
	}
}

int host_net_send(int fd, const uint8_t frame[HOST_NET_BYTES])
{
	ssize_t r = send(fd, frame, HOST_NET_BYTES, 0);

	return r == HOST_NET_BYTES ? 0 : r < 0 ? -errno : -EIO;
}

bool host_net_got(int fd, const uint8_t frame[HOST_NET_BYTES])
{
	uint8_t got[2048];
	bool found = false;
	ssize_t r;

	while ((r = recv(fd, got, sizeof(got), 0)) >= 0)
		found |= r == HOST_NET_BYTES &&
			 memcmp(got, frame, HOST_NET_BYTES) == 0;
	return found;
}
