/* SPDX-License-Identifier: MIT */
/* One io_uring with one registered file and a few registered buffers. */
#include "uring.h"

#include <errno.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <liburing.h>
#include <event2/event.h>

#include "base/err.h"
#include "base/log.h"
#include "store.h"

struct uring {
	struct store store;   /* the first, see of() */
	struct io_uring ring; /* owned */
	struct event *done;   /* owned: something is done */
	bool open;
	bool enabled;
	bool may_pin;		    /* there are numbers for buffers */
	bool pinned[STORE_BUFFERS]; /* a buffer is registered */
	bool image;		    /* a file is registered, as number 0 */
	int device; /* borrowed: that file, when it is a block device; or -1 */
};

/*
 * Completions are worked on when we next enter the kernel, without an
 * interrupt (Linux 6.0). Not IORING_SETUP_DEFER_TASKRUN: it does not wake who
 * polls the ring's descriptor.
 */
#define URING_FLAGS (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN)

#define ALLOW_SQE(op)                                               \
	{                                                           \
		.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = (op) \
	}
#define ALLOW_REGISTER(op)                                                    \
	{                                                                     \
		.opcode = IORING_RESTRICTION_REGISTER_OP, .register_op = (op) \
	}

/* Seccomp sees no operation of an io_uring: the ring itself must refuse. */
static struct io_uring_restriction allowed[] = {
	ALLOW_SQE(IORING_OP_READ),
	ALLOW_SQE(IORING_OP_READ_FIXED),
	ALLOW_SQE(IORING_OP_WRITE),
	ALLOW_SQE(IORING_OP_WRITE_FIXED),
	ALLOW_SQE(IORING_OP_FSYNC),
	ALLOW_SQE(IORING_OP_FALLOCATE),
	ALLOW_SQE(IORING_OP_NOP),
	ALLOW_REGISTER(IORING_REGISTER_FILES),
	ALLOW_REGISTER(IORING_UNREGISTER_FILES),
	ALLOW_REGISTER(IORING_REGISTER_BUFFERS_UPDATE),
	{
		.opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED,
		.sqe_flags = IOSQE_FIXED_FILE,
	},
};

/*
 * liburing 2.3 declares functions for these two and does not export them.
 * Returns 0 or -errno.
 */
static int uring_register(struct uring *u, unsigned int opcode, void *arg,
			  unsigned int n)
{
	long r = syscall(__NR_io_uring_register, u->ring.ring_fd, opcode, arg,
			 n);

	return r < 0 ? -errno : 0;
}

static int uring_init(struct uring *u)
{
	int r = io_uring_queue_init(STORE_DEPTH, &u->ring,
				    URING_FLAGS | IORING_SETUP_R_DISABLED);

	if (r == -EINVAL)
		r = io_uring_queue_init(STORE_DEPTH, &u->ring,
					IORING_SETUP_R_DISABLED);
	u->open = r == 0;
	return r;
}

struct uring *uring_open(struct err *e)
{
	struct uring *u = calloc(1, sizeof(*u));
	int r;

	if (!u) {
		err_set(e, ENOMEM, "no memory for an io_uring");
		return NULL;
	}
	u->device = -1;
	r = uring_init(u);
	if (r < 0) {
		err_errno(e, -r, "cannot set up an io_uring");
		goto fail;
	}
	/* Made by root, it may pin what it likes, whoever we become. */
	r = io_uring_register_buffers_sparse(&u->ring, STORE_BUFFERS);
	if (r < 0)
		log_info("buffers are not pinned (%d), I/O is slower", -r);
	u->may_pin = r == 0;
	r = uring_register(u, IORING_REGISTER_RESTRICTIONS, allowed,
			   sizeof(allowed) / sizeof(*allowed));
	if (r < 0) {
		err_errno(e, -r, "cannot restrict an io_uring");
		goto fail;
	}
	return u;

fail:
	uring_close(u);
	return NULL;
}

int uring_enable(struct uring *u)
{
	int rc;

	if (u->enabled)
		return 0;
	rc = uring_register(u, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
	u->enabled = rc == 0;
	return rc;
}

void uring_close(struct uring *u)
{
	if (!u)
		return;
	if (u->done)
		event_free(u->done);
	if (u->open)
		io_uring_queue_exit(&u->ring);
	free(u);
}

int uring_set_image(struct uring *u, int fd)
{
	struct stat st;
	int r;

	uring_drop_image(u);
	r = io_uring_register_files(&u->ring, &fd, 1);
	u->image = r == 0;
	u->device = fstat(fd, &st) == 0 && S_ISBLK(st.st_mode) ? fd : -1;
	return r < 0 ? r : 0;
}

void uring_drop_image(struct uring *u)
{
	if (u->image)
		io_uring_unregister_files(&u->ring);
	u->image = false;
	u->device = -1;
}

/* ---- the store ---- */

static struct uring *of(struct store *s)
{
	return (struct uring *)s;
}

static int uring_listen(struct store *s, struct event_base *base,
			event_callback_fn on_done, void *arg)
{
	struct uring *u = of(s);

	u->done = event_new(base, u->ring.ring_fd, EV_READ | EV_PERSIST,
			    on_done, arg);
	return u->done && event_add(u->done, NULL) == 0 ? 0 : -ENOMEM;
}

/* Not NULL while the caller keeps to STORE_DEPTH. */
static struct io_uring_sqe *uring_next(struct uring *u)
{
	return io_uring_get_sqe(&u->ring);
}

static void sqe_address(struct io_uring_sqe *sqe, uint64_t tag)
{
	io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
	io_uring_sqe_set_data64(sqe, tag);
}

static bool buffer_set(struct uring *u, unsigned int buffer, void *memory,
		       size_t bytes)
{
	const struct iovec iov = {memory, bytes};
	const __u64 tag = 0;

	return u->may_pin && io_uring_register_buffers_update_tag(
				     &u->ring, buffer, &iov, &tag, 1) == 1;
}

static void uring_pin(struct store *s, unsigned int buffer, void *memory,
		      size_t bytes)
{
	struct uring *u = of(s);
	u->pinned[buffer] = buffer_set(u, buffer, memory, bytes);
}

static void uring_unpin(struct store *s, unsigned int buffer)
{
	struct uring *u = of(s);
	if (u->pinned[buffer])
		buffer_set(u, buffer, NULL, 0);
	u->pinned[buffer] = false;
}

static void uring_read(struct store *s, uint64_t tag, unsigned int buffer,
		       void *at, uint32_t bytes, uint64_t offset)
{
	struct uring *u = of(s);
	struct io_uring_sqe *sqe = uring_next(u);

	if (u->pinned[buffer])
		io_uring_prep_read_fixed(sqe, 0, at, bytes, offset,
					 (int)buffer);
	else
		io_uring_prep_read(sqe, 0, at, bytes, offset);
	sqe_address(sqe, tag);
}

static void uring_write(struct store *s, uint64_t tag, unsigned int buffer,
			const void *at, uint32_t bytes, uint64_t offset,
			bool durable)
{
	struct uring *u = of(s);
	struct io_uring_sqe *sqe = uring_next(u);

	if (u->pinned[buffer])
		io_uring_prep_write_fixed(sqe, 0, at, bytes, offset,
					  (int)buffer);
	else
		io_uring_prep_write(sqe, 0, at, bytes, offset);
	if (durable)
		sqe->rw_flags = RWF_DSYNC;
	sqe_address(sqe, tag);
}

static void uring_flush(struct store *s, uint64_t tag)
{
	struct uring *u = of(s);
	struct io_uring_sqe *sqe = uring_next(u);

	io_uring_prep_fsync(sqe, 0, IORING_FSYNC_DATASYNC);
	sqe_address(sqe, tag);
}

/*
 * A hole in a block device is not what is meant: Linux makes one by writing
 * zeroes if the device does, whereas BLKDISCARD gives space back, whatever is
 * read there later. It takes its time, as it does in Linux's blkback. A device
 * that cannot may still make holes.
 */
static void uring_discard(struct store *s, uint64_t tag, uint64_t offset,
			  uint64_t bytes)
{
	struct uring *u = of(s);
	struct io_uring_sqe *sqe = uring_next(u);
	const uint64_t range[2] = {offset, bytes};

	if (u->device >= 0 && ioctl(u->device, BLKDISCARD, range) == 0)
		io_uring_prep_nop(sqe);
	else
		io_uring_prep_fallocate(
			sqe, 0, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			(off_t)offset, (off_t)bytes);
	sqe_address(sqe, tag);
}

static int uring_submit(struct store *s)
{
	struct uring *u = of(s);
	while (io_uring_sq_ready(&u->ring)) {
		int r = io_uring_submit(&u->ring);

		if (r == -EBUSY || r == -ENOMEM)
			return -EAGAIN;
		if (r < 0 && r != -EINTR)
			return r;
	}
	return 0;
}

/* One system call, unless the submission queue takes more than one. */
static int uring_wait(struct store *s, uint64_t ns)
{
	struct uring *u = of(s);
	struct __kernel_timespec most = {.tv_nsec = (long long)ns};
	struct io_uring_cqe *cqe;
	int r = io_uring_submit_and_wait_timeout(&u->ring, &cqe, 1, &most,
						 NULL);

	if (r == -EBUSY || r == -ENOMEM)
		return -EAGAIN;
	if (r < 0 && r != -ETIME && r != -EINTR)
		return r;
	return uring_submit(s);
}

static unsigned int uring_reap(struct store *s, struct store_done *done,
			       unsigned int max)
{
	struct uring *u = of(s);
	struct io_uring_cqe *cqes[STORE_BATCH];
	unsigned int n, i;

	n = io_uring_peek_batch_cqe(&u->ring, cqes, max);
	for (i = 0; i < n; i++) {
		done[i].tag = io_uring_cqe_get_data64(cqes[i]);
		done[i].result = cqes[i]->res;
	}
	io_uring_cq_advance(&u->ring, n);
	return n;
}

static void uring_close_store(struct store *s)
{
	uring_close(of(s));
}

struct store *uring_store(struct uring *u)
{
	static const struct store_ops ops = {
		.listen = uring_listen,
		.pin = uring_pin,
		.unpin = uring_unpin,
		.read = uring_read,
		.write = uring_write,
		.flush = uring_flush,
		.discard = uring_discard,
		.submit = uring_submit,
		.wait = uring_wait,
		.reap = uring_reap,
		.close = uring_close_store,
	};

	u->store.ops = &ops;
	return &u->store;
}
