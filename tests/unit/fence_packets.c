/* SPDX-License-Identifier: MIT */
/* Frames, byte by byte. */
#include "tests/unit/fence_packets.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <string.h>

static const uint8_t own_mac[6] = {0x00, 0x16, 0x3e, 0x00, 0x00, 0x01};
static const uint8_t other_mac[6] = {0x00, 0x16, 0x3e, 0x00, 0x00, 0x02};

static void put(struct frame *f, const void *bytes, size_t size)
{
	memcpy(f->bytes + f->size, bytes, size);
	f->size += size;
}

static void put_u8(struct frame *f, uint8_t v)
{
	put(f, &v, 1);
}

static void put_u16(struct frame *f, uint16_t v)
{
	v = htons(v);
	put(f, &v, 2);
}

static void put_ip(struct frame *f, const char *text)
{
	uint8_t bytes[16] = {0};
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;

	inet_pton(family, text, bytes);
	put(f, bytes, family == AF_INET ? 4 : 16);
}

/* To everybody; tags: how many 802.1Q tags of VLAN 5. */
static void begin(struct frame *f, const uint8_t from[6], unsigned int tags,
		  uint16_t type)
{
	f->size = 0;
	put(f, "\xff\xff\xff\xff\xff\xff", 6);
	put(f, from, 6);
	while (tags--) {
		put_u16(f, ETHERTYPE_VLAN);
		put_u16(f, 5);
	}
	put_u16(f, type);
}

static void put_arp(struct frame *f, const struct packet *p)
{
	put_u16(f, 1);
	put_u16(f, ETHERTYPE_IP);
	put_u8(f, 6);
	put_u8(f, 4);
	put_u16(f, p->operation ? p->operation : 1);
	put(f, p->arp_foreign ? other_mac : own_mac, 6);
	put_ip(f, p->from);
	put(f, "\0\0\0\0\0\0", 6);
	put_ip(f, p->to);
}

static void put_ipv4(struct frame *f, const struct packet *p)
{
	put_u16(f, 0x4500);
	put_u16(f, 28);
	put_u16(f, 0);
	put_u16(f, 0);
	put_u8(f, 64);
	put_u8(f, p->protocol ? p->protocol : 253);
	put_u16(f, 0);
	put_ip(f, p->from);
	put_ip(f, p->to);
	put_u16(f, p->ports[0]);
	put_u16(f, p->ports[1]);
	put_u16(f, 8);
	put_u16(f, 0);
}

static void put_ipv6(struct frame *f, const struct packet *p)
{
	put_u16(f, 0x6000);
	put_u16(f, 0);
	put_u16(f, 24);
	put_u8(f, p->icmp ? 58 : 253);
	put_u8(f, 255);
	put_ip(f, p->from);
	put_ip(f, p->to);
	put_u8(f, p->icmp);
	put(f, "\0\0\0\0\0\0\0", 7);
	put_ip(f, p->target ? p->target : "::");
}

void fence_packet_frame(const struct packet *p, struct frame *f)
{
	static const uint16_t types[] = {ETHERTYPE_ARP, ETHERTYPE_IP,
					 ETHERTYPE_IPV6, 0x88b5};

	begin(f, p->foreign ? other_mac : own_mac, p->tags, types[p->kind]);
	if (p->kind == ARP)
		put_arp(f, p);
	else if (p->kind == IPV4)
		put_ipv4(f, p);
	else if (p->kind == IPV6)
		put_ipv6(f, p);
	while (f->size < 60)
		put_u8(f, 0);
}

#define OWN_LINK "fe80::216:3eff:fe00:1"
#define OWN_IPV6 "2001:db8:0:7::1" /* the /61's last network */

#define PASSES	 true
#define DROPPED	 false
#define ROW(is, of, name, source, dest, ...)                  \
	{                                                     \
		.what = (name), .passes = (is), .kind = (of), \
		.from = (source), .to = (dest), __VA_ARGS__   \
	}

const struct packet fence_packets[] = {
	ROW(PASSES, IPV4, "IPv4 of its own", "10.0.0.2", "10.0.0.9"),
	ROW(PASSES, IPV4, "IPv4 of its own network", "10.2.255.1", "10.0.0.9"),
	ROW(PASSES, IPV4, "IPv4 of its own, in a VLAN", "10.0.0.2", "10.0.0.9",
	    .tags = 1),
	ROW(DROPPED, IPV4, "IPv4 of another", "10.0.0.3", "10.0.0.9"),
	ROW(DROPPED, IPV4, "IPv4 just beside its network", "10.3.0.0",
	    "10.0.0.9"),
	ROW(DROPPED, IPV4, "IPv4 of another, in a VLAN", "10.0.0.3", "10.0.0.9",
	    .tags = 1),
	ROW(DROPPED, IPV4, "IPv4 of its own, in a VLAN in a VLAN", "10.0.0.2",
	    "10.0.0.9", .tags = 2),
	ROW(DROPPED, IPV4, "IPv4 of its own, another MAC", "10.0.0.2",
	    "10.0.0.9", .foreign = true),
	ROW(DROPPED, IPV4, "IPv4 of nobody", "0.0.0.0", "255.255.255.255"),
	ROW(PASSES, IPV4, "a question for DHCP", "0.0.0.0", "255.255.255.255",
	    .protocol = 17, .ports = {68, 67}),
	ROW(DROPPED, IPV4, "a question for DHCP to one", "0.0.0.0", "10.0.0.9",
	    .protocol = 17, .ports = {68, 67}),
	ROW(DROPPED, IPV4, "another UDP of nobody", "0.0.0.0",
	    "255.255.255.255", .protocol = 17, .ports = {67, 68}),
	ROW(PASSES, ARP, "ARP for its own", "10.0.0.2", "10.0.0.9"),
	ROW(PASSES, ARP, "an ARP answer for its own", "10.0.0.2", "10.0.0.9",
	    .operation = 2),
	ROW(DROPPED, ARP, "an ARP answer for another", "10.0.0.1", "10.0.0.9",
	    .operation = 2),
	ROW(DROPPED, ARP, "an ARP answer with another MAC", "10.0.0.2",
	    "10.0.0.9", .operation = 2, .arp_foreign = true),
	ROW(DROPPED, ARP, "ARP from another MAC", "10.0.0.2", "10.0.0.9",
	    .foreign = true),
	ROW(PASSES, ARP, "an ARP probe for its own", "0.0.0.0", "10.0.0.2"),
	ROW(DROPPED, ARP, "an ARP probe for another", "0.0.0.0", "10.0.0.3"),
	ROW(DROPPED, ARP, "an ARP answer of nobody", "0.0.0.0", "10.0.0.2",
	    .operation = 2),
	ROW(PASSES, IPV6, "IPv6 of its own network", OWN_IPV6, "2001:db8::9"),
	ROW(PASSES, IPV6, "IPv6 of its MAC", OWN_LINK, "ff02::1"),
	ROW(PASSES, IPV6, "IPv6 of the link that was given", "fe80::7",
	    "ff02::1"),
	ROW(DROPPED, IPV6, "IPv6 of another of the link", "fe80::8", "ff02::1"),
	ROW(DROPPED, IPV6, "IPv6 just beside its network", "2001:db8:0:8::1",
	    "ff02::1"),
	ROW(DROPPED, IPV6, "IPv6 of its own, another MAC", OWN_IPV6, "ff02::1",
	    .foreign = true),
	ROW(DROPPED, IPV6, "IPv6 of nobody", "::", "ff02::1"),
	ROW(PASSES, IPV6, "a solicitation from its own for another", OWN_IPV6,
	    "ff02::1", .icmp = 135, .target = "2001:db8:9::9"),
	ROW(PASSES, IPV6, "an advertisement of its own", OWN_IPV6, "ff02::1",
	    .icmp = 136, .target = OWN_IPV6),
	ROW(PASSES, IPV6, "an advertisement of its link-local", OWN_IPV6,
	    "ff02::1", .icmp = 136, .target = OWN_LINK),
	ROW(DROPPED, IPV6, "an advertisement of another", OWN_IPV6, "ff02::1",
	    .icmp = 136, .target = "2001:db8:0:8::1"),
	ROW(DROPPED, IPV6, "an advertisement of another, in a VLAN", OWN_IPV6,
	    "ff02::1", .tags = 1, .icmp = 136, .target = "2001:db8:0:8::1"),
	ROW(PASSES, IPV6, "whether its own is taken", "::", "ff02::1:ff00:1",
	    .icmp = 135, .target = OWN_IPV6),
	ROW(DROPPED, IPV6, "whether another is taken", "::", "ff02::1:ff00:1",
	    .icmp = 135, .target = "fe80::8"),
	ROW(PASSES, IPV6, "a router solicitation of nobody", "::", "ff02::2",
	    .icmp = 133),
	ROW(DROPPED, IPV6, "a router advertisement", OWN_LINK, "ff02::1",
	    .icmp = 134),
	ROW(DROPPED, IPV6, "a router advertisement, in a VLAN", OWN_LINK,
	    "ff02::1", .tags = 1, .icmp = 134),
	ROW(DROPPED, IPV6, "a redirect", OWN_LINK, "ff02::1", .icmp = 137,
	    .target = OWN_LINK),
	ROW(PASSES, IPV6, "a multicast report of nobody", "::", "ff02::16",
	    .icmp = 143),
	ROW(DROPPED, IPV6, "a report of nobody to one", "::", "2001:db8::9",
	    .icmp = 143),
	ROW(DROPPED, OTHER, "neither ARP nor IP", NULL, NULL),
};

const size_t fence_packets_count =
	sizeof(fence_packets) / sizeof(fence_packets[0]);
