/* SPDX-License-Identifier: MIT */
/* Telling kernels apart by their first bytes. */
#include "build/kernel.h"

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Linux's x86 boot protocol. */
#define BZIMAGE_MAGIC	 "HdrS"
#define BZIMAGE_MAGIC_AT 0x202

#define GZIP_MAGIC	 "\x1f\x8b"

static bool has_bytes(const char *bytes, size_t size, size_t at,
		      const char *magic)
{
	size_t n = strlen(magic);

	return size >= n && at <= size - n && memcmp(bytes + at, magic, n) == 0;
}

/* count entries of size each, from offset at, lie within the file. */
static bool table_fits(size_t file_size, uint64_t at, uint32_t count,
		       uint32_t size)
{
	return at <= file_size && (uint64_t)count * size <= file_size - at;
}

static enum kernel_kind elf_kind(const char *bytes, size_t size)
{
	Elf64_Ehdr elf;

	if (size < sizeof(elf))
		return KERNEL_ELF_BROKEN;
	memcpy(&elf, bytes, sizeof(elf));
	if (elf.e_ident[EI_CLASS] != ELFCLASS64 || elf.e_machine != EM_X86_64)
		return KERNEL_ELF_OTHER;
	if (!table_fits(size, elf.e_phoff, elf.e_phnum, elf.e_phentsize) ||
	    !table_fits(size, elf.e_shoff, elf.e_shnum, elf.e_shentsize))
		return KERNEL_ELF_BROKEN;
	return KERNEL_ELF;
}

enum kernel_kind kernel_kind(const void *bytes, size_t size)
{
	if (has_bytes(bytes, size, 0, ELFMAG))
		return elf_kind(bytes, size);
	if (has_bytes(bytes, size, BZIMAGE_MAGIC_AT, BZIMAGE_MAGIC))
		return KERNEL_BZIMAGE;
	if (has_bytes(bytes, size, 0, GZIP_MAGIC))
		return KERNEL_GZIP;
	return KERNEL_UNKNOWN;
}
