/* SPDX-License-Identifier: MIT */
/*
 * The guest's half of the disk benchmark: keeps a number of requests in
 * flight on a disk for a while and tells how many were done. A program of our
 * own, for it is linked statically and adds 800 kB to the guest's image.
 *
 *	load DISK read|write sequential|random BYTES DEPTH JOBS MILLISECONDS
 *
 * Each of JOBS threads has DEPTH requests of BYTES in flight, by Linux's
 * native AIO and past the page cache, within a share of the disk of its own.
 * The first fifth of the time warms up. Prints
 *
 *	REQUESTS MICROSECONDS ALL
 *
 * where REQUESTS were done in those MICROSECONDS, and ALL in all.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEPTH_MAX 256
#define JOBS_MAX  8

struct work {
	int fd;
	bool is_write;
	bool is_random;
	uint64_t bytes;
	unsigned int depth;
	uint64_t begin_us; /* of the time that counts */
	uint64_t end_us;
};

struct job {
	const struct work *work;
	pthread_t thread;
	uint64_t from;	/* its share of the disk, in blocks */
	uint64_t count; /* likewise */
	uint64_t next;	/* sequential: which of them is next */
	uint64_t seed;
	aio_context_t aio;
	struct iocb blocks[DEPTH_MAX];
	uint64_t done;
	uint64_t done_in_time;
};

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* xorshift64: cheap, and the same on every run */
static uint64_t job_random(struct job *job)
{
	job->seed ^= job->seed << 13;
	job->seed ^= job->seed >> 7;
	job->seed ^= job->seed << 17;
	return job->seed;
}

static int64_t job_offset(struct job *job)
{
	uint64_t block;

	if (job->work->is_random)
		block = job_random(job) % job->count;
	else
		block = job->next++ % job->count;
	return (int64_t)((job->from + block) * job->work->bytes);
}

static void job_submit(struct job *job, struct iocb **blocks, unsigned int n)
{
	unsigned int i;
	long r;

	for (i = 0; i < n; i++)
		blocks[i]->aio_offset = job_offset(job);
	while (n > 0) {
		r = syscall(SYS_io_submit, job->aio, (long)n, blocks);
		if (r <= 0)
			die("cannot submit");
		blocks += r;
		n -= (unsigned int)r;
	}
}

/* Waits for at least one; leaves in blocks those that are done. */
static unsigned int job_wait(struct job *job, struct iocb **blocks)
{
	struct io_event events[DEPTH_MAX];
	uint64_t now;
	long r, i;

	r = syscall(SYS_io_getevents, job->aio, 1L, (long)job->work->depth,
		    events, NULL);
	if (r <= 0)
		die("cannot wait");
	now = now_us();
	for (i = 0; i < r; i++) {
		if (events[i].res != (int64_t)job->work->bytes) {
			errno = events[i].res < 0 ? (int)-events[i].res : EIO;
			die("a request failed");
		}
		/* the kernel gives the address back as a number */
		blocks[i] = (struct iocb *)(uintptr_t)events[i].obj;
	}
	job->done += (uint64_t)r;
	if (now >= job->work->begin_us && now < job->work->end_us)
		job->done_in_time += (uint64_t)r;
	return (unsigned int)r;
}

static void job_prepare(struct job *job, struct iocb **blocks)
{
	const struct work *work = job->work;
	size_t size = work->depth * work->bytes;
	uint8_t *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	if (memory == MAP_FAILED)
		die("no memory");
	memset(memory, 'x', size);
	if (syscall(SYS_io_setup, (long)work->depth, &job->aio) < 0)
		die("no AIO");
	for (i = 0; i < work->depth; i++) {
		struct iocb *block = &job->blocks[i];

		block->aio_fildes = (uint32_t)work->fd;
		block->aio_lio_opcode =
			work->is_write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD;
		block->aio_buf = (uintptr_t)(memory + i * work->bytes);
		block->aio_nbytes = work->bytes;
		blocks[i] = block;
	}
}

static void *job_run(void *arg)
{
	struct job *job = arg;
	struct iocb *blocks[DEPTH_MAX];
	unsigned int busy = job->work->depth;
	unsigned int n;

	job_prepare(job, blocks);
	job_submit(job, blocks, busy);
	while (busy > 0) {
		n = job_wait(job, blocks);
		if (now_us() < job->work->end_us)
			job_submit(job, blocks, n);
		else
			busy -= n;
	}
	return NULL;
}

static uint64_t number(const char *text, uint64_t max)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 10);

	if (*end || value == 0 || value > max) {
		fprintf(stderr, "load: '%s' is no number up to %llu\n", text,
			(unsigned long long)max);
		exit(2);
	}
	return value;
}

/* One of two words; true for the second. */
static bool choice(const char *text, const char *no, const char *yes)
{
	if (strcmp(text, no) != 0 && strcmp(text, yes) != 0) {
		fprintf(stderr, "load: '%s' is neither %s nor %s\n", text, no,
			yes);
		exit(2);
	}
	return strcmp(text, yes) == 0;
}

int main(int argc, char **argv)
{
	static struct job jobs[JOBS_MAX];
	struct work work = {0};
	uint64_t n_jobs, time_us, blocks, done = 0, in_time = 0, i;
	off_t size;

	if (argc != 8) {
		fputs("usage: load DISK read|write sequential|random BYTES "
		      "DEPTH JOBS MILLISECONDS\n",
		      stderr);
		return 2;
	}
	work.is_write = choice(argv[2], "read", "write");
	work.is_random = choice(argv[3], "sequential", "random");
	work.bytes = number(argv[4], 1 << 24);
	work.depth = (unsigned int)number(argv[5], DEPTH_MAX);
	n_jobs = number(argv[6], JOBS_MAX);
	time_us = number(argv[7], 3600 * 1000) * 1000;
	work.fd = open(argv[1], (work.is_write ? O_RDWR : O_RDONLY) | O_DIRECT);
	if (work.fd < 0)
		die(argv[1]);
	size = lseek(work.fd, 0, SEEK_END);
	blocks = size < 0 ? 0 : (uint64_t)size / work.bytes / n_jobs;
	if (blocks == 0)
		die("the disk is too small");
	work.begin_us = now_us() + time_us / 5;
	work.end_us = work.begin_us + time_us - time_us / 5;
	for (i = 0; i < n_jobs; i++) {
		jobs[i].work = &work;
		jobs[i].from = i * blocks;
		jobs[i].count = blocks;
		jobs[i].seed = 0x9e3779b97f4a7c15u * (i + 1);
		errno = pthread_create(&jobs[i].thread, NULL, job_run,
				       &jobs[i]);
		if (errno)
			die("no thread");
	}
	for (i = 0; i < n_jobs; i++) {
		pthread_join(jobs[i].thread, NULL);
		done += jobs[i].done;
		in_time += jobs[i].done_in_time;
	}
	printf("%llu %llu %llu\n", (unsigned long long)in_time,
	       (unsigned long long)(work.end_us - work.begin_us),
	       (unsigned long long)done);
	return 0;
}
