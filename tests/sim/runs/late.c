/* SPDX-License-Identifier: MIT */
/*
 * A dead worker's write may still be in the kernel when its successor could
 * begin, and land on what the guest has written since. First a program that
 * knows no rule shows that this machine can do that to a page; then a worker
 * dies so, and its guest writes again.
 */
#include <fcntl.h>
#include <liburing.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "tests/bench/ring/server.h"
#include "tests/sim/guest/blk.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/runs/actor.h"
#include "tests/sim/runs/slow.h"
#include "tests/sim/runs/tap.h"
#include "tests/sim/runs/world.h"

#define PAGE	 4096
#define SECTORS	 8
#define PLACE	 5 /* the page that is written */
#define SLOW_MS	 2500
#define BEGUN_MS 300 /* and the write is in the kernel */
#define SURE_MS	 (SLOW_MS + 1500)

static uint8_t page[PAGE] __attribute__((aligned(PAGE)));

static bool holds(const struct slow *s, char letter)
{
	size_t i;

	if (pread(s->fd, page, PAGE, PLACE * PAGE) != PAGE)
		return false;
	for (i = 0; i < PAGE && page[i] == letter; i++)
		;
	return i == PAGE;
}

static bool put(const struct slow *s, char letter)
{
	memset(page, letter, PAGE);
	return pwrite(s->fd, page, PAGE, PLACE * PAGE) == PAGE;
}

/* ---- without the rule ---- */

/* In a process of its own: begins a write, and waits to be killed. */
static void leave_write(const struct slow *s)
{
	struct io_uring ring;
	struct io_uring_sqe *sqe;
	struct err e;

	memset(page, 'A', PAGE);
	if (slow_enter(s, getpid(), &e) < 0 ||
	    io_uring_queue_init(1, &ring, 0) < 0)
		_exit(1);
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_write(sqe, s->fd, page, PAGE, PLACE * PAGE);
	if (io_uring_submit(&ring) != 1)
		_exit(1);
	for (;;)
		pause();
}

static void show_ghost(struct world *w, const struct slow *s)
{
	pid_t pid = fork();
	double died;
	int status;

	if (pid == 0)
		leave_write(s);
	world_rest(w, BEGUN_MS);
	died = world_now();
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	tap(WIFSIGNALED(status) && world_now() - died < SLOW_MS / 2e3,
	    "without the rule: a program dies with a write under way");
	tap(put(s, 'A') && put(s, 'B') && holds(s, 'B'),
	    "without the rule: what is written afterwards is there");
	world_rest(w, SURE_MS);
	tap(holds(s, 'A'),
	    "without the rule: until the dead one's write lands on it");
}

/* ---- with it ---- */

/* Begins to write a page of A; its id is its sector. */
static struct blk_page *begin_write(struct blk *b)
{
	struct blk_page *from = blk_io_get(b, false);
	struct blk_wire wire = {
		.operation = BLKIF_OP_WRITE,
		.segments = 1,
		.id = PLACE * SECTORS,
		.sector = PLACE * SECTORS,
	};

	if (!from)
		return NULL;
	memset(from->data, 'A', PAGE);
	wire.seg[0].gref = from->ref;
	wire.seg[0].last_sect = SECTORS - 1;
	blk_queue_put(&b->queues[0], &wire);
	blk_queue_push(&b->queues[0]);
	return from;
}

static void kill_worker(struct world *w, const struct slow *s, struct blk *b)
{
	struct blk_queue *q = &b->queues[0];
	pid_t pid;
	struct err e;
	struct blk_page *from;
	int16_t status;
	double died;
	bool ok;

	pid = server_find(s->path, &e);
	ok = pid > 0 && slow_enter(s, pid, &e) == 0;
	from = ok ? begin_write(b) : NULL;
	if (!tap(from, "a guest writes%s%s", ok ? "" : ": ", ok ? "" : e.text))
		return;
	world_rest(w, BEGUN_MS);
	kill(pid, SIGKILL);
	died = world_now();
	ok = blk_queue_wait(q, PLACE * SECTORS, &status, &e) == 0;
	tap(ok && status == BLKIF_RSP_OKAY,
	    "its worker is killed, and it has its answer%s%s", ok ? "" : ": ",
	    ok ? "" : e.text);
	tap(world_now() - died > (SLOW_MS - 2 * BEGUN_MS) / 1e3,
	    "not before the dead one's write has landed, after %.1f s",
	    world_now() - died);
	blk_io_put(b, from);
	memset(page, 'B', PAGE);
	ok = blk_io_run(q, true, PLACE * SECTORS, page, SECTORS, &e) == 0;
	tap(ok && holds(s, 'B'), "it writes again%s%s", ok ? "" : ": ",
	    ok ? "" : e.text);
	world_rest(w, SURE_MS);
	tap(holds(s, 'B'), "and what it wrote last stays");
}

/* The guest's disk becomes that device: a file's name in its place. */
static int make_disk(struct world *w, struct slow *s, struct err *e)
{
	scoped_str disk = world_path(w, "guest-1.xvda");
	scoped_str backing = world_path(w, "guest-1.backing");

	if (rename(disk, backing) < 0)
		return err_errno(e, errno, "%s", disk);
	if (slow_open(s, backing, SLOW_MS, e) < 0)
		return -e->code;
	if (symlink(s->path, disk) < 0)
		return err_errno(e, errno, "%s", disk);
	return 0;
}

int main(void)
{
	struct slow slow;
	struct actor a;
	struct world w;
	struct err e;
	bool ok;

	world_open(&w);
	actor_init(&a, &w, 1);
	if (make_disk(&w, &slow, &e) < 0) {
		printf("ok late: a write is kept back # SKIP %s\n", e.text);
		return 0;
	}
	show_ghost(&w, &slow);
	ok = xnd_start(&w, NULL, &e) == 0 && actor_create(&a, &e) == 0 &&
	     actor_boot(&a, &e) == 0;
	if (tap(ok, "a guest has that disk%s%s", ok ? "" : ": ",
		ok ? "" : e.text))
		kill_worker(&w, &slow, a.disk);
	tap(actor_destroy(&a, &e) == 0, "it goes");
	tap(xnd_stop(&w) == 0, "xnd stops with status 0");
	actor_free(&a);
	slow_close(&slow);
	world_close(&w);
	return tap_status();
}
