/* SPDX-License-Identifier: MIT */
/*
 * What xnd reads in a front end's directory: any keys, any values. Promise:
 * either a START message that holds exactly the numbers a strict reader finds
 * there, and that a worker accepts; or an error in printable words that name
 * a key at fault.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/host/image.h"
#include "daemon/host/journals.h"
#include "daemon/host/tap.h"
#include "daemon/xs/job.h"
#include "tests/fuzz/frontend_model.h"

/* The name as a word of its own: "event-channel" is not in "…-channel-rx". */
static bool names_key(const char *text, const char *key)
{
	const size_t size = strlen(key);
	const char *at;

	for (at = text; (at = strstr(at, key)); at++) {
		char before = at == text ? ' ' : at[-1];
		char after = at[size];

		if (!isalnum((unsigned char)before) && before != '-' &&
		    !isalnum((unsigned char)after) && after != '-')
			return true;
	}
	return false;
}

static void check_refusal(const struct err *e)
{
	unsigned int named = 0;
	const char *c;
	unsigned int i;

	promise(faults.count > 0, "good keys are accepted: %s", e->text);
	promise(e->code > 0 && e->text[0], "an error says what it is");
	for (c = e->text; *c; c++)
		promise(isprint((unsigned char)*c), "an error is printable");
	for (i = 0; i < faults.count; i++)
		named += names_key(e->text, faults.names[i]);
	promise(named > 0, "a key at fault (%s, say) is named: %s",
		faults.names[0], e->text);
}

static void check(struct device *d, const struct xs_values *v)
{
	union msg expected, m;
	int fds[DEVICE_FDS] = {[0 ... DEVICE_FDS - 1] = -1};
	int n_fds = 3; /* journal, figures, image or tap */
	struct err e;
	int rc, i;

	model(d, &expected);
	memset(&m, 0xa5, sizeof(m));
	memset(&e, 0xa5, sizeof(e));
	rc = d->kind->start(d, v, &m, fds, &e);
	if (rc < 0) {
		promise(e.code == -rc, "the code is the error's");
		check_refusal(&e);
		device_close_fds(fds);
		return;
	}
	promise(faults.count == 0, "%s is refused", faults.names[0]);
	if (d->kind == &device_kind_vif) {
		model_check_wishes(d);
		n_fds = 2 + (int)m.net_start.n_queues;
	}
	for (i = 0; i < n_fds; i++)
		promise(fcntl(fds[i], F_GETFD) >= 0,
			"a descriptor for the worker");
	promise(msg_check(&m, m.head.length, (unsigned int)n_fds) == 0,
		"a message that is one");
	promise(m.head.length == expected.head.length &&
			memcmp(&m, &expected, m.head.length) == 0,
		"the numbers of the keys");
	device_close_fds(fds);
}

static char folder[] = "/tmp/xn-fuzz.XXXXXX";

static struct image *image(void)
{
	char path[] = "/tmp/xn-fuzz.XXXXXX";
	int fd = mkstemp(path);
	struct image *im;
	struct err e;

	promise(fd >= 0 && ftruncate(fd, DISK_SECTORS * 512) == 0, "an image");
	close(fd);
	im = image_open(path, false, &e);
	unlink(path);
	promise(im, "%s", e.text);
	return im;
}

/* What stays from one input to the next. */
static struct image *disk;
static struct device_env env;
static int tap;
static int counted; /* the figures */

static void remove_folder(void)
{
	rmdir(folder);
}

static void open_host(void)
{
	struct err e;

	promise(mkdtemp(folder), "a folder");
	atexit(remove_folder);
	env.journals = journals_open(folder, &e);
	promise(env.journals, "%s", e.text);
	disk = image();
	tap = tap_open("tap", &e);
	counted = memfd_create("figures", MFD_CLOEXEC);
}

static void want_keys(const struct device *d, struct xs_values *v)
{
	const char *const *key;

	for (key = d->kind->keys; *key; key++)
		values_want(v, *key, FRONT "/%s", *key);
	values_run(v, NULL);
}

/* As daemon/device/keys.c does it. */
static struct xs_values *read_keys(const struct device *d)
{
	struct xs_values *v = values_new();
	struct xs_values *more = values_new();

	want_keys(d, v);
	if (d->kind->more_keys && d->kind->more_keys(d, v, more)) {
		values_free(v);
		want_keys(d, more);
		return more;
	}
	values_free(more);
	return v;
}

static void open_vif(struct device *d)
{
	unsigned int i;

	for (i = 1; i < MSG_NET_QUEUES_MAX; i++)
		d->u.vif.taps[i] = -1;
	d->u.vif.taps[0] = tap;
	d->u.vif.journal = -1;
	d->u.vif.figures = counted;
}

void fuzz_one(struct input *in)
{
	struct device d = {
		.env = &env,
		.domid = 7,
		.devid = 51712,
		.uuid = "00000000-0000-0000-0000-000000000007",
	};
	struct xs_values *v;
	uint8_t kind;

	if (!disk)
		open_host();
	kind = input_u8(in);
	d.kind = kind & 1 ? &device_kind_vif : &device_kind_vbd;
	d.queues =
		1 + kind / 4 %
			    (d.kind == &device_kind_vif ? MSG_NET_QUEUES_MAX
							: MSG_BLK_QUEUES_MAX);
	env.disk_barriers = kind & 2;
	strcpy(d.front, FRONT);
	if (d.kind == &device_kind_vbd) {
		d.u.vbd.image = disk;
		d.u.vbd.journal = -1;
		d.u.vbd.figures = counted;
	} else {
		open_vif(&d);
	}
	model_begin(in);
	v = read_keys(&d);
	check(&d, v);
	if (d.kind->forget)
		d.kind->forget(&d);
	values_free(v);
}
