/* SPDX-License-Identifier: MIT */
/*
 * The birth of a domain, its steps in order of time: see that nobody has the
 * name, ask Xen for a domain, open its devices and console, build its memory
 * (xn-build), write it into xenstore in one transaction, introduce it there,
 * unpause. A step that fails leads to domain_end, which undoes what was done.
 */
#include "daemon/domain/create.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <event2/event.h>

#include "base/log.h"
#include "base/scope.h"
#include "base/text.h"
#include "daemon/domain/check.h"
#include "daemon/domain/end.h"
#include "daemon/domain/hyper.h"
#include "daemon/domain/list.h"
#include "daemon/domain/nodes.h"
#include "daemon/host/kernel.h"
#include "daemon/host/logfile.h"
#include "daemon/host/pty.h"
#include "daemon/host/uuid.h"
#include "daemon/worker/builders.h"
#include "daemon/worker/consoles.h"
#include "daemon/xnd.h"
#include "daemon/xs/plan.h"
#include "daemon/xs/xs.h"

struct creation {
	const struct creation_ops *ops;
	void *arg;
	bool paused;
	bool building;	      /* xn-build is at it, and cannot be stopped */
	unsigned int awaited; /* steps under way */
	struct err error;     /* text "" while all is well */
};

static void progress(struct domain *d, const char *text)
{
	d->creation->ops->progress(text, d->creation->arg);
}

void domain_create_fail(struct domain *d, const struct err *e)
{
	struct creation *c = d->creation;

	if (!c->error.text[0]) {
		c->error = *e;
		log_error("%s: cannot be created: %s", d->log_name, e->text);
	}
	/* The undoing waits until nothing writes the guest's memory. */
	if (!c->building)
		domain_end(d);
}

void domain_create_undone(struct domain *d)
{
	struct creation *c = d->creation;

	c->ops->done(NULL, &c->error, c->arg);
	free(c);
	d->creation = NULL;
}

void domain_create_abandon(struct domain *d)
{
	struct err e;

	err_set(&e, ECANCELED, "the client has gone");
	domain_create_fail(d, &e);
}

static void create_done(struct domain *d)
{
	struct creation *c = d->creation;
	struct err e;

	/* From here on a later xnd leaves it alone. */
	if (domain_record(d, true, &e) < 0) {
		domain_create_fail(d, &e);
		return;
	}
	if (!c->paused && xc_domain_unpause(d->xnd->xc, d->domid) < 0) {
		err_errno(&e, errno, "Xen does not unpause it");
		domain_create_fail(d, &e);
		return;
	}
	d->state = DOMAIN_ALIVE;
	d->creation = NULL;
	log_info("%s: created%s", d->log_name, c->paused ? ", paused" : "");
	c->ops->done(d, NULL, c->arg);
	free(c);
}

/* One of the steps under way has ended, well (e NULL) or not. */
static void step_done(struct domain *d, const struct err *e)
{
	struct creation *c = d->creation;

	c->awaited--;
	if (e)
		domain_create_fail(d, e);
	else if (!c->awaited && !c->error.text[0])
		create_done(d);
}

static void on_step(const struct err *e, void *arg)
{
	step_done(arg, e);
}

/* ---- 5. known to xenstored ---- */

static void on_introduced(int rc, void *arg)
{
	struct domain *d = arg;
	struct err e;

	d->job = NULL;
	if (rc < 0)
		err_errno(&e, -rc, "xenstored does not take it");
	step_done(d, rc < 0 ? &e : NULL);
}

/* ---- 4. written into xenstore ---- */

static void on_written(int rc, void *arg)
{
	struct domain *d = arg;
	struct device *v;
	struct err e;

	d->job = NULL;
	if (rc < 0) {
		err_errno(&e, -rc, "cannot write it into xenstore");
		step_done(d, &e);
		return;
	}
	for (v = LIST_FIRST(&d->devices); v; v = device_next(v)) {
		if (device_listen(v, &e) < 0) {
			step_done(d, &e);
			return;
		}
	}
	d->job = xs_introduce(d->xnd->xs, d->domid, d->store_frame,
			      d->store_port, on_introduced, d);
	if (!d->job)
		on_introduced(-ENOMEM, d);
}

/* ---- 3. built ---- */

/* The builder knows "kernel: …" and "ramdisk: …", and not which files. */
static void name_file(const struct domain_config *c, const struct err *why,
		      struct err *e)
{
	static const char *const keys[] = {"kernel: ", "ramdisk: "};
	const char *const paths[] = {c->kernel, c->ramdisk};
	size_t i;

	*e = *why;
	for (i = 0; i < 2; i++) {
		if (!paths[i] || !text_begins(why->text, keys[i]))
			continue;
		err_set(e, why->code, "%s%s: %s", keys[i], paths[i],
			why->text + strlen(keys[i]));
		err_key(e, "%.*s", (int)strlen(keys[i]) - 2, keys[i]);
	}
}

static void on_built(const union msg *m, const struct err *why, void *arg)
{
	struct domain *d = arg;
	struct xs_plan *plan;
	struct err e;

	d->creation->building = false;
	if (d->creation->error.text[0]) {
		domain_end(d);
		return;
	}
	if (!m) {
		name_file(&d->config, why, &e);
		step_done(d, &e);
		return;
	}
	progress(d, "writing it into xenstore");
	d->console_frame = m->built.console_frame;
	d->store_frame = m->built.store_frame;
	if (console_serve(d->console, d->domid, d->console_port,
			  GNTTAB_RESERVED_CONSOLE, on_step, d, &e) < 0) {
		step_done(d, &e);
		return;
	}
	d->creation->awaited++;
	plan = plan_new();
	nodes_plan(d, plan);
	d->job = xs_apply(d->xnd->xs, plan, on_written, d);
	if (!d->job)
		on_written(-ENOMEM, d);
}

static int begin_build(struct domain *d, struct err *e)
{
	const struct domain_config *c = &d->config;
	scoped_fd kernel =
		kernel_open(c->kernel, "kernel", KERNEL_MAX_BYTES, e);
	scoped_fd ramdisk = -1;
	int fds[2];
	union msg m;

	if (kernel < 0)
		return err_key(e, "kernel");
	if (c->ramdisk) {
		ramdisk = kernel_open(c->ramdisk, "ramdisk", RAMDISK_MAX_BYTES,
				      e);
		if (ramdisk < 0)
			return err_key(e, "ramdisk");
	}
	msg_init(&m, MSG_BUILD);
	m.build.domid = d->domid;
	m.build.has_ramdisk = ramdisk >= 0;
	m.build.memory_mib = c->memory_mib;
	m.build.vcpus = c->maxvcpus;
	m.build.console_port = d->console_port;
	m.build.store_port = d->store_port;
	strcpy(m.build.cmdline, c->cmdline);
	fds[0] = kernel;
	fds[1] = ramdisk;
	if (builders_request(d->xnd->builders, &m, fds, ramdisk < 0 ? 1 : 2,
			     on_built, d, e) < 0)
		return -e->code;
	d->creation->building = true;
	d->creation->awaited++;
	return 0;
}

/* ---- 2. made in Xen, with what it needs of the host ---- */

static int open_console(struct domain *d, struct err *e)
{
	scoped_fd pty = pty_open(d->tty, e);
	scoped_fd log = -1;

	if (pty < 0)
		return -e->code;
	log = logfile_open(d->xnd->config.log_dir, d->config.name, d->log, e);
	if (log < 0)
		return -e->code;
	d->console =
		console_new(d->xnd->consoles, fd_take(&pty), fd_take(&log), e);
	return d->console ? 0 : -e->code;
}

static void await_device(struct domain *d, struct device *v)
{
	device_when_ready(v, on_step, d);
	d->creation->awaited++;
}

static int open_devices(struct domain *d, struct err *e)
{
	const struct device_owner owner = domain_owner(d);
	const struct domain_config *c = &d->config;
	struct device *v;
	unsigned int i;

	for (i = 0; i < c->n_disks; i++) {
		v = device_new_vbd(&d->xnd->device_env, &d->devices, &owner,
				   &c->disks[i], e);
		if (!v)
			return err_key_in(e, "disks[%u]", i);
		await_device(d, v);
	}
	for (i = 0; i < c->n_vifs; i++) {
		v = device_new_vif(&d->xnd->device_env, &d->devices, &owner,
				   &c->vifs[i], e);
		if (!v)
			return err_key(e, "vifs[%u]", i);
		await_device(d, v);
	}
	return 0;
}

static void make(struct domain *d)
{
	struct err e;

	progress(d, "building its memory");
	d->started = time(NULL);
	/* Recorded first: whenever xnd is killed, the next one undoes it. */
	if (domain_record(d, false, &e) < 0 || hyper_create(d, &e) < 0 ||
	    domain_record(d, false, &e) < 0 || begin_build(d, &e) < 0 ||
	    open_console(d, &e) < 0 || open_devices(d, &e) < 0)
		domain_create_fail(d, &e);
}

/* ---- 1. nobody else has its name or its UUID ---- */

static void on_names(const struct xs_values *v, void *arg)
{
	struct domain *d = arg;
	const char *owner = values_find(v, d->config.name);
	struct err e;

	d->job = NULL;
	if (!owner) {
		make(d);
		return;
	}
	err_set(&e, EEXIST,
		"name: there is a domain %s already: %s, of another toolstack",
		d->config.name, owner);
	err_key(&e, "name");
	domain_create_fail(d, &e);
}

/* Compares UUIDs, and reads the names of the domains that are not ours. */
static int begin_names(struct domain *d, struct err *e)
{
	xc_domaininfo_t *list;
	unsigned int count;
	unsigned int i;
	int rc = hyper_list(d->xnd->xc, &list, &count);

	if (rc < 0)
		return err_errno(e, -rc, "cannot list domains");
	for (i = 0; i < count && rc == 0; i++)
		if (memcmp(list[i].handle, d->uuid, sizeof(d->uuid)) == 0)
			rc = err_set(e, EEXIST, "uuid: domain %u has it",
				     list[i].domain);
	if (rc == 0)
		d->job = xs_fetch(d->xnd->xs, list_others(d->xnd, list, count),
				  on_names, d);
	free(list);
	if (rc < 0)
		return err_key(e, "uuid");
	if (!d->job)
		return err_set(e, ENOMEM, "no memory to look for its name");
	return 0;
}

/* ---- public ---- */

int domain_create_dry(struct xnd *x, const struct json *config,
		      struct domain_config *c, struct err *e)
{
	if (domain_config_read(c, config, x->config.default_bridge, e) < 0)
		return -e->code;
	if (domain_check(x, c, e) == 0)
		return 0;
	domain_config_clear(c);
	return -e->code;
}

struct domain *domain_create(struct xnd *x, const struct json *config,
			     bool paused, const struct creation_ops *ops,
			     void *arg, struct err *e)
{
	struct domain_config c;
	struct domain *d;

	if (domain_create_dry(x, config, &c, e) < 0)
		return NULL;
	d = domain_new(x, &c);
	if (!d) {
		domain_config_clear(&c);
		err_set(e, ENOMEM, "no memory for a domain");
		return NULL;
	}
	d->state = DOMAIN_MAKING;
	d->creation = calloc(1, sizeof(*d->creation));
	if (!d->creation) {
		err_set(e, ENOMEM, "no memory for a domain");
		goto fail;
	}
	d->creation->ops = ops;
	d->creation->arg = arg;
	d->creation->paused = paused;
	if (uuid_parse(d->config.uuid, d->uuid, e) < 0 || begin_names(d, e) < 0)
		goto fail;
	return d;

fail:
	free(d->creation);
	d->creation = NULL;
	domain_free(d);
	return NULL;
}
