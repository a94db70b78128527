/* SPDX-License-Identifier: MIT */
/* Promises of memory: its limit, and who may map it. */
#include "tests/sim/conformance/suites.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/sim/conformance/promise.h"

#define NO_FRAME 0xfffffff0ul /* beyond any machine's memory */

static int claim(const struct guest *g, unsigned long pages)
{
	return xc_domain_claim_pages(g->bed->xc, g->domid, pages);
}

static uint64_t claimed(const struct guest *g)
{
	xc_domaininfo_t info;

	xc_domain_getinfolist(g->bed->xc, g->domid, 1, &info);
	return info.outstanding_pages;
}

static void claims(const struct bed *bed, const struct guest *g)
{
	xen_pfn_t more[2] = {GUEST_PAGES, GUEST_PAGES + 1};

	promise_errno(claim(g, 2 * GUEST_PAGES + 1) < 0, EINVAL,
		      "claim: of more than the guest's limit is EINVAL");
	promise_errno(claim(g, GUEST_PAGES) < 0, EINVAL,
		      "claim: of what it has is EINVAL");
	promise_is(claim(g, GUEST_PAGES + 4), 0, "claim: of more is taken");
	promise_is((long long)claimed(g), 4, "claim: and set aside");
	promise_errno(claim(g, GUEST_PAGES + 5) < 0, EINVAL,
		      "claim: a second one is EINVAL");
	xc_domain_populate_physmap_exact(bed->xc, g->domid, 2, 0, 0, more);
	promise_is((long long)claimed(g), 2, "claim: used up as it is given");
	promise_is(claim(g, 0), 0, "claim: of nothing ends it");
	promise_is((long long)claimed(g), 0, "claim: and nothing is set aside");
}

static void limit(const struct bed *bed, const struct guest *g)
{
	xen_pfn_t more[GUEST_PAGES + 2];
	xc_domaininfo_t info;
	size_t i;

	for (i = 0; i < GUEST_PAGES + 2; i++)
		more[i] = GUEST_PAGES + i;
	promise_is(xc_domain_populate_physmap(bed->xc, g->domid,
					      GUEST_PAGES + 2, 0, 0, more),
		   GUEST_PAGES, "memory: a guest gets as much as its limit");
	xc_domain_getinfolist(bed->xc, g->domid, 1, &info);
	promise_is(info.tot_pages, 2 * GUEST_PAGES, "memory: and has it");
	promise_is(xc_domain_populate_physmap(bed->xc, g->domid, 1, 0, 0, more),
		   0, "memory: beyond that it gets none");
}

static void frames(const struct bed *bed, const struct guest *g,
		   struct guest *other)
{
	xen_pfn_t which[3] = {g->frames[1], NO_FRAME, other->frames[0]};
	int errors[3] = {1, 1, 1};
	char *map =
		xenforeignmemory_map(bed->memory, g->domid,
				     PROT_READ | PROT_WRITE, 3, which, errors);

	promise(map, "foreign: a map with frames that are not the guest's");
	promise_is(errors[0], 0, "foreign: a frame of the guest is mapped");
	promise_is(errors[1], -EPERM,
		   "foreign: a frame that is not memory is EPERM");
	promise_is(errors[2], -EBUSY, "foreign: a frame of another is EBUSY");
	if (map) {
		strcpy(map, "seen");
		promise(!strcmp((char *)g->pages + PAGE, "seen"),
			"foreign: what is written there the guest has");
		promise_is(xenforeignmemory_unmap(bed->memory, map, 3), 0,
			   "foreign: all is unmapped");
	}
	promise_errno(!xenforeignmemory_map(bed->memory, g->domid, PROT_READ, 3,
					    which, NULL),
		      EPERM, "foreign: without errors[] all must be mapped");
	promise_errno(!xenforeignmemory_map(bed->memory, NO_DOMAIN, PROT_READ,
					    1, which, NULL),
		      ESRCH, "foreign: a map of no domain is ESRCH");
	guest_destroy(other);
	promise_errno(!xenforeignmemory_map(bed->memory, g->domid, PROT_READ, 1,
					    which + 2, NULL),
		      EBUSY, "foreign: a frame of nobody is EBUSY");
}

static int resource_errno(const struct bed *bed, uint32_t domid, uint32_t frame,
			  uint32_t n)
{
	void *at = NULL;
	xenforeignmemory_resource_handle *r = xenforeignmemory_map_resource(
		bed->memory, (domid_t)domid, XENMEM_resource_grant_table,
		XENMEM_resource_grant_table_id_shared, frame, n, &at,
		PROT_READ | PROT_WRITE, 0);

	if (!r)
		return errno;
	xenforeignmemory_unmap_resource(bed->memory, r);
	return 0;
}

/* The guest may have two frames of them. */
static void grant_table(const struct bed *bed, const struct guest *g)
{
	size_t size = 0;

	promise_is(resource_errno(bed, g->domid, 0, 2), 0,
		   "resource: a grant table grows to its limit");
	promise_is(resource_errno(bed, g->domid, 2, 1), EINVAL,
		   "resource: a frame beyond it is EINVAL");
	promise_is(resource_errno(bed, NO_DOMAIN, 0, 1), ESRCH,
		   "resource: that of no domain is ESRCH");
	promise_is(xenforeignmemory_resource_size(
			   bed->memory, (domid_t)g->domid,
			   XENMEM_resource_grant_table,
			   XENMEM_resource_grant_table_id_shared, &size),
		   0, "resource: its size can be asked");
	promise_is((long long)size, 2 * PAGE, "resource: and is the limit");
}

void suite_memory(const struct bed *bed)
{
	struct guest *g = guest_new(bed), *other = guest_new(bed);

	claims(bed, other);
	limit(bed, g);
	frames(bed, g, other);
	grant_table(bed, g);
	guest_free(g);
	guest_free(other);
}
