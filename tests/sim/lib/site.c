/* SPDX-License-Identifier: MIT */
/*
 * Walks the stack and keeps what belongs to the main program, so that a site
 * is the same in every run, wherever libraries and program were loaded.
 */
#include "tests/sim/lib/site.h"

#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <string.h>

#define DEPTH 64

static struct {
	uintptr_t base;
	uintptr_t start;
	uintptr_t end;
} program;

/* The first object that there is to see is the main program. */
static int on_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	int i;

	(void)size;
	(void)arg;
	program.base = info->dlpi_addr;
	program.start = UINTPTR_MAX;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t start = program.base + segment->p_vaddr;

		if (segment->p_type != PT_LOAD)
			continue;
		if (start < program.start)
			program.start = start;
		if (start + segment->p_memsz > program.end)
			program.end = start + segment->p_memsz;
	}
	return 1;
}

static void find_program(void)
{
	dl_iterate_phdr(on_object, NULL);
}

/* FNV-1a */
static uint64_t hash(const void *bytes, size_t size)
{
	const unsigned char *p = bytes;
	uint64_t h = 0xcbf29ce484222325;

	while (size-- > 0)
		h = (h ^ *p++) * 0x100000001b3;
	return h ? h : 1;
}

uint64_t site_here(uint64_t frames[SIM_SITE_FRAMES])
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	void *stack[DEPTH];
	size_t kept = 0;
	int n, i;

	pthread_once(&once, find_program);
	memset(frames, 0, SIM_SITE_FRAMES * sizeof(*frames));
	n = backtrace(stack, DEPTH);
	for (i = 0; i < n && kept < SIM_SITE_FRAMES; i++) {
		uintptr_t at = (uintptr_t)stack[i];

		if (at >= program.start && at < program.end)
			frames[kept++] = at - program.base;
	}
	return hash(frames, kept * sizeof(*frames));
}
