/* SPDX-License-Identifier: MIT */
/* The test's side of the plan: making the file, arming, surveying. */
#include "tests/sim/malloc/plan.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct malloc_plan *malloc_plan_create(const char *path)
{
	struct malloc_plan *p = NULL;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return NULL;
	if (ftruncate(fd, sizeof(*p)) == 0)
		p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED,
			 fd, 0);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

void malloc_plan_close(struct malloc_plan *p)
{
	if (p)
		munmap(p, sizeof(*p));
}

void malloc_survey_begin(struct malloc_plan *p, enum malloc_places places)
{
	atomic_store(&p->wanted, 0);
	p->places = places;
	memset(p->sites, 0, sizeof(p->sites));
	atomic_store(&p->lost, 0);
	atomic_store(&p->wanted, MALLOC_SURVEY);
}

void malloc_survey_end(struct malloc_plan *p)
{
	atomic_fetch_and(&p->wanted, ~(uint32_t)MALLOC_SURVEY);
}

void malloc_arm(struct malloc_plan *p, const char *program, uint64_t site,
		uint32_t nth, bool newcomers)
{
	malloc_disarm(p);
	snprintf(p->program, sizeof(p->program), "%s", program);
	p->site = site;
	p->nth = nth;
	p->always = 0;
	p->known = newcomers ? atomic_load(&p->processes) : 0;
	atomic_store(&p->seen, 0);
	atomic_store(&p->met, 0);
	atomic_fetch_or(&p->wanted, MALLOC_FAULT);
}

uint32_t malloc_disarm(struct malloc_plan *p)
{
	atomic_fetch_and(&p->wanted, ~(uint32_t)MALLOC_FAULT);
	return atomic_load(&p->met);
}
