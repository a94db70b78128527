/* SPDX-License-Identifier: MIT */
/* Frames that a guest might send, right and wrong. */
#ifndef XN_TESTS_FENCE_PACKETS_H
#define XN_TESTS_FENCE_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_BYTES 128

struct frame {
	uint8_t bytes[FRAME_BYTES];
	size_t size;
};

/* Of the guest 00:16:3e:00:00:01. */
struct packet {
	const char *what;
	bool passes;
	enum { ARP, IPV4, IPV6, OTHER } kind;
	const char *from, *to;
	bool foreign;	    /* from another MAC */
	bool arp_foreign;   /* that MAC is only told by ARP */
	unsigned int tags;  /* of VLANs */
	uint16_t operation; /* of ARP; 0: a request */
	uint8_t protocol;   /* of IPv4 */
	uint16_t ports[2];  /* likewise */
	uint8_t icmp;	    /* of IPv6; 0: no ICMP */
	const char *target; /* of a neighbour message */
};

void fence_packet_frame(const struct packet *p, struct frame *f);

/*
 * What a guest that is kept to these prefixes can send, and what not; their
 * number.
 */
#define FENCE_PACKET_PREFIXES \
	"10.0.0.2", "10.2.0.0/16", "10.2.3.0/24", "2001:db8::/61", "fe80::7"
extern const struct packet fence_packets[];
extern const size_t fence_packets_count;

#endif
