/* SPDX-License-Identifier: MIT */
/* MAC addresses: strict to read, random to make. */
#include "daemon/host/mac.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/text.h"
#include "daemon/host/hex.h"

#define MULTICAST 1 /* the lowest bit of the first byte: IEEE 802 */

static const uint8_t xen_oui[] = {0x00, 0x16, 0x3e};

int mac_parse(const char *text, uint8_t mac[MAC_BYTES], struct err *e)
{
	static const uint8_t host_side[] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t zero[MAC_BYTES];
	uint8_t bytes[MAC_BYTES];
	char shown[64];

	text_escape(text, shown, sizeof(shown));
	if (hex_parse(text, "2:2:2:2:2:2", bytes) < 0)
		return err_set(e, EINVAL,
			       "%s: not a MAC address like 00:16:3e:01:02:03",
			       shown);
	if (bytes[0] & MULTICAST)
		return err_set(e, EINVAL, "%s: a multicast address", shown);
	if (memcmp(bytes, zero, MAC_BYTES) == 0)
		return err_set(e, EINVAL, "%s: nobody's address", shown);
	if (memcmp(bytes, host_side, MAC_BYTES) == 0)
		return err_set(e, EINVAL,
			       "%s: the address of the host's side of vifs",
			       shown);
	memcpy(mac, bytes, MAC_BYTES);
	return 0;
}

void mac_print(const uint8_t mac[MAC_BYTES], char text[MAC_TEXT_BYTES])
{
	snprintf(text, MAC_TEXT_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
}

int mac_random(uint8_t mac[MAC_BYTES], struct err *e)
{
	uint8_t *ours = mac + sizeof(xen_oui);
	size_t size = MAC_BYTES - sizeof(xen_oui);

	if (getrandom(ours, size, 0) != (ssize_t)size)
		return err_errno(e, errno, "cannot get random bytes");
	memcpy(mac, xen_oui, sizeof(xen_oui));
	return 0;
}
