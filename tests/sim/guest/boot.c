/* SPDX-License-Identifier: MIT */
/* From the vCPU's registers through the page tables to start_info. */
#include "tests/sim/guest/boot.h"
#include "xen/abi.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "tests/sim/lib/link.h"

#define LEVELS	    4
#define LEVEL_BITS  9
#define PTE_PRESENT 1ull
#define PTE_FRAME   0x000ffffffffff000ull

/* An address space: the machine's memory, seen through one top-level table. */
struct space {
	uint8_t *memory;
	uint64_t top; /* a frame */
};

/* NULL when nothing is mapped at va. */
static void *space_at(const struct space *s, uint64_t va)
{
	uint64_t frame = s->top;
	unsigned int level;

	for (level = LEVELS; level > 0; level--) {
		const uint64_t *table =
			(void *)(s->memory + frame * XC_PAGE_SIZE);
		unsigned int shift = XC_PAGE_SHIFT + (level - 1) * LEVEL_BITS;
		uint64_t pte = table[(va >> shift) % (1u << LEVEL_BITS)];

		if (!(pte & PTE_PRESENT))
			return NULL;
		frame = (pte & PTE_FRAME) >> XC_PAGE_SHIFT;
		if (frame >= SIM_MEMORY_FRAMES)
			return NULL;
	}
	return s->memory + frame * XC_PAGE_SIZE + va % XC_PAGE_SIZE;
}

/* True when the guest runs before the time is over; else errno is set. */
static bool boot_wait(struct sim_link *link, unsigned int ms)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (;; ms--) {
		int64_t state = LINK_CALL(link, SIM_GUEST_STATE, 0);

		if (state == SIM_RUNNING)
			return true;
		if (state < 0)
			return false;
		errno = state == SIM_SHUT_DOWN ? ESHUTDOWN : ETIMEDOUT;
		if (state == SIM_SHUT_DOWN || ms == 0)
			return false;
		nanosleep(&pause, NULL);
	}
}

/* Copies the list of frames. 0 or -errno. */
static int boot_read_frames(const struct space *s, uint64_t list,
			    struct boot *b)
{
	uint64_t i;

	if (b->nr_pages == 0 || b->nr_pages > SIM_MEMORY_FRAMES)
		return -ERANGE;
	b->frames = calloc(b->nr_pages, sizeof(*b->frames));
	if (!b->frames)
		return -ENOMEM;
	for (i = 0; i < b->nr_pages; i++) {
		const uint64_t *entry = space_at(s, list + i * sizeof(*entry));

		if (!entry || *entry >= SIM_MEMORY_FRAMES)
			return -EFAULT;
		b->frames[i] = *entry;
	}
	return 0;
}

/* The page that a frame is, or nr_pages. */
static uint64_t boot_page_of(const struct boot *b, uint64_t frame)
{
	uint64_t page = 0;

	while (page < b->nr_pages && b->frames[page] != frame)
		page++;
	return page;
}

/*
 * The builder hands out pages in ascending order; its page tables are the
 * last but the boot stack, and a list of frames of its own lies behind.
 */
static uint64_t boot_first_free(const struct boot *b, const struct space *s,
				const struct start_info *info)
{
	uint64_t tables = boot_page_of(b, s->top) + info->nr_pt_frames + 1;
	uint64_t list = info->first_p2m_pfn + info->nr_p2m_frames;

	return tables > list ? tables : list;
}

int boot_read(struct sim_link *link, uint8_t *memory, unsigned int ms,
	      struct boot *b, struct err *e)
{
	struct vcpu_guest_context *vcpu = calloc(1, sizeof(*vcpu));
	struct space space = {.memory = memory};
	const struct start_info *info;
	int rc;

	*b = (struct boot){0};
	if (!vcpu)
		return err_set(e, ENOMEM, "no memory to boot");
	if (!boot_wait(link, ms) ||
	    LINK_CALL(link, SIM_VCPU_CONTEXT, (uintptr_t)vcpu) < 0) {
		free(vcpu);
		return err_errno(e, errno, "the guest does not run");
	}
	space.top = vcpu->ctrlreg[3] >> XC_PAGE_SHIFT;
	info = space_at(&space, vcpu->user_regs.rsi);
	free(vcpu);
	if (!info || strncmp(info->magic, "xen-", 4) != 0)
		return err_set(e, ENOEXEC, "no start_info where rsi points");
	b->nr_pages = info->nr_pages;
	b->store_frame = info->store_mfn;
	b->store_port = info->store_evtchn;
	b->console_frame = info->console.domU.mfn;
	b->console_port = info->console.domU.evtchn;
	b->command_line = (const char *)info->cmd_line;
	rc = boot_read_frames(&space, info->mfn_list, b);
	if (rc < 0) {
		boot_clear(b);
		return err_errno(e, -rc, "no list of the guest's frames");
	}
	b->first_free = boot_first_free(b, &space, info);
	return 0;
}

void boot_clear(struct boot *b)
{
	free(b->frames);
	b->frames = NULL;
}
