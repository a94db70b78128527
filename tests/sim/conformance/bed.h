/* SPDX-License-Identifier: MIT */
/*
 * What every promise is tried with: dom0's handles, and guests that never run,
 * with some memory, a version-1 grant table and ports, all of which dom0 can
 * see and write. Whatever cannot be set up ends the program.
 */
#ifndef XN_SIM_BED_H
#define XN_SIM_BED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>
#include <xentoollog.h>

#define GUEST_PAGES 8
#define GUEST_PORTS 31	   /* 1 to 31 */
#define NO_DOMAIN   0x7000 /* a domid that no test comes near */
#define PAGE	    4096

struct bed {
	xentoollog_logger *quiet; /* many of the calls here have to fail */
	xc_interface *xc;
	xenforeignmemory_handle *memory;
};

struct guest {
	const struct bed *bed;
	uint32_t domid;
	xen_pfn_t frames[GUEST_PAGES];
	uint8_t *pages;
	grant_entry_v1_t *grants;
	xenforeignmemory_resource_handle *grants_mapped;
};

struct bed *bed_open(void);
void bed_close(struct bed *bed);

/* Paused, with GUEST_PAGES of memory and as many again that it may have. */
struct guest *guest_new(const struct bed *bed);
/* Asks for its destruction, and forgets what dom0 sees of it. */
void guest_destroy(struct guest *g);
/* The same, if it is not destroyed yet, and frees it. */
void guest_free(struct guest *g);
/* Whether the hypervisor lists it. */
bool guest_exists(const struct guest *g);
/* The XEN_DOMINF_… flags; 0 when there is none. */
uint32_t guest_flags(const struct guest *g);

/* Lets domid use that page; extra GTF_… flags. */
void guest_grant_to(struct guest *g, uint32_t ref, uint32_t domid,
		    uint32_t page, uint16_t flags);
/* The same for dom0. */
void guest_grant(struct guest *g, uint32_t ref, uint32_t page, uint16_t flags);
/* GTF_reading and GTF_writing of an entry. */
uint16_t guest_grant_use(const struct guest *g, uint32_t ref);
/* The same once it is 0, or after a short while: the simulated machine hears
 * of a process's death a little later than its parent. */
uint16_t guest_grant_unused(const struct guest *g, uint32_t ref);
/* A port of its, for dom0 to bind to. */
uint32_t guest_port(const struct guest *g);

xenevtchn_handle *bed_evtchn(const struct bed *bed);
xengnttab_handle *bed_gnttab(const struct bed *bed);

/* EVTCHNSTAT_… of a port; *status has the rest. */
uint32_t port_state(const struct bed *bed, uint32_t domid, uint32_t port,
		    xc_evtchn_status_t *status);
/* The port that is rung within a short while, or 0. It stays masked. */
uint32_t event_next(xenevtchn_handle *h);

/* A process of its own that holds something until it is killed. */
struct child {
	pid_t pid;
	long told;
};

/* hold returns what the parent is told; in the child nothing else happens. */
struct child child_start(const struct bed *bed, struct guest *g,
			 long (*hold)(const struct bed *bed, struct guest *g));
/* SIGKILL, and waits. */
void child_kill(struct child *c);

#endif
