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

#include "tests/unit/blk_wire.h"

#define OUR_PORT 7

struct guest guest;
static struct blkif_sring *const sring = &guest.ring.sring;

void guest_begin(void)
{
	memset(&guest, 0, sizeof(guest));
	sring->req_event = 1;
	sring->rsp_event = 1;
	guest.n_pages = 1;
	guest.memory = memfd_create("guest", MFD_CLOEXEC);
	assert_int_equal(ftruncate(guest.memory, GUEST_PAGES * 4096), 0);
	guest.pages = mmap(NULL, GUEST_PAGES * 4096, PROT_READ | PROT_WRITE,
			   MAP_SHARED, guest.memory, 0);
	assert_ptr_not_equal(guest.pages, MAP_FAILED);
}

void guest_end(void)
{
	munmap(guest.pages, GUEST_PAGES * 4096);
	close(guest.memory);
}

static uint8_t *entry(RING_IDX index)
{
	return guest.ring.bytes + 64 +
	       index % (guest.n_pages * 32) *
		       (guest.abi == BLK_ABI_X86_32 ? 108u : 112u);
}

uint8_t *guest_put(uint64_t id, uint8_t op, uint64_t sector)
{
	uint8_t *req = entry(guest.put++);

	memset(req, 0, 108);
	wire_put(req, guest.abi, id, op, sector);
	guest.answers[id] = 0;
	return req;
}

void guest_add(uint8_t *req, uint32_t page, uint8_t first, uint8_t last)
{
	uint8_t n = req[1];

	wire_put_segment(req, guest.abi, n, GUEST_PAGE_REF + page, first, last);
	wire_put_count(req, (uint8_t)(n + 1));
}

uint8_t *guest_put_indirect(uint64_t id, uint8_t op, uint64_t sector,
			    uint32_t frame, uint32_t first, uint16_t n)
{
	uint8_t *req = guest_put(id, BLKIF_OP_INDIRECT, sector);
	struct blk_wire_segment *segments = (void *)guest.pages[frame];
	uint16_t i;

	wire_put_indirect(req, guest.abi, op, n, GUEST_PAGE_REF + frame);
	for (i = 0; i < n && i < BLK_FRAME_SEGMENTS; i++)
		segments[i] = (struct blk_wire_segment){
			GUEST_PAGE_REF + first + i, 0, 7, 0};
	return req;
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
		const uint8_t *rsp = entry(guest.seen++);
		uint64_t id;

		memcpy(&id, rsp, 8);
		assert_true(id < GUEST_IDS);
		guest.answers[id]++;
		memcpy(&guest.status[id], rsp + 10, 2);
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
	if (guest.notified++ == 0)
		guest.shown = sring->rsp_prod;
	if (guest.on_notify)
		guest.on_notify();
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

static void *map_ring(uint32_t n, const uint32_t *refs)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (refs[i] != GUEST_RING_REF + i)
			break;
	if (i != guest.n_pages) {
		errno = EINVAL;
		return NULL;
	}
	guest.mapped++;
	return &guest.ring;
}

/* All of them, or none. */
static void *map_data(uint32_t n, const uint32_t *refs)
{
	uint8_t *at = mmap(NULL, n * 4096, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t i;

	assert_ptr_not_equal(at, MAP_FAILED);
	guest.map_calls++;
	for (i = 0; i < n; i++) {
		uint32_t page = refs[i] - GUEST_PAGE_REF;

		if (page >= GUEST_PAGES || guest.map_fails) {
			munmap(at, n * 4096);
			errno = EINVAL;
			return NULL;
		}
		assert_ptr_not_equal(
			mmap(at + i * 4096, 4096, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_FIXED, guest.memory, page * 4096),
			MAP_FAILED);
	}
	guest.data_mapped += n;
	return at;
}

void *xengnttab_map_domain_grant_refs(xengnttab_handle *h, uint32_t n,
				      uint32_t domid, uint32_t *refs, int prot)
{
	(void)h;
	assert_int_equal(domid, GUEST_DOMID);
	assert_int_equal(prot, PROT_READ | PROT_WRITE);
	return refs[0] < GUEST_PAGE_REF ? map_ring(n, refs) : map_data(n, refs);
}

int xengnttab_unmap(xengnttab_handle *h, void *at, uint32_t n)
{
	(void)h;
	if (at == &guest.ring) {
		assert_int_equal(n, guest.n_pages);
		guest.mapped--;
		return 0;
	}
	assert_true(n <= guest.data_mapped);
	guest.data_mapped -= n;
	return munmap(at, n * 4096);
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
