/* SPDX-License-Identifier: MIT */
/*
 * A guest that asks whatever it likes on xn-net's control ring, and frames
 * that are spread by what came of it. Promise: each request is answered as a
 * reference in wide numbers has it, and changes nothing when it is refused;
 * what is kept is sound; a hash is the one of Xen's own header, of bytes that
 * are in the frame; and no frame goes to a queue that there is not.
 */
#define XEN_NETIF_DEFINE_TOEPLITZ

#include <stdlib.h>
#include <string.h>

#include "backends/net/hash.h"
#include "backends/net/hash_request.h"
#include "tests/fuzz/fuzz.h"
#include "xen/abi.h"

/* netif.h's, and what this back end says that it keeps */
#define TYPES_ALL   15
#define KEY_MAX	    40
#define MAPPING_MAX 128

/* What the guest has set, in the reference's words. */
static struct model {
	uint64_t algorithm, types, size;
	uint8_t key[4096];
	uint32_t mapping[MAPPING_MAX];
	uint64_t queues;
} model;

/* A page of the guest's, and whether it can be had. */
static struct page {
	uint8_t bytes[4096];
	bool granted;
	unsigned int fetched;
} page;

static bool fetch(void *arg, uint32_t gref, uint32_t size, void *to)
{
	const struct xen_netif_ctrl_request *req = arg;

	promise(gref == req->data[0] && size > 0 && size <= 4096,
		"bytes of that page");
	page.fetched++;
	if (page.granted)
		memcpy(to, page.bytes, size);
	return page.granted;
}

static uint32_t model_key(uint64_t size)
{
	if (size > KEY_MAX)
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	if (size && !page.granted)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	memset(model.key, 0, sizeof(model.key));
	memcpy(model.key, page.bytes, size);
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t model_mapping(uint64_t n, uint64_t first)
{
	uint32_t entries[MAPPING_MAX];
	uint64_t i;

	if (n > MAPPING_MAX)
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	if (first + n > model.size || (n && !page.granted))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	memcpy(entries, page.bytes, sizeof(entries));
	for (i = 0; i < n; i++)
		if (entries[i] >= model.queues)
			return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	memcpy(model.mapping + first, entries, n * sizeof(entries[0]));
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

/* Sets what is allowed to be n, at most max. */
static uint32_t model_set(uint64_t *what, uint64_t n, uint64_t max)
{
	if (n > max)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	*what = n;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t model_status(const struct xen_netif_ctrl_request *req,
			     uint32_t *data)
{
	uint32_t status;

	switch (req->type) {
	case 1: /* GET_HASH_FLAGS */
		*data = model.algorithm ? TYPES_ALL : 0;
		return model.algorithm ? XEN_NETIF_CTRL_STATUS_SUCCESS
				       : XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
	case 2: /* SET_HASH_FLAGS */
		return model.algorithm
			       ? model_set(&model.types, req->data[0],
					   TYPES_ALL)
			       : XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	case 3: /* SET_HASH_KEY */
		return model_key(req->data[1]);
	case 4: /* GET_HASH_MAPPING_SIZE */
		*data = MAPPING_MAX;
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	case 5: /* SET_HASH_MAPPING_SIZE */
		status = model_set(&model.size, req->data[0], MAPPING_MAX);
		if (status == XEN_NETIF_CTRL_STATUS_SUCCESS)
			memset(model.mapping, 0, sizeof(model.mapping));
		return status;
	case 6: /* SET_HASH_MAPPING */
		return model_mapping(req->data[1], req->data[2]);
	case 7: /* SET_HASH_ALGORITHM */
		return model_set(&model.algorithm, req->data[0], 1);
	default:
		return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
	}
}

/* Small numbers more often than large ones. */
static uint32_t input_number(struct input *in)
{
	uint8_t small = input_u8(in);

	return small < 0xe0 ? small : input_u32(in);
}

static void check_kept(const struct wishes_hash *h)
{
	unsigned int i;

	promise(h->algorithm == model.algorithm && h->types == model.types &&
			h->mapping_size == model.size,
		"what was set is kept");
	promise(memcmp(h->key, model.key, KEY_MAX) == 0, "so is the key");
	for (i = 0; i < MAPPING_MAX; i++)
		promise(h->mapping[i] == model.mapping[i], "so is entry %u", i);
}

static void ask(struct wishes_hash *h, struct input *in)
{
	struct xen_netif_ctrl_request req;
	struct xen_netif_ctrl_response rsp;
	const struct wishes_hash before = *h;
	uint32_t status, data = 0;
	bool changed;

	req.id = input_u16(in);
	req.type = input_u8(in) % 12;
	req.data[0] = input_number(in);
	req.data[1] = input_number(in);
	req.data[2] = input_number(in);
	page.granted = input_u8(in) & 1;
	memset(&rsp, 0xee, sizeof(rsp));
	page.fetched = 0;
	changed = hash_request(h, (unsigned int)model.queues, fetch, &req, &req,
			       &rsp);
	status = model_status(&req, &data);
	promise(rsp.id == req.id && rsp.type == req.type, "whose answer it is");
	promise(rsp.status == status, "request %u: status %u, not %u", req.type,
		rsp.status, status);
	promise(rsp.data == data, "request %u: data %u", req.type, rsp.data);
	promise(page.fetched <= 1, "a page is looked at once");
	promise(changed == (memcmp(&before, h, sizeof(before)) != 0),
		"a change is told");
	check_kept(h);
}

/* A frame anywhere near IP, in memory that ends where it does. */
static void spread(const struct wishes_hash *h, struct input *in)
{
	static const uint8_t types[][2] = {{8, 0}, {0x86, 0xdd}, {0x81, 0}};
	const uint8_t choice = input_u8(in);
	const size_t size = input_u8(in) % 120;
	uint8_t *frame = malloc(size + 1), *exact;
	struct hash hash;

	memset(frame, choice, size);
	input_bytes(in, frame, size < 64 ? size : 64);
	if (size > 54) {
		memcpy(frame + 12, types[choice % 3], 2);
		frame[14] = choice & 4 ? 0x45 : 0x60;
		frame[choice & 4 ? 23 : 20] = choice & 8 ? 6 : 17;
		if (choice & 16)
			memset(frame + 20, 0, 2);
	}
	exact = size ? malloc(size) : NULL;
	if (exact)
		memcpy(exact, frame, size);
	hash = hash_frame(h, exact, size);
	promise(!hash.known || (h->types >> hash.type & 1),
		"a type that was asked for");
	promise(hash_queue(h, &hash, (unsigned int)model.queues) < model.queues,
		"a queue that there is");
	free(exact);
	free(frame);
}

static void check_toeplitz(const struct wishes_hash *h, struct input *in)
{
	uint8_t bytes[36];
	const size_t size = input_u8(in) % (sizeof(bytes) + 1);

	input_bytes(in, bytes, size);
	promise(hash_toeplitz(h->key, bytes, size) ==
			xen_netif_toeplitz_hash(h->key, KEY_MAX, bytes,
						(unsigned int)size),
		"Toeplitz's hash");
}

void fuzz_one(struct input *in)
{
	struct wishes_hash h = {0};

	memset(&model, 0, sizeof(model));
	memset(&page, 0, sizeof(page));
	model.queues = 1 + input_u8(in) % 8;
	while (in->left) {
		const uint8_t what = input_u8(in);

		if (what < 0x80)
			ask(&h, in);
		else if (what < 0xc0)
			input_bytes(in, page.bytes + input_u8(in) % 160 * 4, 4);
		else if (what < 0xe0)
			spread(&h, in);
		else
			check_toeplitz(&h, in);
	}
}
