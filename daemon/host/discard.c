/* SPDX-License-Identifier: MIT */
/* What a file system or a device says of discards. */
#include "daemon/host/discard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/num.h"
#include "base/scope.h"

#define SECTOR_BYTES	   512
#define FILE_BLOCK_MAX	   65536

#define QCOW2_HEADER_BYTES 104 /* of version 3; version 2 has less */
#define QCOW2_EXTENDED_L2  0x10

/* A number of /sys/dev/block/MAJOR:MINOR/NAME; 0 when there is none. */
static uint64_t read_sysfs(dev_t device, const char *name)
{
	char path[96], text[32];
	uint64_t value = 0;
	scoped_fd fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(device),
		 minor(device), name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	num_parse_u64(text, UINT64_MAX, &value);
	return value;
}

/* A partition's queue is its disk's. */
static uint64_t read_queue(dev_t device, const char *name)
{
	char path[48];
	uint64_t value;

	snprintf(path, sizeof(path), "queue/%s", name);
	value = read_sysfs(device, path);
	snprintf(path, sizeof(path), "../queue/%s", name);
	return value ? value : read_sysfs(device, path);
}

static void find_device(dev_t device, struct discard *d)
{
	uint64_t granularity = read_queue(device, "discard_granularity");
	uint64_t alignment = read_sysfs(device, "discard_alignment");

	if (granularity == 0 || granularity > UINT32_MAX ||
	    read_queue(device, "discard_max_bytes") == 0)
		return;
	d->granularity = (uint32_t)granularity;
	/* All bits set is the kernel's word for one that is not known. */
	if (alignment < granularity)
		d->alignment = (uint32_t)alignment;
}

static void find_file(int fd, const struct stat *st, uint64_t bytes,
		      struct discard *d)
{
	const off_t behind =
		(off_t)((bytes + FILE_BLOCK_MAX) & ~(uint64_t)4095);
	uint32_t block = SECTOR_BYTES;

	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, behind,
		      4096) < 0)
		return;
	/* st_blksize; of a network's file system it may be huge. */
	while (block < (uint32_t)st->st_blksize && block < FILE_BLOCK_MAX)
		block *= 2;
	d->granularity = block;
}

static uint64_t big_endian(const unsigned char *at, size_t bytes)
{
	uint64_t n = 0;

	while (bytes-- > 0)
		n = n << 8 | *at++;
	return n;
}

uint32_t discard_qcow2_unit(int fd)
{
	unsigned char header[QCOW2_HEADER_BYTES];
	uint64_t version, bits;

	if (pread(fd, header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header, "QFI\xfb", 4) != 0)
		return 0;
	version = big_endian(header + 4, 4);
	bits = big_endian(header + 20, 4);
	if (bits < 9 || bits > 21)
		return 0;
	/* An entry of an extended table is of a cluster in 32 parts. */
	if (version >= 3 && big_endian(header + 72, 8) & QCOW2_EXTENDED_L2)
		bits -= bits < 14 ? 0 : 5;
	return 1u << bits;
}

void discard_find(int fd, const struct stat *st, uint64_t bytes,
		  struct discard *d)
{
	*d = (struct discard){0};
	if (S_ISBLK(st->st_mode))
		find_device(st->st_rdev, d);
	else
		find_file(fd, st, bytes, d);
}
