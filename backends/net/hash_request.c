/* SPDX-License-Identifier: MIT */
/* A request of a guest's control ring. */
#include "hash_request.h"

#include <string.h>

/* Each of these returns an XEN_NETIF_CTRL_STATUS_…. */

static uint32_t set_algorithm(struct wishes_hash *h, uint32_t algorithm)
{
	if (algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_NONE &&
	    algorithm != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	h->algorithm = algorithm;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t get_types(const struct wishes_hash *h, uint32_t *types)
{
	if (h->algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE)
		return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
	*types = WISHES_TYPES;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t set_types(struct wishes_hash *h, uint32_t types)
{
	if ((types & ~WISHES_TYPES) ||
	    h->algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	h->types = types;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t set_key(struct wishes_hash *h, hash_fetch *fetch, void *arg,
			uint32_t gref, uint32_t size)
{
	uint8_t key[WISHES_KEY_BYTES] = {0};

	if (size > sizeof(key))
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	if (size && !fetch(arg, gref, size, key))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	memcpy(h->key, key, sizeof(key));
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t set_mapping_size(struct wishes_hash *h, uint32_t size)
{
	if (size > WISHES_MAPPING_MAX)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	h->mapping_size = size;
	memset(h->mapping, 0, sizeof(h->mapping));
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/*
 * Part of the table, from entry first on (XSA-270): judged by subtraction, so
 * that no sum can wrap, and all of it before any of it is believed.
 */
static uint32_t set_mapping(struct wishes_hash *h, unsigned int n_queues,
			    hash_fetch *fetch, void *arg, uint32_t gref,
			    uint32_t n, uint32_t first)
{
	uint32_t entries[WISHES_MAPPING_MAX];
	uint32_t i;

	if (n > WISHES_MAPPING_MAX)
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	if (first > h->mapping_size || n > h->mapping_size - first)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	if (n && !fetch(arg, gref, n * (uint32_t)sizeof(entries[0]), entries))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	for (i = 0; i < n; i++)
		if (entries[i] >= n_queues)
			return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	for (i = 0; i < n; i++)
		h->mapping[first + i] = (uint8_t)entries[i];
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t carry_out(struct wishes_hash *h, unsigned int n_queues,
			  hash_fetch *fetch, void *arg,
			  const struct xen_netif_ctrl_request *req,
			  uint32_t *data)
{
	switch (req->type) {
	case XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM:
		return set_algorithm(h, req->data[0]);
	case XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS:
		return get_types(h, data);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS:
		return set_types(h, req->data[0]);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_KEY:
		return set_key(h, fetch, arg, req->data[0], req->data[1]);
	case XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE:
		*data = WISHES_MAPPING_MAX;
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE:
		return set_mapping_size(h, req->data[0]);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING:
		return set_mapping(h, n_queues, fetch, arg, req->data[0],
				   req->data[1], req->data[2]);
	default:
		return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
	}
}

bool hash_request(struct wishes_hash *h, unsigned int n_queues,
		  hash_fetch *fetch, void *arg,
		  const struct xen_netif_ctrl_request *req,
		  struct xen_netif_ctrl_response *rsp)
{
	const struct wishes_hash before = *h;

	memset(rsp, 0, sizeof(*rsp));
	rsp->id = req->id;
	rsp->type = req->type;
	rsp->status = carry_out(h, n_queues, fetch, arg, req, &rsp->data);
	return memcmp(&before, h, sizeof(before)) != 0;
}
