/* SPDX-License-Identifier: MIT */
/* Many frames to a tap with one system call. */
#include "tap_batch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <liburing.h>

#include "base/log.h"
#include "tap.h"

#define WORTH_IT  2 /* frames: one alone is written sooner without a ring */
#define LOOK_NS	  1000000
#define LOOKS_MAX 1000

struct tap_batch {
	struct io_uring ring; /* owned */
	bool broken;	      /* nothing may be submitted any more */
};

/* Seccomp sees no operation of an io_uring: the ring itself must refuse. */
static struct io_uring_restriction allowed[] = {
	{.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_WRITE},
};

/*
 * liburing 2.3 declares functions for these and does not export them. Returns
 * 0 or -errno.
 */
static int ring_register(struct io_uring *ring, unsigned int opcode, void *arg,
			 unsigned int n)
{
	long r = syscall(__NR_io_uring_register, ring->ring_fd, opcode, arg, n);

	return r < 0 ? -errno : 0;
}

static int ring_open(struct io_uring *ring)
{
	int r = io_uring_queue_init(TAP_BATCH_MAX, ring,
				    IORING_SETUP_R_DISABLED);

	if (r < 0)
		return r;
	r = ring_register(ring, IORING_REGISTER_RESTRICTIONS, allowed,
			  sizeof(allowed) / sizeof(allowed[0]));
	if (r == 0)
		r = ring_register(ring, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
	if (r < 0)
		io_uring_queue_exit(ring);
	return r;
}

struct tap_batch *tap_batch_open(void)
{
	struct tap_batch *b = calloc(1, sizeof(*b));
	int r = b ? ring_open(&b->ring) : -ENOMEM;

	if (r == 0)
		return b;
	log_info("frames are written singly (%d), which is slower", -r);
	free(b);
	return NULL;
}

void tap_batch_close(struct tap_batch *b)
{
	if (!b)
		return;
	io_uring_queue_exit(&b->ring);
	free(b);
}

static void write_singly(int fd, struct tap_frame *frames, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		frames[i].rc = tap_write(fd, frames[i].data, frames[i].size,
					 frames[i].marks);
}

/* Returns how many have been submitted: all, unless the ring is broken. */
static unsigned int submit(struct tap_batch *b, unsigned int n)
{
	unsigned int done = 0;

	while (done < n) {
		int r = io_uring_submit_and_wait(&b->ring, n);

		if (r == -EINTR)
			continue;
		if (r <= 0) {
			log_warn("frames cannot be submitted (%d)", -r);
			b->broken = true;
			break;
		}
		done += (unsigned int)r;
	}
	return done;
}

/*
 * The end of a frame that has been submitted. The tap is not blocking: a write
 * is done, for better or worse, when it has been submitted, and there is
 * nothing to wait for. Should the kernel not let us wait where there is, the
 * ring is looked at for a second; then the process ends, and with it all that
 * may still read the guest's frames where the next ones would be put.
 */
static struct io_uring_cqe *next_end(struct tap_batch *b)
{
	const struct timespec pause = {0, LOOK_NS};
	struct io_uring_cqe *cqe;
	unsigned int looks;

	for (looks = 0; looks < LOOKS_MAX; looks++) {
		int r = io_uring_wait_cqe(&b->ring, &cqe);

		if (r == 0)
			return cqe;
		if (r != -EINTR && !b->broken) {
			log_warn("frames cannot be waited for (%d)", -r);
			b->broken = true;
		}
		nanosleep(&pause, NULL);
	}
	log_error("frames are under way that do not end: exiting");
	_exit(EXIT_FAILURE);
}

static void collect(struct tap_batch *b, unsigned int n)
{
	for (; n > 0; n--) {
		struct io_uring_cqe *cqe = next_end(b);
		struct tap_frame *f = io_uring_cqe_get_data(cqe);

		f->rc = cqe->res < 0 ? cqe->res : 0;
		io_uring_cqe_seen(&b->ring, cqe);
	}
}

void tap_batch_write(struct tap_batch *b, int fd, struct tap_frame *frames,
		     unsigned int n)
{
	unsigned int i;

	if (!b || b->broken || n < WORTH_IT) {
		write_singly(fd, frames, n);
		return;
	}
	for (i = 0; i < n; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&b->ring);
		struct tap_frame *f = &frames[i];

		tap_put_header(f->data, f->size, f->marks);
		io_uring_prep_write(sqe, fd, f->data - TAP_HEADER_BYTES,
				    TAP_HEADER_BYTES + f->size, 0);
		io_uring_sqe_set_data(sqe, f);
		f->rc = -EIO; /* until it is known better */
	}
	collect(b, submit(b, n));
}
