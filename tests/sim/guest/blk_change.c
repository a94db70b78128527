/* SPDX-License-Identifier: MIT */
/*
 * A disk that is given another size while its guest writes and reads it, and a
 * drive whose medium leaves it and comes back: the connection stays, every
 * request is answered, none fails that need not, and the size is heard of as
 * Linux hears of it, by the back end's state, written once more.
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

/* argv: "xn", a verb, and room for the domain and the device at 2 and 3. */
static int xn_begin(const struct blk *b, const char **argv, pid_t *pid,
		    struct err *e)
{
	char domid[16], devid[16];
	int r;

	snprintf(domid, sizeof(domid), "%u", b->guest->domid);
	snprintf(devid, sizeof(devid), "%u", b->devid);
	argv[2] = domid;
	argv[3] = devid;
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

static int read_at(struct blk *b, uint64_t sector, int16_t *status,
		   struct err *e)
{
	struct blk_wire w = {
		.operation = BLKIF_OP_READ,
		.segments = 1,
		.id = 1,
		.sector = sector,
	};
	struct blk_page *page = blk_io_get(b, true);
	int rc;

	if (!page)
		return err_set(e, ENOMEM, "no pages");
	w.seg[0].gref = page->ref;
	rc = blk_queue_ask(&b->queues[0], &w, status, e);
	blk_io_put(b, page);
	return rc;
}

/* There is a medium, or there is none: it is answered. */
static int look(struct scene *s, struct blk *b, struct err *e)
{
	int16_t status;

	(void)s;
	return read_at(b, 0, &status, e);
}

/* Runs xn with argv while the disk is used, until it has that size. */
static int xn_meanwhile(struct scene *s, struct blk *b, const char **argv,
			int (*meanwhile)(struct scene *s, struct blk *b,
					 struct err *e),
			uint64_t sectors, struct err *e)
{
	time_t limit = time(NULL) + HEAR_S;
	int status = -1;
	pid_t pid;
	int rc = xn_begin(b, argv, &pid, e);

	if (rc < 0)
		return rc;
	b->bus.changed = on_changed;
	b->bus.arg = b;
	while (rc == 0 && waitpid(pid, &status, WNOHANG) == 0)
		rc = meanwhile(s, b, e);
	if (status == -1)
		waitpid(pid, &status, 0);
	if (rc == 0 && status != 0)
		rc = err_set(e, EIO, "xn %s: status %d", argv[1], status);
	while (rc == 0 && b->sectors != sectors && time(NULL) < limit)
		rc = meanwhile(s, b, e);
	if (rc == 0 && b->sectors != sectors)
		rc = err_set(e, ETIMEDOUT, "has heard of %" PRIu64 " sectors",
			     b->sectors);
	b->bus.changed = NULL;
	if (rc == 0 && !blk_is_connected(b))
		rc = err_set(e, ENOTCONN, "it is not connected any more");
	return rc;
}

/* Where there is nothing. */
static int check_refused(struct blk *b, uint64_t sector, struct err *e)
{
	int16_t status;

	if (read_at(b, sector, &status, e) < 0)
		return -e->code;
	if (status != BLKIF_RSP_ERROR)
		return err_set(e, EIO, "sector %" PRIu64 ": status %d", sector,
			       status);
	return 0;
}

static int resize(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = s->n_disks ? s->disks[0] : NULL;
	char size[16];
	const char *argv[] = {"xn", "block-resize", NULL, NULL,
			      size, "--shrink",	    NULL};

	if (!b)
		return err_set(e, ENOTSUP, "the guest has no disk");
	snprintf(size, sizeof(size), "%uM", step->number);
	if (xn_meanwhile(s, b, argv, use, step->number * MIB_SECTORS, e) < 0)
		return -e->code;
	if (blk_io_verify(&b->queues[0], b->sectors - 333, 333, s->seed++, e) <
	    0)
		return err_wrap(e, "at its end");
	return check_refused(b, b->sectors, e);
}

static struct blk *drive(const struct scene *s)
{
	unsigned int i;

	for (i = 0; i < s->n_disks; i++)
		if (bus_offer(&s->disks[i]->bus, "removable"))
			return s->disks[i];
	return NULL;
}

static int exchange(struct scene *s, const struct step *step, struct err *e)
{
	struct blk *b = drive(s);
	uint64_t sectors = b ? b->sectors : 0;
	scoped_str image =
		b ? store_read(b->guest->store, 0, "%s/params", b->bus.back)
		  : NULL;
	const char *eject[] = {"xn", "cd-eject", NULL, NULL, NULL};
	const char *insert[] = {"xn", "cd-insert", NULL, NULL, image, NULL};

	(void)step;
	if (!b || !image)
		return err_set(e, ENOTSUP, "the guest has no CD-ROM drive");
	if (xn_meanwhile(s, b, eject, look, 0, e) < 0 ||
	    check_refused(b, 0, e) < 0 ||
	    xn_meanwhile(s, b, insert, look, sectors, e) < 0)
		return -e->code;
	return blk_io_verify(&b->queues[0], 0, 333, s->seed++, e);
}

static const struct step steps[] = {
	{"larger, with requests under way", resize, .number = 12},
	{"smaller", resize, .number = 5},
	{"the same size again", resize, .number = 5},
	{"larger again", resize, .number = 8},
	{.says = "a medium goes and comes back", .act = exchange},
};

const struct script blk_change =
	SCRIPT_FOR("blk-change", "a disk's size, changed under I/O", steps,
		   .abi = BLK_X86_64, .order = 1, .queues = 2,
		   .persistent = true, .indirect = true);
