/* SPDX-License-Identifier: MIT */
/*
 * libxengnttab on the simulated hypervisor. Mappings are pages of the
 * machine's memory and really go at unmap; a copy is done here, by memcpy
 * between such pages and the caller's memory, so that a sanitizer sees every
 * byte of it. Sharing (gntshr) and dma-bufs are refused as by a kernel that
 * has neither.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <xengnttab.h>

#include "tests/sim/lib/link.h"

#define PAGE 4096u
#define NONE UINT32_MAX

struct mapping {
	LIST_ENTRY(mapping) link;
	void *at;
	uint32_t n;
	uint64_t number;
};

struct xengntdev_handle {
	struct sim_link *link;
	pthread_mutex_t lock; /* of the mappings, and one copy at a time */
	LIST_HEAD(, mapping) mappings;
	char *memory; /* all of the machine's, once there is a copy */
};

/* What a caller asks for; domids has one element when one_domid. */
struct wish {
	uint32_t n;
	const uint32_t *domids;
	bool one_domid;
	const uint32_t *refs;
	int prot;
	uint32_t notify_offset;
	uint32_t notify_port;
};

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger,
				 unsigned int flags)
{
	xengnttab_handle *h;

	(void)logger;
	(void)flags;
	h = calloc(1, sizeof(*h));
	if (!h)
		return NULL;
	h->link = link_open(SIM_GNTTAB, 0);
	if (!h->link) {
		free(h);
		return NULL;
	}
	pthread_mutex_init(&h->lock, NULL);
	return h;
}

/* Linux keeps the device open as long as something of it is mapped, closed or
 * not; so does this, and leak checkers will tell. */
int xengnttab_close(xengnttab_handle *h)
{
	struct mapping *m;

	if (!h)
		return 0;
	if (LIST_EMPTY(&h->mappings))
		link_close(h->link);
	while ((m = LIST_FIRST(&h->mappings))) {
		LIST_REMOVE(m, link);
		free(m);
	}
	if (h->memory)
		munmap(h->memory, (size_t)SIM_MEMORY_FRAMES * PAGE);
	pthread_mutex_destroy(&h->lock);
	free(h);
	return 0;
}

/* Good for nothing, as its header says. */
int xengnttab_fd(xengnttab_handle *h)
{
	return link_memory_fd(h->link);
}

int xengnttab_set_max_grants(xengnttab_handle *h, uint32_t count)
{
	(void)h;
	(void)count;
	return 0; /* as on Linux, where gntdev has a limit of its own */
}

/* The mapping's number and its frames, or -1. */
static int64_t wish_ask(xengnttab_handle *h, const struct wish *w,
			uint64_t *frames)
{
	uint32_t flags = (w->prot & PROT_WRITE ? SIM_WRITABLE : 0) |
			 (w->one_domid ? SIM_ONE_DOMID : 0);

	return LINK_CALL(h->link, SIM_GRANT_MAP, w->n, (uintptr_t)w->domids,
			 (uintptr_t)w->refs, flags, w->notify_offset,
			 w->notify_port, (uintptr_t)frames);
}

static void *wish_grant(xengnttab_handle *h, const struct wish *w)
{
	struct mapping *m = calloc(1, sizeof(*m));
	uint64_t *frames = calloc(w->n ? w->n : 1, sizeof(*frames));
	int64_t number = -1;
	void *at = NULL;

	if (m && frames)
		number = wish_ask(h, w, frames);
	if (number >= 0) {
		at = link_map(h->link, NULL, w->prot, w->n, frames);
		if (!at)
			LINK_CALL(h->link, SIM_GRANT_UNMAP, (uint64_t)number);
	}
	free(frames);
	if (!at) {
		free(m);
		return NULL;
	}
	*m = (struct mapping){.at = at, .n = w->n, .number = (uint64_t)number};
	pthread_mutex_lock(&h->lock);
	LIST_INSERT_HEAD(&h->mappings, m, link);
	pthread_mutex_unlock(&h->lock);
	return at;
}

void *xengnttab_map_grant_ref(xengnttab_handle *h, uint32_t domid, uint32_t ref,
			      int prot)
{
	return xengnttab_map_grant_ref_notify(h, domid, ref, prot, NONE, NONE);
}

void *xengnttab_map_grant_ref_notify(xengnttab_handle *h, uint32_t domid,
				     uint32_t ref, int prot,
				     uint32_t notify_offset,
				     evtchn_port_t notify_port)
{
	struct wish w = {.n = 1,
			 .domids = &domid,
			 .one_domid = true,
			 .refs = &ref,
			 .prot = prot,
			 .notify_offset = notify_offset,
			 .notify_port = notify_port};

	return wish_grant(h, &w);
}

void *xengnttab_map_grant_refs(xengnttab_handle *h, uint32_t count,
			       uint32_t *domids, uint32_t *refs, int prot)
{
	struct wish w = {.n = count,
			 .domids = domids,
			 .refs = refs,
			 .prot = prot,
			 .notify_offset = NONE,
			 .notify_port = NONE};

	return wish_grant(h, &w);
}

void *xengnttab_map_domain_grant_refs(xengnttab_handle *h, uint32_t count,
				      uint32_t domid, uint32_t *refs, int prot)
{
	struct wish w = {.n = count,
			 .domids = &domid,
			 .one_domid = true,
			 .refs = refs,
			 .prot = prot,
			 .notify_offset = NONE,
			 .notify_port = NONE};

	return wish_grant(h, &w);
}

static struct mapping *mapping_take(xengnttab_handle *h, const void *at,
				    uint32_t n)
{
	struct mapping *m;

	pthread_mutex_lock(&h->lock);
	LIST_FOREACH(m, &h->mappings, link)
		if (m->at == at)
			break;
	if (m && m->n == n)
		LIST_REMOVE(m, link);
	else
		m = NULL;
	pthread_mutex_unlock(&h->lock);
	return m;
}

int xengnttab_unmap(xengnttab_handle *h, void *at, uint32_t n)
{
	struct mapping *m = mapping_take(h, at, n);
	int rc;

	if (!m) {
		errno = EINVAL;
		return -1;
	}
	munmap(at, (size_t)n * PAGE);
	rc = (int)LINK_CALL(h->link, SIM_GRANT_UNMAP, m->number);
	free(m);
	return rc;
}

static bool memory_see(xengnttab_handle *h)
{
	void *all;

	if (h->memory)
		return true;
	all = mmap(NULL, (size_t)SIM_MEMORY_FRAMES * PAGE,
		   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
		   link_memory_fd(h->link), 0);
	if (all == MAP_FAILED)
		return false;
	h->memory = all;
	return true;
}

static char *segment_end(const xengnttab_handle *h,
			 const union xengnttab_copy_ptr *end, uint64_t frame)
{
	if (frame == SIM_NO_FRAME)
		return end->virt;
	return h->memory + frame * PAGE + end->foreign.offset;
}

static int copy_all(xengnttab_handle *h, uint32_t n,
		    xengnttab_grant_copy_segment_t *s, struct sim_copy *how)
{
	uint32_t i;

	if (!memory_see(h) || LINK_CALL(h->link, SIM_GRANT_COPY, n,
					(uintptr_t)s, (uintptr_t)how) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (s[i].status == GNTST_okay)
			memmove(segment_end(h, &s[i].dest, how[i].dest_frame),
				segment_end(h, &s[i].source,
					    how[i].source_frame),
				s[i].len);
	link_call(h->link, SIM_GRANT_COPY_END, 0, NULL);
	return 0;
}

int xengnttab_grant_copy(xengnttab_handle *h, uint32_t n,
			 xengnttab_grant_copy_segment_t *s)
{
	struct sim_copy *how;
	int rc;

	if (!n)
		return 0;
	how = calloc(n, sizeof(*how));
	if (!how)
		return -1;
	pthread_mutex_lock(&h->lock);
	rc = copy_all(h, n, s, how);
	pthread_mutex_unlock(&h->lock);
	free(how);
	return rc;
}

int xengnttab_dmabuf_exp_from_refs(xengnttab_handle *h, uint32_t domid,
				   uint32_t flags, uint32_t count,
				   const uint32_t *refs, uint32_t *fd)
{
	(void)h, (void)domid, (void)flags, (void)count, (void)refs, (void)fd;
	errno = ENOTTY;
	return -1;
}

int xengnttab_dmabuf_exp_wait_released(xengnttab_handle *h, uint32_t fd,
				       uint32_t wait_to_ms)
{
	(void)h, (void)fd, (void)wait_to_ms;
	errno = ENOTTY;
	return -1;
}

int xengnttab_dmabuf_imp_to_refs(xengnttab_handle *h, uint32_t domid,
				 uint32_t fd, uint32_t count, uint32_t *refs)
{
	(void)h, (void)domid, (void)fd, (void)count, (void)refs;
	errno = ENOTTY;
	return -1;
}

int xengnttab_dmabuf_imp_release(xengnttab_handle *h, uint32_t fd)
{
	(void)h, (void)fd;
	errno = ENOTTY;
	return -1;
}

/* There is no /dev/xen/gntalloc here, hence never a handle of it. */
xengntshr_handle *xengntshr_open(struct xentoollog_logger *logger,
				 unsigned int flags)
{
	(void)logger;
	(void)flags;
	errno = ENOENT;
	return NULL;
}

int xengntshr_close(xengntshr_handle *h)
{
	return xengnttab_close(h);
}

int xengntshr_fd(xengntshr_handle *h)
{
	return xengnttab_fd(h);
}

void *xengntshr_share_pages(xengntshr_handle *h, uint32_t domid, int count,
			    uint32_t *refs, int writable)
{
	(void)h, (void)domid, (void)count, (void)refs, (void)writable;
	errno = ENOTTY;
	return NULL;
}

void *xengntshr_share_page_notify(xengntshr_handle *h, uint32_t domid,
				  uint32_t *ref, int writable,
				  uint32_t notify_offset,
				  evtchn_port_t notify_port)
{
	(void)notify_offset, (void)notify_port;
	return xengntshr_share_pages(h, domid, 1, ref, writable);
}

int xengntshr_unshare(xengntshr_handle *h, void *at, uint32_t count)
{
	(void)h, (void)at, (void)count;
	errno = EINVAL;
	return -1;
}
