/* SPDX-License-Identifier: MIT */
/*
 * A worker without the rule: it has one write under way, holds no lock, and
 * dies when it is killed, its write unfinished. ghost DEVICE OFFSET TEXT
 * begins to write a page that is full of TEXT, says so, and waits.
 */
#include <fcntl.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES 4096

static char page[BYTES] __attribute__((aligned(BYTES)));

int main(int argc, char **argv)
{
	struct io_uring ring;
	struct io_uring_sqe *sqe;
	size_t i;
	int fd;

	if (argc != 4 || !argv[3][0])
		return 2;
	for (i = 0; i < BYTES; i++)
		page[i] = argv[3][i % strlen(argv[3])];
	fd = open(argv[1], O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || io_uring_queue_init(1, &ring, 0) < 0) {
		perror(argv[1]);
		return 1;
	}
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_write(sqe, fd, page, BYTES, strtoull(argv[2], NULL, 0));
	if (io_uring_submit(&ring) != 1) {
		fprintf(stderr, "cannot submit a write\n");
		return 1;
	}
	puts("writing");
	fflush(stdout);
	for (;;)
		pause();
}
