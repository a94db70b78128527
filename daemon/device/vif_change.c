/* SPDX-License-Identifier: MIT */
/* What of a vif may change while its guest uses it. */
#include <errno.h>

#include "daemon/device/kind.h"
#include "daemon/device/vif_terms.h"
#include "daemon/host/tap.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

/* Its nodes are going, or are the domain's to remove. */
static int check_stays(const struct device *d, struct err *e)
{
	if (d->fate == FATE_REMOVE || d->fate == FATE_END)
		return err_set(e, ENODEV, "%s: is being removed", d->name);
	return 0;
}

int device_set_rate(struct device *d, const struct vif_rate *rate,
		    struct err *e)
{
	struct vif_rate before = d->u.vif.config.rate;

	if (check_stays(d, e) < 0)
		return -e->code;
	d->u.vif.config.rate = *rate;
	if (vif_terms_changed(d, e) < 0) {
		d->u.vif.config.rate = before;
		return err_wrap(e, "vif %s", d->name);
	}
	log_info("%s: may send %llu bytes in %u us (0: as it likes)",
		 d->log_name, (unsigned long long)rate->bytes, rate->interval);
	return 0;
}

int device_set_carrier(struct device *d, bool up, struct err *e)
{
	struct xs_plan *plan;
	struct err ignored;

	if (check_stays(d, e) < 0)
		return -e->code;
	if (tap_set_carrier(d->u.vif.taps[0], up, e) < 0)
		return err_wrap(e, "vif %s", d->name);
	plan = plan_new();
	plan_write_u64(plan, up, "%s/carrier", d->back);
	if (!xs_apply(d->env->xs, plan, NULL, NULL)) {
		tap_set_carrier(d->u.vif.taps[0], !up, &ignored);
		return err_set(e, ENOMEM, "vif %s: no memory to tell its guest",
			       d->name);
	}
	d->u.vif.config.carrier_down = !up;
	/* A worker that does not hear of it is of no use any more. */
	if (vif_terms_changed(d, &ignored) < 0)
		device_fail(d, &ignored);
	log_info("%s: its cable is %s", d->log_name, up ? "in" : "out");
	return 0;
}
