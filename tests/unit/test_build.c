/* SPDX-License-Identifier: MIT */
/* What xn-build makes of files, of their first bytes, of a library's words. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include <xentoollog.h>

#include "base/err.h"
#include "base/log.h"
#include "build/input.h"
#include "build/kernel.h"
#include "build/message.h"

#define FILE_SIZE 4096

/* A file of FILE_SIZE bytes with an ELF header of these tables. */
static enum kernel_kind elf_with(uint8_t class, uint16_t machine, uint64_t off,
				 uint16_t count, uint16_t size)
{
	char file[FILE_SIZE] = {0};
	Elf64_Ehdr elf = {
		.e_machine = machine,
		.e_phoff = off,
		.e_phnum = count,
		.e_phentsize = size,
	};

	memcpy(elf.e_ident, ELFMAG, SELFMAG);
	elf.e_ident[EI_CLASS] = class;
	memcpy(file, &elf, sizeof(elf));
	return kernel_kind(file, sizeof(file));
}

static void test_elf(void **state)
{
	(void)state;
	assert_int_equal(elf_with(ELFCLASS64, EM_X86_64, 64, 5, 56),
			 KERNEL_ELF);
	assert_int_equal(
		elf_with(ELFCLASS64, EM_X86_64, FILE_SIZE - 280, 5, 56),
		KERNEL_ELF);
	assert_int_equal(
		elf_with(ELFCLASS64, EM_X86_64, FILE_SIZE - 279, 5, 56),
		KERNEL_ELF_BROKEN);
	assert_int_equal(elf_with(ELFCLASS64, EM_X86_64, UINT64_MAX, 1, 1),
			 KERNEL_ELF_BROKEN);
	assert_int_equal(
		elf_with(ELFCLASS64, EM_X86_64, 64, UINT16_MAX, UINT16_MAX),
		KERNEL_ELF_BROKEN);
	assert_int_equal(elf_with(ELFCLASS64, EM_AARCH64, 64, 5, 56),
			 KERNEL_ELF_OTHER);
	assert_int_equal(elf_with(ELFCLASS32, EM_386, 64, 5, 56),
			 KERNEL_ELF_OTHER);
	assert_int_equal(kernel_kind("\x7f"
				     "ELF",
				     4),
			 KERNEL_ELF_BROKEN);
}

static void test_other_kinds(void **state)
{
	char file[0x206] = {0};

	(void)state;
	assert_int_equal(kernel_kind(NULL, 0), KERNEL_UNKNOWN);
	assert_int_equal(kernel_kind(file, sizeof(file)), KERNEL_UNKNOWN);
	assert_int_equal(kernel_kind("\x1f\x8b", 2), KERNEL_GZIP);
	assert_int_equal(kernel_kind("\x1f", 1), KERNEL_UNKNOWN);
	memcpy(file + 0x202, "HdrS", 4);
	assert_int_equal(kernel_kind(file, sizeof(file)), KERNEL_BZIMAGE);
	assert_int_equal(kernel_kind(file, sizeof(file) - 1), KERNEL_UNKNOWN);
}

/* Lines as libxenguest 4.17 says them, and what is left for a person. */
static void test_trim(void **state)
{
	static const struct {
		const char *said;
		const char *kept;
	} rows[] = {
		{"panic: xg_dom_core.c:689: xc_dom_find_loader: no loader "
		 "found: Invalid kernel",
		 "no loader found"},
		{"panic: xg_dom_boot.c:121: xc_dom_boot_mem_init: can't "
		 "allocate low memory for domain: Out of memory",
		 "can't allocate low memory for domain"},
		{"_xc_try_lzma_decode: XZ decompression error: File is "
		 "corrupt",
		 "XZ decompression error: File is corrupt"},
		{"ERROR: Not a Xen-ELF image: No ELF notes or '__xen_guest' "
		 "section found\n",
		 "Not a Xen-ELF image: No ELF notes or '__xen_guest' section "
		 "found"},
		{"plain words: kept", "plain words: kept"},
		{"panic: ", ""},
		{": Invalid kernel", ": Invalid kernel"},
		{"", ""},
	};
	char out[MESSAGE_BYTES];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		message_trim(rows[i].said, out);
		assert_string_equal(out, rows[i].kept);
	}
}

/* The first error is the cause; remarks are none; a new request forgets. */
static void test_kept(void **state)
{
	struct xentoollog_logger *logger = message_logger();

	(void)state;
	log_open("test_build", false);
	message_forget();
	xtl_log(logger, XTL_DETAIL, -1, "xc", "a remark");
	assert_string_equal(message_error(), "");
	assert_string_equal(message_unpacking(), "");
	xtl_log(logger, XTL_DETAIL, -1, "xc", "ZSTD: error: %s", "bad\x1b");
	assert_string_equal(message_unpacking(), "ZSTD: error: bad\\x1b");
	xtl_log(logger, XTL_ERROR, -1, "xc", "cause %d", 1);
	xtl_log(logger, XTL_CRITICAL, -1, "xc", "consequence");
	assert_string_equal(message_error(), "cause 1");
	message_forget();
	assert_string_equal(message_error(), "");
	assert_string_equal(message_unpacking(), "");
}

static int memfd_of(size_t size)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static void test_input(void **state)
{
	struct input in = {.bytes = NULL};
	int fd = memfd_of(2 << 20);
	struct err e;

	(void)state;
	assert_int_equal(pwrite(fd, "last", 4, (2 << 20) - 4), 4);
	assert_int_equal(input_map(&in, fd, "kernel", 2 << 20, &e), 0);
	assert_int_equal(in.size, 2 << 20);
	assert_memory_equal((const char *)in.bytes + in.size - 4, "last", 4);
	input_unmap(&in);
	assert_null(in.bytes);
	input_unmap(&in);

	assert_int_equal(input_map(&in, fd, "ramdisk", 1 << 20, &e), -EFBIG);
	assert_string_equal(e.text, "ramdisk: too large: 2 MiB, and at most "
				    "1 MiB fit");
	assert_null(in.bytes);
	close(fd);
}

static void test_bad_input(void **state)
{
	static const struct {
		const char *path;
		int flags;
		int rc;
		const char *text;
	} rows[] = {
		{NULL, 0, -EINVAL, "kernel: the file is empty"},
		{"/", O_RDONLY, -EINVAL, "kernel: not a regular file"},
		{"/dev/zero", O_RDONLY, -EINVAL, "kernel: not a regular file"},
		{"/proc/self/exe", O_PATH, -EBADF,
		 "kernel: cannot map it: Bad file descriptor"},
	};
	struct input in = {.bytes = NULL};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = rows[i].path
				 ? open(rows[i].path, rows[i].flags | O_CLOEXEC)
				 : memfd_of(0);

		assert_true(fd >= 0);
		assert_int_equal(input_map(&in, fd, "kernel", 1 << 30, &e),
				 rows[i].rc);
		assert_string_equal(e.text, rows[i].text);
		assert_null(in.bytes);
		close(fd);
	}
	assert_int_equal(input_map(&in, -1, "kernel", 1, &e), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elf),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_bad_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
