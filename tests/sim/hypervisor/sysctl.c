/* SPDX-License-Identifier: MIT */
/* What a toolstack asks of the machine as a whole. */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <string.h>

#define CPUS	4
#define CPU_KHZ 2000000

static int64_t list_domains(struct client *c, struct xen_sysctl *op)
{
	struct xen_sysctl_getdomaininfolist *list = &op->u.getdomaininfolist;
	const struct domain *d = domain_next(list->first_domain);
	xc_domaininfo_t info;
	uint32_t n = 0;

	for (; d && n < list->max_domains; d = domain_next(d->domid + 1)) {
		domain_info(d, &info);
		if (client_write(c, (uintptr_t)(list->buffer.p + n), &info,
				 sizeof(info)) < 0)
			return -EFAULT;
		n++;
	}
	list->num_domains = n;
	return 0;
}

static int64_t physinfo(struct client *c, struct xen_sysctl *op)
{
	(void)c;
	op->u.physinfo = (struct xen_sysctl_physinfo){
		.threads_per_core = 1,
		.cores_per_socket = CPUS,
		.nr_cpus = CPUS,
		.max_cpu_id = CPUS - 1,
		.nr_nodes = 1,
		.cpu_khz = CPU_KHZ,
		.capabilities = XEN_SYSCTL_PHYSCAP_pv,
		.total_pages = SIM_MEMORY_FRAMES,
		.free_pages = memory_free_frames(),
		.outstanding_pages = memory_claimed_frames(),
		.max_mfn = SIM_MEMORY_FRAMES - 1,
	};
	return 0;
}

static int64_t scheduler(struct client *c, struct xen_sysctl *op)
{
	(void)c;
	op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT2;
	return 0;
}

/* One pool has all processors and domains; tools look at it, no more. */
static int64_t cpupool(struct client *c, struct xen_sysctl *op)
{
	struct xen_sysctl_cpupool_op *pool = &op->u.cpupool_op;
	const uint8_t cpus = (1u << CPUS) - 1;

	if (pool->op != XEN_SYSCTL_CPUPOOL_OP_INFO)
		return hypercall_unknown(c, "cpupool_op", XEN_SYSCTL_cpupool_op,
					 pool->op);
	if (pool->cpupool_id != 0)
		return -ENOENT;
	pool->sched_id = XEN_SCHEDULER_CREDIT2;
	pool->n_dom = domain_count();
	if (pool->cpumap.nr_bits < CPUS)
		return -EINVAL;
	return client_write(c, (uintptr_t)pool->cpumap.bitmap.p, &cpus,
			    sizeof(cpus));
}

static const struct {
	uint32_t command;
	int64_t (*run)(struct client *c, struct xen_sysctl *op);
} sysctls[] = {
	{XEN_SYSCTL_physinfo, physinfo},
	{XEN_SYSCTL_sched_id, scheduler},
	{XEN_SYSCTL_getdomaininfolist, list_domains},
	{XEN_SYSCTL_cpupool_op, cpupool},
};

int64_t sysctl_op(struct client *c, uint64_t at)
{
	struct xen_sysctl op;
	int64_t result;
	size_t i;

	if (client_read(c, &op, at, sizeof(op)) < 0)
		return -EFAULT;
	if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
		return -EACCES;
	if (client_domain(c)->domid != 0)
		return -EPERM;
	for (i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++) {
		if (sysctls[i].command != op.cmd)
			continue;
		result = sysctls[i].run(c, &op);
		if (result == 0 && client_write(c, at, &op, sizeof(op)) < 0)
			return -EFAULT;
		return result;
	}
	return hypercall_unknown(c, "sysctl", __HYPERVISOR_sysctl, op.cmd);
}
