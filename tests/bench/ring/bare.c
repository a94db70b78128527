/* SPDX-License-Identifier: MIT */
/* What it is compared with: the same I/O, and nothing around it. */
#include "tests/bench/ring/work.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include <liburing.h>

#include "base/err.h"

/* As the worker sets its own up (backends/blk/uring.c). */
#define BARE_FLAGS (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN)
#define MEMORY	   ((size_t)WORK_DEPTH_MAX * WORK_BYTES)

struct bare {
	const struct work *work;
	struct io_uring ring;
	uint8_t *memory;
	uint64_t seed;
	unsigned int busy;
	int64_t done;
};

static void bare_begin(struct bare *b, unsigned int buffer)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&b->ring);
	uint8_t *at = b->memory + (size_t)buffer * WORK_BYTES;
	uint64_t offset = work_block(b->work, &b->seed) * WORK_BYTES;

	if (b->work->write)
		io_uring_prep_write_fixed(sqe, 0, at, WORK_BYTES, offset, 0);
	else
		io_uring_prep_read_fixed(sqe, 0, at, WORK_BYTES, offset, 0);
	io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
	io_uring_sqe_set_data64(sqe, buffer);
	b->busy++;
}

/* Takes in what is done and, if go_on, begins as much anew. */
static int bare_reap(struct bare *b, bool go_on)
{
	struct io_uring_cqe *cqes[WORK_DEPTH_MAX];
	unsigned int n, i;

	n = io_uring_peek_batch_cqe(&b->ring, cqes, WORK_DEPTH_MAX);
	for (i = 0; i < n; i++) {
		if (cqes[i]->res != (int)WORK_BYTES)
			return cqes[i]->res < 0 ? cqes[i]->res : -EIO;
		b->busy--;
		b->done++;
		if (go_on)
			bare_begin(b, (unsigned int)cqes[i]->user_data);
	}
	io_uring_cq_advance(&b->ring, n);
	return 0;
}

static int bare_work(struct bare *b)
{
	uint64_t end = work_now_ms() + b->work->ms;
	int rc = 0;

	while (b->busy < b->work->depth)
		bare_begin(b, b->busy);
	while (rc >= 0 && b->busy > 0) {
		rc = io_uring_submit_and_wait(&b->ring, 1);
		if (rc >= 0)
			rc = bare_reap(b, work_now_ms() < end);
	}
	return rc;
}

static int bare_open(struct bare *b, const char *path)
{
	const struct iovec iov = {b->memory, MEMORY};
	int fd, r;

	fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0 && errno == EINVAL)
		fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = io_uring_register_files(&b->ring, &fd, 1);
	close(fd);
	if (r == 0)
		r = io_uring_register_buffers(&b->ring, &iov, 1);
	return r;
}

int64_t work_bare(const char *path, const struct work *w, struct err *e)
{
	struct bare b = {.work = w, .seed = 0x9e3779b97f4a7c15u};
	int r;

	b.memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (b.memory == MAP_FAILED)
		return err_set(e, ENOMEM, "no memory to read into");
	r = io_uring_queue_init(WORK_DEPTH_MAX, &b.ring, BARE_FLAGS);
	if (r == 0) {
		r = bare_open(&b, path);
		if (r == 0)
			r = bare_work(&b);
		io_uring_queue_exit(&b.ring);
	}
	munmap(b.memory, MEMORY);
	if (r < 0)
		return err_errno(e, -r, "%s: bare io_uring", path);
	return b.done;
}
