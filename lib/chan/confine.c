/* SPDX-License-Identifier: MIT */
/* A seccomp filter that refuses whatever reaches beyond held descriptors. */
#include "chan/confine.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <seccomp.h>

#include "base/err.h"

/* A deny list: whatever makes a descriptor from a name, or a process. */
static const int refused[] = {
	/* paths, opened */
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(openat2),
	SCMP_SYS(creat),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(fspick),
	/* paths, changed */
	SCMP_SYS(link),
	SCMP_SYS(linkat),
	SCMP_SYS(symlink),
	SCMP_SYS(symlinkat),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(rmdir),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
	SCMP_SYS(truncate),
	SCMP_SYS(chmod),
	SCMP_SYS(fchmodat),
	SCMP_SYS(chown),
	SCMP_SYS(lchown),
	SCMP_SYS(fchownat),
	SCMP_SYS(setxattr),
	SCMP_SYS(lsetxattr),
	SCMP_SYS(removexattr),
	SCMP_SYS(lremovexattr),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(move_mount),
	SCMP_SYS(mount_setattr),
	SCMP_SYS(chroot),
	SCMP_SYS(pivot_root),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(acct),
	/* sockets, and rings that can open and connect */
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(io_uring_setup),
	/* programs and processes */
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(process_madvise),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	SCMP_SYS(kill),
	SCMP_SYS(tkill),
	SCMP_SYS(pidfd_send_signal),
	SCMP_SYS(rt_sigqueueinfo),
	SCMP_SYS(rt_tgsigqueueinfo),
	/* the kernel and the namespaces */
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
};

/*
 * Threads and abort() are for this process too; other processes are not. The
 * flags of clone3 are in memory, where a filter cannot look: without it the
 * C library makes its threads by clone.
 */
static int refuse_other_processes(scmp_filter_ctx filter)
{
	const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
	const struct scmp_arg_cmp not_us = {
		.arg = 0,
		.op = SCMP_CMP_NE,
		.datum_a = (scmp_datum_t)getpid(),
	};
	const struct scmp_arg_cmp no_thread = {
		.arg = 0,
		.op = SCMP_CMP_MASKED_EQ,
		.datum_a = CLONE_THREAD,
		.datum_b = 0,
	};
	int r;

	r = seccomp_rule_add_array(filter, refuse, SCMP_SYS(tgkill), 1,
				   &not_us);
	if (r == 0)
		r = seccomp_rule_add_array(filter, refuse, SCMP_SYS(clone), 1,
					   &no_thread);
	if (r == 0)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				     SCMP_SYS(clone3), 0);
	return r;
}

int confine_self(struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	size_t i;
	int r;

	if (!filter)
		return err_set(e, ENOMEM, "no memory for a seccomp filter");
	/* For the threads that there are already, too. */
	r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i],
				     0);
	if (r == 0)
		r = refuse_other_processes(filter);
	if (r == 0)
		r = seccomp_load(filter); /* sets no_new_privs too */
	seccomp_release(filter);
	if (r < 0)
		return err_errno(e, -r, "cannot confine this process");
	return 0;
}
