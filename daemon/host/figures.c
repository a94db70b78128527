/* SPDX-License-Identifier: MIT */
/* Making and reading the memory in which a disk's workers count. */
#include "daemon/host/figures.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "chan/blk_figures.h"

int figures_make(unsigned int queues, struct err *e)
{
	scoped_fd fd =
		memfd_create("xn-figures", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 ||
	    ftruncate(fd, (off_t)(queues * sizeof(struct blk_figures))) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) <
		    0)
		return err_errno(e, errno,
				 "cannot make memory for its figures");
	return fd_take(&fd);
}

int figures_read(int fd, unsigned int queue, struct blk_figures *f)
{
	ssize_t r = pread(fd, f, sizeof(*f), (off_t)(queue * sizeof(*f)));

	if (r < 0)
		return -errno;
	return r == sizeof(*f) ? 0 : -EIO;
}
