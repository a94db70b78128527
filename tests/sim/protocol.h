/* SPDX-License-Identifier: MIT */
/*
 * What the replacement libraries and the simulated guests say to the simulated
 * hypervisor: fixed-size requests on a SOCK_SEQPACKET socket, one connection a
 * handle, one reply a request unless it is posted, in order. A connection that ends, for whatever
 * reason, is the handle's release.
 *
 * Arguments that are pointers are addresses in the asking process: the
 * hypervisor copies from and to them with process_vm_readv and
 * process_vm_writev, as Xen copies from and to a guest, so that a bad pointer
 * is EFAULT and a hypercall needs no marshalling.
 */
#ifndef XN_SIM_PROTOCOL_H
#define XN_SIM_PROTOCOL_H

#include <stdint.h>

#define SIM_SOCKET_ENV	   "XN_SIM_SOCKET" /* the path of its socket */
#define SIM_SOCKET_DEFAULT "/run/xn-sim/socket"
#define SIM_ARGS	   8
#define SIM_NAME	   16	      /* as in /proc/PID/comm, with its NUL */
#define SIM_MEMORY_FRAMES  (1u << 21) /* of 4096 bytes: 8 GiB, sparse */
#define SIM_SITE_FRAMES	   12
/* dom0's own port for xenstored, allocated before anybody could ask */
#define SIM_STORE_PORT 1

enum sim_op {
	/*
	 * The first one of a connection. args: enum sim_handle, domid that
	 * speaks (0, unless a simulated guest). The reply carries, by
	 * SCM_RIGHTS, the machine's memory (frame n at n * 4096), and for
	 * SIM_EVTCHN the read end of a pipe of event ports (uint32_t each).
	 */
	SIM_HELLO = 1,

	SIM_HYPERCALL, /* number, up to five arguments */

	/* SIM_EVTCHN; a port that is not this handle's is ENOTCONN, but for
	 * SIM_UNMASK, which passes over it as Linux does */
	SIM_BIND_UNBOUND,     /* remote domid: local port */
	SIM_BIND_INTERDOMAIN, /* remote domid, remote port: local port */
	SIM_BIND_VIRQ,	      /* virq: local port */
	SIM_UNBIND,	      /* port */
	SIM_NOTIFY,	      /* port */
	SIM_UNMASK,	      /* port */
	SIM_EVTCHN_RESTRICT,  /* domid */
	/*
	 * A guest's own handle takes over a port that somebody else allocated
	 * for its domain (start_info's console and store ports). port.
	 */
	SIM_ADOPT,

	/* SIM_GNTTAB */
	/*
	 * n, address of n uint32_t domids (or of one, with SIM_ONE_DOMID in
	 * flags), address of n uint32_t grefs, flags, offset and port to be
	 * told at unmap (-1: none), address for n uint64_t frames. The reply's
	 * result is the mapping's number.
	 */
	SIM_GRANT_MAP,
	SIM_GRANT_UNMAP, /* the mapping's number; after the munmap */
	/*
	 * n, address of n xengnttab_grant_copy_segment_t, address for n struct
	 * sim_copy. Each status is written into its segment. The grants stay
	 * in use until SIM_GRANT_COPY_END, which cannot fail: the library moves
	 * the bytes itself, so that sanitizers see it do so.
	 */
	SIM_GRANT_COPY,
	SIM_GRANT_COPY_END,

	/* SIM_FOREIGN */
	/* domid, n, address of n xen_pfn_t, address of n int errors (0 or
	 * -errno), address for n uint64_t frames (SIM_NO_FRAME where an error
	 * is) */
	SIM_FOREIGN_MAP,
	/* domid (of another, or the speaker's own), type, id, first frame, n,
	 * address for n uint64_t frames */
	SIM_RESOURCE_MAP,
	SIM_RESOURCE_SIZE, /* domid, type, id: bytes */

	/* SIM_GUEST: what a running kernel would do itself */
	SIM_SHUTDOWN,	  /* reason: SHUTDOWN_poweroff … */
	SIM_VCPU_CONTEXT, /* address for a vcpu_guest_context_t of vCPU 0 */
	SIM_GUEST_STATE,  /* result: enum sim_guest_state; ESRCH when gone */

	/* SIM_CONTROL: the tests' side; see also struct sim_fault */
	SIM_COUNTERS,	  /* address for a struct sim_counters */
	SIM_FAULT_SET,	  /* address of a struct sim_fault; one at a time */
	SIM_FAULT_CLEAR,  /* result: how often it was met */
	SIM_SURVEY_BEGIN, /* forgets, and records each new call site */
	SIM_SURVEY_READ,  /* address for n struct sim_site, n: how many */
	SIM_SURVEY_END,
};

enum sim_handle {
	SIM_CALL = 1,
	SIM_EVTCHN,
	SIM_GNTTAB,
	SIM_FOREIGN,
	SIM_GUEST,
	SIM_CONTROL,
};

enum sim_guest_state { SIM_PAUSED, SIM_RUNNING, SIM_SHUT_DOWN };

#define SIM_WRITABLE  1u /* flags of SIM_GRANT_MAP */
#define SIM_ONE_DOMID 2u
#define SIM_NO_FRAME  UINT64_MAX

/*
 * SIM_NOTIFY and SIM_UNMASK may be posted: no reply comes, and nobody waits for
 * one. For ports of the handle's own only, whose calls cannot fail, and not
 * while struct sim_page says that calls are looked at.
 */
#define SIM_POSTED 1u

struct sim_request {
	uint32_t op;
	uint32_t flags; /* SIM_POSTED or 0 */
	/*
	 * Where in its program the call was made: a hash of the return
	 * addresses that lie in the main program, relative to its load
	 * address. 0 (not told) unless this is SIM_HELLO or the last reply
	 * asked for it.
	 */
	uint64_t site;
	uint64_t frames; /* address of SIM_SITE_FRAMES of those, 0 after them */
	uint64_t args[SIM_ARGS];
	char name[SIM_NAME]; /* SIM_HELLO: the program's */
};

/* Frame 0 of the memory, which is never anybody's. */
struct sim_page {
	_Atomic uint32_t attentive; /* a fault is armed, or a survey is on */
};

struct sim_reply {
	int64_t result; /* not negative, or -1 */
	int32_t error;	/* errno of a result of -1 */
	/*
	 * Say where later calls come from. With a result of -1 and no error:
	 * this one too, it has not been made; ask again.
	 */
	uint32_t want_sites;
};

/* How to move one segment of a grant copy; frames as in the memory. */
struct sim_copy {
	uint64_t source_frame; /* SIM_NO_FRAME: source.virt */
	uint64_t dest_frame;   /* SIM_NO_FRAME: dest.virt */
};

enum sim_fault_kind {
	SIM_FAIL, /* error is returned, nothing is done */
	/* element item of a batch fails with error, no other; populate_physmap
	 * ends before it */
	SIM_PARTIAL,
	SIM_DELAY,	 /* made, but the reply waits for milliseconds */
	SIM_KILL_BEFORE, /* the caller gets SIGKILL, the call is not made */
	SIM_KILL_AFTER,	 /* the same once the call has been made */
};

/*
 * Met by the nth call (from 1) that fits, and never by one of SIM_CONTROL, of
 * who speaks for a guest, or of SIM_GRANT_COPY_END. program "" is any but
 * xenstored; op 0 is any, number and command -1 are any; site 0 is any.
 */
struct sim_fault {
	char program[SIM_NAME];
	uint32_t op;
	/*
	 * SIM_HYPERCALL: which, and its sub-command; of a multicall of one,
	 * those of that one. SIM_HELLO: enum sim_handle, 0.
	 */
	int32_t number;
	int32_t command;
	uint32_t nth;
	uint64_t site;
	uint32_t kind;
	int32_t error; /* errno; for SIM_PARTIAL of grants a GNTST_… */
	uint32_t item;
	uint32_t milliseconds;
	uint32_t always;    /* not 0: the nth and every later one */
	uint32_t newcomers; /* not 0: only of handles opened from now on */
};

struct sim_site {
	char program[SIM_NAME];
	uint32_t op;
	int32_t number;
	int32_t command;
	uint32_t uses;
	uint64_t site;
	/* the main program's return addresses, relative, innermost first */
	uint64_t frames[SIM_SITE_FRAMES];
};

/* What there is now. All but the last two are back at a floor when no guest
 * is left. */
struct sim_counters {
	uint32_t domains; /* dom0 too */
	uint32_t frames;  /* of domains other than dom0 */
	uint32_t ports;	  /* of dom0, not free */
	uint32_t guest_ports;
	uint32_t grant_maps; /* grants mapped, each as often as it is */
	uint32_t copies;     /* of SIM_GRANT_COPY not yet ended */
	uint32_t handles;    /* connections, this one too */
	uint64_t calls;
	uint64_t events;
};

#endif
