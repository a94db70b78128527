/* SPDX-License-Identifier: MIT */
/* The steps of a PV build, in order, and what each means when it fails. */
#include "build/image.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <xenctrl.h>
#include <xenguest.h>

#include "base/err.h"
#include "base/log.h"
#include "build/explain.h"
#include "build/message.h"
#include "chan/msg.h"

/* A kernel with its debug symbols is large, but only mapped. */
#define KERNEL_FILE_MAX (1ul << 30)

/* What a compressed one may become: that is dom0's memory (XSA-25, 55). */
#define KERNEL_UNPACKED_MAX (256ul << 20)

/* struct start_info has 1024 bytes for it, the NUL included. */
#define PV_CMDLINE_MAX 1023

/* xc_dom_mem_init shifts MiB to pages in 32 bits. */
#define MEMORY_MIB_MAX ((1u << 24) - 1)

/* The page size is the kernel's: known once that has been parsed. */
static int init_memory(struct xc_dom_image *dom)
{
	unsigned int mib = dom->target_pages >> (20 - XC_PAGE_SHIFT);

	if (xc_dom_mem_init(dom, mib) != 0)
		return -1;
	return xc_dom_boot_mem_init(dom);
}

struct step {
	const char *name;
	int (*run)(struct xc_dom_image *dom);
	void (*explain)(const struct explain *x, struct err *e);
};

static const struct step steps[] = {
	{"parse", xc_dom_parse_image, explain_kernel},
	{"memory", init_memory, explain_memory},
	{"load", xc_dom_build_image, explain_load},
	{"boot", xc_dom_boot_image, explain_other},
	{"grants", xc_dom_gnttab_init, explain_other},
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int check_request(const struct msg_build *req, struct err *e)
{
	if (req->domid == 0)
		return err_set(e, EINVAL, "domain 0 is the host's own");
	if (req->memory_mib == 0 || req->memory_mib > MEMORY_MIB_MAX)
		return err_set(e, EINVAL, "memory: %u MiB is out of range",
			       req->memory_mib);
	if (strlen(req->cmdline) > PV_CMDLINE_MAX)
		return err_set(e, E2BIG,
			       "cmdline: %zu characters, and a PV kernel "
			       "takes at most %u",
			       strlen(req->cmdline), PV_CMDLINE_MAX);
	return 0;
}

static int run_steps(struct xc_dom_image *dom, const struct explain *x,
		     struct err *e)
{
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		uint64_t start = now_us();

		errno = 0;
		if (steps[i].run(dom) != 0) {
			steps[i].explain(x, e);
			return -e->code;
		}
		log_debug("d%u: %s: %ju us", x->req->domid, steps[i].name,
			  (uintmax_t)(now_us() - start));
	}
	return 0;
}

static int map_inputs(struct image *image, const struct msg_build *req,
		      int kernel_fd, int ramdisk_fd, struct err *e)
{
	int rc = input_map(&image->kernel, kernel_fd, "kernel", KERNEL_FILE_MAX,
			   e);

	if (rc < 0 || ramdisk_fd < 0)
		return rc;
	return input_map(&image->ramdisk, ramdisk_fd, "ramdisk",
			 (size_t)req->memory_mib << 20, e);
}

static struct xc_dom_image *dom_new(xc_interface *xc,
				    const struct msg_build *req)
{
	struct xc_dom_image *dom = xc_dom_allocate(xc, req->cmdline, NULL);

	if (!dom)
		return NULL;
	dom->container_type = XC_DOM_PV_CONTAINER;
	dom->console_evtchn = req->console_port;
	dom->console_domid = req->console_domid;
	dom->xenstore_evtchn = req->store_port;
	dom->xenstore_domid = req->store_domid;
	dom->max_vcpus = req->vcpus;
	dom->target_pages = (xen_pfn_t)req->memory_mib << (20 - XC_PAGE_SHIFT);
	/* Too little memory is then known before any of it is filled. */
	dom->claim_enabled = 1;
	xc_dom_kernel_max_size(dom, KERNEL_UNPACKED_MAX);
	xc_dom_module_max_size(dom, (size_t)req->memory_mib << 20);
	return dom;
}

/* Gives dom what it is made of, which it borrows. */
static int dom_feed(struct xc_dom_image *dom, const struct explain *x,
		    struct err *e)
{
	const struct image *image = x->image;

	if (xc_dom_boot_xen_init(dom, x->xc, x->req->domid) != 0) {
		explain_other(x, e);
		return -e->code;
	}
	if (xc_dom_kernel_mem(dom, image->kernel.bytes, image->kernel.size)) {
		explain_kernel(x, e);
		return -e->code;
	}
	if (image->ramdisk.bytes &&
	    xc_dom_module_mem(dom, image->ramdisk.bytes, image->ramdisk.size,
			      NULL)) {
		explain_other(x, e);
		return -e->code;
	}
	return 0;
}

int image_build(struct image *image, xc_interface *xc,
		const struct msg_build *req, int kernel_fd, int ramdisk_fd,
		struct err *e)
{
	struct explain x = {.xc = xc, .req = req, .image = image};
	uint64_t start = now_us();
	struct xc_dom_image *dom;
	int rc;

	message_forget();
	rc = check_request(req, e);
	if (rc == 0)
		rc = map_inputs(image, req, kernel_fd, ramdisk_fd, e);
	if (rc < 0)
		return rc;
	dom = dom_new(xc, req);
	if (!dom)
		return err_set(e, ENOMEM, "no memory for a domain image");
	rc = dom_feed(dom, &x, e);
	if (rc == 0)
		rc = run_steps(dom, &x, e);
	if (rc == 0) {
		image->console_frame = xc_dom_p2m(dom, dom->console_pfn);
		image->store_frame = xc_dom_p2m(dom, dom->xenstore_pfn);
	}
	xc_dom_release(dom);
	log_debug("d%u: %s after %ju us", req->domid,
		  rc == 0 ? "built" : "failed", (uintmax_t)(now_us() - start));
	return rc;
}

void image_release(struct image *image)
{
	input_unmap(&image->ramdisk);
	input_unmap(&image->kernel);
}
