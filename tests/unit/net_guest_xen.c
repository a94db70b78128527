/* SPDX-License-Identifier: MIT */
/* The Xen libraries' calls, for guests of a test's own. */
#include "tests/unit/net_guest_xen.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <cmocka.h>

#include "backends/net/granter.h"

#define FIRST_DOMID 3
#define PORTS	    16 /* of a guest */

void (*net_guest_copied)(void);

/* By number: of domain FIRST_DOMID and so on. */
static struct net_guest *guests[GUESTS];

/* Of everything that the libraries' calls change. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* An event-channel handle. */
struct handle {
	int fd;
	unsigned int restricted_to; /* 0: to nobody */
};

/* A guest's number of a port, and the guest's, make the local one. */
static struct {
	struct handle *handle; /* borrowed; NULL: not bound */
	bool masked, pending, queued;
} ports[GUESTS * PORTS];

static struct net_guest *guest_of(uint32_t domid)
{
	return domid - FIRST_DOMID < GUESTS ? guests[domid - FIRST_DOMID]
					    : NULL;
}

static void deliver(uint32_t port)
{
	ports[port].masked = true;
	ports[port].queued = true;
	assert_int_equal(eventfd_write(ports[port].handle->fd, 1), 0);
}

void net_guest_ring(struct net_guest *g, uint32_t port)
{
	const uint32_t local = g->number * PORTS + port;

	pthread_mutex_lock(&lock);
	if (ports[local].handle && ports[local].masked)
		ports[local].pending = true;
	else if (ports[local].handle)
		deliver(local);
	pthread_mutex_unlock(&lock);
}

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger,
				 unsigned int flags)
{
	struct handle *h = calloc(1, sizeof(*h));

	(void)logger;
	(void)flags;
	assert_non_null(h);
	h->fd = eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK);
	return (xenevtchn_handle *)h;
}

/* As the kernel: once. */
int xenevtchn_restrict(xenevtchn_handle *xce, domid_t domid)
{
	struct handle *h = (struct handle *)xce;

	if (h->restricted_to) {
		errno = EACCES;
		return -1;
	}
	h->restricted_to = domid;
	if (guest_of(domid))
		guest_of(domid)->restricted_to = domid;
	return 0;
}

int xenevtchn_close(xenevtchn_handle *xce)
{
	struct handle *h = (struct handle *)xce;
	int r = close(h->fd);

	free(h);
	return r;
}

int xenevtchn_fd(xenevtchn_handle *xce)
{
	return ((struct handle *)xce)->fd;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce,
						     uint32_t domid,
						     evtchn_port_t port)
{
	struct handle *h = (struct handle *)xce;
	struct net_guest *g = guest_of(domid);
	const uint32_t local = (domid - FIRST_DOMID) * PORTS + port;

	if (!g || port >= PORTS || ports[local].handle ||
	    (h->restricted_to && h->restricted_to != domid)) {
		errno = EINVAL;
		return -1;
	}
	pthread_mutex_lock(&lock);
	memset(&ports[local], 0, sizeof(ports[local]));
	ports[local].handle = h;
	g->bound++;
	deliver(local);
	pthread_mutex_unlock(&lock);
	return (int)local;
}

int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port)
{
	struct handle *h = (struct handle *)xce;

	pthread_mutex_lock(&lock);
	assert_ptr_equal(ports[port].handle, h);
	ports[port].handle = NULL;
	guests[port / PORTS]->bound--;
	if (ports[port].queued)
		eventfd_read(h->fd, &(eventfd_t){0});
	pthread_mutex_unlock(&lock);
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce)
{
	struct handle *h = (struct handle *)xce;
	eventfd_t one;
	int port, found = -1;

	pthread_mutex_lock(&lock);
	if (eventfd_read(h->fd, &one) == 0)
		for (port = 0; port < GUESTS * PORTS && found < 0; port++)
			if (ports[port].handle == h && ports[port].queued)
				found = port;
	if (found >= 0)
		ports[found].queued = false;
	pthread_mutex_unlock(&lock);
	return found;
}

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port)
{
	struct net_guest *g = guests[port / PORTS];

	pthread_mutex_lock(&lock);
	assert_ptr_equal(ports[port].handle, xce);
	assert_true(ports[port].masked);
	g->unmasked++;
	ports[port].masked = false;
	if (ports[port].pending || g->rings_always)
		deliver(port);
	ports[port].pending = false;
	pthread_mutex_unlock(&lock);
	return 0;
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port)
{
	assert_ptr_equal(ports[port].handle, xce);
	guests[port / PORTS]->heard++;
	return 0;
}

xengnttab_handle *xengnttab_open(xentoollog_logger *logger, unsigned int flags)
{
	(void)logger;
	(void)flags;
	return (xengnttab_handle *)guests;
}

int xengnttab_close(xengnttab_handle *xgt)
{
	(void)xgt;
	return 0;
}

/* Dom0's own are granted in blocks, whose first page has one of these. */
#define OWN_DOMID  0
#define OWN_BLOCK  4096u
#define OWN_BLOCKS (2 * GUESTS * 8) /* both arenas of each queue */

static struct {
	uint8_t *base; /* owned; NULL: free */
	uint32_t pages;
} own[OWN_BLOCKS];

xengntshr_handle *granter_open(void)
{
	return (xengntshr_handle *)own;
}

int xengntshr_close(xengntshr_handle *xgs)
{
	(void)xgs;
	return 0;
}

/* The later a page, the lower its number: nothing may count on their order. */
static uint32_t own_ref(unsigned int block, uint32_t page)
{
	return (block + 1) * OWN_BLOCK - 1 - page;
}

void *xengntshr_share_pages(xengntshr_handle *xgs, uint32_t domid, int count,
			    uint32_t *refs, int writable)
{
	unsigned int block = 0;
	uint32_t i;

	assert_ptr_equal(xgs, own);
	assert_int_equal(domid, OWN_DOMID);
	assert_in_range(count, 1, OWN_BLOCK);
	assert_true(writable);
	pthread_mutex_lock(&lock);
	while (own[block].base)
		assert_true(++block < OWN_BLOCKS);
	own[block].pages = (uint32_t)count;
	own[block].base = aligned_alloc(4096, (size_t)count * 4096);
	assert_non_null(own[block].base);
	for (i = 0; i < own[block].pages; i++)
		refs[i] = own_ref(block, i);
	pthread_mutex_unlock(&lock);
	return own[block].base;
}

int xengntshr_unshare(xengntshr_handle *xgs, void *start, uint32_t count)
{
	unsigned int block = 0;

	assert_ptr_equal(xgs, own);
	pthread_mutex_lock(&lock);
	while (own[block].base != start)
		assert_true(++block < OWN_BLOCKS);
	assert_int_equal(count, own[block].pages);
	free(own[block].base);
	own[block].base = NULL;
	pthread_mutex_unlock(&lock);
	return 0;
}

static uint8_t *own_page(uint32_t ref)
{
	const unsigned int block = ref / OWN_BLOCK;
	const uint32_t page = OWN_BLOCK - 1 - ref % OWN_BLOCK;

	assert_true(block < OWN_BLOCKS && own[block].base &&
		    page < own[block].pages);
	return own[block].base + (size_t)page * 4096;
}

/* A page that a guest grants, or NULL. */
static uint8_t *page_of(uint32_t domid, uint32_t ref)
{
	struct net_guest *g = guest_of(domid);

	if (domid == OWN_DOMID)
		return own_page(ref);
	if (!g || ref >= GUEST_PAGES || g->refused[ref])
		return NULL;
	return g->pages[ref];
}

void *xengnttab_map_grant_ref(xengnttab_handle *xgt, uint32_t domid,
			      uint32_t ref, int prot)
{
	uint8_t *page = page_of(domid, ref);

	(void)xgt;
	(void)prot;
	if (page)
		guest_of(domid)->maps++;
	else
		errno = EINVAL;
	return page;
}

int xengnttab_unmap(xengnttab_handle *xgt, void *start, uint32_t count)
{
	unsigned int i;

	(void)xgt;
	for (i = 0; i < GUESTS; i++)
		if (guests[i] && (uint8_t *)start >= guests[i]->pages[0] &&
		    (uint8_t *)start < guests[i]->pages[GUEST_PAGES])
			guests[i]->maps -= count;
	return 0;
}

/* Either end of a copy, NULL when it is not granted. */
static void *end_of(const union xengnttab_copy_ptr *ptr, bool foreign,
		    uint16_t size)
{
	uint8_t *page;

	if (!foreign)
		return ptr->virt;
	assert_in_range(ptr->foreign.offset + size, 1, 4096);
	page = page_of(ptr->foreign.domid, ptr->foreign.ref);
	return page ? page + ptr->foreign.offset : NULL;
}

int xengnttab_grant_copy(xengnttab_handle *xgt, uint32_t count,
			 xengnttab_grant_copy_segment_t *segments)
{
	uint32_t i;

	(void)xgt;
	for (i = 0; i < count; i++) {
		xengnttab_grant_copy_segment_t *s = &segments[i];
		const void *from = end_of(
			&s->source, s->flags & GNTCOPY_source_gref, s->len);
		void *to =
			end_of(&s->dest, s->flags & GNTCOPY_dest_gref, s->len);

		assert_in_range(s->len, 1, 4096);
		s->status = from && to ? GNTST_okay : GNTST_bad_gntref;
		if (from && to)
			memcpy(to, from, s->len);
	}
	if (net_guest_copied)
		net_guest_copied();
	return 0;
}

void net_guest_xen_add(struct net_guest *g)
{
	while (guests[g->number])
		assert_true(++g->number < GUESTS);
	guests[g->number] = g;
	g->vif.domid = FIRST_DOMID + g->number;
}

void net_guest_xen_remove(struct net_guest *g)
{
	guests[g->number] = NULL;
}

bool net_guest_xen_is_bound(const struct net_guest *g, uint32_t port)
{
	return ports[g->number * PORTS + port].handle;
}
