/* SPDX-License-Identifier: MIT */
/* What promises are tried with: see the header. */
#include "tests/sim/conformance/bed.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/conformance/promise.h"

#define GUEST_KIB  (2 * GUEST_PAGES * (PAGE / 1024))
#define A_WHILE_MS 60 /* an event is there at once, or not at all */
#define NO_EVENT   0

struct bed *bed_open(void)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	if (!bed)
		promise_give_up("no memory");
	bed->quiet = (xentoollog_logger *)xtl_createlogger_stdiostream(
		stderr, XTL_CRITICAL, 0);
	bed->xc = xc_interface_open(bed->quiet, bed->quiet, 0);
	if (!bed->xc)
		promise_give_up("cannot open libxenctrl");
	bed->memory = xenforeignmemory_open(bed->quiet, 0);
	if (!bed->memory)
		promise_give_up("cannot open libxenforeignmemory");
	return bed;
}

void bed_close(struct bed *bed)
{
	xenforeignmemory_close(bed->memory);
	xc_interface_close(bed->xc);
	xtl_logger_destroy(bed->quiet);
	free(bed);
}

static void guest_fill(struct guest *g)
{
	const struct bed *bed = g->bed;
	void *table = NULL;
	uint32_t i;

	for (i = 0; i < GUEST_PAGES; i++)
		g->frames[i] = i;
	if (xc_domain_setmaxmem(bed->xc, g->domid, GUEST_KIB) < 0 ||
	    xc_domain_populate_physmap_exact(bed->xc, g->domid, GUEST_PAGES, 0,
					     0, g->frames) < 0)
		promise_give_up("a guest gets no memory");
	g->pages = xenforeignmemory_map(bed->memory, g->domid,
					PROT_READ | PROT_WRITE, GUEST_PAGES,
					g->frames, NULL);
	if (!g->pages)
		promise_give_up("a guest's memory cannot be mapped");
	g->grants_mapped = xenforeignmemory_map_resource(
		bed->memory, (domid_t)g->domid, XENMEM_resource_grant_table,
		XENMEM_resource_grant_table_id_shared, 0, 1, &table,
		PROT_READ | PROT_WRITE, 0);
	if (!g->grants_mapped)
		promise_give_up("a guest's grant table cannot be mapped");
	g->grants = table;
	memset(g->pages, 0, (size_t)GUEST_PAGES * PAGE);
}

struct guest *guest_new(const struct bed *bed)
{
	struct xen_domctl_createdomain how = {
		.max_vcpus = 1,
		.max_evtchn_port = GUEST_PORTS,
		.max_grant_frames = 2,
		.max_maptrack_frames = 2,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	struct guest *g = calloc(1, sizeof(*g));

	if (!g)
		promise_give_up("no memory");
	g->bed = bed;
	if (xc_domain_create(bed->xc, &g->domid, &how) < 0)
		promise_give_up("a guest cannot be created");
	/* Xen 4.17 crashes of an event to a guest without a vCPU. */
	if (xc_domain_max_vcpus(bed->xc, g->domid, 1) < 0)
		promise_give_up("a guest gets no vCPU");
	guest_fill(g);
	return g;
}

void guest_destroy(struct guest *g)
{
	const struct bed *bed = g->bed;

	if (!g->pages)
		return;
	xenforeignmemory_unmap(bed->memory, g->pages, GUEST_PAGES);
	xenforeignmemory_unmap_resource(bed->memory, g->grants_mapped);
	g->pages = NULL;
	g->grants = NULL;
	if (xc_domain_destroy(bed->xc, g->domid) < 0)
		promise_give_up("a guest cannot be destroyed");
}

void guest_free(struct guest *g)
{
	guest_destroy(g);
	free(g);
}

uint32_t guest_flags(const struct guest *g)
{
	xc_domaininfo_t info;

	if (xc_domain_getinfolist(g->bed->xc, g->domid, 1, &info) != 1 ||
	    info.domain != g->domid)
		return 0;
	return info.flags;
}

bool guest_exists(const struct guest *g)
{
	xc_domaininfo_t info;

	return xc_domain_getinfolist(g->bed->xc, g->domid, 1, &info) == 1 &&
	       info.domain == g->domid;
}

void guest_grant_to(struct guest *g, uint32_t ref, uint32_t domid,
		    uint32_t page, uint16_t flags)
{
	g->grants[ref].domid = (domid_t)domid;
	g->grants[ref].frame = (uint32_t)g->frames[page];
	__atomic_store_n(&g->grants[ref].flags,
			 (uint16_t)(GTF_permit_access | flags),
			 __ATOMIC_SEQ_CST);
}

void guest_grant(struct guest *g, uint32_t ref, uint32_t page, uint16_t flags)
{
	guest_grant_to(g, ref, 0, page, flags);
}

uint16_t guest_grant_use(const struct guest *g, uint32_t ref)
{
	return __atomic_load_n(&g->grants[ref].flags, __ATOMIC_SEQ_CST) &
	       (GTF_reading | GTF_writing);
}

uint16_t guest_grant_unused(const struct guest *g, uint32_t ref)
{
	unsigned int ms;

	for (ms = 0; ms < 1000 && guest_grant_use(g, ref) != 0; ms++)
		poll(NULL, 0, 1);
	return guest_grant_use(g, ref);
}

uint32_t guest_port(const struct guest *g)
{
	int port = xc_evtchn_alloc_unbound(g->bed->xc, g->domid, 0);

	if (port <= 0)
		promise_give_up("a guest gets no port");
	return (uint32_t)port;
}

xenevtchn_handle *bed_evtchn(const struct bed *bed)
{
	xenevtchn_handle *h = xenevtchn_open(bed->quiet, 0);

	if (!h)
		promise_give_up("cannot open libxenevtchn");
	return h;
}

xengnttab_handle *bed_gnttab(const struct bed *bed)
{
	xengnttab_handle *h = xengnttab_open(bed->quiet, 0);

	if (!h)
		promise_give_up("cannot open libxengnttab");
	return h;
}

uint32_t port_state(const struct bed *bed, uint32_t domid, uint32_t port,
		    xc_evtchn_status_t *status)
{
	*status = (xc_evtchn_status_t){.dom = (domid_t)domid, .port = port};
	if (xc_evtchn_status(bed->xc, status) < 0)
		promise_give_up("a port's state cannot be told");
	return status->status;
}

uint32_t event_next(xenevtchn_handle *h)
{
	struct pollfd fd = {.fd = xenevtchn_fd(h), .events = POLLIN};
	int port;

	if (poll(&fd, 1, A_WHILE_MS) != 1)
		return NO_EVENT;
	port = xenevtchn_pending(h);
	return port > 0 ? (uint32_t)port : NO_EVENT;
}

struct child child_start(const struct bed *bed, struct guest *g,
			 long (*hold)(const struct bed *bed, struct guest *g))
{
	struct child c = {0};
	int ends[2];

	if (pipe(ends) < 0)
		promise_give_up("no pipe");
	c.pid = fork();
	if (c.pid < 0)
		promise_give_up("no child");
	if (c.pid == 0) {
		c.told = hold(bed, g);
		if (write(ends[1], &c.told, sizeof(c.told)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	if (read(ends[0], &c.told, sizeof(c.told)) != sizeof(c.told))
		promise_give_up("a child says nothing");
	close(ends[0]);
	return c;
}

void child_kill(struct child *c)
{
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
}
