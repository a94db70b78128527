/* SPDX-License-Identifier: MIT */
/*
 * What a guest may not write, read or fill up in xenstore: the nodes that the
 * toolstack made for it are its own only where they have to be (XSA-57, 175,
 * 178), and xenstored's quotas hold.
 */
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/scope.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/scene.h"
#include "tests/sim/guest/store.h"

#define QUOTA_NODES 2000 /* more than the 1000 that a guest may have */

static int may_not_write(struct scene *s, const struct step *step,
			 struct err *e)
{
	int rc = store_write(s->guest->store, 0, step->key.text, "%s",
			     step->key.key);

	if (rc == -EACCES)
		return 0;
	if (rc == 0)
		return err_set(e, EBADMSG, "it was written");
	return err_errno(e, -rc, "refused otherwise");
}

static int may_not_read(struct scene *s, const struct step *step, struct err *e)
{
	scoped_str got =
		store_read(s->guest->store, 0, "/%s/%u/%s", step->key.key,
			   s->guest->domid, step->key.text);

	if (got)
		return err_set(e, EBADMSG, "it was read");
	return errno == EACCES ? 0 : err_errno(e, errno, "refused otherwise");
}

/* Of each device. */
static int may_not_back(struct scene *s, const struct step *step, struct err *e)
{
	unsigned int i;
	int rc = -EACCES;

	for (i = 0; rc == -EACCES && i < s->n_disks; i++)
		rc = store_write(s->guest->store, 0, step->key.text, "%s/%s",
				 s->disks[i]->bus.back, step->key.key);
	for (i = 0; rc == -EACCES && i < s->n_nets; i++)
		rc = store_write(s->guest->store, 0, step->key.text, "%s/%s",
				 s->nets[i]->bus.back, step->key.key);
	return rc == -EACCES ? 0 : err_set(e, EBADMSG, "it was written");
}

/* As many nodes as there may be, and then none any more. */
static int fill(struct scene *s, const struct step *step, struct err *e)
{
	unsigned int i;
	int rc = 0;

	(void)step;
	for (i = 0; rc == 0 && i < QUOTA_NODES; i++)
		rc = store_write(s->guest->store, 0, "x", "data/%u", i);
	store_remove(s->guest->store, 0, "data/0");
	for (; i-- > 0;)
		store_remove(s->guest->store, 0, "data/%u", i);
	if (rc == 0)
		return err_set(e, EBADMSG, "there is no limit");
	return rc == -ENOSPC ? 0 : err_errno(e, -rc, "limited otherwise");
}

/* Left open until there may not be more. */
static int transactions(struct scene *s, const struct step *step, struct err *e)
{
	uint32_t open[64];
	unsigned int n = 0;
	int rc;

	(void)step;
	while (n < 64 && (open[n] = store_begin(s->guest->store)))
		n++;
	rc = errno;
	while (n > 0)
		store_commit(s->guest->store, open[--n]);
	return rc == ENOSPC ? 0 : err_errno(e, rc, "no limit");
}

static const struct step steps[] = {
	{"console/tty is not the guest's to write (XSA-57)", may_not_write,
	 .key = {"console/tty", "/etc/shadow"}},
	{"nor console/output", may_not_write,
	 .key = {"console/output", "file:/etc/passwd"}},
	{"nor console/limit", may_not_write, .key = {"console/limit", "0"}},
	{"nor console/port", may_not_write, .key = {"console/port", "1"}},
	{"nor console/ring-ref", may_not_write,
	 .key = {"console/ring-ref", "1"}},
	{"nor console/new", may_not_write, .key = {"console/new", "1"}},
	{"nor its name", may_not_write, .key = {"name", "Domain-0"}},
	{"nor its domid", may_not_write, .key = {"domid", "0"}},
	{"nor memory/target", may_not_write,
	 .key = {"memory/target", "99999999"}},
	{"nor a device that it was not given", may_not_write,
	 .key = {"device/vbd/1/backend", "/local/domain/0/name"}},
	{"nor store/port", may_not_write, .key = {"store/port", "1"}},
	{"nor a back end's state (XSA-178)", may_not_back,
	 .key = {"state", "4"}},
	{"nor a back end's params", may_not_back,
	 .key = {"params", "/etc/shadow"}},
	{"nor what hotplug says", may_not_back,
	 .key = {"hotplug-status", "connected"}},
	{"/libxl is not the guest's to read", may_not_read,
	 .key = {"libxl", "type"}},
	{"nor is /xn", may_not_read, .key = {"xn", "name"}},
	{"thousands of nodes: others go on", fill, .number = 0},
	{"transactions left open: others go on", transactions, .number = 0},
};

const struct script store_lies =
	SCRIPT("store-lies", "nodes that are not the guest's", steps);
