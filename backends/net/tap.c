/* SPDX-License-Identifier: MIT */
/* The host's end of the wire: a tap device with a virtio header. */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include "base/err.h"
#include "chan/msg.h"
#include "frame.h"

_Static_assert(sizeof(struct virtio_net_hdr) == TAP_HEADER_BYTES,
	       "the plain virtio header");

/*
 * Of a frame larger than this the kernel gets as much in one piece as any
 * header needs, and the rest in pages: it finds single pages more easily.
 */
#define PIECE_MAX 2048
#define PIECE	  256

unsigned int tap_offloads(uint32_t flags)
{
	unsigned int offloads = TUN_F_CSUM;

	/* Uncut frames take several slots, and their checksums are blank. */
	if (!(flags & MSG_NET_SG))
		return offloads;
	if (flags & MSG_NET_GSO_TCPV4 && !(flags & MSG_NET_NO_CSUM))
		offloads |= TUN_F_TSO4 | TUN_F_TSO_ECN;
	if (flags & MSG_NET_GSO_TCPV6 && flags & MSG_NET_IPV6_CSUM)
		offloads |= TUN_F_TSO6 | TUN_F_TSO_ECN;
	return offloads;
}

int tap_prepare(int fd, uint32_t flags, struct err *e)
{
	const short wanted = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	int header = TAP_HEADER_BYTES;
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	if (ioctl(fd, TUNGETIFF, &ifr) < 0)
		return err_errno(e, errno, "the descriptor is no tap");
	if ((ifr.ifr_flags & wanted) != wanted)
		return err_set(e, EINVAL, "tap %.15s has no virtio header",
			       ifr.ifr_name);
	if (ioctl(fd, TUNSETVNETHDRSZ, &header) < 0)
		return err_errno(e, errno, "tap %.15s: header size",
				 ifr.ifr_name);
	if (ioctl(fd, TUNSETOFFLOAD, tap_offloads(flags)) < 0)
		return err_errno(e, errno, "tap %.15s: offloads", ifr.ifr_name);
	if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_errno(e, errno, "tap %.15s", ifr.ifr_name);
	return 0;
}

/* False when the guest cannot be told what the header says. */
static bool header_read(const struct virtio_net_hdr *header,
			struct frame_marks *marks)
{
	struct frame_csum *csum = &marks->csum;

	csum->start = header->csum_start;
	csum->offset = header->csum_offset;
	if (header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		csum->state = FRAME_CSUM_BLANK;
	else if (header->flags & VIRTIO_NET_HDR_F_DATA_VALID)
		csum->state = FRAME_CSUM_VALID;
	else
		csum->state = FRAME_CSUM_UNKNOWN;
	marks->gso.size = header->gso_size;
	switch (header->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_NONE:
		marks->gso.kind = FRAME_GSO_NONE;
		return true;
	case VIRTIO_NET_HDR_GSO_TCPV4:
		marks->gso.kind = FRAME_GSO_TCPV4;
		break;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		marks->gso.kind = FRAME_GSO_TCPV6;
		break;
	default:
		return false;
	}
	return csum->state == FRAME_CSUM_BLANK && header->gso_size > 0;
}

int tap_read(int fd, uint8_t *frame, size_t max, struct frame_marks *marks)
{
	struct virtio_net_hdr header;
	ssize_t n;

	do {
		n = read(fd, frame - sizeof(header), sizeof(header) + max);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	if ((size_t)n < sizeof(header) + ETHER_HDR_LEN)
		return -EINVAL;
	memcpy(&header, frame - sizeof(header), sizeof(header));
	if (!header_read(&header, marks))
		return -EINVAL;
	return (int)((size_t)n - sizeof(header));
}

static void header_write(struct virtio_net_hdr *header, size_t size,
			 const struct frame_marks *marks)
{
	memset(header, 0, sizeof(*header));
	if (marks->csum.state == FRAME_CSUM_BLANK) {
		header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		header->csum_start = marks->csum.start;
		header->csum_offset = marks->csum.offset;
	} else if (marks->csum.state == FRAME_CSUM_VALID) {
		header->flags = VIRTIO_NET_HDR_F_DATA_VALID;
	}
	if (size > PIECE_MAX)
		header->hdr_len = PIECE;
	if (marks->gso.kind == FRAME_GSO_NONE)
		return;
	header->gso_type = marks->gso.kind == FRAME_GSO_TCPV4
				   ? VIRTIO_NET_HDR_GSO_TCPV4
				   : VIRTIO_NET_HDR_GSO_TCPV6;
	if (marks->gso.ecn)
		header->gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	header->gso_size = marks->gso.size;
	header->hdr_len = marks->gso.header;
}

void tap_put_header(uint8_t *frame, size_t size,
		    const struct frame_marks *marks)
{
	struct virtio_net_hdr header;

	header_write(&header, size, marks);
	memcpy(frame - sizeof(header), &header, sizeof(header));
}

int tap_write(int fd, uint8_t *frame, size_t size,
	      const struct frame_marks *marks)
{
	ssize_t n;

	tap_put_header(frame, size, marks);
	do {
		n = write(fd, frame - TAP_HEADER_BYTES,
			  TAP_HEADER_BYTES + size);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}
