/* SPDX-License-Identifier: MIT */
/* Appending to a guest's console log. */
#include "console/logfile.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void logfile_write(struct logfile *l, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(l->fd, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			log_limited(&l->limit,
				    "d%u/console: cannot write the log: %s",
				    l->domid, strerror(n < 0 ? errno : ENOSPC));
			return;
		}
		data += n;
		size -= (size_t)n;
	}
}
