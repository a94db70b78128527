/* SPDX-License-Identifier: MIT */
/* What a toolstack does to one domain. Its order is copied in and out. */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <string.h>

#define FRAME_BYTES 4096
#define PAUSES_MAX  INT32_MAX

static int64_t create(struct client *c, struct domain *d, struct xen_domctl *op)
{
	uint32_t domid = op->domain;
	int rc = domain_create(&domid, &op->u.createdomain);

	(void)c;
	(void)d;
	op->domain = (domid_t)domid;
	return rc;
}

static int64_t destroy(struct client *c, struct domain *d,
		       struct xen_domctl *op)
{
	(void)c;
	(void)op;
	return domain_destroy(d);
}

/* No domain pauses itself. */
static int64_t pause_domain(struct client *c, struct domain *d,
			    struct xen_domctl *op)
{
	(void)op;
	if (d == client_domain(c))
		return -EINVAL;
	if (d->pauses == PAUSES_MAX)
		return -EUSERS;
	d->pauses++;
	return 0;
}

static int64_t unpause_domain(struct client *c, struct domain *d,
			      struct xen_domctl *op)
{
	(void)op;
	if (d == client_domain(c) || d->pauses == 0)
		return -EINVAL;
	d->pauses--;
	return 0;
}

/* Of the domain asked for or, if there is none, of the next. */
static int64_t get_info(struct client *c, struct domain *d,
			struct xen_domctl *op)
{
	(void)c;
	if (!d)
		d = domain_next(op->domain);
	if (!d)
		return -ESRCH;
	domain_info(d, &op->u.getdomaininfo);
	op->domain = (domid_t)d->domid;
	return 0;
}

static int64_t set_max_mem(struct client *c, struct domain *d,
			   struct xen_domctl *op)
{
	(void)c;
	d->max_pages = op->u.max_mem.max_memkb >> 2;
	return 0;
}

/* They were all made with the domain. */
static int64_t set_max_vcpus(struct client *c, struct domain *d,
			     struct xen_domctl *op)
{
	(void)c;
	return op->u.max_vcpus.max == d->max_vcpus ? 0 : -EINVAL;
}

/* The first vCPU's is kept; guests start the others themselves. */
static int64_t set_context(struct client *c, struct domain *d,
			   struct xen_domctl *op)
{
	vcpu_guest_context_t context;

	if (op->u.vcpucontext.vcpu >= d->max_vcpus || d == client_domain(c))
		return -EINVAL;
	if (op->u.vcpucontext.vcpu != 0)
		return -EOPNOTSUPP;
	if (!op->u.vcpucontext.ctxt.p) {
		d->have_context = false;
		return 0;
	}
	if (client_read(c, &context, (uintptr_t)op->u.vcpucontext.ctxt.p,
			sizeof(context)) < 0)
		return -EFAULT;
	if (!memory_at(d, xen_cr3_to_pfn(context.ctrlreg[3])))
		return -EINVAL;
	d->context = context;
	d->have_context = true;
	return 0;
}

static int64_t get_context(struct client *c, struct domain *d,
			   struct xen_domctl *op)
{
	if (op->u.vcpucontext.vcpu >= d->max_vcpus || d == client_domain(c))
		return -EINVAL;
	if (op->u.vcpucontext.vcpu != 0 || !d->have_context)
		return -ENODATA;
	return client_write(c, (uintptr_t)op->u.vcpucontext.ctxt.p, &d->context,
			    sizeof(d->context));
}

static int64_t get_vcpu_info(struct client *c, struct domain *d,
			     struct xen_domctl *op)
{
	uint32_t vcpu = op->u.getvcpuinfo.vcpu;
	bool online = vcpu == 0 && (d->have_context || d->domid == 0);

	(void)c;
	if (vcpu >= d->max_vcpus)
		return -EINVAL;
	op->u.getvcpuinfo = (struct xen_domctl_getvcpuinfo){
		.vcpu = vcpu,
		.online = online,
		.blocked = online && d->domid != 0,
		.running = d->domid == 0,
	};
	return 0;
}

static int64_t set_handle(struct client *c, struct domain *d,
			  struct xen_domctl *op)
{
	(void)c;
	memcpy(d->uuid, op->u.setdomainhandle.handle, sizeof(d->uuid));
	return 0;
}

/* The stubs are never run: whoever did would trap. */
static int64_t init_hypercalls(struct client *c, struct domain *d,
			       struct xen_domctl *op)
{
	void *page = memory_at(d, op->u.hypercall_init.gmfn);

	(void)c;
	if (!page)
		return -EACCES;
	memset(page, 0xcc, FRAME_BYTES);
	return 0;
}

static int64_t resume(struct client *c, struct domain *d, struct xen_domctl *op)
{
	(void)op;
	if (d == client_domain(c))
		return -EINVAL;
	domain_resume(d);
	return 0;
}

/* There are 64-bit guests only. */
static int64_t set_address_size(struct client *c, struct domain *d,
				struct xen_domctl *op)
{
	(void)c;
	(void)d;
	return op->u.address_size.size == 64 ? 0 : -EINVAL;
}

static int64_t get_address_size(struct client *c, struct domain *d,
				struct xen_domctl *op)
{
	(void)c;
	op->u.address_size.size = d->address_width;
	return 0;
}

static const struct {
	int64_t (*run)(struct client *c, struct domain *d,
		       struct xen_domctl *op);
	bool answers; /* the order is copied back */
	bool any_domain;
} domctls[] = {
	[XEN_DOMCTL_createdomain] = {create, true, true},
	[XEN_DOMCTL_destroydomain] = {destroy, false, false},
	[XEN_DOMCTL_pausedomain] = {pause_domain, false, false},
	[XEN_DOMCTL_unpausedomain] = {unpause_domain, false, false},
	[XEN_DOMCTL_getdomaininfo] = {get_info, true, true},
	[XEN_DOMCTL_max_mem] = {set_max_mem, false, false},
	[XEN_DOMCTL_setvcpucontext] = {set_context, false, false},
	[XEN_DOMCTL_getvcpucontext] = {get_context, false, false},
	[XEN_DOMCTL_getvcpuinfo] = {get_vcpu_info, true, false},
	[XEN_DOMCTL_max_vcpus] = {set_max_vcpus, false, false},
	[XEN_DOMCTL_setdomainhandle] = {set_handle, false, false},
	[XEN_DOMCTL_hypercall_init] = {init_hypercalls, false, false},
	[XEN_DOMCTL_resumedomain] = {resume, false, false},
	[XEN_DOMCTL_set_address_size] = {set_address_size, false, false},
	[XEN_DOMCTL_get_address_size] = {get_address_size, true, false},
};

static bool is_known(uint32_t command)
{
	return command < sizeof(domctls) / sizeof(domctls[0]) &&
	       domctls[command].run;
}

int64_t domctl(struct client *c, uint64_t at)
{
	struct xen_domctl op;
	struct domain *d;
	int64_t result;

	if (client_read(c, &op, at, sizeof(op)) < 0)
		return -EFAULT;
	if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
		return -EACCES;
	if (client_domain(c)->domid != 0)
		return -EPERM;
	if (!is_known(op.cmd))
		return hypercall_unknown(c, "domctl", __HYPERVISOR_domctl,
					 op.cmd);
	d = domain_find(op.domain);
	if (!d && !domctls[op.cmd].any_domain)
		return -ESRCH;
	result = domctls[op.cmd].run(c, d, &op);
	if (result == 0 && domctls[op.cmd].answers &&
	    client_write(c, at, &op, sizeof(op)) < 0)
		return -EFAULT;
	return result;
}
