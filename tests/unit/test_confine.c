/* SPDX-License-Identifier: MIT */
/*
 * What a confined process can no longer do, call by call, and what it still
 * can. Each case runs in a child, for there is no way back.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/err.h"
#include "chan/confine.h"
#include "tests/unit/child.h"

static bool confine(void)
{
	struct err e;

	return confine_self(&e) == 0;
}

/*
 * Unconfined, none of these gives root EPERM with zeroes for arguments. Fork
 * and clone are not tried like that.
 */
static const struct {
	const char *name;
	long number;
} calls[] = {
#define CALL(name)                \
	{                         \
#name, SYS_##name \
	}
	CALL(open),
	CALL(openat),
	CALL(openat2),
	CALL(creat),
	CALL(open_by_handle_at),
	CALL(open_tree),
	CALL(link),
	CALL(linkat),
	CALL(symlink),
	CALL(symlinkat),
	CALL(unlink),
	CALL(unlinkat),
	CALL(rename),
	CALL(renameat),
	CALL(renameat2),
	CALL(mkdir),
	CALL(mkdirat),
	CALL(rmdir),
	CALL(mknod),
	CALL(mknodat),
	CALL(truncate),
	CALL(chmod),
	CALL(fchmodat),
	CALL(chown),
	CALL(lchown),
	CALL(fchownat),
	CALL(setxattr),
	CALL(lsetxattr),
	CALL(removexattr),
	CALL(lremovexattr),
	CALL(mount),
	CALL(umount2),
	CALL(move_mount),
	CALL(mount_setattr),
	CALL(chroot),
	CALL(pivot_root),
	CALL(swapon),
	CALL(swapoff),
	CALL(socket),
	CALL(socketpair),
	CALL(connect),
	CALL(bind),
	CALL(io_uring_setup),
	CALL(execve),
	CALL(execveat),
	CALL(ptrace),
	CALL(process_vm_readv),
	CALL(process_vm_writev),
	CALL(process_madvise),
	CALL(pidfd_getfd),
	CALL(kcmp),
	CALL(kill),
	CALL(tkill),
	CALL(pidfd_send_signal),
	CALL(rt_sigqueueinfo),
	CALL(rt_tgsigqueueinfo),
	CALL(unshare),
	CALL(setns),
	CALL(bpf),
	CALL(perf_event_open),
	CALL(init_module),
	CALL(finit_module),
	CALL(delete_module),
	CALL(kexec_load),
	CALL(kexec_file_load),
	CALL(reboot),
#undef CALL
};

static bool refused(long number)
{
	errno = 0;
	return syscall(number, 0, 0, 0, 0, 0, 0) == -1 && errno == EPERM;
}

static bool check_calls(void)
{
	bool ok = confine();
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!refused(calls[i].number)) {
			fprintf(stderr, "%s is not refused\n", calls[i].name);
			ok = false;
		}
	return ok;
}

static bool check_other_processes(void)
{
	pid_t parent = getppid();
	pid_t pid;

	if (!confine())
		return false;
	if (syscall(SYS_tgkill, parent, parent, 0) != -1 || errno != EPERM)
		return false;
	pid = fork();
	if (pid == 0)
		_exit(0);
	return pid == -1 && errno == EPERM;
}

static void *nothing(void *arg)
{
	return arg;
}

/* Memory, threads, held descriptors and signals to itself. */
static bool check_allowed(void)
{
	pthread_t thread;
	void *result;
	int ends[2];
	char byte;

	if (pipe(ends) < 0 || !confine())
		return false;
	signal(SIGUSR1, SIG_IGN);
	return pthread_create(&thread, NULL, nothing, ends) == 0 &&
	       pthread_join(thread, &result) == 0 && result == ends &&
	       raise(SIGUSR1) == 0 && write(ends[1], "x", 1) == 1 &&
	       read(ends[0], &byte, 1) == 1 &&
	       mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) != MAP_FAILED;
}

struct early {
	int go[2];
	bool refused;
};

static void *open_when_told(void *arg)
{
	struct early *early = arg;
	char byte;

	if (read(early->go[0], &byte, 1) == 1)
		early->refused =
			open("/", O_RDONLY | O_CLOEXEC) == -1 && errno == EPERM;
	return NULL;
}

/* A thread that was there before the call is confined as well. */
static bool check_early_thread(void)
{
	struct early early = {.refused = false};
	pthread_t thread;

	return pipe(early.go) == 0 &&
	       pthread_create(&thread, NULL, open_when_told, &early) == 0 &&
	       confine() && write(early.go[1], "", 1) == 1 &&
	       pthread_join(thread, NULL) == 0 && early.refused;
}

static bool check_abort(void)
{
	if (!confine())
		return false;
	abort();
}

static void test_calls(void **state)
{
	(void)state;
	in_child(check_calls);
}

static void test_other_processes(void **state)
{
	(void)state;
	in_child(check_other_processes);
}

static void test_allowed(void **state)
{
	(void)state;
	in_child(check_allowed);
}

static void test_early_thread(void **state)
{
	(void)state;
	in_child(check_early_thread);
}

/* A bug still ends in SIGABRT, and is seen as that. */
static void test_abort(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_DUMPABLE, 0); /* no core file */
		_exit(check_abort());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_other_processes),
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_early_thread),
		cmocka_unit_test(test_abort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
