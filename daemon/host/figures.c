/* SPDX-License-Identifier: MIT */
/* Making and reading the memory in which a device's workers count. */
#include "daemon/host/figures.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"

int figures_make(unsigned int queues, size_t bytes, struct err *e)
{
	scoped_fd fd =
		memfd_create("xn-figures", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, (off_t)(queues * bytes)) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) <
		    0)
		return err_errno(e, errno,
				 "cannot make memory for its figures");
	return fd_take(&fd);
}

int figures_read(int fd, unsigned int queue, void *f, size_t bytes)
{
	ssize_t r = pread(fd, f, bytes, (off_t)(queue * bytes));

	if (r < 0)
		return -errno;
	return (size_t)r == bytes ? 0 : -EIO;
}
