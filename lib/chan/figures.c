/* SPDX-License-Identifier: MIT */
/* Mapping a device's figures. */
#include "chan/figures.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/err.h"

int figures_open(struct figures *f, int fd, unsigned int queues, size_t each,
		 struct err *e)
{
	const size_t bytes = queues * each;
	struct stat st;
	void *map;

	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "cannot look at its figures");
	if (st.st_size < 0 || (uint64_t)st.st_size < bytes)
		return err_set(e, EINVAL,
			       "started with %lld bytes for figures, of which "
			       "%u queues need %zu",
			       (long long)st.st_size, queues, bytes);
	map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return err_errno(e, errno, "cannot map its figures");
	f->queues = map;
	f->bytes = bytes;
	return 0;
}

void figures_close(struct figures *f)
{
	if (f->queues)
		munmap(f->queues, f->bytes);
	f->queues = NULL;
}
