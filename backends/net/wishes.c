/* SPDX-License-Identifier: MIT */
/* What a guest has told its backend once and will not say again. */
#include "wishes.h"

#include <errno.h>
#include <string.h>

#include "xen/abi.h"

#define ADDRESS_BYTES 6

_Static_assert(WISHES_TYPES == (XEN_NETIF_CTRL_HASH_TYPE_IPV4 |
				XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP |
				XEN_NETIF_CTRL_HASH_TYPE_IPV6 |
				XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP),
	       "every type there is");

static bool is_multicast(const uint8_t address[6])
{
	return address[0] & 1;
}

static bool is_broadcast(const uint8_t address[6])
{
	static const uint8_t all[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	return memcmp(address, all, ADDRESS_BYTES) == 0;
}

static bool hash_is_sound(const struct wishes_hash *h, unsigned int n_queues)
{
	uint32_t i;

	if (h->algorithm > XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ ||
	    (h->types & ~WISHES_TYPES) || h->mapping_size > WISHES_MAPPING_MAX)
		return false;
	for (i = 0; i < WISHES_MAPPING_MAX; i++)
		if (h->mapping[i] >= n_queues)
			return false;
	return true;
}

bool wishes_are_sound(const struct wishes *w, unsigned int n_queues)
{
	return w->n_addresses <= WISHES_MULTICAST_MAX &&
	       hash_is_sound(&w->hash, n_queues);
}

/* Its place; n_addresses when it is not there. */
static uint32_t find(const struct wishes *w, const uint8_t address[6])
{
	uint32_t i = 0;

	while (i < w->n_addresses &&
	       memcmp(w->addresses[i], address, ADDRESS_BYTES) != 0)
		i++;
	return i;
}

int wishes_add(struct wishes *w, const uint8_t address[6])
{
	if (!is_multicast(address))
		return -EINVAL;
	if (find(w, address) < w->n_addresses)
		return 0;
	if (w->n_addresses == WISHES_MULTICAST_MAX)
		return -ENOSPC;
	memcpy(w->addresses[w->n_addresses++], address, ADDRESS_BYTES);
	return 0;
}

void wishes_delete(struct wishes *w, const uint8_t address[6])
{
	uint32_t i = find(w, address);

	if (i == w->n_addresses)
		return;
	memmove(w->addresses[i], w->addresses[--w->n_addresses], ADDRESS_BYTES);
}

bool wishes_want(const struct wishes *w, const uint8_t address[6])
{
	return !is_multicast(address) || is_broadcast(address) ||
	       find(w, address) < w->n_addresses;
}
