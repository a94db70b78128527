/* SPDX-License-Identifier: MIT */
/* Promises of mapped grants: what they give, what they leave in the table, and
 * what is refused. */
#include "tests/sim/conformance/suites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/sim/conformance/promise.h"

#define RW	 (PROT_READ | PROT_WRITE)
#define BOTH	 (GTF_reading | GTF_writing)
#define REF	 8 /* page 1, writable */
#define READONLY 9 /* page 2 */
#define NO_REF	 100000
#define TOO_MANY (64 * 1024 + 1)

static void *map(xengnttab_handle *h, const struct guest *g, uint32_t ref,
		 int prot)
{
	return xengnttab_map_grant_ref(h, g->domid, ref, prot);
}

static void one(xengnttab_handle *h, struct guest *g)
{
	char *at = map(h, g, REF, RW);

	promise(at, "grant: one is mapped");
	if (!at)
		return;
	promise_is(guest_grant_use(g, REF), BOTH,
		   "grant: its entry says that it is read and written");
	strcpy((char *)g->pages + PAGE, "from the guest");
	promise(!strcmp(at, "from the guest"),
		"grant: what the guest writes is there");
	strcpy(at, "from dom0");
	promise(!strcmp((char *)g->pages + PAGE, "from dom0"),
		"grant: what dom0 writes the guest has");
	promise_is(xengnttab_unmap(h, at, 1), 0, "grant: it is unmapped");
	promise_is(guest_grant_use(g, REF), 0,
		   "grant: and its entry says nothing any more");
	at = map(h, g, REF, PROT_READ);
	promise_is(guest_grant_use(g, REF), GTF_reading,
		   "grant: mapped to be read its entry says that alone");
	xengnttab_unmap(h, at, 1);
}

static void several(xengnttab_handle *h, const struct guest *g)
{
	void *reader = map(h, g, REF, PROT_READ);
	void *first = map(h, g, REF, RW), *second = map(h, g, REF, RW);

	promise(reader && first && second, "grant: one is mapped three times");
	xengnttab_unmap(h, first, 1);
	promise_is(guest_grant_use(g, REF), BOTH,
		   "grant: written as long as one of them writes");
	xengnttab_unmap(h, second, 1);
	promise_is(guest_grant_use(g, REF), GTF_reading,
		   "grant: read as long as one of them is left");
	xengnttab_unmap(h, reader, 1);
	promise_is(guest_grant_use(g, REF), 0, "grant: and then no more");
}

static void changes(xengnttab_handle *h, struct guest *g)
{
	char *at = map(h, g, REF, RW), *again;

	strcpy((char *)g->pages + PAGE, "page 1");
	strcpy((char *)g->pages + 3 * PAGE, "page 3");
	g->grants[REF].frame = (uint32_t)g->frames[3];
	again = map(h, g, REF, PROT_READ);
	promise(again && !strcmp(again, "page 1"),
		"grant: in use, it is of the page that it was of at first");
	if (again)
		xengnttab_unmap(h, again, 1);
	g->grants[REF].domid = (domid_t)g->domid;
	again = map(h, g, REF, PROT_READ);
	promise(again, "grant: nor is its domid looked at again");
	if (again)
		xengnttab_unmap(h, again, 1);
	xengnttab_unmap(h, at, 1);
	guest_grant(g, REF, 3, 0);
	at = map(h, g, REF, PROT_READ);
	promise(at && !strcmp(at, "page 3"),
		"grant: later it is of the page that its entry says");
	xengnttab_unmap(h, at, 1);
	guest_grant(g, REF, 1, 0);
}

static void refused(xengnttab_handle *h, struct guest *g,
		    const struct guest *other)
{
	promise_errno(!map(h, g, READONLY, RW), EINVAL,
		      "grant: a read-only one to be written is EINVAL");
	promise_is(guest_grant_use(g, READONLY), 0,
		   "grant: of which its entry says nothing");
	promise_errno(!map(h, g, NO_REF, RW), EINVAL,
		      "grant: one beyond the table is EINVAL");
	promise_errno(!map(h, g, READONLY + 1, RW), EINVAL,
		      "grant: an unused one is EINVAL");
	guest_grant_to(g, READONLY + 1, g->domid, 3, 0);
	promise_errno(!map(h, g, READONLY + 1, RW), EINVAL,
		      "grant: one for another is EINVAL");
	guest_grant(g, READONLY + 1, 3, 0);
	g->grants[READONLY + 1].frame = (uint32_t)other->frames[0];
	promise_errno(!map(h, g, READONLY + 1, RW), EINVAL,
		      "grant: one of another's page is EINVAL");
	promise_is(guest_grant_use(g, READONLY + 1), 0,
		   "grant: of which its entry says nothing either");
	promise_errno(!xengnttab_map_grant_ref(h, NO_DOMAIN, REF, RW), EINVAL,
		      "grant: one of no domain is EINVAL");
	promise_errno(
		!xengnttab_map_domain_grant_refs(h, 0, g->domid, NULL, RW),
		EINVAL, "grant: none at all is EINVAL");
}

static void too_many(xengnttab_handle *h, const struct guest *g)
{
	uint32_t *refs = calloc(TOO_MANY, sizeof(*refs));

	if (!refs)
		promise_give_up("no memory");
	promise_errno(!xengnttab_map_domain_grant_refs(h, TOO_MANY, g->domid,
						       refs, RW),
		      EINVAL, "grant: more than 65536 at once is EINVAL");
	free(refs);
}

static void batch(xengnttab_handle *h, struct guest *g, struct guest *other)
{
	uint32_t refs[3] = {REF, REF + 10, REF};
	uint32_t domids[3] = {g->domid, g->domid, other->domid};
	char *at;

	guest_grant(g, REF + 10, 4, 0);
	guest_grant(other, REF, 0, 0);
	strcpy((char *)g->pages + 4 * PAGE, "page 4");
	strcpy((char *)other->pages, "of another");
	at = xengnttab_map_grant_refs(h, 3, domids, refs, RW);
	promise(at && !strcmp(at + PAGE, "page 4") &&
			!strcmp(at + 2 * PAGE, "of another"),
		"grant: several are mapped one after the other");
	promise_errno(at && xengnttab_unmap(h, at, 2) < 0, EINVAL,
		      "grant: to unmap fewer is EINVAL");
	promise_errno(at && xengnttab_unmap(h, at + PAGE, 2) < 0, EINVAL,
		      "grant: to unmap from the middle is EINVAL");
	promise_is(at ? xengnttab_unmap(h, at, 3) : -1, 0,
		   "grant: they are unmapped together");
	refs[1] = NO_REF;
	promise_errno(!xengnttab_map_grant_refs(h, 3, domids, refs, RW), EINVAL,
		      "grant: with one bad among them none is mapped");
	promise(guest_grant_use(g, REF) == 0 &&
			guest_grant_use(other, REF) == 0,
		"grant: and no entry says that it is");
}

static void unmapped(xengnttab_handle *h, const struct guest *g)
{
	char page[2 * PAGE];
	void *at = map(h, g, REF, RW);

	promise_errno(xengnttab_unmap(h, page, 1) < 0, EINVAL,
		      "grant: to unmap what is not one is EINVAL");
	xengnttab_unmap(h, at, 1);
	promise_errno(xengnttab_unmap(h, at, 1) < 0, EINVAL,
		      "grant: to unmap it twice is EINVAL");
}

void suite_grants(const struct bed *bed)
{
	struct guest *g = guest_new(bed), *other = guest_new(bed);
	xengnttab_handle *h = bed_gnttab(bed);

	guest_grant(g, REF, 1, 0);
	guest_grant(g, READONLY, 2, GTF_readonly);
	one(h, g);
	several(h, g);
	changes(h, g);
	refused(h, g, other);
	too_many(h, g);
	batch(h, g, other);
	unmapped(h, g);
	xengnttab_close(h);
	guest_free(g);
	guest_free(other);
}
