/* SPDX-License-Identifier: MIT */
/* Promises of grant copies: the bytes, the status of each, what is refused. */
#include "tests/sim/conformance/suites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/conformance/promise.h"

#define REF	 8 /* page 1, writable */
#define READONLY 9 /* page 2 */
#define UNUSED	 10
#define FOREIGN	 11 /* granted to another */
#define STRANGE	 12 /* not the guest's page */
#define NO_REF	 100000
#define MANY	 40 /* more than gntdev gives the hypervisor at once */

typedef xengnttab_grant_copy_segment_t segment;

static segment from(const struct guest *g, uint32_t ref, uint16_t offset,
		    void *to, uint16_t len)
{
	segment s = {.len = len, .flags = GNTCOPY_source_gref, .status = 99};

	s.source.foreign.domid = (domid_t)g->domid;
	s.source.foreign.ref = ref;
	s.source.foreign.offset = offset;
	s.dest.virt = to;
	return s;
}

static segment to(const struct guest *g, uint32_t ref, uint16_t offset,
		  void *bytes, uint16_t len)
{
	segment s = {.len = len, .flags = GNTCOPY_dest_gref, .status = 99};

	s.source.virt = bytes;
	s.dest.foreign.domid = (domid_t)g->domid;
	s.dest.foreign.ref = ref;
	s.dest.foreign.offset = offset;
	return s;
}

static void bytes(xengnttab_handle *h, const struct guest *g)
{
	char buffer[16] = "";
	segment s = from(g, READONLY, 2000, buffer, sizeof(buffer));

	strcpy((char *)g->pages + 2 * PAGE + 2000, "out of a guest");
	promise_is(xengnttab_grant_copy(h, 1, &s), 0,
		   "copy: from a grant to memory");
	promise(!strcmp(buffer, "out of a guest"), "copy: moves the bytes");
	promise_is(s.status, GNTST_okay, "copy: and its status is that");
	s = to(g, REF, 4096 - 16, buffer, sizeof(buffer));
	promise_is(xengnttab_grant_copy(h, 1, &s), 0,
		   "copy: from memory to a grant, to the end of its page");
	promise(!strcmp((char *)g->pages + 2 * PAGE - 16, "out of a guest"),
		"copy: moves the bytes, too");
	promise(guest_grant_use(g, REF) == 0 &&
			guest_grant_use(g, READONLY) == 0,
		"copy: the entries say nothing afterwards");
	s = from(g, REF, 0, buffer, 0);
	promise_is(xengnttab_grant_copy(h, 1, &s) | s.status, GNTST_okay,
		   "copy: of no bytes is fine");
	promise_is(xengnttab_grant_copy(h, 0, NULL), 0, "copy: so is none");
}

static void between(xengnttab_handle *h, const struct guest *g)
{
	segment s = {.len = 5,
		     .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref};

	s.source.foreign.domid = s.dest.foreign.domid = (domid_t)g->domid;
	s.source.foreign.ref = READONLY;
	s.dest.foreign.ref = REF;
	s.dest.foreign.offset = 7;
	strcpy((char *)g->pages + 2 * PAGE, "both");
	promise_is(xengnttab_grant_copy(h, 1, &s) | s.status, GNTST_okay,
		   "copy: from a grant to a grant");
	promise(!strcmp((char *)g->pages + PAGE + 7, "both"),
		"copy: the bytes are there");
}

static void statuses(xengnttab_handle *h, const struct guest *g)
{
	char buffer[8] = "";
	segment s[] = {
		from(g, REF, 0, buffer, 1),	to(g, READONLY, 0, buffer, 1),
		from(g, NO_REF, 0, buffer, 1),	from(g, UNUSED, 0, buffer, 1),
		from(g, FOREIGN, 0, buffer, 1), from(g, STRANGE, 0, buffer, 1),
		from(g, REF, 0, buffer, 1),	from(g, REF, 0, buffer + 7, 1),
	};

	s[6].source.foreign.domid = NO_DOMAIN;
	g->pages[PAGE] = 'x';
	promise_is(xengnttab_grant_copy(h, 8, s), 0,
		   "copy: some bad segments are no error of the call");
	promise_is(s[0].status, GNTST_okay, "copy: the good ones are okay");
	promise_is(s[1].status, GNTST_general_error,
		   "copy: to a read-only grant: general_error");
	promise_is(s[2].status, GNTST_bad_gntref,
		   "copy: beyond the table: bad_gntref");
	promise_is(s[3].status, GNTST_general_error,
		   "copy: of an unused grant: general_error");
	promise_is(s[4].status, GNTST_general_error,
		   "copy: of a grant to another: general_error");
	promise_is(s[5].status, GNTST_bad_page,
		   "copy: of another's page: bad_page");
	promise_is(s[6].status, GNTST_bad_domain,
		   "copy: of no domain: bad_domain");
	promise(s[7].status == GNTST_okay && buffer[7] == 'x',
		"copy: a good one after bad ones is done");
	promise(guest_grant_use(g, STRANGE) == 0 &&
			guest_grant_use(g, READONLY) == 0,
		"copy: the bad ones' entries say nothing");
}

static void refused(xengnttab_handle *h, const struct guest *g)
{
	char buffer[8] = "";
	segment s[2] = {from(g, REF, 0, buffer, 8),
			from(g, REF, 4090, buffer, 8)};

	promise_errno(xengnttab_grant_copy(h, 2, s) < 0, EINVAL,
		      "copy: over the end of a page is EINVAL for all");
	promise(buffer[0] == 0, "copy: and nothing is done");
	s[1] = to(g, REF, 4089, buffer, 8);
	promise_errno(xengnttab_grant_copy(h, 2, s) < 0, EINVAL,
		      "copy: so is that to a grant");
	s[0].flags = 0;
	promise_errno(xengnttab_grant_copy(h, 1, s) < 0, EINVAL,
		      "copy: without a grant is EINVAL");
}

static void many(xengnttab_handle *h, const struct guest *g)
{
	segment s[MANY];
	char got[MANY] = "";
	bool right = true;
	uint16_t i;

	for (i = 0; i < MANY; i++) {
		g->pages[PAGE + i] = (uint8_t)(i + 1);
		s[i] = from(g, i % 3 ? REF : UNUSED, i, &got[i], 1);
	}
	promise_is(xengnttab_grant_copy(h, MANY, s), 0, "copy: many at once");
	for (i = 0; i < MANY; i++)
		right = right &&
			(i % 3 ? s[i].status == GNTST_okay && got[i] == i + 1
			       : s[i].status != GNTST_okay && got[i] == 0);
	promise(right, "copy: each by itself is done or not");
}

static void mapped(xengnttab_handle *h, const struct guest *g)
{
	void *at = xengnttab_map_grant_ref(h, g->domid, REF, 1 /* PROT_READ */);
	char byte = 'm';
	segment s = to(g, REF, 0, &byte, 1);

	promise_is(xengnttab_grant_copy(h, 1, &s) | s.status, GNTST_okay,
		   "copy: to a grant that is mapped to be read");
	promise_is(guest_grant_use(g, REF), GTF_reading,
		   "copy: whose entry then says that it is read");
	xengnttab_unmap(h, at, 1);
}

void suite_copies(const struct bed *bed)
{
	struct guest *g = guest_new(bed), *other = guest_new(bed);
	xengnttab_handle *h = bed_gnttab(bed);

	guest_grant(g, REF, 1, 0);
	guest_grant(g, READONLY, 2, GTF_readonly);
	guest_grant_to(g, FOREIGN, g->domid, 3, 0);
	guest_grant(g, STRANGE, 3, 0);
	g->grants[STRANGE].frame = (uint32_t)other->frames[0];
	bytes(h, g);
	between(h, g);
	statuses(h, g);
	refused(h, g);
	many(h, g);
	mapped(h, g);
	xengnttab_close(h);
	guest_free(g);
	guest_free(other);
}
