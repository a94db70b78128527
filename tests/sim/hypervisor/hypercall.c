/* SPDX-License-Identifier: MIT */
/* Hypercalls by number; the larger groups have files of their own. */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MULTICALL_MAX 1024
#define PINS_MAX      1024

int64_t hypercall_unknown(struct client *c, const char *what, uint64_t number,
			  uint64_t command)
{
	fprintf(stderr, "xn-sim: %s asks for %s %ju, command %ju: not there\n",
		client_name(c), what, (uintmax_t)number, (uintmax_t)command);
	return -ENOSYS;
}

static struct domain *find(const struct client *c, uint32_t domid)
{
	return domid == DOMID_SELF ? client_domain(c) : domain_find(domid);
}

static int64_t evtchn_alloc(struct client *c, uint64_t at)
{
	struct evtchn_alloc_unbound a;
	const struct domain *self = client_domain(c);
	struct domain *d;
	int port;

	if (client_read(c, &a, at, sizeof(a)) < 0)
		return -EFAULT;
	d = find(c, a.dom);
	if (!d)
		return -ESRCH;
	if (self->domid != 0 && d != self)
		return -EPERM;
	port = port_alloc_unbound(
		d, a.remote_dom == DOMID_SELF ? self->domid : a.remote_dom,
		NULL);
	if (port < 0)
		return port;
	a.port = (evtchn_port_t)port;
	return client_write(c, at, &a, sizeof(a));
}

static int64_t evtchn_status(struct client *c, uint64_t at)
{
	const struct domain *self = client_domain(c);
	const struct domain *d;
	struct evtchn_status s;
	int rc;

	if (client_read(c, &s, at, sizeof(s)) < 0)
		return -EFAULT;
	d = find(c, s.dom);
	if (!d)
		return -ESRCH;
	if (self->domid != 0 && d != self)
		return -EPERM;
	rc = port_status(d, &s);
	return rc < 0 ? rc : client_write(c, at, &s, sizeof(s));
}

static int64_t event_channel_op(struct client *c, const uint64_t *args)
{
	switch (args[0]) {
	case EVTCHNOP_alloc_unbound:
		return evtchn_alloc(c, args[1]);
	case EVTCHNOP_status:
		return evtchn_status(c, args[1]);
	}
	return hypercall_unknown(c, "event_channel_op",
				 __HYPERVISOR_event_channel_op, args[0]);
}

static int64_t sched_op(struct client *c, const uint64_t *args)
{
	sched_remote_shutdown_t s;
	struct domain *d;

	if (args[0] != SCHEDOP_remote_shutdown)
		return hypercall_unknown(c, "sched_op", __HYPERVISOR_sched_op,
					 args[0]);
	if (client_read(c, &s, args[1], sizeof(s)) < 0)
		return -EFAULT;
	d = domain_find(s.domain_id);
	if (!d)
		return -ESRCH;
	if (client_domain(c)->domid != 0 || d->domid == 0)
		return -EPERM;
	domain_shutdown(d, s.reason);
	return 0;
}

static bool is_pin(uint32_t command)
{
	return command <= MMUEXT_PIN_L4_TABLE || command == MMUEXT_UNPIN_TABLE;
}

/* There are no page types here: that the frame is the domain's is checked. */
static int64_t mmuext_op(struct client *c, const uint64_t *args)
{
	const struct domain *d = find(c, (uint32_t)args[3]);
	struct mmuext_op op;
	uint64_t i;

	if (client_domain(c)->domid != 0)
		return -EPERM;
	if (!d)
		return -ESRCH;
	if (args[1] > PINS_MAX)
		return -E2BIG;
	for (i = 0; i < args[1]; i++) {
		if (client_read(c, &op, args[0] + i * sizeof(op), sizeof(op)) <
		    0)
			return -EFAULT;
		if (!is_pin(op.cmd))
			return hypercall_unknown(
				c, "mmuext_op", __HYPERVISOR_mmuext_op, op.cmd);
		if (!memory_at(d, op.arg1.mfn))
			return -EINVAL;
	}
	return 0;
}

static int64_t run(struct client *c, uint64_t number, const uint64_t *args);

static int64_t multicall(struct client *c, const uint64_t *args)
{
	struct multicall_entry entry;
	uint64_t i;

	if (args[1] > MULTICALL_MAX)
		return -E2BIG;
	for (i = 0; i < args[1]; i++) {
		uint64_t at = args[0] + i * sizeof(entry);

		if (client_read(c, &entry, at, sizeof(entry)) < 0)
			return -EFAULT;
		if (entry.op == __HYPERVISOR_multicall)
			return -EINVAL;
		entry.result = (xen_ulong_t)run(c, entry.op, entry.args);
		if (client_write(c, at, &entry, sizeof(entry)) < 0)
			return -EFAULT;
	}
	return 0;
}

/* As of a Xen without security modules, which tools ask for labels all the
 * same. */
static int64_t xsm_op(struct client *c, const uint64_t *args)
{
	(void)c;
	(void)args;
	return -ENOSYS;
}

static int64_t run_domctl(struct client *c, const uint64_t *args)
{
	return domctl(c, args[0]);
}

static int64_t run_sysctl(struct client *c, const uint64_t *args)
{
	return sysctl_op(c, args[0]);
}

static int64_t run_memory_op(struct client *c, const uint64_t *args)
{
	return memory_op(c, (uint32_t)args[0], args[1]);
}

static int64_t run_version(struct client *c, const uint64_t *args)
{
	return version_op(c, (uint32_t)args[0], args[1]);
}

/* How to tell what a hypercall is asked to do. */
enum command { FIRST_ARGUMENT, FIRST_WORD_POINTED_TO, COMMAND_NONE };

static const struct {
	int64_t (*run)(struct client *c, const uint64_t *args);
	enum command command;
} hypercalls[] = {
	[__HYPERVISOR_memory_op] = {run_memory_op, FIRST_ARGUMENT},
	[__HYPERVISOR_multicall] = {multicall, COMMAND_NONE},
	[__HYPERVISOR_xen_version] = {run_version, FIRST_ARGUMENT},
	[__HYPERVISOR_mmuext_op] = {mmuext_op, FIRST_WORD_POINTED_TO},
	[__HYPERVISOR_xsm_op] = {xsm_op, FIRST_WORD_POINTED_TO},
	[__HYPERVISOR_sched_op] = {sched_op, FIRST_ARGUMENT},
	[__HYPERVISOR_event_channel_op] = {event_channel_op, FIRST_ARGUMENT},
	[__HYPERVISOR_sysctl] = {run_sysctl, FIRST_WORD_POINTED_TO},
	[__HYPERVISOR_domctl] = {run_domctl, FIRST_WORD_POINTED_TO},
};

static bool is_known(uint64_t number)
{
	return number < sizeof(hypercalls) / sizeof(hypercalls[0]) &&
	       hypercalls[number].run;
}

static int64_t run(struct client *c, uint64_t number, const uint64_t *args)
{
	if (!is_known(number))
		return hypercall_unknown(c, "hypercall", number, args[0]);
	return hypercalls[number].run(c, args);
}

int64_t hypercall(struct client *c, const struct sim_request *r)
{
	return run(c, r->args[0], r->args + 1);
}

static void name(struct client *c, uint64_t number, const uint64_t *args,
		 struct call *call)
{
	uint32_t word = 0;

	call->number = (int32_t)number;
	if (!is_known(number) || hypercalls[number].command == FIRST_ARGUMENT)
		call->command = (int32_t)args[0];
	else if (hypercalls[number].command == FIRST_WORD_POINTED_TO &&
		 client_read(c, &word, args[0], sizeof(word)) == 0)
		call->command = (int32_t)word;
}

void hypercall_name(struct client *c, const struct sim_request *r,
		    struct call *call)
{
	struct multicall_entry entry;

	if (r->args[0] == __HYPERVISOR_multicall && r->args[2] == 1 &&
	    client_read(c, &entry, r->args[1], sizeof(entry)) == 0)
		name(c, entry.op, entry.args, call);
	else
		name(c, r->args[0], r->args + 1, call);
}
