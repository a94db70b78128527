/* SPDX-License-Identifier: MIT */
/* Loop devices, and control groups of either version. */
#include "tests/sim/runs/slow.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"

#define PAGE_BYTES 4096u
#define GROUPS	   "/sys/fs/cgroup"

static int write_file(const char *dir, const char *name, const char *text,
		      struct err *e)
{
	char path[128];
	scoped_fd fd = -1;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return err_errno(e, errno, "%s", path);
	return 0;
}

static int loop_open(struct slow *s, const char *backing, struct err *e)
{
	scoped_fd control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	scoped_fd file = open(backing, O_RDWR | O_CLOEXEC);
	const struct loop_config config = {
		.fd = (unsigned int)file,
		/* Its last user's death ends it. */
		.info = {.lo_flags = LO_FLAGS_AUTOCLEAR},
	};
	int n;

	if (control < 0 || file < 0)
		return err_errno(e, errno, "no loop device");
	n = ioctl(control, LOOP_CTL_GET_FREE);
	if (n < 0)
		return err_errno(e, errno, "no free loop device");
	snprintf(s->path, sizeof(s->path), "/dev/loop%d", n);
	s->fd = open(s->path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (s->fd < 0 || ioctl(s->fd, LOOP_CONFIGURE, &config) < 0)
		return err_errno(e, errno, "%s", s->path);
	return 0;
}

static int group_open(struct slow *s, unsigned int ms, struct err *e)
{
	bool old = access(GROUPS "/blkio", F_OK) == 0;
	unsigned int rate = PAGE_BYTES * 1000 / ms;
	char limit[64];
	struct stat st;

	if (fstat(s->fd, &st) < 0)
		return err_errno(e, errno, "%s", s->path);
	if (!old && write_file(GROUPS, "cgroup.subtree_control", "+io", e) < 0)
		return -e->code;
	snprintf(s->group, sizeof(s->group), GROUPS "%s/xn-slow-%d",
		 old ? "/blkio" : "", (int)minor(st.st_rdev));
	if (mkdir(s->group, 0755) < 0 && errno != EEXIST) {
		err_errno(e, errno, "%s", s->group);
		s->group[0] = '\0';
		return -e->code;
	}
	snprintf(limit, sizeof(limit), "%u:%u %s%u", major(st.st_rdev),
		 minor(st.st_rdev), old ? "" : "wbps=", rate);
	return write_file(s->group,
			  old ? "blkio.throttle.write_bps_device" : "io.max",
			  limit, e);
}

int slow_open(struct slow *s, const char *backing, unsigned int ms,
	      struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->fd = -1;
	if (loop_open(s, backing, e) < 0 || group_open(s, ms, e) < 0) {
		slow_close(s);
		return -e->code;
	}
	return 0;
}

void slow_close(struct slow *s)
{
	if (s->group[0])
		rmdir(s->group);
	s->group[0] = '\0';
	fd_drop(&s->fd);
}

int slow_enter(const struct slow *s, pid_t pid, struct err *e)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	return write_file(s->group, "cgroup.procs", text, e);
}
