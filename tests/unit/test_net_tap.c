/* SPDX-License-Identifier: MIT */
/*
 * What the kernel is told that a guest takes, and what the header between it
 * and a frame says, both ways.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <liburing.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "backends/net/frame.h"
#include "backends/net/tap.h"
#include "backends/net/tap_batch.h"
#include "chan/msg.h"

#define TSO4 (TUN_F_TSO4 | TUN_F_TSO_ECN)
#define TSO6 (TUN_F_TSO6 | TUN_F_TSO_ECN)
#define BOTH (MSG_NET_GSO_TCPV4 | MSG_NET_GSO_TCPV6)

static void test_offloads(void **state)
{
	static const struct {
		uint32_t flags;
		unsigned int offloads;
	} rows[] = {
		{0, TUN_F_CSUM},
		{MSG_NET_SG | MSG_NET_IPV6_CSUM, TUN_F_CSUM},
		{BOTH | MSG_NET_IPV6_CSUM, TUN_F_CSUM},
		{MSG_NET_SG | MSG_NET_GSO_TCPV4, TUN_F_CSUM | TSO4},
		{MSG_NET_SG | BOTH, TUN_F_CSUM | TSO4},
		{MSG_NET_SG | MSG_NET_GSO_TCPV6 | MSG_NET_IPV6_CSUM,
		 TUN_F_CSUM | TSO6},
		{MSG_NET_SG | BOTH | MSG_NET_IPV6_CSUM,
		 TUN_F_CSUM | TSO4 | TSO6},
		{MSG_NET_SG | BOTH | MSG_NET_IPV6_CSUM | MSG_NET_NO_CSUM,
		 TUN_F_CSUM | TSO6},
		{MSG_NET_SG | BOTH | MSG_NET_NO_CSUM, TUN_F_CSUM},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(tap_offloads(rows[i].flags), rows[i].offloads);
}

struct wire {
	int tap, far;
};

static void wire_open(struct wire *w)
{
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	w->tap = pair[0];
	w->far = pair[1];
}

static void wire_close(struct wire *w)
{
	close(w->tap);
	close(w->far);
}

static void test_write(void **state)
{
	static const struct {
		struct frame_marks marks;
		size_t size;
		struct virtio_net_hdr header;
	} rows[] = {
		{{{0}, {0}}, 60, {0}},
		{{{FRAME_CSUM_VALID, 9, 9}, {0}},
		 60,
		 {.flags = VIRTIO_NET_HDR_F_DATA_VALID}},
		{{{FRAME_CSUM_BLANK, 34, 16}, {0}},
		 60,
		 {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		  .csum_start = 34,
		  .csum_offset = 16}},
		{{{FRAME_CSUM_BLANK, 34, 16},
		  {FRAME_GSO_TCPV4, 1448, 66, false}},
		 5000,
		 {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		  .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		  .hdr_len = 66,
		  .gso_size = 1448,
		  .csum_start = 34,
		  .csum_offset = 16}},
		{{{FRAME_CSUM_BLANK, 54, 16}, {FRAME_GSO_TCPV6, 900, 74, true}},
		 1000,
		 {.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		  .gso_type = VIRTIO_NET_HDR_GSO_TCPV6 | VIRTIO_NET_HDR_GSO_ECN,
		  .hdr_len = 74,
		  .gso_size = 900,
		  .csum_start = 54,
		  .csum_offset = 16}},
		/* As much in one piece as headers need, if it is long. */
		{{{0}, {0}}, 9014, {.hdr_len = 256}},
	};
	static uint8_t out[10000], in[10000];
	uint8_t *frame = out + TAP_HEADER_BYTES;
	struct wire w;
	size_t i;

	(void)state;
	wire_open(&w);
	memset(out, 0x77, sizeof(out));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t size = rows[i].size;

		assert_int_equal(tap_write(w.tap, frame, size, &rows[i].marks),
				 0);
		assert_int_equal(recv(w.far, in, sizeof(in), 0), 10 + size);
		assert_memory_equal(in, &rows[i].header, 10);
		assert_memory_equal(in + 10, frame, size);
	}
	wire_close(&w);
}

static void test_read(void **state)
{
	static const struct {
		struct virtio_net_hdr header;
		int rc;
		struct frame_marks marks;
	} rows[] = {
		{{.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		  .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		  .gso_size = 1448,
		  .csum_start = 34,
		  .csum_offset = 16},
		 60,
		 {{FRAME_CSUM_BLANK, 34, 16},
		  {.kind = FRAME_GSO_TCPV4, .size = 1448}}},
		{{.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		  .gso_type = VIRTIO_NET_HDR_GSO_TCPV6 | VIRTIO_NET_HDR_GSO_ECN,
		  .gso_size = 1428,
		  .csum_start = 54,
		  .csum_offset = 16},
		 60,
		 {{FRAME_CSUM_BLANK, 54, 16},
		  {.kind = FRAME_GSO_TCPV6, .size = 1428}}},
		{{.flags = VIRTIO_NET_HDR_F_DATA_VALID},
		 60,
		 {{.state = FRAME_CSUM_VALID}, {0}}},
		/* What no guest can be told. */
		{{.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		  .gso_type = VIRTIO_NET_HDR_GSO_UDP,
		  .gso_size = 1448},
		 -EINVAL,
		 {{0}, {0}}},
		{{.gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 1448},
		 -EINVAL,
		 {{0}, {0}}},
		{{.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		  .gso_type = VIRTIO_NET_HDR_GSO_TCPV4},
		 -EINVAL,
		 {{0}, {0}}},
	};
	uint8_t buffer[100];
	struct frame_marks got;
	struct wire w;
	size_t i;

	(void)state;
	wire_open(&w);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t out[70] = {0};

		memcpy(out, &rows[i].header, 10);
		assert_int_equal(send(w.far, out, 70, 0), 70);
		assert_int_equal(
			tap_read(w.tap, buffer + TAP_HEADER_BYTES, 80, &got),
			rows[i].rc);
		if (rows[i].rc < 0)
			continue;
		assert_int_equal(got.csum.state, rows[i].marks.csum.state);
		assert_int_equal(got.csum.start, rows[i].marks.csum.start);
		assert_int_equal(got.csum.offset, rows[i].marks.csum.offset);
		assert_int_equal(got.gso.kind, rows[i].marks.gso.kind);
		assert_int_equal(got.gso.size, rows[i].marks.gso.size);
	}
	assert_int_equal(tap_read(w.tap, buffer + TAP_HEADER_BYTES, 80, &got),
			 0);
	wire_close(&w);
}

/* Many at once: each as it would be singly, in order, until there is no room. */
static void test_batch(void **state)
{
	static uint8_t out[TAP_BATCH_MAX][80], in[80];
	const struct frame_marks marks = {.csum = {FRAME_CSUM_BLANK, 34, 16}};
	struct tap_frame frames[TAP_BATCH_MAX];
	struct tap_batch *b = tap_batch_open();
	unsigned int round, i, n;
	struct wire w;

	(void)state;
	if (!b)
		skip();
	wire_open(&w);
	for (round = 1; round <= 3 * TAP_BATCH_MAX; round++) {
		const unsigned int size = 14 + round % 50;

		n = 1 + round % TAP_BATCH_MAX;
		for (i = 0; i < n; i++) {
			memset(out[i], (int)i, sizeof(out[i]));
			frames[i] = (struct tap_frame){
				out[i] + TAP_HEADER_BYTES, size, &marks, 7};
		}
		tap_batch_write(b, w.tap, frames, n);
		for (i = 0; i < n; i++) {
			if (frames[i].rc == -EAGAIN)
				break;
			assert_int_equal(frames[i].rc, 0);
			assert_int_equal(recv(w.far, in, sizeof(in), 0),
					 TAP_HEADER_BYTES + size);
			assert_int_equal(in[0], VIRTIO_NET_HDR_F_NEEDS_CSUM);
			assert_int_equal(in[6], 34);
			assert_int_equal(in[TAP_HEADER_BYTES], i);
		}
		assert_true(i >= 1);
		for (; i < n; i++)
			assert_int_equal(frames[i].rc, -EAGAIN);
		assert_int_equal(recv(w.far, in, sizeof(in), 0), -1);
	}
	wire_close(&w);
	for (i = 0; i < 2; i++)
		frames[i] = (struct tap_frame){out[i] + TAP_HEADER_BYTES, 60,
					       &marks, 7};
	tap_batch_write(b, w.tap, frames, 2);
	assert_int_equal(frames[1].rc, -EBADF);
	tap_batch_close(b);
}

/* ---- a kernel that does not let us wait ---- */

#define STUCK 40 /* frames of 4 KiB: more than the wire holds */

static struct {
	bool on;
	int drain; /* what is read empty at the third wait, or -1 */
	unsigned int waits, submits;
} stuck;

int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned int n);
int __real_io_uring_submit_and_wait(struct io_uring *ring, unsigned int n);
int __wrap___io_uring_get_cqe(struct io_uring *ring, struct io_uring_cqe **cqe,
			      unsigned int submit, unsigned int n,
			      sigset_t *mask);
int __real___io_uring_get_cqe(struct io_uring *ring, struct io_uring_cqe **cqe,
			      unsigned int submit, unsigned int n,
			      sigset_t *mask);

int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned int n)
{
	stuck.submits++;
	return stuck.on ? io_uring_submit(ring)
			: __real_io_uring_submit_and_wait(ring, n);
}

int __wrap___io_uring_get_cqe(struct io_uring *ring, struct io_uring_cqe **cqe,
			      unsigned int submit, unsigned int n,
			      sigset_t *mask)
{
	static uint8_t in[8192];

	if (!stuck.on)
		return __real___io_uring_get_cqe(ring, cqe, submit, n, mask);
	stuck.waits++;
	while (stuck.drain >= 0 && stuck.waits >= 3 &&
	       recv(stuck.drain, in, sizeof(in), MSG_DONTWAIT) > 0)
		;
	return -EBADR;
}

/* Writes to a wire that blocks. Returns how many frames were not written. */
static unsigned int write_stuck(struct tap_batch *b, bool drain)
{
	static uint8_t out[STUCK][TAP_HEADER_BYTES + 4096];
	static const struct frame_marks marks;
	struct tap_frame frames[STUCK];
	unsigned int i, failed = 0;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	for (i = 0; i < STUCK; i++)
		frames[i] = (struct tap_frame){out[i] + TAP_HEADER_BYTES, 4096,
					       &marks, 7};
	stuck.on = true;
	stuck.drain = drain ? pair[1] : -1;
	stuck.waits = 0;
	tap_batch_write(b, pair[0], frames, STUCK);
	for (i = 0; i < STUCK; i++)
		failed += frames[i].rc != 0;
	stuck.on = false;
	close(pair[0]);
	close(pair[1]);
	return failed;
}

/* All end, after a while; and the next ones do without the ring. */
static void test_no_wait(void **state)
{
	static uint8_t out[2][TAP_HEADER_BYTES + 60];
	static const struct frame_marks marks;
	struct tap_frame frames[] = {
		{out[0] + TAP_HEADER_BYTES, 60, &marks, 7},
		{out[1] + TAP_HEADER_BYTES, 60, &marks, 7},
	};
	struct tap_batch *b = tap_batch_open();
	unsigned int submits;
	struct wire w;

	(void)state;
	if (!b)
		skip();
	assert_int_equal(write_stuck(b, true), 0);
	assert_true(stuck.waits >= 3);
	submits = stuck.submits;
	wire_open(&w);
	tap_batch_write(b, w.tap, frames, 2);
	assert_int_equal(stuck.submits, submits);
	assert_int_equal(frames[0].rc | frames[1].rc, 0);
	wire_close(&w);
	tap_batch_close(b);
}

/* They do not end: nothing of theirs is used again, for nobody is left. */
static void test_no_end(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		struct tap_batch *b = tap_batch_open();

		if (b)
			write_stuck(b, false);
		_exit(b ? 0 : 77);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_offloads), cmocka_unit_test(test_write),
		cmocka_unit_test(test_read),	 cmocka_unit_test(test_batch),
		cmocka_unit_test(test_no_wait),	 cmocka_unit_test(test_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
