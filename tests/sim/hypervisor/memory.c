/* SPDX-License-Identifier: MIT */
/*
 * The machine's frames: one sparse memory file, an owner each, a bitmap of
 * the free ones. The lowest free frame is given first, so that one that was
 * freed is soon somebody else's, and use after free shows. A freed frame is
 * punched out of the file: it reads as zeros wherever it is still mapped.
 */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAME_BYTES 4096ul
/* Low ones are no one's, so that 0 and small numbers are errors. */
#define FIRST_FRAME 0x1000u
#define NOBODY	    0u	    /* otherwise domid + 1 */
#define RETIRED	    0x8000u /* a flag: see memory_free_retired */
#define WORD_BITS   64u
#define WORDS	    (SIM_MEMORY_FRAMES / WORD_BITS)
#define ORDER_MAX   18 /* Xen's for a domain that builds others */

static struct {
	int fd;
	char *base;
	uint64_t free_map[WORDS]; /* a bit each, set when free */
	uint16_t owner[SIM_MEMORY_FRAMES];
	uint32_t lowest; /* no frame below is free */
	uint32_t end;	 /* no frame from here on was ever given */
	uint64_t n_free;
	uint64_t n_claimed;
	uint64_t n_guests;
	uint64_t n_retired;
} memory;

int memory_open(void)
{
	size_t bytes = SIM_MEMORY_FRAMES * FRAME_BYTES;

	memory.fd = memfd_create("xn-sim", MFD_CLOEXEC);
	if (memory.fd < 0 || ftruncate(memory.fd, (off_t)bytes) < 0)
		return -errno;
	memory.base = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_NORESERVE, memory.fd, 0);
	if (memory.base == MAP_FAILED)
		return -errno;
	memory.lowest = FIRST_FRAME;
	memory.n_free = SIM_MEMORY_FRAMES - FIRST_FRAME;
	memset(&memory.free_map[FIRST_FRAME / WORD_BITS], 0xff,
	       (WORDS - FIRST_FRAME / WORD_BITS) * sizeof(uint64_t));
	return 0;
}

int memory_fd(void)
{
	return memory.fd;
}

struct sim_page *memory_page(void)
{
	return (struct sim_page *)memory.base;
}

/* count ones, at a natural place within one word */
static uint64_t mask(uint32_t frame, uint32_t count)
{
	uint64_t ones = count == WORD_BITS ? UINT64_MAX : (1ull << count) - 1;

	return ones << frame % WORD_BITS;
}

static bool is_free(uint32_t frame, uint32_t count)
{
	uint32_t step = count < WORD_BITS ? count : WORD_BITS;
	uint64_t want = mask(frame, step);
	uint32_t i;

	for (i = 0; i < count; i += step)
		if ((memory.free_map[(frame + i) / WORD_BITS] & want) != want)
			return false;
	return true;
}

static uint32_t find(uint32_t count)
{
	uint32_t frame = (memory.lowest + count - 1) & ~(count - 1);

	while (frame < SIM_MEMORY_FRAMES) {
		/* Whole words that are taken go by at once. */
		if (memory.free_map[frame / WORD_BITS] == 0 &&
		    count <= WORD_BITS)
			frame = (frame / WORD_BITS + 1) * WORD_BITS;
		else if (is_free(frame, count))
			return frame;
		else
			frame += count;
	}
	return 0;
}

static void take(uint32_t frame, uint32_t count, uint16_t owner)
{
	uint32_t step = count < WORD_BITS ? count : WORD_BITS;
	uint32_t i;

	for (i = 0; i < count; i += step)
		memory.free_map[(frame + i) / WORD_BITS] &= ~mask(frame, step);
	for (i = 0; i < count; i++)
		memory.owner[frame + i] = owner;
	memory.n_free -= count;
	if (memory.end < frame + count)
		memory.end = frame + count;
	if (count == 1)
		memory.lowest = frame + 1;
}

static uint64_t alloc(struct domain *d, uint32_t count)
{
	uint32_t frame = find(count);

	if (frame == 0)
		return 0;
	take(frame, count, (uint16_t)(d->domid + 1));
	if (d->domid != 0)
		memory.n_guests += count;
	return frame;
}

uint64_t memory_alloc_shared(struct domain *d)
{
	return memory.n_free > memory.n_claimed ? alloc(d, 1) : 0;
}

uint64_t memory_alloc(struct domain *d, uint32_t count)
{
	uint64_t used, frame;

	if (d->dying || count == 0 || count > 1u << ORDER_MAX ||
	    (count & (count - 1)) != 0)
		return 0;
	if (d->tot_pages > d->max_pages || count > d->max_pages - d->tot_pages)
		return 0;
	/* What others have set aside is not there. */
	if (memory.n_free - memory.n_claimed + d->claimed < count)
		return 0;
	frame = alloc(d, count);
	if (frame == 0)
		return 0;
	d->tot_pages += count;
	used = count < d->claimed ? count : d->claimed;
	d->claimed -= used;
	memory.n_claimed -= used;
	return frame;
}

void *memory_at(const struct domain *d, uint64_t frame)
{
	if (frame >= SIM_MEMORY_FRAMES || memory.owner[frame] == NOBODY ||
	    (memory.owner[frame] & RETIRED))
		return NULL;
	if (d && memory.owner[frame] != d->domid + 1)
		return NULL;
	return memory.base + frame * FRAME_BYTES;
}

/* As few holes as there are pieces: a call each. */
static void punch(uint32_t frame, uint32_t count)
{
	if (fallocate(memory.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      (off_t)(frame * FRAME_BYTES),
		      (off_t)(count * FRAME_BYTES)) < 0)
		memset(memory.base + frame * FRAME_BYTES, 0,
		       count * FRAME_BYTES);
}

static void release(uint32_t frame, uint32_t count)
{
	uint32_t i;

	for (i = frame; i < frame + count; i++) {
		memory.owner[i] = NOBODY;
		memory.free_map[i / WORD_BITS] |= mask(i, 1);
	}
	punch(frame, count);
	memory.n_free += count;
	if (frame < memory.lowest)
		memory.lowest = frame;
}

static void retire(uint32_t frame, uint32_t count)
{
	uint32_t i;

	for (i = frame; i < frame + count; i++)
		memory.owner[i] |= RETIRED;
	punch(frame, count);
}

/* Calls act for each piece of owner's. Returns how many frames they were. */
static uint64_t each_piece(uint16_t owner,
			   void (*act)(uint32_t frame, uint32_t count))
{
	uint64_t total = 0;
	uint32_t frame, end;

	for (frame = FIRST_FRAME; frame < memory.end; frame = end) {
		end = frame + 1;
		if (memory.owner[frame] != owner)
			continue;
		while (end < memory.end && memory.owner[end] == owner)
			end++;
		act(frame, end - frame);
		total += end - frame;
	}
	return total;
}

void memory_free_all(struct domain *d, bool retired)
{
	uint64_t n = each_piece((uint16_t)(d->domid + 1),
				retired ? retire : release);

	if (retired)
		memory.n_retired += n;
	if (d->domid != 0)
		memory.n_guests -= n;
	memory.n_claimed -= d->claimed;
	d->claimed = 0;
	d->tot_pages = 0;
}

void memory_free_retired(uint32_t domid)
{
	if (memory.n_retired > 0)
		memory.n_retired -=
			each_piece((uint16_t)(domid + 1) | RETIRED, release);
}

int memory_claim(struct domain *d, uint64_t frames)
{
	if (frames == 0) {
		memory.n_claimed -= d->claimed;
		d->claimed = 0;
		return 0;
	}
	if (d->claimed != 0 || frames <= d->tot_pages || frames > d->max_pages)
		return -EINVAL;
	frames -= d->tot_pages;
	if (frames > memory.n_free - memory.n_claimed)
		return -ENOMEM;
	d->claimed = frames;
	memory.n_claimed += frames;
	return 0;
}

uint64_t memory_free_frames(void)
{
	return memory.n_free;
}

uint64_t memory_claimed_frames(void)
{
	return memory.n_claimed;
}

uint64_t memory_guest_frames(void)
{
	return memory.n_guests;
}
