/* SPDX-License-Identifier: MIT */
/* Surveys of calls, and what the calls are called. */
#include "tests/sim/runs/sites.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenctrl.h>
#include <xen/event_channel.h>
#include <xen/memory.h>

#include "tests/sim/lib/link.h"
#include "tests/sim/runs/place.h"
#include "tests/sim/runs/world.h"

#define PROGRAMS_MAX 8 /* there are five */

static const char *const ops[] = {
	[SIM_HELLO] = "open",
	[SIM_HYPERCALL] = "hypercall",
	[SIM_BIND_UNBOUND] = "bind unbound",
	[SIM_BIND_INTERDOMAIN] = "bind interdomain",
	[SIM_BIND_VIRQ] = "bind virq",
	[SIM_UNBIND] = "unbind",
	[SIM_NOTIFY] = "notify",
	[SIM_UNMASK] = "unmask",
	[SIM_EVTCHN_RESTRICT] = "restrict",
	[SIM_GRANT_MAP] = "grant map",
	[SIM_GRANT_UNMAP] = "grant unmap",
	[SIM_GRANT_COPY] = "grant copy",
	[SIM_FOREIGN_MAP] = "foreign map",
	[SIM_RESOURCE_MAP] = "resource map",
	[SIM_RESOURCE_SIZE] = "resource size",
};

static const char *const handles[] = {
	[SIM_CALL] = "privcmd",
	[SIM_EVTCHN] = "evtchn",
	[SIM_GNTTAB] = "gnttab",
	[SIM_FOREIGN] = "foreign memory",
};

static const struct {
	int32_t number;
	int32_t command; /* -1: any */
	const char *name;
	int error;
} hypercalls[] = {
	{__HYPERVISOR_domctl, XEN_DOMCTL_createdomain, "createdomain", ENOMEM},
	{__HYPERVISOR_domctl, XEN_DOMCTL_destroydomain, "destroydomain", EBUSY},
	{__HYPERVISOR_domctl, XEN_DOMCTL_pausedomain, "pausedomain", EPERM},
	{__HYPERVISOR_domctl, XEN_DOMCTL_unpausedomain, "unpausedomain", EPERM},
	{__HYPERVISOR_domctl, XEN_DOMCTL_getdomaininfo, "getdomaininfo", EPERM},
	{__HYPERVISOR_domctl, XEN_DOMCTL_setvcpucontext, "setvcpucontext",
	 EINVAL},
	{__HYPERVISOR_domctl, XEN_DOMCTL_getvcpucontext, "getvcpucontext",
	 EINVAL},
	{__HYPERVISOR_domctl, XEN_DOMCTL_max_mem, "max_mem", EPERM},
	{__HYPERVISOR_domctl, XEN_DOMCTL_max_vcpus, "max_vcpus", ENOMEM},
	{__HYPERVISOR_domctl, XEN_DOMCTL_set_address_size, "set_address_size",
	 EBUSY},
	{__HYPERVISOR_domctl, XEN_DOMCTL_get_address_size, "get_address_size",
	 EPERM},
	{__HYPERVISOR_domctl, -1, "domctl", ENOMEM},
	{__HYPERVISOR_sysctl, -1, "sysctl", EPERM},
	{__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, "alloc_unbound",
	 ENOSPC},
	{__HYPERVISOR_event_channel_op, -1, "event_channel_op", EINVAL},
	{__HYPERVISOR_memory_op, XENMEM_populate_physmap, "populate_physmap",
	 ENOMEM},
	{__HYPERVISOR_memory_op, XENMEM_claim_pages, "claim_pages", ENOMEM},
	{__HYPERVISOR_memory_op, -1, "memory_op", ENOMEM},
	{__HYPERVISOR_mmuext_op, -1, "mmuext_op", EINVAL},
	{__HYPERVISOR_mmu_update, -1, "mmu_update", EINVAL},
	{__HYPERVISOR_multicall, -1, "multicall", ENOMEM},
	{__HYPERVISOR_xen_version, -1, "xen_version", EPERM},
	{__HYPERVISOR_grant_table_op, -1, "grant_table_op", ENOMEM},
	{__HYPERVISOR_hvm_op, -1, "hvm_op", EINVAL},
};

#define HYPERCALLS (sizeof(hypercalls) / sizeof(hypercalls[0]))

static size_t hypercall_of(const struct sim_site *at)
{
	size_t i;

	for (i = 0; i < HYPERCALLS; i++)
		if (hypercalls[i].number == at->number &&
		    (hypercalls[i].command == at->command ||
		     hypercalls[i].command == -1))
			break;
	return i;
}

static void name_call(struct site *s)
{
	const struct sim_site *at = &s->at;
	size_t i = hypercall_of(at);

	if (at->op == SIM_HYPERCALL && i < HYPERCALLS)
		snprintf(s->call, sizeof(s->call), "%s %d", hypercalls[i].name,
			 at->command);
	else if (at->op == SIM_HYPERCALL)
		snprintf(s->call, sizeof(s->call), "hypercall %d %d",
			 at->number, at->command);
	else if (at->op == SIM_HELLO && at->number <= SIM_FOREIGN)
		snprintf(s->call, sizeof(s->call), "open %s",
			 handles[at->number]);
	else if (at->op < sizeof(ops) / sizeof(ops[0]) && ops[at->op])
		snprintf(s->call, sizeof(s->call), "%s", ops[at->op]);
	else
		snprintf(s->call, sizeof(s->call), "call %u", at->op);
}

uint64_t site_key(const struct site *s)
{
	uint64_t key = s->at.site;
	const char *c;

	for (c = s->at.program; *c; c++)
		key = key * 31 + (unsigned char)*c;
	key = key * 31 + s->at.op;
	key = key * 31 + (uint32_t)s->at.number;
	return key * 31 + (uint32_t)s->at.command;
}

int site_error(const struct site *s)
{
	size_t i = hypercall_of(&s->at);

	switch (s->at.op) {
	case SIM_HELLO:
		return EMFILE;
	case SIM_HYPERCALL:
		return i < HYPERCALLS ? hypercalls[i].error : EPERM;
	case SIM_BIND_UNBOUND:
	case SIM_BIND_INTERDOMAIN:
	case SIM_BIND_VIRQ:
		return ENOSPC;
	case SIM_GRANT_MAP:
	case SIM_FOREIGN_MAP:
	case SIM_RESOURCE_MAP:
		return ENOMEM;
	case SIM_GRANT_COPY:
		return EFAULT;
	default:
		return EINVAL;
	}
}

bool site_is_batch(const struct site *s)
{
	return s->at.op == SIM_GRANT_MAP || s->at.op == SIM_GRANT_COPY ||
	       s->at.op == SIM_FOREIGN_MAP ||
	       (s->at.op == SIM_HYPERCALL &&
		s->at.number == __HYPERVISOR_memory_op &&
		s->at.command == XENMEM_populate_physmap);
}

/* ---- survey ---- */

void sites_begin(struct sites *s, struct world *w)
{
	s->w = w;
	s->count = s->seen = s->lost = 0;
	s->list = calloc(SITES_MAX, sizeof(*s->list));
	LINK_CALL(w->control, SIM_SURVEY_BEGIN);
}

/* The test itself is nobody's program. */
static bool is_ours(const char *program)
{
	return strncmp(program, "xn", 2) == 0;
}

void sites_note(struct sites *s, int step)
{
	struct sim_site *seen = calloc(SITES_MAX, sizeof(*seen));
	int64_t n = LINK_CALL(s->w->control, SIM_SURVEY_READ, (uintptr_t)seen,
			      SITES_MAX);

	/* It only ever appends. */
	for (; (int64_t)s->seen < n && s->seen < SITES_MAX; s->seen++) {
		struct site *site = &s->list[s->count];

		if (!is_ours(seen[s->seen].program))
			continue;
		site->at = seen[s->seen];
		site->step = step;
		name_call(site);
		s->count++;
	}
	s->lost = n < 0 ? SIZE_MAX : (size_t)n - s->seen;
	free(seen);
}

void sites_end(struct sites *s)
{
	LINK_CALL(s->w->control, SIM_SURVEY_END);
}

void sites_free(struct sites *s)
{
	free(s->list);
}

void sites_place(struct sites *s)
{
	struct places *open[PROGRAMS_MAX] = {NULL};
	const char *names[PROGRAMS_MAX];
	size_t i, k;

	for (i = 0; i < s->count; i++) {
		struct site *site = &s->list[i];

		for (k = 0; k < PROGRAMS_MAX - 1 && open[k]; k++)
			if (strcmp(names[k], site->at.program) == 0)
				break;
		names[k] = site->at.program;
		if (!open[k])
			open[k] = places_open(names[k]);
		place_name(open[k], site->at.frames, SIM_SITE_FRAMES,
			   site->place, sizeof(site->place));
	}
	for (k = 0; k < PROGRAMS_MAX && open[k]; k++)
		places_close(open[k]);
}
