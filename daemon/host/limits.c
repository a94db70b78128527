/* SPDX-License-Identifier: MIT */
/* Limits of the host's that would be reached with many guests. */
#include "daemon/host/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/num.h"
#include "base/scope.h"

#define DESCRIPTORS 65536 /* as in xnd.service */

static void raise_descriptors(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 ||
	    files.rlim_cur >= DESCRIPTORS)
		return;
	files.rlim_cur =
		files.rlim_max < DESCRIPTORS ? files.rlim_max : DESCRIPTORS;
	setrlimit(RLIMIT_NOFILE, &files);
}

void limits_raise_grants(const char *file)
{
	scoped_fd fd = open(file, O_RDWR | O_CLOEXEC);
	char text[16];
	uint32_t now;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (num_parse_u32(text, INT32_MAX, &now) < 0 || now >= LIMITS_GRANTS)
		return;
	n = snprintf(text, sizeof(text), "%d\n", LIMITS_GRANTS);
	if (pwrite(fd, text, (size_t)n, 0) < 0)
		log_warn("%s: cannot write: %s", file, strerror(errno));
}

void limits_raise(void)
{
	raise_descriptors();
	limits_raise_grants(LIMITS_GRANTS_FILE);
}
