/* SPDX-License-Identifier: MIT */
/* Root's way down: its root directory first, for that takes a capability. */
#include "chan/nobody.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"

/*
 * What root may have in threads, the kernel's own for its I/O among them, is
 * counted for anybody else. All that a guest's workers may ever need is little,
 * and what they are refused it loses; so they are not limited. Without the
 * capability to say so the limit stays what it is.
 */
static void allow_threads(void)
{
	const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};

	setrlimit(RLIMIT_NPROC, &none);
}

/*
 * With an unusual securebits, root keeps them when it becomes another. This
 * thread's alone: a worker makes its others later, and from it.
 */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
		{0},
	};

	return (int)syscall(SYS_capset, &header, none);
}

/* The C library does each of these three for all threads. */
static int become(uint32_t id)
{
	if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0)
		return -1;
	return setresuid(id, id, id);
}

int nobody_become(uint32_t id, const char *dir, struct err *e)
{
	if (id == 0)
		return err_set(e, EINVAL, "root is not nobody");
	allow_threads();
	if (chroot(dir) < 0 || chdir("/") < 0)
		return err_errno(e, errno, "cannot make %s the root folder",
				 dir);
	if (become(id) < 0)
		return err_errno(e, errno, "cannot become user %u%s", id,
				 errno == EINVAL ? ", who is not of this user "
						   "namespace"
						 : "");
	if (drop_capabilities() < 0)
		return err_errno(e, errno, "cannot give up capabilities");
	return 0;
}
