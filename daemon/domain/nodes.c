/* SPDX-License-Identifier: MIT */
/* The xenstore nodes of a domain. */
#include "daemon/domain/nodes.h"

#include <stdio.h>

#include "daemon/device/device.h"
#include "daemon/domain/domain.h"
#include "daemon/xs/plan.h"

/* As libxl: what xenconsoled would keep of output that nobody reads. */
#define CONSOLE_LIMIT 1048576

/* Not "xenconsoled", so that the daemon of that name leaves it alone. */
#define CONSOLE_TYPE "xnconsole"

/* The guest's own: it asks and answers through these. */
static void plan_guest_owned(const struct domain *d, const char *home,
			     struct xs_plan *plan)
{
	static const char *const owned[] = {
		"control/shutdown",
		"control/feature-poweroff",
		"control/feature-reboot",
		"control/feature-suspend",
		"control/sysrq",
		"device/suspend/event-channel",
		"data",
		"drivers",
		"feature",
		"attr",
		"error",
	};
	size_t i;

	for (i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
		plan_write(plan, "", "%s/%s", home, owned[i]);
		plan_access(plan, XS_GUEST_OWNS, d->domid);
	}
}

static void plan_console(const struct domain *d, const char *home,
			 struct xs_plan *plan)
{
	/* XSA-57: the guest reads all of it and writes none of it. */
	plan_mkdir(plan, XS_GUEST_READS, d->domid, "%s/console", home);
	plan_write(plan, CONSOLE_TYPE, "%s/console/type", home);
	plan_write(plan, "pty", "%s/console/output", home);
	plan_write(plan, d->tty, "%s/console/tty", home);
	plan_write_u64(plan, CONSOLE_LIMIT, "%s/console/limit", home);
	plan_write_u64(plan, d->console_port, "%s/console/port", home);
	plan_write_u64(plan, d->console_frame, "%s/console/ring-ref", home);
	plan_write(plan, "0", "%s/console/backend-id", home);
}

static void plan_vm(const struct domain *d, struct xs_plan *plan)
{
	plan_rm(plan, "/vm/%s", d->config.uuid);
	plan_mkdir(plan, XS_GUEST_READS, d->domid, "/vm/%s", d->config.uuid);
	plan_write(plan, d->config.uuid, "/vm/%s/uuid", d->config.uuid);
	plan_write(plan, d->config.name, "/vm/%s/name", d->config.uuid);
	plan_write_u64(plan, (uint64_t)d->started, "/vm/%s/start_time",
		       d->config.uuid);
}

static void plan_private(const struct domain *d, struct xs_plan *plan)
{
	plan_mkdir(plan, XS_PRIVATE, 0, "/libxl/%u", d->domid);
	plan_write(plan, "pv", "/libxl/%u/type", d->domid);
	plan_mkdir(plan, XS_PRIVATE, 0, "/xn/%u", d->domid);
	plan_write(plan, d->config.name, "/xn/%u/name", d->domid);
	plan_write(plan, d->config.uuid, "/xn/%u/uuid", d->domid);
}

void nodes_plan(const struct domain *d, struct xs_plan *plan)
{
	const struct device *v;
	char home[40];
	char vm[48];
	unsigned int i;

	snprintf(home, sizeof(home), "/local/domain/%u", d->domid);
	snprintf(vm, sizeof(vm), "/vm/%s", d->config.uuid);
	plan_rm(plan, "%s", home);
	plan_mkdir(plan, XS_GUEST_READS, d->domid, "%s", home);
	plan_write(plan, vm, "%s/vm", home);
	plan_write(plan, d->config.name, "%s/name", home);
	plan_write_u64(plan, d->domid, "%s/domid", home);
	plan_write_u64(plan, d->config.memory_mib * 1024ull, "%s/memory/target",
		       home);
	plan_write_u64(plan, d->config.maxmem_mib * 1024ull,
		       "%s/memory/static-max", home);
	plan_write(plan, "0", "%s/memory/videoram", home);
	plan_write_u64(plan, d->store_port, "%s/store/port", home);
	plan_write_u64(plan, d->store_frame, "%s/store/ring-ref", home);
	plan_write(plan, "1",
		   "%s/control/platform-feature-multiprocessor-suspend", home);
	plan_write(plan, "1", "%s/control/platform-feature-xs_reset_watches",
		   home);
	for (i = 0; i < d->config.maxvcpus; i++)
		plan_write(plan, i < d->config.vcpus ? "online" : "offline",
			   "%s/cpu/%u/availability", home, i);
	plan_guest_owned(d, home, plan);
	plan_console(d, home, plan);
	plan_vm(d, plan);
	plan_private(d, plan);
	for (v = LIST_FIRST(&d->devices); v; v = device_next(v))
		device_plan(v, plan);
}

void nodes_plan_rm(uint32_t domid, const char *uuid, struct xs_plan *plan)
{
	devices_plan_rm(plan, domid);
	plan_rm(plan, "/local/domain/%u", domid);
	plan_rm(plan, "/vm/%s", uuid);
	plan_rm(plan, "/libxl/%u", domid);
	plan_rm(plan, "/xn/%u", domid);
}
