/* SPDX-License-Identifier: MIT */
/*
 * Grants mapped and copied by a program, with the promises and the errors of
 * Linux's gntdev: a batch is mapped whole or not at all (EINVAL, whatever the
 * hypervisor said of the one that failed), a copy tells each segment's status,
 * and a mapping may clear a byte and ring a port when it ends.
 */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <xengnttab.h>

#define BATCH_MAX (64 * 1024) /* gntdev's limit of a mapping */
#define NONE	  UINT32_MAX

struct mapping {
	LIST_ENTRY(mapping) link;
	uint64_t number;
	bool writable;
	uint32_t notify_offset; /* NONE, or of a byte to clear */
	uint32_t notify_port;	/* NONE, or of notify_domid, held */
	uint32_t notify_domid;
	uint32_t n;
	struct pin *pins[];
};

/* The grants that a copy uses until it is ended. */
struct copy {
	uint32_t n;
	struct copy_pin {
		struct pin *pin;
		bool writable;
	} pins[];
};

static uint32_t grants_mapped, copies;

static int16_t pin_item(const struct domain *by, uint32_t domid, uint32_t ref,
			bool writable, int32_t fault, struct pin **pin)
{
	return fault ? (int16_t)fault : pin_take(by, domid, ref, writable, pin);
}

static int mapping_notify(struct mapping *m, struct domain *by, uint32_t offset,
			  uint32_t port)
{
	bool clear = offset / 4096 < m->n;

	if (clear && !m->writable)
		return -EINVAL;
	if (port != NONE && port_hold(by, port) < 0)
		return -EINVAL;
	m->notify_port = port;
	m->notify_domid = by->domid;
	m->notify_offset = clear ? offset : NONE;
	return 0;
}

static void mapping_clear_byte(const struct mapping *m)
{
	uint8_t *page;

	if (m->notify_offset == NONE)
		return;
	page = memory_at(NULL, pin_frame(m->pins[m->notify_offset / 4096]));
	if (page)
		page[m->notify_offset % 4096] = 0;
}

/* n pins have been taken. */
static void mapping_free(struct mapping *m, uint32_t n)
{
	struct domain *by;

	while (n--)
		pin_put(m->pins[n], m->writable);
	by = domain_find(m->notify_domid);
	if (m->notify_port != NONE && by) {
		port_ring(by, m->notify_port);
		port_let_go(by, m->notify_port);
	}
	free(m);
}

static void mapping_end(struct mapping *m)
{
	LIST_REMOVE(m, link);
	grants_mapped -= m->n;
	mapping_clear_byte(m);
	mapping_free(m, m->n);
}

/* 0, with all pins taken, or -EINVAL with none. */
static int mapping_pin(struct mapping *m, const struct domain *by,
		       const uint32_t *domids, bool one_domid,
		       const uint32_t *refs)
{
	int32_t error = 0;
	int64_t faulty = fault_item(&error);
	uint32_t i;

	for (i = 0; i < m->n; i++)
		if (pin_item(by, domids[one_domid ? 0 : i], refs[i],
			     m->writable, i == faulty ? error : 0,
			     &m->pins[i]) != GNTST_okay)
			break;
	if (i == m->n)
		return 0;
	while (i--)
		pin_put(m->pins[i], m->writable);
	return -EINVAL;
}

static int frames_tell(struct client *c, const struct mapping *m, uint64_t at)
{
	uint64_t *frames = calloc(m->n, sizeof(*frames));
	uint32_t i;
	int rc;

	if (!frames)
		return -ENOMEM;
	for (i = 0; i < m->n; i++)
		frames[i] = pin_frame(m->pins[i]);
	rc = client_write(c, at, frames, m->n * sizeof(*frames));
	free(frames);
	return rc;
}

/* items are n domids (or one) and n references after them. */
static int64_t mapping_make(struct client *c, const struct sim_request *r,
			    const uint32_t *items, uint32_t n_domids)
{
	struct grant_client *own = client_grants(c);
	struct domain *by = client_domain(c);
	uint32_t n = (uint32_t)r->args[0];
	struct mapping *m = calloc(1, sizeof(*m) + n * sizeof(m->pins[0]));
	int rc;

	if (!m)
		return -ENOMEM;
	m->n = n;
	m->writable = r->args[3] & SIM_WRITABLE;
	m->notify_offset = m->notify_port = NONE;
	rc = mapping_pin(m, by, items, n_domids == 1, items + n_domids);
	if (rc < 0) {
		free(m);
		return rc;
	}
	rc = mapping_notify(m, by, (uint32_t)r->args[4], (uint32_t)r->args[5]);
	if (rc == 0)
		rc = frames_tell(c, m, r->args[6]);
	if (rc < 0) {
		mapping_free(m, n);
		return rc;
	}
	grants_mapped += n;
	m->number = ++own->last_number;
	LIST_INSERT_HEAD(&own->mappings, m, link);
	return (int64_t)m->number;
}

int64_t grant_map(struct client *c, const struct sim_request *r)
{
	uint64_t n = r->args[0];
	uint64_t n_domids = r->args[3] & SIM_ONE_DOMID ? 1 : n;
	uint32_t *items;
	int64_t rc;

	if (!client_domain(c))
		return -ESRCH;
	if (!n || n > BATCH_MAX || n > MAPTRACK_LIMIT - grants_mapped)
		return -EINVAL;
	items = calloc(n_domids + n, sizeof(*items));
	if (!items)
		return -ENOMEM;
	rc = client_read(c, items, r->args[1], n_domids * sizeof(*items));
	if (rc == 0)
		rc = client_read(c, items + n_domids, r->args[2],
				 n * sizeof(*items));
	if (rc == 0)
		rc = mapping_make(c, r, items, (uint32_t)n_domids);
	free(items);
	return rc;
}

int64_t grant_unmap(struct client *c, const struct sim_request *r)
{
	struct mapping *m;

	LIST_FOREACH(m, &client_grants(c)->mappings, link) {
		if (m->number != r->args[0])
			continue;
		mapping_end(m);
		return 0;
	}
	return -ENOENT;
}

/* What gntdev refuses before it asks the hypervisor. */
static bool segment_valid(const struct xengnttab_grant_copy_segment *s)
{
	if (!(s->flags & (GNTCOPY_source_gref | GNTCOPY_dest_gref)))
		return false;
	if ((s->flags & GNTCOPY_source_gref) &&
	    s->source.foreign.offset + s->len > 4096)
		return false;
	return !(s->flags & GNTCOPY_dest_gref) ||
	       s->dest.foreign.offset + s->len <= 4096;
}

static int16_t end_pin(struct copy *copy, const struct domain *by,
		       const union xengnttab_copy_ptr *end, bool writable,
		       uint64_t *frame)
{
	struct copy_pin *p = &copy->pins[copy->n];
	int16_t status = pin_take(by, end->foreign.domid, end->foreign.ref,
				  writable, &p->pin);

	if (status != GNTST_okay)
		return status;
	p->writable = writable;
	copy->n++;
	*frame = pin_frame(p->pin);
	return GNTST_okay;
}

static int16_t segment_pin(struct copy *copy, const struct domain *by,
			   const struct xengnttab_grant_copy_segment *s,
			   struct sim_copy *how)
{
	int16_t status = GNTST_okay;

	how->source_frame = how->dest_frame = SIM_NO_FRAME;
	if (s->flags & GNTCOPY_source_gref)
		status = end_pin(copy, by, &s->source, false,
				 &how->source_frame);
	if (status == GNTST_okay && (s->flags & GNTCOPY_dest_gref))
		status = end_pin(copy, by, &s->dest, true, &how->dest_frame);
	return status;
}

static int64_t copy_begin(struct client *c, const struct sim_request *r,
			  struct xengnttab_grant_copy_segment *s,
			  struct sim_copy *how, struct copy *copy)
{
	const struct domain *by = client_domain(c);
	uint64_t n = r->args[0];
	int32_t error = 0;
	int64_t faulty = fault_item(&error);
	uint64_t i;
	int rc;

	for (i = 0; i < n; i++)
		if (!segment_valid(&s[i]))
			return -EINVAL;
	for (i = 0; i < n; i++)
		s[i].status = (int64_t)i == faulty
				      ? (int16_t)error
				      : segment_pin(copy, by, &s[i], &how[i]);
	rc = client_write(c, r->args[1], s, n * sizeof(*s));
	if (rc == 0)
		rc = client_write(c, r->args[2], how, n * sizeof(*how));
	return rc;
}

static void copy_free(struct copy *copy)
{
	while (copy->n--)
		pin_put(copy->pins[copy->n].pin, copy->pins[copy->n].writable);
	free(copy);
}

int64_t grant_copy(struct client *c, const struct sim_request *r)
{
	struct grant_client *own = client_grants(c);
	uint64_t n = r->args[0];
	struct xengnttab_grant_copy_segment *s;
	struct sim_copy *how;
	struct copy *copy;
	int64_t rc = -ENOMEM;

	if (!client_domain(c))
		return -ESRCH;
	if (own->copy)
		return -EBUSY;
	if (n > BATCH_MAX)
		return -EINVAL;
	s = calloc(n + 1, sizeof(*s));
	how = calloc(n + 1, sizeof(*how));
	copy = calloc(1, sizeof(*copy) + 2 * n * sizeof(copy->pins[0]));
	if (s && how && copy)
		rc = client_read(c, s, r->args[1], n * sizeof(*s));
	if (rc == 0)
		rc = copy_begin(c, r, s, how, copy);
	free(s);
	free(how);
	if (rc == 0) {
		own->copy = copy;
		copies++;
	} else if (copy) {
		copy_free(copy);
	}
	return rc;
}

void grant_copy_end(struct client *c)
{
	struct grant_client *own = client_grants(c);

	if (!own->copy)
		return;
	copy_free(own->copy);
	own->copy = NULL;
	copies--;
}

void grant_release_all_of_client(struct client *c)
{
	struct grant_client *own = client_grants(c);

	grant_copy_end(c);
	while (!LIST_EMPTY(&own->mappings))
		mapping_end(LIST_FIRST(&own->mappings));
}

uint32_t grant_map_count(void)
{
	return grants_mapped;
}

uint32_t grant_copy_count(void)
{
	return copies;
}
