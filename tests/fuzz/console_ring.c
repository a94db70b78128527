/* SPDX-License-Identifier: MIT */
/*
 * A guest that does as it likes with its console page, between the calls of
 * xn-console. Promise: a model that handles one byte at a time agrees on
 * every byte taken, given or left alone; nothing beyond a ring is touched;
 * never more is delivered than a ring holds; a guest that puts its indices
 * right is served again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "console/ring.h"
#include "tests/fuzz/fuzz.h"
#include "xen/abi.h"

enum step {
	TAKE,
	PUT,
	ROOM,
	GUEST_WRITES, /* as an honest one does: bytes, then the index */
	GUEST_READS,
	GUEST_SETS_INDEX,
	GUEST_SCRIBBLES,
	RESTART, /* of xn-console */
	STEPS,
};

/* What should be: the page, and where xn-console stands in it. */
struct model {
	struct xencons_interface page;
	uint32_t out_cons, in_prod;
};

struct bed {
	struct xencons_interface *page; /* the product's; of its very size */
	struct ring ring;
	struct model model;
};

static void check_page(const struct bed *b)
{
	promise(memcmp(b->page, &b->model.page, sizeof(*b->page)) == 0,
		"the page is as it should be");
}

/* As many as lie between the indices, or -EPROTO. */
static int between(uint32_t prod, uint32_t cons, int most)
{
	int64_t n = (int64_t)prod - (int64_t)cons;

	if (n < 0)
		n += INT64_C(1) << 32;
	return n > most ? -EPROTO : (int)n;
}

static void take(struct bed *b)
{
	struct model *m = &b->model;
	int expected = between(m->page.out_prod, m->out_cons, 2048);
	char *out = malloc(RING_OUT_BYTES);
	int n = ring_take(&b->ring, out);
	int i;

	promise(n == expected, "%d bytes are taken, not %d", expected, n);
	for (i = 0; i < n; i++)
		promise(out[i] == m->page.out[m->out_cons++ % 2048],
			"byte %d is the guest's", i);
	check_page(b);
	if (n > 0) {
		ring_release(&b->ring);
		m->page.out_cons = m->out_cons;
	}
	free(out);
}

static int room(const struct model *m)
{
	int filled = between(m->in_prod, m->page.in_cons, 1024);

	return filled < 0 ? filled : 1024 - filled;
}

static void put(struct bed *b, size_t size)
{
	struct model *m = &b->model;
	char *data = calloc(1, size ? size : 1);
	int expected = room(m);
	size_t i;
	int n;

	for (i = 0; i < size; i++)
		data[i] = (char)(i * 7 + m->in_prod);
	if (expected > 0 && (size_t)expected > size)
		expected = (int)size;
	n = ring_put(&b->ring, data, size);
	promise(n == expected, "%d bytes go in, not %d", expected, n);
	for (i = 0; n > 0 && i < (size_t)n; i++)
		m->page.in[m->in_prod++ % 1024] = data[i];
	/* When nothing went in, the index may be written again or not. */
	if (n > 0 || (n == 0 && b->page->in_prod == m->in_prod))
		m->page.in_prod = m->in_prod;
	free(data);
}

/* Both pages change alike. */
static void scribble(struct bed *b, size_t at, const void *bytes, size_t size)
{
	memcpy((char *)b->page + at, bytes, size);
	memcpy((char *)&b->model.page + at, bytes, size);
}

static void set_index(struct bed *b, size_t at, uint32_t value)
{
	scribble(b, at, &value, sizeof(value));
}

static void guest_writes(struct bed *b, unsigned int n, uint8_t first)
{
	uint32_t prod = b->page->out_prod;

	for (; n > 0; n--, first++, prod++)
		scribble(b,
			 offsetof(struct xencons_interface, out) + prod % 2048,
			 &first, 1);
	set_index(b, offsetof(struct xencons_interface, out_prod), prod);
}

static void guest_sets_index(struct bed *b, uint8_t which, uint32_t value)
{
	static const size_t indices[] = {
		offsetof(struct xencons_interface, out_prod),
		offsetof(struct xencons_interface, in_cons),
		offsetof(struct xencons_interface, out_cons),
		offsetof(struct xencons_interface, in_prod),
	};

	set_index(b, indices[which % 4], value);
}

static void guest_scribbles(struct bed *b, struct input *in)
{
	uint16_t at = input_u16(in) % sizeof(struct xencons_interface);
	uint8_t bytes[8];
	size_t n = sizeof(*b->page) - at;

	input_bytes(in, bytes, sizeof(bytes));
	scribble(b, at, bytes, n < sizeof(bytes) ? n : sizeof(bytes));
}

static void restart(struct bed *b)
{
	ring_init(&b->ring, b->page);
	b->model.out_cons = b->page->out_cons;
	b->model.in_prod = b->page->in_prod;
	/* A field that newer headers have tells the guest that we are there. */
	b->model.page = *b->page;
}

static void step(struct bed *b, struct input *in)
{
	uint8_t which;

	switch ((enum step)(input_u8(in) % STEPS)) {
	case TAKE:
		take(b);
		break;
	case PUT:
		put(b, input_u16(in) % (RING_IN_BYTES + 100));
		break;
	case ROOM:
		promise(ring_room(&b->ring) == room(&b->model),
			"as much room as there is");
		break;
	case GUEST_WRITES:
		which = input_u8(in);
		guest_writes(b, input_u16(in) % (RING_OUT_BYTES + 2), which);
		break;
	case GUEST_READS:
		set_index(b, offsetof(struct xencons_interface, in_cons),
			  b->page->in_cons + input_u16(in) % 1026);
		break;
	case GUEST_SETS_INDEX:
		which = input_u8(in);
		guest_sets_index(b, which, input_u32(in));
		break;
	case GUEST_SCRIBBLES:
		guest_scribbles(b, in);
		break;
	case RESTART:
	case STEPS:
		restart(b);
		break;
	}
	check_page(b);
}

/* The lies are over: a full ring each way must come through. */
static void resynchronise(struct bed *b)
{
	const struct model *m = &b->model;

	set_index(b, offsetof(struct xencons_interface, out_prod), m->out_cons);
	set_index(b, offsetof(struct xencons_interface, in_cons), m->in_prod);
	guest_writes(b, RING_OUT_BYTES, 3);
	promise(room(m) == 1024 &&
			between(m->page.out_prod, m->out_cons, 2048) == 2048,
		"the model is in step");
	take(b);
	put(b, RING_IN_BYTES);
	check_page(b);
}

void fuzz_one(struct input *in)
{
	struct bed b = {.page = calloc(1, sizeof(*b.page))};
	uint32_t first = input_u32(in);

	b.page->out_prod = b.page->out_cons = first;
	b.page->in_prod = b.page->in_cons = input_u32(in);
	restart(&b);
	while (in->left)
		step(&b, in);
	resynchronise(&b);
	free(b.page);
}
