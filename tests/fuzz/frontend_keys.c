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
#include <xenstore.h>

#include "daemon/device/kind.h"
#include "daemon/host/image.h"
#include "daemon/host/journals.h"
#include "daemon/xs/job.h"
#include "tests/fuzz/fuzz.h"

#define FRONT	  "/front"
#define KEYS_MAX  320
#define KEY_MAX	  40
#define TEXT_MAX  48
#define SECTORS	  16
#define ABSENT	  (-1)
#define MALFORMED (-2)

/* The front end's directory: what was read there so far, or will be. */
static struct {
	struct input *in;
	unsigned int count;
	struct {
		char name[KEY_MAX];
		bool there;
		char text[TEXT_MAX];
	} keys[KEYS_MAX];
} directory;

/* The keys in which the model has found a fault. */
static struct {
	char names[KEYS_MAX][KEY_MAX];
	unsigned int count;
} faults;

/* Those that the input says nothing about hold a number. */
static void make_key(unsigned int i, const char *name)
{
	const bool given = directory.in->left > 0;
	uint8_t size = given ? input_u8(directory.in) % (TEXT_MAX + 1) : 2;

	promise(i < KEYS_MAX && strlen(name) < KEY_MAX, "keys are few: %s",
		name);
	directory.count++;
	memset(&directory.keys[i], 0, sizeof(directory.keys[i]));
	strcpy(directory.keys[i].name, name);
	directory.keys[i].there = size > 0;
	if (given && size > 0)
		input_bytes(directory.in, directory.keys[i].text, size - 1u);
	else
		strcpy(directory.keys[i].text, "8");
}

static const char *value(const char *name)
{
	unsigned int i = 0;

	while (i < directory.count && strcmp(directory.keys[i].name, name) != 0)
		i++;
	if (i == directory.count)
		make_key(i, name);
	return directory.keys[i].there ? directory.keys[i].text : NULL;
}

/* libxenstore's: the path's last part is the key. */
void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
	      unsigned int *len)
{
	const char *text = value(path + strlen(FRONT "/"));

	(void)h;
	(void)t;
	*len = text ? (unsigned int)strlen(text) : 0;
	return text ? strdup(text) : NULL;
}

/* ---- the model ---- */

static void fault(const char *key)
{
	promise(faults.count < KEYS_MAX, "as many faults as keys");
	strcpy(faults.names[faults.count++], key);
}

/* A decimal number of 32 bits, ABSENT or MALFORMED. */
static int64_t number(const char *key)
{
	const char *text = value(key);
	int64_t n = 0;

	if (!text)
		return ABSENT;
	if (!*text)
		return MALFORMED;
	for (; *text; text++) {
		if (!strchr("0123456789", *text))
			return MALFORMED;
		n = n * 10 + (*text - '0');
		if (n > UINT32_MAX)
			return MALFORMED;
	}
	return n;
}

static uint32_t needed(const char *key)
{
	int64_t n = number(key);

	if (n < 0)
		fault(key);
	return (uint32_t)n;
}

/* A feature is on when it is 1, and off whatever else it is. */
static uint32_t feature(const char *key, uint32_t bit)
{
	return number(key) == 1 ? bit : 0;
}

static void model_ring(struct msg_blk_queue *q, const char *queue,
		       uint32_t pages, bool numbered)
{
	char key[KEY_MAX];
	uint32_t i;

	snprintf(key, sizeof(key), "%sevent-channel", queue);
	q->port = needed(key);
	for (i = 0; i < pages; i++) {
		snprintf(key, sizeof(key), "%sring-ref", queue);
		if (numbered)
			snprintf(key, sizeof(key), "%sring-ref%u", queue, i);
		q->ring_refs[i] = needed(key);
	}
}

static void model_rings(struct msg_blk_start *m, int64_t queues, int64_t order)
{
	const bool numbered =
		order > 0 || (order == 0 && queues < 2 && !value("ring-ref"));
	char queue[20] = "";
	uint32_t i;

	m->n_queues = queues == ABSENT ? 1 : (uint32_t)queues;
	m->ring_pages = order == ABSENT ? 1 : 1u << order;
	for (i = 0; i < m->n_queues; i++) {
		if (m->n_queues > 1)
			snprintf(queue, sizeof(queue), "queue-%u/", i);
		model_ring(&m->queues[i], queue, m->ring_pages, numbered);
	}
}

static void model_vbd(const struct device *d, struct msg_blk_start *m)
{
	int64_t queues = number("multi-queue-num-queues");
	int64_t order = number("ring-page-order");
	const char *protocol = value("protocol");

	if (!protocol || strcmp(protocol, "x86_32-abi") == 0)
		m->flags |= MSG_BLK_X86_32;
	else if (strcmp(protocol, "x86_64-abi") != 0)
		fault("protocol");
	if (queues != ABSENT && (queues < 1 || queues > d->queues))
		fault("multi-queue-num-queues");
	if (order != ABSENT && (order < 0 || order > 4))
		fault("ring-page-order");
	if (faults.count == 0)
		model_rings(m, queues, order);
	m->flags |= feature("feature-persistent", MSG_BLK_PERSISTENT);
	m->flags |= d->env->disk_barriers ? MSG_BLK_BARRIER : 0;
	m->flags |=
		image_discard_granularity(d->u.vbd.image) ? MSG_BLK_DISCARD : 0;
	m->sectors = SECTORS;
}

static void model_vif(struct msg_net_start *m)
{
	int64_t queues = number("multi-queue-num-queues");
	struct msg_net_queue *q = &m->queues[0];

	if (number("request-rx-copy") != 1)
		fault("request-rx-copy");
	if (queues != ABSENT && queues != 1)
		fault("multi-queue-num-queues");
	m->n_queues = 1;
	q->tx_ring_ref = needed("tx-ring-ref");
	q->rx_ring_ref = needed("rx-ring-ref");
	if (value("event-channel-tx")) {
		q->tx_port = needed("event-channel-tx");
		q->rx_port = needed("event-channel-rx");
	} else {
		q->tx_port = q->rx_port = needed("event-channel");
	}
	m->flags = feature("feature-sg", MSG_NET_SG) |
		   feature("feature-no-csum-offload", MSG_NET_NO_CSUM) |
		   feature("feature-ipv6-csum-offload", MSG_NET_IPV6_CSUM) |
		   feature("feature-rx-notify", MSG_NET_RX_NOTIFY);
}

static void model(const struct device *d, union msg *m)
{
	faults.count = 0;
	if (d->kind == &device_kind_vbd) {
		msg_init(m, MSG_BLK_START);
		model_vbd(d, &m->blk_start);
		m->blk_start.domid = d->domid;
		m->blk_start.devid = d->devid;
		m->blk_start.generation = 1;
	} else {
		msg_init(m, MSG_NET_START);
		model_vif(&m->net_start);
		m->net_start.domid = d->domid;
		m->net_start.devid = d->devid;
		m->net_start.generation = 1;
	}
}

/* ---- the product ---- */

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
	const int n_fds = 3; /* journal, figures, image or tap */
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

	promise(fd >= 0 && ftruncate(fd, SECTORS * 512) == 0, "an image");
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
	tap = memfd_create("tap", MFD_CLOEXEC);
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
	d.queues = 1 + kind / 4 % MSG_BLK_QUEUES_MAX;
	env.disk_barriers = kind & 2;
	strcpy(d.front, FRONT);
	if (d.kind == &device_kind_vbd) {
		d.u.vbd.image = disk;
		d.u.vbd.journal = -1;
		d.u.vbd.figures = counted;
	} else {
		d.u.vif.tap = tap;
	}
	directory.in = in;
	directory.count = 0;
	v = read_keys(&d);
	check(&d, v);
	if (d.kind->forget)
		d.kind->forget(&d);
	values_free(v);
}
