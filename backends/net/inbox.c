/* SPDX-License-Identifier: MIT */
/* Frames that other queues of a vif have read for this one. */
#include "inbox.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "base/scope.h"

#define ALIGN 8u /* of a label, which its frame follows */

int inbox_open(struct inbox *b)
{
	unsigned int i;

	memset(b, 0, sizeof(*b));
	pthread_mutex_init(&b->lock, NULL);
	b->ready = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (b->ready < 0)
		return -errno;
	for (i = 0; i < 2; i++) {
		void *at = mmap(NULL, INBOX_BYTES, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED)
			return -errno;
		b->buffers[i] = at;
	}
	return 0;
}

void inbox_close(struct inbox *b)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (b->buffers[i])
			munmap(b->buffers[i], INBOX_BYTES);
	if (b->ready > 0)
		fd_drop(&b->ready);
	pthread_mutex_destroy(&b->lock);
	memset(b, 0, sizeof(*b));
}

static size_t bytes_of(const struct inbox_label *label)
{
	return (sizeof(*label) + label->size + ALIGN - 1) &
	       ~(size_t)(ALIGN - 1);
}

bool inbox_put(struct inbox *b, const struct inbox_label *label,
	       const uint8_t *frame)
{
	const size_t bytes = bytes_of(label);
	bool first = false, room;
	size_t *used;

	pthread_mutex_lock(&b->lock);
	used = &b->used[b->filling];
	room = bytes <= INBOX_BYTES - *used;
	if (room) {
		uint8_t *at = b->buffers[b->filling] + *used;

		memcpy(at, label, sizeof(*label));
		memcpy(at + sizeof(*label), frame, label->size);
		first = *used == 0;
		*used += bytes;
	}
	pthread_mutex_unlock(&b->lock);
	if (first)
		eventfd_write(b->ready, 1);
	return room;
}

/* Turns to the buffer that has been filled meanwhile. */
static void swap(struct inbox *b)
{
	const unsigned int emptied = !b->filling;

	pthread_mutex_lock(&b->lock);
	b->used[emptied] = 0;
	b->filling = emptied;
	pthread_mutex_unlock(&b->lock);
	b->taken = 0;
}

bool inbox_take(struct inbox *b, struct inbox_label *label, uint8_t *frame)
{
	const uint8_t *at;

	if (b->taken == b->used[!b->filling])
		swap(b);
	if (b->taken == b->used[!b->filling])
		return false;
	at = b->buffers[!b->filling] + b->taken;
	memcpy(label, at, sizeof(*label));
	memcpy(frame, at + sizeof(*label), label->size);
	b->taken += bytes_of(label);
	return true;
}

bool inbox_is_empty(struct inbox *b)
{
	bool empty = b->taken == b->used[!b->filling];

	if (empty) {
		pthread_mutex_lock(&b->lock);
		empty = b->used[b->filling] == 0;
		pthread_mutex_unlock(&b->lock);
	}
	return empty;
}
