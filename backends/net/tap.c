/* SPDX-License-Identifier: MIT */
/* The host's end of the wire: a tap device with a virtio header. */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include "base/err.h"
#include "frame.h"

_Static_assert(sizeof(struct virtio_net_hdr) == TAP_HEADER_BYTES,
	       "the plain virtio header");

int tap_prepare(int fd, struct err *e)
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
	if (ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM) < 0)
		return err_errno(e, errno, "tap %.15s: checksum offload",
				 ifr.ifr_name);
	if (fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		return err_errno(e, errno, "tap %.15s", ifr.ifr_name);
	return 0;
}

static void header_read(const struct virtio_net_hdr *header,
			struct frame_csum *csum)
{
	csum->start = header->csum_start;
	csum->offset = header->csum_offset;
	if (header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		csum->state = FRAME_CSUM_BLANK;
	else if (header->flags & VIRTIO_NET_HDR_F_DATA_VALID)
		csum->state = FRAME_CSUM_VALID;
	else
		csum->state = FRAME_CSUM_UNKNOWN;
}

int tap_read(int fd, uint8_t *frame, size_t max, struct frame_csum *csum)
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
	if (header.gso_type != VIRTIO_NET_HDR_GSO_NONE)
		return -EINVAL;
	header_read(&header, csum);
	return (int)((size_t)n - sizeof(header));
}

int tap_write(int fd, uint8_t *frame, size_t size,
	      const struct frame_csum *csum)
{
	struct virtio_net_hdr header = {.gso_type = VIRTIO_NET_HDR_GSO_NONE};
	ssize_t n;

	if (csum->state == FRAME_CSUM_BLANK) {
		header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		header.csum_start = csum->start;
		header.csum_offset = csum->offset;
	} else if (csum->state == FRAME_CSUM_VALID) {
		header.flags = VIRTIO_NET_HDR_F_DATA_VALID;
	}
	memcpy(frame - sizeof(header), &header, sizeof(header));
	do {
		n = write(fd, frame - sizeof(header), sizeof(header) + size);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}
