/* SPDX-License-Identifier: MIT */
/*
 * libxengnttab and libxenevtchn over memory of this process, for workers that
 * are fuzzed, with any number of threads and handles: grants and ports whose
 * number ends in 15 cannot be had.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/fuzz/worker.h"
#include "xen/abi.h"

#define MAPPINGS	      64
#define PORTS		      64

#define CANNOT_BE_HAD(number) (((number)&15) == 15)

static struct {
	uint8_t *at;	/* owned */
	uint32_t count; /* of pages; 0: free */
} mappings[MAPPINGS];
struct xenevtchn_handle {
	int fd;
	domid_t restricted_to;
};

static struct {
	struct xenevtchn_handle *owner; /* NULL: not bound */
	bool masked, pending, queued;
} ports[PORTS]; /* the local ones; 0 is none */
static unsigned int handles;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void unlock(pthread_mutex_t **held)
{
	pthread_mutex_unlock(*held);
}

/* All of the above is this thread's to the end of the block. */
#define LOCKED                                                           \
	__attribute__((cleanup(unlock), unused)) pthread_mutex_t *held = \
		(pthread_mutex_lock(&mutex), &mutex)

void xen_begin(void)
{
	memset(mappings, 0, sizeof(mappings));
	memset(ports, 0, sizeof(ports));
}

unsigned int xen_bound(void)
{
	unsigned int bound = 0;
	unsigned int i;
	LOCKED;

	for (i = 0; i < PORTS; i++)
		bound += ports[i].owner != NULL;
	return bound;
}

unsigned int xen_left(void)
{
	unsigned int left = handles + xen_bound();
	unsigned int i;

	for (i = 0; i < MAPPINGS; i++)
		left += mappings[i].count;
	return left;
}

static void deliver(unsigned int port)
{
	if (ports[port].masked) {
		ports[port].pending = true;
		return;
	}
	ports[port].masked = true;
	ports[port].queued = true;
	promise(eventfd_write(ports[port].owner->fd, 1) == 0, "an event");
}

void xen_ring(uint8_t port)
{
	LOCKED;

	if (ports[port % PORTS].owner)
		deliver(port % PORTS);
}

void xen_scribble(uint8_t mapping, struct input *in)
{
	/* More often where some ring has its indices than elsewhere. */
	uint8_t where = input_u8(in);
	uint16_t at = where < 0x80   ? where % 16 * 4
		      : where < 0xc0 ? 3072 + where % 4 * 4
				     : input_u16(in) % 4080;
	uint8_t *page;
	LOCKED;

	page = mappings[mapping % MAPPINGS].at;
	if (page)
		input_bytes(in, page + at, 8);
}

/* ---- xenevtchn.h ---- */

xenevtchn_handle *xenevtchn_open(xentoollog_logger *logger, unsigned int flags)
{
	struct xenevtchn_handle *xce = calloc(1, sizeof(*xce));
	LOCKED;

	(void)logger;
	(void)flags;
	handles++;
	xce->fd = eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
	return xce;
}

int xenevtchn_close(xenevtchn_handle *xce)
{
	LOCKED;

	handles--;
	close(xce->fd);
	free(xce);
	return 0;
}

int xenevtchn_fd(xenevtchn_handle *xce)
{
	return xce->fd;
}

int xenevtchn_restrict(xenevtchn_handle *xce, domid_t domid)
{
	LOCKED;

	if (xce->restricted_to || CANNOT_BE_HAD(domid)) {
		errno = EACCES;
		return -1;
	}
	xce->restricted_to = domid;
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce,
						     uint32_t domid,
						     evtchn_port_t remote)
{
	unsigned int port;
	LOCKED;

	for (port = 1; port < PORTS && ports[port].owner; port++)
		continue;
	if (CANNOT_BE_HAD(remote) || port == PORTS ||
	    (xce->restricted_to && domid != xce->restricted_to)) {
		errno = EINVAL;
		return -1;
	}
	memset(&ports[port], 0, sizeof(ports[port]));
	ports[port].owner = xce;
	deliver(port);
	return (xenevtchn_port_or_error_t)port;
}

static void check_owner(const xenevtchn_handle *xce, evtchn_port_t port)
{
	promise(port < PORTS && ports[port].owner == xce,
		"port %u is bound by who uses it", port);
}

int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
	LOCKED;

	check_owner(xce, port);
	ports[port].owner = NULL;
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce)
{
	eventfd_t one;
	unsigned int port;
	LOCKED;

	if (eventfd_read(xce->fd, &one) < 0)
		return -1;
	for (port = 0; port < PORTS; port++) {
		if (ports[port].owner == xce && ports[port].queued) {
			ports[port].queued = false;
			return (xenevtchn_port_or_error_t)port;
		}
	}
	errno = EAGAIN;
	return -1;
}

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	LOCKED;

	check_owner(xce, port);
	ports[port].masked = false;
	if (ports[port].pending) {
		ports[port].pending = false;
		deliver(port);
	}
	return 0;
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	LOCKED;

	check_owner(xce, port);
	return 0;
}

/* ---- xengnttab.h ---- */

xengnttab_handle *xengnttab_open(xentoollog_logger *logger,
				 unsigned int open_flags)
{
	(void)logger;
	(void)open_flags;
	pthread_mutex_lock(&mutex);
	handles++;
	pthread_mutex_unlock(&mutex);
	return (xengnttab_handle *)&mappings;
}

int xengnttab_close(xengnttab_handle *xgt)
{
	LOCKED;

	(void)xgt;
	handles--;
	return 0;
}

void *xengnttab_map_domain_grant_refs(xengnttab_handle *xgt, uint32_t count,
				      uint32_t domid, uint32_t *refs, int prot)
{
	unsigned int i;
	uint32_t ref;
	LOCKED;

	(void)xgt;
	(void)domid;
	(void)prot;
	for (i = 0; i < MAPPINGS && mappings[i].count; i++)
		continue;
	for (ref = 0; ref < count && !CANNOT_BE_HAD(refs[ref]); ref++)
		continue;
	if (count == 0 || ref < count || i == MAPPINGS) {
		errno = EINVAL;
		return NULL;
	}
	mappings[i].count = count;
	mappings[i].at = aligned_alloc(4096, 4096 * (size_t)count);
	memset(mappings[i].at, 0, 4096 * (size_t)count);
	return mappings[i].at;
}

void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid,
			      uint32_t ref, int prot)
{
	return xengnttab_map_domain_grant_refs(xgt, 1, domid, &ref, prot);
}

int xengnttab_unmap(xengnttab_handle *xgt, void *start, uint32_t count)
{
	unsigned int i;
	LOCKED;

	(void)xgt;
	for (i = 0; i < MAPPINGS && mappings[i].at != start; i++)
		continue;
	promise(i < MAPPINGS && mappings[i].count == count,
		"what is unmapped was mapped so");
	free(mappings[i].at);
	mappings[i].at = NULL;
	mappings[i].count = 0;
	return 0;
}

int xengnttab_grant_copy(xengnttab_handle *xgt, uint32_t count,
			 xengnttab_grant_copy_segment_t *segments)
{
	uint32_t i;

	(void)xgt;
	for (i = 0; i < count; i++) {
		xengnttab_grant_copy_segment_t *s = &segments[i];
		const bool in = s->flags == GNTCOPY_source_gref;

		s->status = CANNOT_BE_HAD(in ? s->source.foreign.ref
					     : s->dest.foreign.ref)
				    ? GNTST_bad_gntref
				    : GNTST_okay;
		if (in && s->status == GNTST_okay)
			memset(s->dest.virt, 0x5a, s->len);
	}
	return 0;
}
