/* SPDX-License-Identifier: MIT */
/*
 * A disk that is given another size while its guest writes and reads it: the
 * connection stays, every request is answered and none fails, and the size is
 * heard of as Linux hears of it, by the back end's state, written once more.
 */
#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "base/err.h"
#include "base/num.h"
#include "base/scope.h"
#include "tests/sim/guest/blk_io.h"
#include "tests/sim/guest/guest.h"
#include "tests/sim/guest/scene.h"
#include "tests/sim/guest/script.h"
#include "tests/sim/guest/store.h"

#define MIB_SECTORS 2048
#define HEAR_S	    10

extern char **environ;

static void on_changed(void *arg)
{
	struct blk *b = arg;
	scoped_str sectors =
		store_read(b->guest->store, 0, "%s/sectors", b->bus.back);

	if (!sectors || num_parse_u64(sectors, UINT64_MAX, &b->sectors) < 0)
		bus_blame(&b->bus, "no size");
}

static int xn_resize(const struct blk *b, unsigned int mib, pid_t *pid,
		     struct err *e)
{
	char domid[16], devid[16], size[16];
	const char *const argv[] = {"xn",  "block-resize", "--shrink", domid,
				    devid, size,	   NULL};
	int r;

	snprintf(domid, sizeof(domid), "%u", b->guest->domid);
	snprintf(devid, sizeof(devid), "%u", b->devid);
	snprintf(size, sizeof(size), "%uM", mib);
	r = posix_spawnp(pid, argv[0], NULL, NULL, (char *const *)argv,
			 environ);
	return r ? err_errno(e, r, "cannot run xn") : 0;
}

/* On all queues, within what the disk has before and afterwards. */
static int use(struct scene *s, struct blk *b, struct err *e)
{
	unsigned int q;

	for (q = 0; q < b->n_queues; q++)
		if (blk_io_verify(&b->queues[q], 1024 * q + 5, 333, s->seed++,
				  e) < 0)
			return err_wrap(e, "meanwhile");
	return 0;
}

/* Until xn has ended, and then until the guest knows. */
static int use_until(struct scene *s, struct blk *b, pid_t pid,
		     uint64_t sectors, struct err *e)
{
	time_t limit = time(NULL) + HEAR_S;
	int status = -1;
	int rc = 0;

	while (rc == 0 && waitpid(pid, &status, WNOHANG) == 0)
		rc = use(s, b, e);
	if (status == -1)
		waitpid(pid, &status, 0);
	if (rc == 0 && status != 0)
		return err_set(e, EIO, "xn block-resize: status %d", status);
	while (rc == 0 && b->sectors != sectors && time(NULL) < limit)
		rc = use(s, b, e);
	if (rc == 0 && b->sectors != sectors)
		return err_set(e, ETIMEDOUT, "has heard of %" PRIu64 " sectors",
			       b->sectors);
	return rc;
}

/* The last sectors work, and those behind them do not. */
static int check_end(struct scene *s, struct blk *b, struct err *e)
{
	struct blk_wire w = {
		.operation = BLKIF_OP_READ, .segments = 1, .id = 1};
	struct blk_page *page;
	int16_t status;
	int rc;

	if (blk_io_verify(&b->queues[0], b->sectors - 333, 333, s->seed++, e) <
	    0)
		return err_wrap(e, "at its end");
	page = blk_io_get(b, true);
	if (!page)
		return err_set(e, ENOMEM, "no pages");
	w.seg[0].gref = page->ref;
	w.sector = b->sectors;
	rc = blk_queue_ask(&b->queues[0], &w, &status, e);
	blk_io_put(b, page);
	if (rc == 0 && status != BLKIF_RSP_ERROR)
		return err_set(e, EIO, "behind its end: status %d", status);
	return rc;
}

static int resize(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = s->n_disks ? s->disks[0] : NULL;
	pid_t pid;
	int rc;

	if (!b)
		return err_set(e, ENOTSUP, "the guest has no disk");
	b->bus.changed = on_changed;
	b->bus.arg = b;
	rc = xn_resize(b, step->number, &pid, e);
	if (rc == 0)
		rc = use_until(s, b, pid, step->number * MIB_SECTORS, e);
	b->bus.changed = NULL;
	if (rc == 0)
		rc = check_end(s, b, e);
	if (rc == 0 && !blk_is_connected(b))
		rc = err_set(e, ENOTCONN, "it is not connected any more");
	return rc;
}

static const struct step steps[] = {
	{"larger, with requests under way", resize, .number = 12},
	{"smaller", resize, .number = 5},
	{"the same size again", resize, .number = 5},
	{"larger again", resize, .number = 8},
};

const struct script blk_change =
	SCRIPT_FOR("blk-change", "a disk's size, changed under I/O", steps,
		   .abi = BLK_X86_64, .order = 1, .queues = 2,
		   .persistent = true, .indirect = true);
