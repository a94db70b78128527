/* SPDX-License-Identifier: MIT */
/* A ring of bytes; what does not fit before its end goes to its beginning. */
#include "nbd_kept.h"

#include <string.h>
#include <sys/mman.h>

struct head {
	uint64_t offset;
	uint64_t
		bytes; /* that follow; 0: nothing from here to the ring's end */
};

static struct head *head_at(const struct nbd_kept *k, uint64_t place)
{
	return (struct head *)(k->memory + place % NBD_KEPT_BYTES);
}

/* Up to the ring's end, a multiple of eight. */
static uint64_t run(uint64_t place)
{
	return NBD_KEPT_BYTES - place % NBD_KEPT_BYTES;
}

static bool open_memory(struct nbd_kept *k)
{
	void *at;

	if (k->memory)
		return true;
	at = mmap(NULL, NBD_KEPT_BYTES, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	k->memory = at == MAP_FAILED ? NULL : at;
	return k->memory;
}

void nbd_kept_close(struct nbd_kept *k)
{
	if (k->memory)
		munmap(k->memory, NBD_KEPT_BYTES);
	*k = (struct nbd_kept){0};
}

bool nbd_kept_add(struct nbd_kept *k, uint64_t offset, const void *data,
		  uint32_t bytes)
{
	const uint64_t need = sizeof(struct head) + bytes;
	const uint64_t skip = run(k->end) < need ? run(k->end) : 0;

	if (k->end + skip + need - k->begin > NBD_KEPT_BYTES || !open_memory(k))
		return false;
	if (skip >= sizeof(struct head))
		head_at(k, k->end)->bytes = 0;
	k->end += skip;
	*head_at(k, k->end) = (struct head){offset, bytes};
	memcpy(head_at(k, k->end) + 1, data, bytes);
	k->end += need;
	return true;
}

/* Once it is empty the memory used first is used next: it is in the cache. */
void nbd_kept_drop(struct nbd_kept *k, uint64_t end)
{
	if (end > k->begin)
		k->begin = end;
	if (k->begin == k->end && k->end % NBD_KEPT_BYTES)
		k->begin = k->end = k->end + run(k->end);
}

bool nbd_kept_next(const struct nbd_kept *k, uint64_t *place,
		   struct nbd_kept_write *w)
{
	const struct head *head;

	if (*place < k->begin)
		*place = k->begin;
	while (*place < k->end &&
	       (run(*place) < sizeof(*head) || head_at(k, *place)->bytes == 0))
		*place += run(*place);
	if (*place >= k->end)
		return false;
	head = head_at(k, *place);
	w->offset = head->offset;
	w->bytes = (uint32_t)head->bytes;
	w->data = (const uint8_t *)(head + 1);
	*place += sizeof(*head) + head->bytes;
	return true;
}

bool nbd_kept_is_half_full(const struct nbd_kept *k)
{
	return k->end - k->begin > NBD_KEPT_BYTES / 2;
}
