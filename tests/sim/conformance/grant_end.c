/* SPDX-License-Identifier: MIT */
/* Promises of how a mapped grant ends: the notification, the death of who had
 * mapped it, and that of the guest. */
#include "tests/sim/conformance/suites.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/conformance/promise.h"

#define RW     (PROT_READ | PROT_WRITE)
#define BOTH   (GTF_reading | GTF_writing)
#define REF    8 /* page 1 */
#define OFFSET 100
#define NONE   UINT32_MAX
#define LIVE   7

/* Two ports of dom0: the notifying end and the one that hears it. */
struct ends {
	xenevtchn_handle *teller, *hearer;
	uint32_t told, heard;
};

static struct ends ends_open(const struct bed *bed)
{
	struct ends e = {.teller = bed_evtchn(bed), .hearer = bed_evtchn(bed)};
	int port = xenevtchn_bind_unbound_port(e.hearer, 0);

	if (port <= 0)
		promise_give_up("dom0 gets no port");
	e.heard = (uint32_t)port;
	port = xenevtchn_bind_interdomain(e.teller, 0, e.heard);
	if (port <= 0)
		promise_give_up("dom0 cannot bind to itself");
	e.told = (uint32_t)port;
	return e;
}

static void ends_close(struct ends *e)
{
	xenevtchn_close(e->teller);
	xenevtchn_close(e->hearer);
}

static void *map_notify(xengnttab_handle *h, const struct guest *g, int prot,
			uint32_t offset, uint32_t port)
{
	return xengnttab_map_grant_ref_notify(h, g->domid, REF, prot, offset,
					      port);
}

static void notified(const struct bed *bed, struct guest *g)
{
	xengnttab_handle *h = bed_gnttab(bed);
	struct ends e = ends_open(bed);
	uint8_t *byte = g->pages + PAGE + OFFSET;
	void *at = map_notify(h, g, RW, OFFSET, e.told);

	promise(at, "notify: a grant is mapped with a byte and a port");
	*byte = LIVE;
	xenevtchn_unbind(e.teller, e.told);
	xenevtchn_notify(e.hearer, e.heard);
	promise_is(event_next(e.hearer), 0, "notify: not before its end");
	xengnttab_unmap(h, at, 1);
	promise_is(*byte, 0, "notify: unmapping clears the byte");
	promise_is(event_next(e.hearer), e.heard,
		   "notify: and rings by the port, unbound meanwhile or not");
	promise(xenevtchn_bind_interdomain(e.teller, 0, e.heard) > 0,
		"notify: which then is closed");
	ends_close(&e);
	xengnttab_close(h);
}

static void misuse(const struct bed *bed, struct guest *g)
{
	xengnttab_handle *h = bed_gnttab(bed);

	promise_errno(!map_notify(h, g, PROT_READ, OFFSET, NONE), EINVAL,
		      "notify: a byte that cannot be written is EINVAL");
	promise_errno(!map_notify(h, g, RW, OFFSET, 3000), EINVAL,
		      "notify: a port of nobody is EINVAL");
	promise_is(guest_grant_use(g, REF), 0,
		   "notify: and what is refused is not mapped");
	xengnttab_close(h);
}

static struct ends inherited; /* what a child may notify through */

static long hold_grant(const struct bed *bed, struct guest *g)
{
	xenevtchn_handle *h = bed_evtchn(bed);
	int port = xenevtchn_bind_interdomain(h, 0, inherited.heard);
	void *at = map_notify(bed_gnttab(bed), g, RW, OFFSET, (uint32_t)port);

	return at ? port : -1;
}

static void death(const struct bed *bed, struct guest *g)
{
	uint8_t *byte = g->pages + PAGE + OFFSET;
	xc_evtchn_status_t status;
	struct child c;

	inherited = ends_open(bed);
	xenevtchn_unbind(inherited.teller, inherited.told);
	c = child_start(bed, g, hold_grant);
	promise(c.told > 0 && guest_grant_use(g, REF) == BOTH,
		"notify: a process maps a grant");
	*byte = LIVE;
	child_kill(&c);
	promise_is(guest_grant_unused(g, REF), 0,
		   "notify: its death unmaps the grant");
	promise_is(*byte, 0, "notify: and clears the byte");
	promise_is(event_next(inherited.hearer), inherited.heard,
		   "notify: and rings the port");
	promise_is(port_state(bed, 0, inherited.heard, &status),
		   EVTCHNSTAT_unbound, "notify: and unbinds it");
	ends_close(&inherited);
}

static void use_after_unmap(const struct bed *bed, const struct guest *g)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		xengnttab_handle *h = bed_gnttab(bed);
		volatile char *at =
			xengnttab_map_grant_ref(h, g->domid, REF, RW);

		signal(SIGSEGV, SIG_DFL);
		*at = 1;
		xengnttab_unmap(h, (void *)(uintptr_t)at, 1);
		*at = 1;
		_exit(0);
	}
	waitpid(pid, &status, 0);
	promise(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
		"grant: a touch after the unmap is SIGSEGV");
}

static long close_mapped(const struct bed *bed, struct guest *g)
{
	xengnttab_handle *h = bed_gnttab(bed);
	void *at = xengnttab_map_grant_ref(h, g->domid, REF, RW);

	xengnttab_close(h);
	return at != NULL;
}

static void closed(const struct bed *bed, struct guest *g)
{
	struct child c = child_start(bed, g, close_mapped);

	promise(c.told && guest_grant_use(g, REF) == BOTH,
		"grant: closing the handle does not unmap it");
	child_kill(&c);
	promise_is(guest_grant_unused(g, REF), 0,
		   "grant: the process's end does");
}

static void guest_gone(const struct bed *bed, struct guest *g)
{
	xengnttab_handle *h = bed_gnttab(bed);
	char *at = xengnttab_map_grant_ref(h, g->domid, REF, RW);

	guest_destroy(g);
	promise(guest_exists(g) && guest_flags(g) & XEN_DOMINF_dying,
		"grant: destroyed with one mapped, a guest goes on dying");
	*at = LIVE;
	promise_is(*at, LIVE, "grant: which can still be used");
	promise_is(xc_domain_destroy(bed->xc, g->domid), 0,
		   "grant: to destroy the guest again is no error");
	promise_errno(xc_evtchn_alloc_unbound(bed->xc, g->domid, 0) < 0, EINVAL,
		      "grant: it gets no port any more: EINVAL");
	promise_errno(!xengnttab_map_grant_ref(h, g->domid, REF + 1, RW),
		      EINVAL, "grant: nor can another of its be mapped");
	xengnttab_unmap(h, at, 1);
	promise(!guest_exists(g), "grant: unmapped, the guest is gone");
	xengnttab_close(h);
}

void suite_grant_ends(const struct bed *bed)
{
	struct guest *g = guest_new(bed);

	guest_grant(g, REF, 1, 0);
	guest_grant(g, REF + 1, 2, 0);
	notified(bed, g);
	misuse(bed, g);
	death(bed, g);
	use_after_unmap(bed, g);
	closed(bed, g);
	guest_gone(bed, g);
	guest_free(g);
}
