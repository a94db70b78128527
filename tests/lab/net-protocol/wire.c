/* SPDX-License-Identifier: MIT */
/*
 * Verifies the checksums of the frames that arrive at an interface, as they
 * would be on a wire.
 *
 *	wire DEVICE
 *
 * Says "listens" once it does. When told to end, by SIGTERM, it says how many
 * there were of TCP and UDP by IPv4 and IPv6, how many of all were wrong, and
 * how long the longest frame was. Fragments are not looked into.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX  131072
#define FRAGMENT   0x3fff /* more of them, or not the first */
#define UDP_SUM_AT 6

static struct {
	unsigned long tcp4, udp4, tcp6, udp6, bad, longest;
} seen;

static volatile sig_atomic_t is_over;

static void on_end(int sig)
{
	(void)sig;
	is_over = 1;
}

/* The sum of 16-bit words, in the order of the network, of which an odd last
   byte begins one. */
static uint32_t sum(uint32_t sum, const uint8_t *data, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size; i += 2)
		sum += (uint32_t)(data[i] << 8 | data[i + 1]);
	return i < size ? sum + ((uint32_t)data[i] << 8) : sum;
}

/* Of what has its own checksum in it. */
static bool is_right(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* addresses: both, which stand side by side, of so many bytes together */
static void take_payload(const uint8_t *addresses, size_t n_addresses,
			 uint8_t protocol, const uint8_t *data, size_t size)
{
	const bool is_v4 = n_addresses == 8;
	uint32_t s;

	if (protocol == IPPROTO_TCP)
		++*(is_v4 ? &seen.tcp4 : &seen.tcp6);
	else if (protocol == IPPROTO_UDP)
		++*(is_v4 ? &seen.udp4 : &seen.udp6);
	else
		return;
	s = sum(protocol + (uint32_t)size, addresses, n_addresses);
	if (!is_right(sum(s, data, size)) ||
	    (protocol == IPPROTO_UDP && data[UDP_SUM_AT] == 0 &&
	     data[UDP_SUM_AT + 1] == 0))
		seen.bad++;
}

static void take_v4(const uint8_t *data, size_t size)
{
	struct iphdr ip;
	size_t head, all;

	if (size < sizeof(ip))
		return;
	memcpy(&ip, data, sizeof(ip));
	head = ip.ihl * 4u;
	all = ntohs(ip.tot_len);
	if (all > size || head > all || !is_right(sum(0, data, head))) {
		seen.bad++;
		return;
	}
	if (!(ntohs(ip.frag_off) & FRAGMENT))
		take_payload(data + 12, 8, ip.protocol, data + head,
			     all - head);
}

static void take_v6(const uint8_t *data, size_t size)
{
	struct ip6_hdr ip;

	if (size < sizeof(ip))
		return;
	memcpy(&ip, data, sizeof(ip));
	if (ntohs(ip.ip6_plen) > size - sizeof(ip)) {
		seen.bad++;
		return;
	}
	take_payload(data + 8, 32, ip.ip6_nxt, data + sizeof(ip),
		     ntohs(ip.ip6_plen));
}

static void take(const uint8_t *frame, size_t size)
{
	uint16_t type;

	if (size < ETH_HLEN)
		return;
	if (size > seen.longest)
		seen.longest = size;
	memcpy(&type, frame + 12, sizeof(type));
	if (ntohs(type) == ETH_P_IP)
		take_v4(frame + ETH_HLEN, size - ETH_HLEN);
	else if (ntohs(type) == ETH_P_IPV6)
		take_v6(frame + ETH_HLEN, size - ETH_HLEN);
}

static int open_device(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	const int large = 32 << 20;
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &large, sizeof(large));
	if (address.sll_ifindex == 0 ||
	    bind(fd, (const void *)&address, sizeof(address)) < 0) {
		perror(name);
		return -1;
	}
	return fd;
}

int main(int argc, char **argv)
{
	const struct sigaction action = {.sa_handler = on_end};
	static uint8_t frame[FRAME_MAX];
	struct sockaddr_ll from;
	socklen_t length;
	ssize_t n;
	int fd;

	if (argc != 2 || (fd = open_device(argv[1])) < 0)
		return 2;
	sigaction(SIGTERM, &action, NULL);
	puts("listens");
	fflush(stdout);
	while (!is_over) {
		length = sizeof(from);
		n = recvfrom(fd, frame, sizeof(frame), 0, (void *)&from,
			     &length);
		if (n > 0 && from.sll_pkttype != PACKET_OUTGOING)
			take(frame, (size_t)n);
	}
	printf("tcp4 %lu\nudp4 %lu\ntcp6 %lu\nudp6 %lu\nbad %lu\n"
	       "longest %lu\n",
	       seen.tcp4, seen.udp4, seen.tcp6, seen.udp6, seen.bad,
	       seen.longest);
	return 0;
}
