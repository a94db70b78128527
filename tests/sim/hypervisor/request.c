/* SPDX-License-Identifier: MIT */
/* Which handle may ask what, and who answers. */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>

/* DOMID_SELF is who speaks. */
static uint32_t domid_of(const struct client *c, uint64_t arg)
{
	return arg == DOMID_SELF ? client_domain(c)->domid : (uint32_t)arg;
}

static int64_t bind_unbound(struct client *c, const struct sim_request *r)
{
	return port_alloc_unbound(client_domain(c), domid_of(c, r->args[0]), c);
}

static int64_t bind_interdomain(struct client *c, const struct sim_request *r)
{
	return port_bind_interdomain(c, domid_of(c, r->args[0]),
				     (uint32_t)r->args[1]);
}

static int64_t bind_virq(struct client *c, const struct sim_request *r)
{
	return port_bind_virq(c, (uint32_t)r->args[0]);
}

static int64_t unbind(struct client *c, const struct sim_request *r)
{
	return port_unbind(c, (uint32_t)r->args[0]);
}

static int64_t notify(struct client *c, const struct sim_request *r)
{
	return port_notify(c, (uint32_t)r->args[0]);
}

static int64_t unmask(struct client *c, const struct sim_request *r)
{
	return port_unmask(c, (uint32_t)r->args[0]);
}

static int64_t restrict_ports(struct client *c, const struct sim_request *r)
{
	return port_restrict(c, domid_of(c, r->args[0]));
}

static int64_t adopt(struct client *c, const struct sim_request *r)
{
	return port_adopt(c, (uint32_t)r->args[0]);
}

static int64_t copy_end(struct client *c, const struct sim_request *r)
{
	(void)r;
	grant_copy_end(c);
	return 0;
}

static int64_t state_of(const struct domain *d)
{
	if (d->shut_down)
		return SIM_SHUT_DOWN;
	return d->pauses > 0 || !d->have_context ? SIM_PAUSED : SIM_RUNNING;
}

static int64_t guest_state(struct client *c, const struct sim_request *r)
{
	(void)r;
	return client_domain(c)->dying ? -ESRCH : state_of(client_domain(c));
}

static int64_t guest_context(struct client *c, const struct sim_request *r)
{
	struct domain *d = client_domain(c);

	if (!d->have_context)
		return -ENODATA;
	return client_write(c, r->args[0], &d->context, sizeof(d->context));
}

/* A kernel that does not run does not shut down. */
static int64_t guest_shutdown(struct client *c, const struct sim_request *r)
{
	struct domain *d = client_domain(c);

	if (d->dying)
		return -ESRCH;
	if (state_of(d) != SIM_RUNNING)
		return -EBUSY;
	domain_shutdown(d, (uint32_t)r->args[0]);
	return 0;
}

static int64_t counters(struct client *c, const struct sim_request *r)
{
	struct sim_counters now = {
		.domains = domain_count(),
		.frames = (uint32_t)memory_guest_frames(),
		.ports = port_count(domain_find(0)),
		.grant_maps = grant_map_count(),
		.copies = grant_copy_count(),
		.handles = client_count(),
		.calls = client_calls(),
		.events = client_events(),
	};
	const struct domain *d = domain_next(1);

	for (; d; d = domain_next(d->domid + 1))
		now.guest_ports += port_count(d);
	return client_write(c, r->args[0], &now, sizeof(now));
}

static void look_at_calls(bool on)
{
	memory_page()->attentive = on;
}

static int64_t set_fault(struct client *c, const struct sim_request *r)
{
	struct sim_fault f;
	int rc = client_read(c, &f, r->args[0], sizeof(f));

	if (rc < 0)
		return rc;
	if (f.kind > SIM_KILL_AFTER || f.nth == 0 ||
	    (f.kind == SIM_FAIL && f.error <= 0))
		return -EINVAL;
	f.program[sizeof(f.program) - 1] = '\0';
	fault_set(&f);
	look_at_calls(true);
	return 0;
}

static int64_t clear_fault(struct client *c, const struct sim_request *r)
{
	(void)c;
	(void)r;
	look_at_calls(survey_is_on());
	return fault_clear();
}

static int64_t begin_survey(struct client *c, const struct sim_request *r)
{
	(void)c;
	(void)r;
	survey_begin();
	look_at_calls(true);
	return 0;
}

static int64_t read_survey(struct client *c, const struct sim_request *r)
{
	return survey_read(c, r->args[0], r->args[1]);
}

static int64_t end_survey(struct client *c, const struct sim_request *r)
{
	(void)c;
	(void)r;
	survey_end();
	look_at_calls(fault_is_set());
	return 0;
}

static const struct {
	enum sim_handle kind;
	int64_t (*run)(struct client *c, const struct sim_request *r);
} requests[] = {
	[SIM_HYPERCALL] = {SIM_CALL, hypercall},
	[SIM_BIND_UNBOUND] = {SIM_EVTCHN, bind_unbound},
	[SIM_BIND_INTERDOMAIN] = {SIM_EVTCHN, bind_interdomain},
	[SIM_BIND_VIRQ] = {SIM_EVTCHN, bind_virq},
	[SIM_UNBIND] = {SIM_EVTCHN, unbind},
	[SIM_NOTIFY] = {SIM_EVTCHN, notify},
	[SIM_UNMASK] = {SIM_EVTCHN, unmask},
	[SIM_EVTCHN_RESTRICT] = {SIM_EVTCHN, restrict_ports},
	[SIM_ADOPT] = {SIM_EVTCHN, adopt},
	[SIM_GRANT_MAP] = {SIM_GNTTAB, grant_map},
	[SIM_GRANT_UNMAP] = {SIM_GNTTAB, grant_unmap},
	[SIM_GRANT_COPY] = {SIM_GNTTAB, grant_copy},
	[SIM_GRANT_COPY_END] = {SIM_GNTTAB, copy_end},
	[SIM_FOREIGN_MAP] = {SIM_FOREIGN, foreign_map},
	[SIM_RESOURCE_MAP] = {SIM_FOREIGN, resource_map},
	[SIM_RESOURCE_SIZE] = {SIM_FOREIGN, resource_size},
	[SIM_SHUTDOWN] = {SIM_GUEST, guest_shutdown},
	[SIM_VCPU_CONTEXT] = {SIM_GUEST, guest_context},
	[SIM_GUEST_STATE] = {SIM_GUEST, guest_state},
	[SIM_COUNTERS] = {SIM_CONTROL, counters},
	[SIM_FAULT_SET] = {SIM_CONTROL, set_fault},
	[SIM_FAULT_CLEAR] = {SIM_CONTROL, clear_fault},
	[SIM_SURVEY_BEGIN] = {SIM_CONTROL, begin_survey},
	[SIM_SURVEY_READ] = {SIM_CONTROL, read_survey},
	[SIM_SURVEY_END] = {SIM_CONTROL, end_survey},
};

bool request_fits(const struct client *c, uint32_t op)
{
	return op < sizeof(requests) / sizeof(requests[0]) &&
	       requests[op].run && requests[op].kind == client_kind(c);
}

bool request_post(struct client *c, const struct sim_request *r)
{
	if (!(r->flags & SIM_POSTED))
		return false;
	if ((r->op == SIM_NOTIFY || r->op == SIM_UNMASK) &&
	    request_fits(c, r->op))
		request_run(c, r);
	return true;
}

int64_t request_run(struct client *c, const struct sim_request *r)
{
	if (!client_domain(c))
		return -ESRCH; /* a guest's handle has outlived it */
	return requests[r->op].run(c, r);
}
