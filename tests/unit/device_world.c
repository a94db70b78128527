/* SPDX-License-Identifier: MIT */
/* The world of a disk, but for the programs in it. */
#include "tests/unit/device_world.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "daemon/host/journals.h"
#include "daemon/host/link.h"
#include "daemon/host/nbd_uri.h"
#include "daemon/net/join.h"
#include "daemon/worker/lodgings.h"
#include "daemon/xs/xs.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/scratch.h"

static void on_attached(const struct err *e, void *arg)
{
	struct world *w = arg;
	struct err ignored;

	w->attached = true;
	if (!e)
		return;
	/* As op_device.c does. */
	w->refused = true;
	w->why = *e;
	device_detach_forced(w->device, NULL, NULL, &ignored);
}

static void on_gone(void *arg)
{
	struct world *w = arg;

	w->gone = true;
}

static void on_time_out(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;

	(void)fd;
	(void)what;
	w->out_of_time = true;
}

void world_mute(const char *when, bool mute)
{
	if (mute)
		close(open(when, O_CREAT | O_WRONLY, 0600));
	else
		unlink(when);
}

void world_replace_worker(const char *worker)
{
	unlink("xn-blk");
	assert_int_equal(symlink(worker, "xn-blk"), 0);
	unlink("xn-net");
	assert_int_equal(symlink(worker, "xn-net"), 0);
}

static void start_anew(const char *worker)
{
	unlink("told");
	unlink("capped");
	unlink("net-told");
	unlink("terms");
	unlink("segments");
	unlink("keep");
	unlink("release");
	unlink("opened");
	mkdir("nbd", 0700);
	world_replace_worker(worker);
	unlink("qemu-nbd");
	assert_int_equal(symlink("/proc/self/exe", "qemu-nbd"), 0);
	store_clear();
}

/* timeout_s: how long its programs may take to answer. */
static struct world *new_world(const char *worker, unsigned int timeout_s)
{
	struct timeval limit = {60, 0};
	struct world *w = calloc(1, sizeof(*w));
	struct err e;

	start_anew(worker);
	scratch_path(w->program, "qemu-nbd");
	w->base = event_base_new();
	w->xs = xs_new(w->base, &e);
	assert_non_null(w->xs);
	w->env = (struct device_env){
		.base = w->base,
		.xs = w->xs,
		.journals = journals_open("journal", &e),
		.lodgings = lodgings_new(w->base, 4, 2000000000, &e),
		.timeout_s = 10,
		.worker_timeout_s = timeout_s,
		.worker_uids = 2000000000,
		.disk_queues = 4,
		.vif_queues = 4,
		.qemu_nbd = w->program,
		.nbd_dir = "nbd",
	};
	assert_non_null(w->env.journals);
	assert_non_null(w->env.lodgings);
	LIST_INIT(&w->list);
	event_base_once(w->base, -1, EV_TIMEOUT, on_time_out, w, &limit);
	return w;
}

static const struct device_owner owner = {7, "web", UUID, 2};

struct world *world_open_with(const char *worker,
			      const struct disk_config *disk)
{
	bool has_server = disk->format != FORMAT_RAW ||
			  (disk->target && nbd_uri_is(disk->target));
	struct world *w = new_world(worker, has_server ? 5 : 1);
	struct err e;

	w->device = device_new_vbd(&w->env, &w->list, &owner, disk, &e);
	assert_non_null(w->device);
	device_on_gone(w->device, on_gone, w);
	return w;
}

struct world *world_open_vif(const char *worker, const struct vif_config *vif)
{
	struct world *w = new_world(worker, 5);
	struct err e;

	w->links = links_open(&e);
	assert_non_null(w->links);
	w->env.nets = nets_open(w->base, w->links, "nowhere.sock", &e);
	assert_non_null(w->env.nets);
	w->device = device_new_vif(&w->env, &w->list, &owner, vif, &w->why);
	if (w->device)
		device_on_gone(w->device, on_gone, w);
	return w;
}

struct world *world_open(const char *worker)
{
	return world_open_disk(worker, FORMAT_RAW, NULL);
}

/* With what disk does not say. */
static struct world *open_xvda(const char *worker, struct disk_config *disk)
{
	char path[SCRATCH_PATH_BYTES];

	scratch_file("disk", 1 << 20, 0600);
	scratch_path(path, "disk");
	strcpy(disk->vdev, "xvda");
	disk->devid = 51712;
	if (!disk->target)
		disk->target = path;
	return world_open_with(worker, disk);
}

struct world *world_open_disk(const char *worker, enum disk_format format,
			      const char *target)
{
	struct disk_config disk = {.format = format, .target = (char *)target};

	return open_xvda(worker, &disk);
}

struct world *world_open_script(const char *worker, char *script)
{
	struct disk_config disk = {.script = script};

	return open_xvda(worker, &disk);
}

void world_close(struct world *w)
{
	nets_close(w->env.nets);
	links_close(w->links);
	lodgings_free(w->env.lodgings);
	journals_close(w->env.journals);
	xs_free(w->xs);
	event_base_free(w->base);
	free(w);
}

void attach(struct world *w)
{
	struct err e;

	assert_int_equal(device_attach(w->device, on_attached, w, &e), 0);
}

static void on_detached(const struct err *e, void *arg)
{
	struct world *w = arg;

	assert_null(e);
	w->detached = true;
}

void detach(struct world *w)
{
	struct err e;

	assert_int_equal(device_detach(w->device, on_detached, w, &e), 0);
}

void detach_forced(struct world *w)
{
	struct err e;

	assert_int_equal(device_detach_forced(w->device, on_detached, w, &e),
			 0);
}

void turn(struct world *w)
{
	assert_int_equal(event_base_loop(w->base, EVLOOP_ONCE), 0);
	assert_false(w->out_of_time);
}

static void on_over(evutil_socket_t fd, short what, void *arg)
{
	bool *over = arg;

	(void)fd;
	(void)what;
	*over = true;
}

void run_for(struct world *w, unsigned int ms)
{
	struct timeval tv = {ms / 1000, (ms % 1000) * 1000};
	bool over = false;

	event_base_once(w->base, -1, EV_TIMEOUT, on_over, &over, &tv);
	while (!over)
		turn(w);
}

void run_until_gone(struct world *w)
{
	while (!w->gone)
		turn(w);
	assert_true(LIST_EMPTY(&w->list));
	/* What is still queued is written, and is nothing. */
	xs_free(w->xs);
	w->xs = NULL;
}

void run_until(struct world *w, enum worker_phase phase)
{
	while (w->device->phase != phase)
		turn(w);
}

void connect_front_end(struct world *w)
{
	while (!w->attached)
		turn(w);
	store_write(FRONT "/ring-ref", "8");
	store_write(FRONT "/event-channel", "9");
	store_write(FRONT "/protocol", "x86_64-abi");
	store_write(FRONT "/state", "3");
}

unsigned int world_told(struct told *told)
{
	FILE *in = fopen("told", "r");
	unsigned int n = 0;

	if (!in)
		return 0;
	while (fscanf(in, "%u %u %u %lu %d %lu %u", &told->generation,
		      &told->port, &told->ring_ref, &told->journal, &told->pid,
		      &told->sectors, &told->flags) == 7)
		n++;
	fclose(in);
	return n;
}

unsigned int world_net_told(struct net_told *told)
{
	FILE *in = fopen("net-told", "r");
	unsigned int n = 0;

	if (!in)
		return 0;
	while (fscanf(in, "%u %u %u %u %lu %d", &told->generation,
		      &told->queues, &told->port, &told->taps, &told->journal,
		      &told->pid) == 6)
		n++;
	fclose(in);
	return n;
}

unsigned int world_net_terms(struct net_terms *terms)
{
	FILE *in = fopen("terms", "r");
	unsigned int n = 0;

	if (!in)
		return 0;
	while (fscanf(in, "%u %u %u %llu %d", &terms->flags, &terms->headroom,
		      &terms->interval, &terms->bytes,
		      &terms->after_a_start) == 5)
		n++;
	fclose(in);
	return n;
}

unsigned int world_segment(int pid, unsigned int number,
			   struct segment_told *told)
{
	FILE *in = fopen("segments", "r");
	struct segment_told t;
	unsigned int n = 0, which;
	int of;

	if (!in)
		return 0;
	while (fscanf(in, "%d %u %u %u %u", &of, &which, &t.segment, &t.mtu,
		      &t.mac) == 5)
		if ((!pid || of == pid) && which == number) {
			*told = t;
			n++;
		}
	fclose(in);
	return n;
}

unsigned int world_capped(struct capped *capped)
{
	FILE *in = fopen("capped", "r");
	unsigned int n = 0;

	if (!in)
		return 0;
	while (fscanf(in, "%llu %llu %d", &capped->iops,
		      &capped->bytes_per_second, &capped->after_a_start) == 3)
		n++;
	fclose(in);
	return n;
}

void world_keep_images(bool keep)
{
	if (keep)
		scratch_file("keep", 0, 0600);
	else
		unlink("keep");
}

void world_release_images(void)
{
	scratch_file("release", 0, 0600);
}

void await_opened(struct world *w)
{
	while (access("opened", F_OK) < 0)
		turn(w);
	unlink("opened");
}
