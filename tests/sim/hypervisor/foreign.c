/* SPDX-License-Identifier: MIT */
/*
 * Foreign memory: says which frames of the machine a domain's pages and its
 * grant table are. The mapping is the asker's own business, and Xen does not
 * keep it either.
 */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>

#define PAGES_MAX   (1u << 20)
#define FRAME_BYTES 4096
#define BATCH	    512

static struct domain *find(const struct client *c, uint64_t domid, int64_t *rc)
{
	struct domain *self = client_domain(c);
	struct domain *d =
		domid == DOMID_SELF ? self : domain_find((uint32_t)domid);

	if (!d)
		*rc = -ESRCH;
	else if (self->domid == 0 || d == self)
		return d;
	else
		*rc = -EPERM;
	return NULL;
}

/* What the pages of one batch are. */
struct batch {
	xen_pfn_t pages[BATCH];
	int errors[BATCH];
	uint64_t frames[BATCH];
};

/* Linux knows by page what was wrong, even that there is no such domain. */
static int look_up(const struct domain *d, int missing, uint64_t page,
		   uint64_t *frame)
{
	*frame = SIM_NO_FRAME;
	if (!d)
		return missing;
	if (page >= SIM_MEMORY_FRAMES)
		return -EPERM; /* taken for a device's */
	if (!memory_at(d, page))
		return -EBUSY;
	*frame = page;
	return 0;
}

static int map_batch(struct client *c, const struct sim_request *r,
		     const struct domain *d, int missing, uint64_t first,
		     size_t n)
{
	int32_t fault = 0;
	int64_t item = fault_item(&fault) - (int64_t)first;
	struct batch b;
	size_t i;

	if (client_read(c, b.pages, r->args[2] + first * sizeof(*b.pages),
			n * sizeof(*b.pages)) < 0)
		return -EFAULT;
	for (i = 0; i < n; i++)
		b.errors[i] = look_up(d, missing, b.pages[i], &b.frames[i]);
	if (fault != 0 && item >= 0 && item < (int64_t)n) {
		b.errors[item] = -fault;
		b.frames[item] = SIM_NO_FRAME;
	}
	if (client_write(c, r->args[3] + first * sizeof(*b.errors), b.errors,
			 n * sizeof(*b.errors)) < 0)
		return -EFAULT;
	return client_write(c, r->args[4] + first * sizeof(*b.frames), b.frames,
			    n * sizeof(*b.frames));
}

int64_t foreign_map(struct client *c, const struct sim_request *r)
{
	int64_t missing = 0;
	const struct domain *d = find(c, r->args[0], &missing);
	uint64_t n = r->args[1];
	uint64_t done, some;

	if (n == 0 || n > PAGES_MAX)
		return -EINVAL;
	for (done = 0; done < n; done += some) {
		int rc;

		some = n - done < BATCH ? n - done : BATCH;
		rc = map_batch(c, r, d, (int)missing, done, (size_t)some);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* A version-1 grant table is all that there is. */
static struct domain *find_resource(struct client *c,
				    const struct sim_request *r, int64_t *rc)
{
	if (r->args[1] != XENMEM_resource_grant_table) {
		*rc = -EOPNOTSUPP;
		return NULL;
	}
	if (r->args[2] != XENMEM_resource_grant_table_id_shared) {
		*rc = -EINVAL;
		return NULL;
	}
	return find(c, r->args[0], rc);
}

static int grow_grants(struct domain *d, uint64_t frames)
{
	while (d->n_grant_frames < frames) {
		uint64_t frame = memory_alloc_shared(d);

		if (frame == 0)
			return -ENOMEM;
		d->grant_frames[d->n_grant_frames++] = frame;
	}
	return 0;
}

int64_t resource_map(struct client *c, const struct sim_request *r)
{
	uint64_t first = r->args[3], n = r->args[4];
	int64_t rc = 0;
	struct domain *d = find_resource(c, r, &rc);

	if (!d)
		return rc;
	if (n == 0 || n > d->max_grant_frames ||
	    first > d->max_grant_frames - n || d->dying)
		return -EINVAL;
	rc = grow_grants(d, first + n);
	if (rc < 0)
		return rc;
	return client_write(c, r->args[5], d->grant_frames + first,
			    n * sizeof(d->grant_frames[0]));
}

int64_t resource_size(struct client *c, const struct sim_request *r)
{
	int64_t rc = 0;
	const struct domain *d = find_resource(c, r, &rc);

	return d ? (int64_t)d->max_grant_frames * FRAME_BYTES : rc;
}
