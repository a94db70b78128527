/* SPDX-License-Identifier: MIT */
/* Promises of domains: how they are listed, and their states. */
#include "tests/sim/conformance/suites.h"

#include <errno.h>

#include "tests/sim/conformance/promise.h"

#define MANY 64

static void list(const struct bed *bed, const struct guest *a,
		 const struct guest *b)
{
	xc_domaininfo_t info[MANY];
	int n = xc_domain_getinfolist(bed->xc, 0, MANY, info), i;
	bool ascends = true, found_a = false, found_b = false;

	for (i = 0; i < n; i++) {
		ascends = ascends &&
			  (i == 0 || info[i - 1].domain < info[i].domain);
		found_a = found_a || info[i].domain == a->domid;
		found_b = found_b || info[i].domain == b->domid;
	}
	promise(n > 0 && info[0].domain == 0, "domain: the first is dom0");
	promise(ascends, "domain: they are listed in ascending order");
	promise(found_a && found_b, "domain: each of them");
	promise(b->domid > a->domid, "domain: a later one has a higher domid");
	n = xc_domain_getinfolist(bed->xc, b->domid + 1, MANY, info);
	promise_is(n, 0, "domain: above the last the list is empty");
	n = xc_domain_getinfolist(bed->xc, 0, 1, info);
	promise_is(n, 1, "domain: no more are listed than asked for");
}

static void a_new_one(const struct bed *bed, const struct guest *g)
{
	xc_domaininfo_t info;

	xc_domain_getinfolist(bed->xc, g->domid, 1, &info);
	promise_is(info.flags & (XEN_DOMINF_paused | XEN_DOMINF_dying |
				 XEN_DOMINF_shutdown | XEN_DOMINF_running |
				 XEN_DOMINF_hvm_guest),
		   XEN_DOMINF_paused, "domain: a new one is paused");
	promise_is(info.tot_pages, GUEST_PAGES,
		   "domain: its pages are those it was given");
	promise_is(info.max_pages, 2 * GUEST_PAGES,
		   "domain: its limit is that which was set");
	promise_is(info.max_vcpu_id + 1, 1, "domain: so is that of its vCPUs");
	promise_is(info.nr_online_vcpus, 0, "domain: of which none is there");
}

static void pauses(const struct bed *bed, const struct guest *g)
{
	promise_is(xc_domain_unpause(bed->xc, g->domid), 0,
		   "domain: it is unpaused");
	promise_is(guest_flags(g) & XEN_DOMINF_paused, 0,
		   "domain: and no longer paused");
	promise_errno(xc_domain_unpause(bed->xc, g->domid) < 0, EINVAL,
		      "domain: unpaused again is EINVAL");
	xc_domain_pause(bed->xc, g->domid);
	xc_domain_pause(bed->xc, g->domid);
	xc_domain_unpause(bed->xc, g->domid);
	promise_is(guest_flags(g) & XEN_DOMINF_paused, XEN_DOMINF_paused,
		   "domain: paused twice, it is unpaused twice");
	promise_is(xc_domain_unpause(bed->xc, g->domid), 0,
		   "domain: and then runs");
}

static void shuts_down(const struct bed *bed, const struct guest *g)
{
	uint32_t flags;

	promise_is(xc_domain_shutdown(bed->xc, g->domid, SHUTDOWN_reboot), 0,
		   "domain: it is shut down");
	flags = guest_flags(g);
	promise(flags & XEN_DOMINF_shutdown, "domain: and says so");
	promise_is(flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask,
		   SHUTDOWN_reboot, "domain: and for which reason");
}

static void missing(const struct bed *bed, struct guest *a,
		    const struct guest *b)
{
	xc_dominfo_t info;

	guest_destroy(a);
	promise(!guest_exists(a), "domain: a destroyed one is not listed");
	promise_is(xc_domain_getinfo(bed->xc, a->domid, 1, &info), 1,
		   "domain: asked for it, the hypervisor answers");
	promise_is(info.domid, b->domid, "domain: for the next there is");
	promise_errno(xc_domain_destroy(bed->xc, a->domid) < 0, ESRCH,
		      "domain: destroyed again is ESRCH");
	promise_errno(xc_domain_pause(bed->xc, a->domid) < 0, ESRCH,
		      "domain: paused then is ESRCH");
	promise_errno(xc_domain_setmaxmem(bed->xc, a->domid, 4) < 0, ESRCH,
		      "domain: limited then is ESRCH");
	promise_errno(xc_domain_shutdown(bed->xc, a->domid, 0) < 0, ESRCH,
		      "domain: shut down then is ESRCH");
}

static void misuse(const struct bed *bed, const struct guest *g)
{
	struct xen_domctl_createdomain how = {
		.max_vcpus = 1,
		.max_evtchn_port = GUEST_PORTS,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	uint32_t domid = g->domid;

	promise_errno(xc_domain_create(bed->xc, &domid, &how) < 0, EEXIST,
		      "domain: a domid that is taken is EEXIST");
	domid = 0;
	how.max_vcpus = 0;
	promise_errno(xc_domain_create(bed->xc, &domid, &how) < 0, EINVAL,
		      "domain: one without a vCPU is EINVAL");
	promise_errno(xc_domain_destroy(bed->xc, 0) < 0, EINVAL,
		      "domain: dom0 destroys itself: EINVAL");
}

void suite_domains(const struct bed *bed)
{
	struct guest *a = guest_new(bed), *b = guest_new(bed);

	list(bed, a, b);
	a_new_one(bed, a);
	pauses(bed, a);
	shuts_down(bed, a);
	misuse(bed, b);
	missing(bed, a, b);
	guest_free(a);
	guest_free(b);
}
