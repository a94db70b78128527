/* SPDX-License-Identifier: MIT */
/* xnd.version, host.info. */
#include <errno.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/err.h"
#include <config.h>
#include "daemon/rpc/call.h"
#include "daemon/rpc/op.h"
#include "daemon/xnd.h"
#include "json/json.h"

static const char *const no_params[] = {NULL};

void op_xnd_version(struct xnd *x, struct call *c)
{
	struct json *v;
	struct err e;

	(void)x;
	if (op_params(c, no_params, &e) < 0) {
		call_fail(c, &e);
		return;
	}
	v = json_new_object();
	json_set_string(v, "version", PACKAGE_VERSION);
	json_set_int(v, "pid", getpid());
	call_reply(c, v);
}

static void add_uname(struct json *v)
{
	struct utsname u;

	if (uname(&u) < 0)
		return;
	json_set_string(v, "host", u.nodename);
	json_set_string(v, "release", u.release);
	json_set_string(v, "machine", u.machine);
}

static void add_version(struct json *v, xc_interface *xc)
{
	xen_extraversion_t extra = "";
	xen_capabilities_info_t caps = "";
	char text[64];
	int version = xc_version(xc, XENVER_version, NULL);

	xc_version(xc, XENVER_extraversion, extra);
	xc_version(xc, XENVER_capabilities, caps);
	snprintf(text, sizeof(text), "%d.%d%s", version >> 16, version & 0xffff,
		 extra);
	json_set_string(v, "xen_version", text);
	json_set_string(v, "xen_caps", caps);
}

static void add_physinfo(struct json *v, const xc_physinfo_t *p)
{
	const uint64_t kib_per_page = XC_PAGE_SIZE / 1024;
	struct json *caps = json_new_array();

	json_push(caps, json_new_string("pv"));
	if (p->capabilities & XEN_SYSCTL_PHYSCAP_hvm)
		json_push(caps, json_new_string("hvm"));
	json_set(v, "virt_caps", caps);
	json_set_int(v, "nr_cpus", p->nr_cpus);
	json_set_int(v, "nr_nodes", p->nr_nodes);
	json_set_int(v, "cores_per_socket", p->cores_per_socket);
	json_set_int(v, "threads_per_core", p->threads_per_core);
	json_set_int(v, "cpu_mhz", p->cpu_khz / 1000);
	json_set_int(v, "total_memory_kib",
		     (int64_t)(p->total_pages * kib_per_page));
	json_set_int(
		v, "free_memory_kib",
		(int64_t)((p->free_pages + p->scrub_pages) * kib_per_page));
}

void op_host_info(struct xnd *x, struct call *c)
{
	xc_physinfo_t p = {0};
	struct json *v;
	struct err e;

	if (op_params(c, no_params, &e) < 0) {
		call_fail(c, &e);
		return;
	}
	if (xc_physinfo(x->xc, &p) < 0) {
		err_errno(&e, errno, "cannot ask Xen about this host");
		call_fail(c, &e);
		return;
	}
	v = json_new_object();
	add_uname(v);
	add_version(v, x->xc);
	add_physinfo(v, &p);
	json_set_string(v, "xnd_version", PACKAGE_VERSION);
	call_reply(c, v);
}
