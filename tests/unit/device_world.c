/* SPDX-License-Identifier: MIT */
/* The world of a disk, and the worker in it. */
#include "tests/unit/device_world.h"

#include <errno.h>
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
#include "chan/worker.h"
#include "daemon/host/journals.h"
#include "daemon/xs/xs.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/scratch.h"

/* ---- the worker ---- */

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	worker_say(arg, MSG_BLK_SERVING, 0);
}

static void tell(const struct msg_blk_start *start, int journal)
{
	unsigned long sectors = (unsigned long)start->sectors;
	FILE *out = fopen("told", "a");
	struct stat st;

	if (!out || fstat(journal, &st) < 0)
		_exit(1);
	fprintf(out, "%u %u %u %lu %d %lu %u\n", start->generation,
		start->queues[0].port, start->queues[0].ring_refs[0],
		(unsigned long)st.st_ino, (int)getpid(), sectors, start->flags);
	fclose(out);
}

static void note_caps(const struct msg_blk_caps *caps)
{
	FILE *out = fopen("capped", "a");

	if (!out)
		_exit(1);
	fprintf(out, "%llu %llu %d\n", (unsigned long long)caps->iops,
		(unsigned long long)caps->bytes_per_second,
		access("told", F_OK) == 0);
	fclose(out);
}

/* Nobody else has this open file description any more. */
static void keep_image(void)
{
	if (access("keep", F_OK) < 0 || fork() != 0)
		return;
	while (access("release", F_OK) < 0)
		usleep(1000);
	_exit(0);
}

/* Its last requests take their time. */
static void drain(void)
{
	while (access(SLOW_TO_STOP, F_OK) == 0)
		usleep(1000);
	_exit(0);
}

static void refuse(struct worker *w)
{
	struct err e;

	err_set(&e, EIO, "does not like it");
	worker_say_failed(w, 7, &e);
}

static void on_worker_message(const union msg *m, int *fds, unsigned int n,
			      void *arg)
{
	struct timeval late = {0, 200000};
	struct worker *w = arg;

	if (m->head.type == MSG_STOP)
		drain();
	if (m->head.type == MSG_BLK_CAPS) {
		note_caps(&m->blk_caps);
		return;
	}
	if (unlink(REFUSES_ONCE) == 0) {
		refuse(w);
		return;
	}
	tell(&m->blk_start, fds[0]);
	if (access(MUTE_STARTED, F_OK) == 0)
		return;
	keep_image();
	if (n > 2)
		fds[2] = -1; /* the image is ours, until we end */
	event_base_once(w->base, -1, EV_TIMEOUT, on_late, w, &late);
}

static void on_worker_end(void *arg)
{
	(void)arg;
	_exit(0);
}

static int worker_main(void)
{
	static const struct chan_ops ops = {on_worker_message, on_worker_end};
	static struct worker w;

	worker_open(&w, "xn-blk", &ops, &w);
	if (access(MUTE_AT_ALL, F_OK) == 0)
		return event_base_dispatch(w.base);
	return worker_run_trusted(&w);
}

int world_main(int argc, char **argv, int (*run)(void))
{
	char dir[64];
	int failed;

	if (argc > 0 && strcmp(argv[0], "xn-blk") == 0)
		return worker_main();
	if (scratch_enter(NULL) < 0)
		return 1;
	snprintf(dir, sizeof(dir), "%s", scratch_dir());
	setenv("XN_LIBEXECDIR", dir, 1);
	failed = run();
	scratch_remove(NULL);
	return failed;
}

/* ---- the world ---- */

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
	device_detach(w->device, NULL, NULL, &ignored);
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
}

static void start_anew(const char *worker)
{
	unlink("told");
	unlink("capped");
	unlink("keep");
	unlink("release");
	world_replace_worker(worker);
	store_clear();
}

struct world *world_open_with(const char *worker,
			      const struct disk_config *disk)
{
	const struct device_owner owner = {7, "web", UUID, 2};
	struct timeval limit = {20, 0};
	struct world *w = calloc(1, sizeof(*w));
	struct err e;

	start_anew(worker);
	w->base = event_base_new();
	w->xs = xs_new(w->base, &e);
	assert_non_null(w->xs);
	w->env = (struct device_env){
		.base = w->base,
		.xs = w->xs,
		.journals = journals_open("journal", &e),
		.timeout_s = 10,
		.worker_timeout_s = 1,
		.disk_queues = 4,
	};
	assert_non_null(w->env.journals);
	LIST_INIT(&w->list);
	event_base_once(w->base, -1, EV_TIMEOUT, on_time_out, w, &limit);
	w->device = device_new_vbd(&w->env, &w->list, &owner, disk, &e);
	assert_non_null(w->device);
	device_on_gone(w->device, on_gone, w);
	return w;
}

struct world *world_open(const char *worker)
{
	struct disk_config disk = {.vdev = "xvda", .devid = 51712};
	char path[SCRATCH_PATH_BYTES];

	scratch_file("disk", 1 << 20, 0600);
	scratch_path(path, "disk");
	disk.target = path;
	return world_open_with(worker, &disk);
}

void world_close(struct world *w)
{
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
