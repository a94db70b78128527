/* SPDX-License-Identifier: MIT */
/* Reading a file whole, up to a bound. */
#include "cli/cfg_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"

int cfg_file_read(const char *path, char **text, size_t *size, struct err *e)
{
	scoped_str data = malloc(CFG_FILE_MAX + 1);
	scoped_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t r = 1;

	if (!data)
		return err_set(e, ENOMEM, "out of memory");
	if (fd < 0)
		return err_errno(e, errno, "%s", path);
	while (r && used <= CFG_FILE_MAX) {
		r = read(fd, data + used, CFG_FILE_MAX + 1 - used);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_errno(e, errno, "%s", path);
		used += (size_t)r;
	}
	if (used > CFG_FILE_MAX)
		return err_set(e, EFBIG, "%s: longer than %d bytes", path,
			       CFG_FILE_MAX);
	data[used] = '\0';
	*size = used;
	*text = str_take(&data);
	return 0;
}
