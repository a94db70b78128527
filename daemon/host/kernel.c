/* SPDX-License-Identifier: MIT */
/* Files for the builder, and whether a kernel looks like one. */
#include "daemon/host/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "daemon/host/path.h"

/*
 * Where a format's magic stands: elf(5); Linux, Documentation/x86/boot.rst,
 * the field "header"; RFC 1952 §2.3.1 with its only method.
 */
static const struct {
	off_t offset;
	size_t size;
	const char *magic;
} formats[] = {
	{0, 4,
	 "\x7f"
	 "ELF"},
	{0x202, 4, "HdrS"},
	{0, 3, "\x1f\x8b\x08"},
};

static bool looks_like_kernel(int fd)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		ssize_t size = (ssize_t)formats[i].size;
		char magic[4];

		if (pread(fd, magic, (size_t)size, formats[i].offset) == size &&
		    memcmp(magic, formats[i].magic, (size_t)size) == 0)
			return true;
	}
	return false;
}

static int open_checked(const char *path, const char *what, uint64_t max_bytes,
			struct err *e)
{
	char shown[PATH_SHOWN_BYTES];
	scoped_fd found = -1, fd = -1;
	struct stat st;

	found = path_find(path, &st, e);
	if (found < 0)
		return found;
	path_show(path, shown);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s: %s, not a regular file", shown,
			       path_kind(st.st_mode));
	if (st.st_size == 0)
		return err_set(e, EINVAL, "%s: empty", shown);
	if ((uint64_t)st.st_size > max_bytes)
		return err_set(e, EFBIG,
			       "%s: %" PRIu64 " bytes, more than the %" PRIu64
			       " that are accepted",
			       shown, (uint64_t)st.st_size, max_bytes);
	fd = path_reopen(found, O_RDONLY);
	if (fd < 0)
		return err_errno(e, -fd, "%s: cannot open", shown);
	if (strcmp(what, "kernel") == 0 && !looks_like_kernel(fd))
		return err_set(e, ENOEXEC,
			       "%s: neither an ELF file nor a bzImage", shown);
	return fd_take(&fd);
}

int kernel_open(const char *path, const char *what, uint64_t max_bytes,
		struct err *e)
{
	int rc = open_checked(path, what, max_bytes, e);

	if (rc < 0)
		err_wrap(e, "%s", what);
	return rc;
}
