/* SPDX-License-Identifier: MIT */
/* What the rest of the daemon asks of a device. */
#include "daemon/device/bus.h"
#include "daemon/device/kind.h"
#include "daemon/worker/process.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"
#include "json/json.h"

void device_on_gone(struct device *d, void (*gone)(void *arg), void *arg)
{
	d->gone = gone;
	d->gone_arg = arg;
}

void device_forget_ready(struct device *d)
{
	d->ready = NULL;
}

void device_plan(const struct device *d, struct xs_plan *plan)
{
	plan_mkdir(plan, XS_GUEST_READS, d->domid, "%s", d->back);
	plan_write(plan, d->front, "%s/frontend", d->back);
	plan_write_u64(plan, d->domid, "%s/frontend-id", d->back);
	plan_write(plan, "1", "%s/online", d->back);
	plan_write_u64(plan, d->ours, "%s/state", d->back);
	plan_mkdir(plan, XS_GUEST_OWNS, d->domid, "%s", d->front);
	plan_write(plan, d->back, "%s/backend", d->front);
	plan_write(plan, "0", "%s/backend-id", d->front);
	plan_write_u64(plan, XenbusStateInitialising, "%s/state", d->front);
	d->kind->plan(d, plan);
}

void devices_plan_rm(struct xs_plan *plan, uint32_t domid)
{
	plan_rm(plan, "/local/domain/0/backend/%s/%u", device_kind_vbd.backend,
		domid);
	plan_rm(plan, "/local/domain/0/backend/%s/%u", device_kind_vif.backend,
		domid);
}

struct json *device_json(const struct device *d)
{
	struct json *v = d->kind->json(d);

	json_set_int(v, "devid", d->devid);
	json_set_string(v, "state", bus_state_name(d->ours));
	json_set_string(v, "frontend_state", bus_state_name(d->theirs));
	if (d->worker)
		json_set_int(v, "pid", process_pid(d->worker));
	else
		json_set(v, "pid", json_new_null());
	if (d->failure.text[0])
		json_set_string(v, "error", d->failure.text);
	return v;
}

struct json *device_figures_json(const struct device *d)
{
	return d->kind->figures(d);
}

struct device *device_next(const struct device *d)
{
	return LIST_NEXT(d, link);
}

bool device_is_vbd(const struct device *d)
{
	return d->kind == &device_kind_vbd;
}

bool device_is_vif(const struct device *d)
{
	return d->kind == &device_kind_vif;
}

uint32_t device_domid(const struct device *d)
{
	return d->domid;
}

uint32_t device_devid(const struct device *d)
{
	return d->devid;
}

const struct disk_config *device_disk(const struct device *d)
{
	return device_is_vbd(d) ? &d->u.vbd.config : NULL;
}

const struct vif_config *device_vif(const struct device *d)
{
	return device_is_vif(d) ? &d->u.vif.config : NULL;
}
