/* SPDX-License-Identifier: MIT */
/*
 * The simulated hypervisor's own objects. One process, one thread, one
 * libevent loop: a request is answered before the next is read, so nothing
 * here needs a lock. Numbers that a request carries are checked where they
 * are used.
 */
#ifndef XN_SIM_HYPERVISOR_H
#define XN_SIM_HYPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <xenctrl.h>
#include <xen/grant_table.h>

#include "tests/sim/protocol.h"

#define DOMAINS	       1024 /* domids are not used again before they wrap */
#define PORTS	       4096 /* a domain's, as with FIFO event channels a few more */
#define GRANT_FRAMES   64    /* a domain's at most; 512 version-1 grants each */
#define MAPTRACK_LIMIT 65536 /* grants that dom0 may have mapped at once */

enum port_state { PORT_FREE, PORT_UNBOUND, PORT_INTERDOMAIN, PORT_VIRQ };

struct call;
struct client;
struct event_base;

struct port {
	enum port_state state;
	uint32_t remote_domid;
	uint32_t remote_port;
	uint32_t virq;
	bool pending;	      /* rung while masked */
	bool masked;	      /* from delivery until SIM_UNMASK */
	bool adopted;	      /* by its owner, who had not allocated it */
	uint32_t holds;	      /* mappings that notify through it at unmap */
	bool closing;	      /* once nothing holds it */
	struct client *owner; /* whose pipe gets it; NULL: nobody's yet */
};

struct domain {
	uint32_t domid;
	bool dying;
	bool shut_down;
	uint32_t shutdown_reason;
	uint32_t pauses; /* runs at 0 */
	uint32_t flags;	 /* XEN_DOMCTL_CDF_… */
	uint32_t max_vcpus;
	uint32_t ssidref;
	xen_domain_handle_t uuid;
	uint64_t max_pages;
	uint64_t tot_pages;
	uint64_t claimed;	  /* frames set aside for it */
	uint32_t max_evtchn_port; /* the highest; domctl createdomain's */
	uint32_t address_width;
	uint64_t shared_info; /* frames */
	uint64_t grant_frames[GRANT_FRAMES];
	uint32_t n_grant_frames;
	uint32_t max_grant_frames;
	uint32_t grants_mapped; /* uses of this domain's grants, by anyone */
	bool have_context;
	struct xen_arch_domainconfig arch;
	vcpu_guest_context_t context;
	struct port ports[PORTS];
};

/* A connection: one handle of one program. */
struct client;

/* memory.c: frames of 4096 bytes, all in one memfd that is mapped here. */
int memory_open(void);
int memory_fd(void);
struct sim_page *memory_page(void);
/* 0: none left, or the domain's limit. count a power of two, naturally
 * aligned; zeroed. */
uint64_t memory_alloc(struct domain *d, uint32_t count);
/* A frame of the hypervisor's own that d may map: not among its tot_pages. */
uint64_t memory_alloc_shared(struct domain *d);
/* NULL: not a frame of d (of anyone, when d is NULL). */
void *memory_at(const struct domain *d, uint64_t frame);
/*
 * A simulated guest is a process that may still write into its memory when its
 * domain has been destroyed, as no real guest can. Its frames are retired: not
 * its any more, and not another's until it has closed its last handle.
 */
void memory_free_all(struct domain *d, bool retired);
void memory_free_retired(uint32_t domid);
/* Sets frames aside for d until it has `frames`; 0 ends that. 0 or -errno */
int memory_claim(struct domain *d, uint64_t frames);
uint64_t memory_free_frames(void);
uint64_t memory_claimed_frames(void);
/* Of all domains but dom0. */
uint64_t memory_guest_frames(void);

/* domain.c; NULL: there is none. DOMID_SELF is resolved by the caller. */
struct domain *domain_find(uint32_t domid);
struct domain *domain_next(uint32_t first_domid);
/* 0 or -errno */
int domain_create(uint32_t *domid, const struct xen_domctl_createdomain *how);
int domain_destroy(struct domain *d);
/* Called when d->grants_mapped of a dying domain has come to 0; d may be
 * freed by it. */
void domain_grants_gone(struct domain *d);
void domain_shutdown(struct domain *d, uint32_t reason);
void domain_resume(struct domain *d); /* as if it had not shut down */
void domain_info(const struct domain *d, xc_domaininfo_t *info);
uint32_t domain_count(void);

/* port.c: local port or 0, or -errno; see protocol.h for what each does.
 * A handle's share of it; begins zeroed. */
struct port_client {
	bool restricted;
	uint32_t domid; /* the only one, when restricted */
};

int port_alloc_unbound(struct domain *d, uint32_t remote_domid,
		       struct client *owner);
int port_bind_interdomain(struct client *c, uint32_t domid, uint32_t port);
int port_bind_virq(struct client *c, uint32_t virq);
int port_unbind(struct client *c, uint32_t port);
int port_notify(struct client *c, uint32_t port);
int port_unmask(struct client *c, uint32_t port);
int port_adopt(struct client *c, uint32_t port);
int port_restrict(struct client *c, uint32_t domid);
int port_status(const struct domain *d, struct evtchn_status *status);
void port_close_all_of_client(struct client *c);
void port_close_all_of_domain(struct domain *d);
void port_raise_virq(uint32_t virq);
/* Rings the other end of d's port, whoever asks. */
void port_ring(struct domain *d, uint32_t port);
/* As long as it is held, a port of d that its owner closes stays bound.
 * 0, or -EINVAL when no handle has it. */
int port_hold(struct domain *d, uint32_t port);
void port_let_go(struct domain *d, uint32_t port);
uint32_t port_count(const struct domain *d);

/* pin.c: a use of a grant of domid by another domain, as long as which the
 * grant's entry says GTF_reading, or GTF_writing too. */
struct pin;
/* GNTST_okay and *pin, or another GNTST_…. */
int16_t pin_take(const struct domain *by, uint32_t domid, uint32_t ref,
		 bool writable, struct pin **pin);
/* writable as when it was taken. */
void pin_put(struct pin *pin, bool writable);
uint64_t pin_frame(const struct pin *pin);

/* grant.c: 0 or more, or -errno. A handle's share of it; begins zeroed. */
struct grant_client {
	LIST_HEAD(, mapping) mappings;
	uint64_t last_number;
	struct copy *copy; /* begun and not ended; NULL: none */
};

int64_t grant_map(struct client *c, const struct sim_request *r);
int64_t grant_unmap(struct client *c, const struct sim_request *r);
int64_t grant_copy(struct client *c, const struct sim_request *r);
void grant_copy_end(struct client *c);
void grant_release_all_of_client(struct client *c);
uint32_t grant_map_count(void);
uint32_t grant_copy_count(void);

/* hypercall.c, domctl.c, sysctl.c, memory_op.c, version.c: the result, or
 * -errno */
int64_t hypercall(struct client *c, const struct sim_request *r);
int64_t domctl(struct client *c, uint64_t at);
int64_t sysctl_op(struct client *c, uint64_t at);
int64_t memory_op(struct client *c, uint32_t command, uint64_t at);
int64_t version_op(struct client *c, uint32_t command, uint64_t at);
/* -ENOSYS, said on stderr too: the model has a gap, or the program a fault. */
int64_t hypercall_unknown(struct client *c, const char *what, uint64_t number,
			  uint64_t command);
/* Which hypercall a request is and its sub-command, for faults; see struct
 * sim_fault. */
void hypercall_name(struct client *c, const struct sim_request *r,
		    struct call *call);

/* foreign.c */
int64_t foreign_map(struct client *c, const struct sim_request *r);
int64_t resource_map(struct client *c, const struct sim_request *r);
int64_t resource_size(struct client *c, const struct sim_request *r);

/* listener.c: 0 or -errno; a socket that cannot be had is the program's end */
int listener_open(struct event_base *base, const char *path);
void listener_close(void);

/* request.c: everything that is asked after SIM_HELLO; the result or -errno */
int64_t request_run(struct client *c, const struct sim_request *r);
bool request_fits(const struct client *c, uint32_t op);
/* True when r was posted: it is done, and gets no reply. */
bool request_post(struct client *c, const struct sim_request *r);

/* client.c */
/* Takes fd, on failure too. 0 or -errno. */
int client_accept(struct event_base *base, int fd);
void client_close_all(void);
struct domain *client_domain(const struct client *c); /* that speaks */
bool client_speaks_for(uint32_t domid);		      /* any of them */
enum sim_handle client_kind(const struct client *c);
const char *client_name(const struct client *c);
uint64_t client_calls(void);  /* so far, of all */
uint64_t client_events(void); /* delivered */
/* Copies from and to the asking process. 0 or -EFAULT. */
int client_read(struct client *c, void *to, uint64_t from, size_t bytes);
int client_write(struct client *c, uint64_t to, const void *from, size_t bytes);
/* Appends a port to the event pipe of a SIM_EVTCHN client. */
void client_deliver(struct client *c, uint32_t port);
/* The shares of port.c and grant.c in a connection. */
struct port_client *client_ports(struct client *c);
struct grant_client *client_grants(struct client *c);
uint32_t client_count(void);

/* fault.c */
/* A call, as faults and surveys know it. */
struct call {
	const char *program;
	uint32_t op;
	int32_t number;
	int32_t command;
	uint64_t site;
	uint64_t handle; /* of fault_handle */
};
/* What the armed fault wants of this call: NULL, or met now. */
const struct sim_fault *fault_meet(const struct call *call);
/* The element that the present call has to fail, or -1. */
int64_t fault_item(int32_t *error);
void fault_set(const struct sim_fault *f);
/* The number of a new handle: above those of all that came before. */
uint64_t fault_handle(void);
bool fault_is_set(void);
uint32_t fault_clear(void); /* how often it was met */
bool fault_wants_sites(const char *program);

/* survey.c */
bool survey_is_on(void);
void survey_begin(void);
void survey_end(void);
/* frames: in c's memory, see struct sim_request */
void survey_add(struct client *c, const struct call *call, uint64_t frames);
/* How many there are; copies as many as fit to n of them at c's address. */
int64_t survey_read(struct client *c, uint64_t to, uint64_t n);

#endif
