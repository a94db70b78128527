/* SPDX-License-Identifier: MIT */
/* Mapping what a domain is built from. */
#include "build/input.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/err.h"

int input_map(struct input *in, int fd, const char *name, size_t max,
	      struct err *e)
{
	struct stat st;
	void *bytes;

	if (fstat(fd, &st) < 0)
		return err_errno(e, errno, "%s: cannot look at it", name);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s: not a regular file", name);
	if (st.st_size <= 0)
		return err_set(e, EINVAL, "%s: the file is empty", name);
	if ((uintmax_t)st.st_size > max)
		return err_set(
			e, EFBIG,
			"%s: too large: %jd MiB, and at most %zu MiB fit", name,
			((intmax_t)st.st_size + 0xfffff) >> 20, max >> 20);
	/* Every page is needed: a fault each costs a PV dom0 twice as much. */
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ,
		     MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (bytes == MAP_FAILED)
		return err_errno(e, errno, "%s: cannot map it", name);
	in->bytes = bytes;
	in->size = (size_t)st.st_size;
	return 0;
}

void input_unmap(struct input *in)
{
	if (in->bytes)
		munmap((void *)in->bytes, in->size);
	in->bytes = NULL;
	in->size = 0;
}
