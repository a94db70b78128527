/* SPDX-License-Identifier: MIT */
/* Giving a PV domain its memory: of such a domain, a gfn is a frame. */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>

#define E820_MAX   128
#define E820_BYTES 20
#define ORDER_MAX  18
#define BATCH	   512u /* extents copied at once */

/* dom0 speaks of anyone, others of themselves. NULL with *rc set. */
static struct domain *find(const struct client *c, uint32_t domid, int64_t *rc)
{
	struct domain *self = client_domain(c);
	struct domain *d = domid == DOMID_SELF ? self : domain_find(domid);

	if (!d)
		*rc = -ESRCH;
	else if (self->domid == 0 || d == self)
		return d;
	else
		*rc = -EPERM;
	return NULL;
}

/* How many of n extents there was memory for; their frames replace the pages
 * at list, for where the guest wants them does not matter here. */
static uint32_t populate_some(struct client *c, struct domain *d,
			      unsigned int order, uint64_t list, uint32_t n)
{
	uint64_t extents[BATCH];
	uint32_t i;

	if (client_read(c, extents, list, n * sizeof(*extents)) < 0)
		return 0;
	for (i = 0; i < n; i++) {
		extents[i] = memory_alloc(d, 1u << order);
		if (extents[i] == 0)
			break;
	}
	if (client_write(c, list, extents, i * sizeof(*extents)) < 0)
		return 0;
	return i;
}

static int64_t populate(struct client *c, uint64_t at)
{
	struct xen_memory_reservation r;
	uint64_t done = 0;
	struct domain *d;
	int32_t ignored;
	int64_t rc = 0;
	int64_t item = fault_item(&ignored);

	if (client_read(c, &r, at, sizeof(r)) < 0)
		return -EFAULT;
	d = find(c, r.domid, &rc);
	if (!d)
		return rc;
	if (r.extent_order > ORDER_MAX)
		return -EPERM;
	if (item >= 0 && (uint64_t)item < r.nr_extents)
		r.nr_extents = (uint64_t)item;
	while (done < r.nr_extents) {
		uint64_t left = r.nr_extents - done;
		uint32_t n = left < BATCH ? (uint32_t)left : BATCH;
		uint32_t got =
			populate_some(c, d, r.extent_order,
				      (uintptr_t)(r.extent_start.p + done), n);

		done += got;
		if (got < n)
			break;
	}
	return (int64_t)done;
}

static int64_t claim(struct client *c, uint64_t at)
{
	struct xen_memory_reservation r;
	struct domain *d;
	int64_t rc = 0;

	if (client_domain(c)->domid != 0)
		return -EPERM;
	if (client_read(c, &r, at, sizeof(r)) < 0)
		return -EFAULT;
	if (r.extent_start.p || r.extent_order != 0)
		return -EINVAL;
	d = find(c, r.domid, &rc);
	return d ? memory_claim(d, r.nr_extents) : rc;
}

/* Guests here never ask for their map: it is looked at and forgotten. */
static int64_t set_map(struct client *c, uint64_t at)
{
	uint8_t entries[E820_MAX * E820_BYTES];
	struct xen_foreign_memory_map m;
	int64_t rc = 0;

	if (client_read(c, &m, at, sizeof(m)) < 0)
		return -EFAULT;
	if (m.map.nr_entries > E820_MAX)
		return -EINVAL;
	if (!find(c, m.domid, &rc))
		return rc;
	return client_read(c, entries, (uintptr_t)m.map.buffer.p,
			   m.map.nr_entries * (size_t)E820_BYTES);
}

static int64_t reservation(struct client *c, uint64_t at, bool maximum)
{
	const struct domain *d;
	domid_t domid;
	int64_t rc = 0;

	if (client_read(c, &domid, at, sizeof(domid)) < 0)
		return -EFAULT;
	d = find(c, domid, &rc);
	if (!d)
		return rc;
	return (int64_t)(maximum ? d->max_pages : d->tot_pages);
}

int64_t memory_op(struct client *c, uint32_t command, uint64_t at)
{
	switch (command) {
	case XENMEM_populate_physmap:
		return populate(c, at);
	case XENMEM_claim_pages:
		return claim(c, at);
	case XENMEM_set_memory_map:
		return set_map(c, at);
	case XENMEM_maximum_ram_page:
		return SIM_MEMORY_FRAMES - 1;
	case XENMEM_current_reservation:
		return reservation(c, at, false);
	case XENMEM_maximum_reservation:
		return reservation(c, at, true);
	case XENMEM_get_sharing_freed_pages:
	case XENMEM_get_sharing_shared_pages:
		return 0;
	}
	return hypercall_unknown(c, "memory_op", __HYPERVISOR_memory_op,
				 command);
}
