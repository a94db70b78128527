/* SPDX-License-Identifier: MIT */
/* The process's clock, and a tracepoint of the kernel's as a counter. */
#include "tests/bench/ring/meter.h"

#include <dirent.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SYS_ENTER_ID "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id"

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void meter_open(struct meter *m, pid_t pid)
{
	*m = (struct meter){.pid = pid};
}

void meter_close(struct meter *m)
{
	unsigned int i;

	while (m->n_threads > 0) {
		m->n_threads--;
		for (i = 0; i < METER_COUNTERS; i++)
			close(m->fds[m->n_threads][i]);
	}
}

/* The number of the tracepoint, or 0. */
static uint64_t tracepoint(void)
{
	FILE *file = fopen(SYS_ENTER_ID, "re");
	unsigned int id = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%u", &id) != 1)
		id = 0;
	fclose(file);
	return id;
}

/* A descriptor, or -1. */
static int counter_open(pid_t thread, uint64_t id, const char *filter)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = id,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, thread, -1, -1,
			      PERF_FLAG_FD_CLOEXEC);

	if (fd >= 0 && filter &&
	    ioctl(fd, PERF_EVENT_IOC_SET_FILTER, filter) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool count_thread(struct meter *m, pid_t thread, uint64_t id)
{
	int *fds = m->fds[m->n_threads];
	char sends[32];

	if (m->n_threads == METER_THREADS)
		return false;
	snprintf(sends, sizeof(sends), "id == %d", SYS_sendto);
	fds[0] = counter_open(thread, id, NULL);
	if (fds[0] < 0)
		return errno == ESRCH; /* it has ended meanwhile */
	fds[1] = counter_open(thread, id, sends);
	if (fds[1] < 0) {
		close(fds[0]);
		return false;
	}
	m->n_threads++;
	return true;
}

bool meter_count(struct meter *m)
{
	uint64_t id = tracepoint();
	char path[48];
	struct dirent *entry;
	bool fine = id != 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)m->pid);
	dir = fine ? opendir(path) : NULL;
	if (!dir)
		return false;
	while (fine && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			fine = count_thread(m, atoi(entry->d_name), id);
	closedir(dir);
	return fine;
}

static uint64_t sum_of(const struct meter *m, unsigned int counter)
{
	uint64_t value, sum = 0;
	unsigned int i;

	for (i = 0; i < m->n_threads; i++)
		if (read(m->fds[i][counter], &value, sizeof(value)) ==
		    sizeof(value))
			sum += value;
	return sum;
}

void meter_read(const struct meter *m, struct reading *last,
		struct reading *sum)
{
	struct reading now = {.calls = sum_of(m, 0), .sends = sum_of(m, 1)};
	clockid_t clock;

	if (clock_getcpuclockid(m->pid, &clock) == 0)
		now.cpu_ns = clock_ns(clock);
	now.wall_ns = clock_ns(CLOCK_MONOTONIC);
	if (sum) {
		sum->wall_ns += now.wall_ns - last->wall_ns;
		sum->cpu_ns += now.cpu_ns - last->cpu_ns;
		sum->calls += now.calls - last->calls;
		sum->sends += now.sends - last->sends;
	}
	*last = now;
}
