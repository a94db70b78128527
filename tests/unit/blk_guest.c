/* SPDX-License-Identifier: MIT */
/* The guest, and what Xen would do between it and its backend. */
#include "tests/unit/blk_guest.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#define OUR_PORT 7

struct guest guest;
static struct blkif_sring *const sring = &guest.ring.sring;

void guest_begin(void)
{
	memset(&guest, 0, sizeof(guest));
	sring->req_event = 1;
	sring->rsp_event = 1;
}

struct blkif_request *guest_put(uint64_t id, uint8_t op, uint64_t sector)
{
	struct blkif_request *req = &sring->ring[guest.put++ % 32].req;

	memset(req, 0, sizeof(*req));
	req->id = id;
	req->operation = op;
	req->sector_number = sector;
	guest.answers[id] = 0;
	return req;
}

void guest_add(struct blkif_request *req, uint32_t page, uint8_t first,
	       uint8_t last)
{
	struct blkif_request_segment *seg = &req->seg[req->nr_segments++];

	seg->gref = GUEST_PAGE_REF + page;
	seg->first_sect = first;
	seg->last_sect = last;
}

void guest_push(void)
{
	RING_IDX was = sring->req_prod;

	sring->req_prod = guest.put;
	xen_mb();
	if (guest.put - sring->req_event < guest.put - was)
		guest_ring();
}

void guest_ring(void)
{
	if (guest.masked) {
		guest.pending = true;
		return;
	}
	guest.masked = true;
	assert_int_equal(eventfd_write(guest.fd, 1), 0);
}

void guest_collect(void)
{
	while (guest.seen != sring->rsp_prod) {
		struct blkif_response *rsp =
			&sring->ring[guest.seen++ % 32].rsp;

		assert_true(rsp->id < GUEST_IDS);
		guest.answers[rsp->id]++;
		guest.status[rsp->id] = rsp->status;
	}
	sring->rsp_event = guest.seen + 1;
}

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *l, unsigned int f)
{
	(void)l;
	(void)f;
	guest.fd = eventfd(0, EFD_CLOEXEC);
	return (xenevtchn_handle *)&guest;
}

int xenevtchn_close(xenevtchn_handle *h)
{
	(void)h;
	return close(guest.fd);
}

int xenevtchn_fd(xenevtchn_handle *h)
{
	(void)h;
	return guest.fd;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *h)
{
	eventfd_t v;

	(void)h;
	assert_int_equal(eventfd_read(guest.fd, &v), 0);
	guest.events++;
	return OUR_PORT;
}

int xenevtchn_unmask(xenevtchn_handle *h, evtchn_port_t port)
{
	(void)h;
	assert_int_equal(port, OUR_PORT);
	guest.masked = false;
	if (guest.pending || guest.rings_forever)
		guest_ring();
	guest.pending = false;
	return 0;
}

int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
	(void)h;
	assert_int_equal(port, OUR_PORT);
	guest.notified++;
	return 0;
}

int xenevtchn_restrict(xenevtchn_handle *h, domid_t domid)
{
	(void)h;
	assert_int_equal(domid, GUEST_DOMID);
	guest.restricted = true;
	return 0;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h,
						     uint32_t domid,
						     evtchn_port_t remote)
{
	(void)h;
	assert_int_equal(domid, GUEST_DOMID);
	assert_true(guest.restricted);
	if (remote != GUEST_PORT) {
		errno = EINVAL;
		return -1;
	}
	guest.bound = true;
	guest_ring();
	return OUR_PORT;
}

int xenevtchn_unbind(xenevtchn_handle *h, evtchn_port_t port)
{
	(void)h;
	assert_int_equal(port, OUR_PORT);
	guest.bound = false;
	return 0;
}

xengnttab_handle *xengnttab_open(struct xentoollog_logger *l, unsigned int f)
{
	(void)l;
	(void)f;
	return (xengnttab_handle *)&guest;
}

int xengnttab_close(xengnttab_handle *h)
{
	(void)h;
	return 0;
}

void *xengnttab_map_domain_grant_refs(xengnttab_handle *h, uint32_t n,
				      uint32_t domid, uint32_t *refs, int prot)
{
	(void)h;
	assert_int_equal(domid, GUEST_DOMID);
	assert_int_equal(prot, PROT_READ | PROT_WRITE);
	if (n != 1 || refs[0] != GUEST_RING_REF) {
		errno = EINVAL;
		return NULL;
	}
	guest.mapped++;
	return &guest.ring;
}

int xengnttab_unmap(xengnttab_handle *h, void *at, uint32_t n)
{
	(void)h;
	assert_ptr_equal(at, &guest.ring);
	assert_int_equal(n, 1);
	guest.mapped--;
	return 0;
}

int xengnttab_grant_copy(xengnttab_handle *h, uint32_t n,
			 xengnttab_grant_copy_segment_t *segs)
{
	uint32_t i;

	(void)h;
	if (segs[0].flags == GNTCOPY_dest_gref)
		guest.copies_out++;
	else
		guest.copies_in++;
	if (guest.copy_fails) {
		segs[0].status = GNTST_okay; /* it came as far as that */
		errno = ENOMEM;
		return -1;
	}
	for (i = 0; i < n; i++) {
		bool out = segs[i].flags == GNTCOPY_dest_gref;
		union xengnttab_copy_ptr *there =
			out ? &segs[i].dest : &segs[i].source;
		unsigned char *at;

		assert_int_equal(there->foreign.domid, GUEST_DOMID);
		assert_true(there->foreign.offset + segs[i].len <= 4096);
		segs[i].status = GNTST_bad_gntref;
		if (there->foreign.ref - GUEST_PAGE_REF >= GUEST_PAGES)
			continue;
		at = guest.pages[there->foreign.ref - GUEST_PAGE_REF] +
		     there->foreign.offset;
		if (out)
			memcpy(at, segs[i].source.virt, segs[i].len);
		else
			memcpy(segs[i].dest.virt, at, segs[i].len);
		segs[i].status = GNTST_okay;
	}
	return 0;
}
