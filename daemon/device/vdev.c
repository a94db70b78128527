/* SPDX-License-Identifier: MIT */
/* The numbers of virtual disks. */
#include <errno.h>
#include <string.h>

#include "daemon/device/config.h"

/* Bounds of the extended scheme: 20 bits of disk, 8 of partition. */
#define DISK_MAX      ((1u << 20) - 1)
#define PARTITION_MAX 255u

/* Letters as a bijective base-26 number: a 0 … z 25, aa 26. */
static const char *read_letters(const char *s, uint32_t *disk)
{
	uint32_t n = 0;

	if (*s < 'a' || *s > 'z')
		return NULL;
	for (; *s >= 'a' && *s <= 'z'; s++) {
		n = n * 26 + (uint32_t)(*s - 'a') + 1;
		if (n > DISK_MAX + 1)
			return NULL;
	}
	*disk = n - 1;
	return s;
}

static const char *read_digits(const char *s, uint32_t max, uint32_t *out)
{
	uint32_t n = 0;

	if (*s < '0' || *s > '9' || (s[0] == '0' && s[1] >= '0' && s[1] <= '9'))
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (uint32_t)(*s - '0');
		if (n > max)
			return NULL;
	}
	*out = n;
	return s;
}

static int xvd_number(uint32_t disk, uint32_t part, uint32_t *number)
{
	if (disk < 16 && part < 16)
		*number = 202u << 8 | disk << 4 | part;
	else
		*number = 1u << 28 | disk << 8 | part;
	return 0;
}

static int sd_number(uint32_t disk, uint32_t part, uint32_t *number)
{
	if (disk > 15 || part > 15)
		return -EINVAL;
	*number = 8u << 8 | disk << 4 | part;
	return 0;
}

static int hd_number(uint32_t disk, uint32_t part, uint32_t *number)
{
	if (disk > 3 || part > 63)
		return -EINVAL;
	*number = disk < 2 ? 3u << 8 | disk << 6 | part
			   : 22u << 8 | (disk - 2) << 6 | part;
	return 0;
}

int vdev_number(const char *vdev, uint32_t *number)
{
	static const struct {
		const char *prefix;
		int (*number)(uint32_t disk, uint32_t part, uint32_t *number);
	} schemes[] = {
		{"xvd", xvd_number},
		{"sd", sd_number},
		{"hd", hd_number},
	};
	uint32_t disk;
	uint32_t part = 0;
	const char *s;
	size_t i;

	if (strlen(vdev) >= VDEV_MAX)
		return -EINVAL;
	if (vdev[0] == 'd') {
		s = read_digits(vdev + 1, DISK_MAX, &disk);
		if (s && *s == 'p')
			s = read_digits(s + 1, PARTITION_MAX, &part);
		if (!s || *s)
			return -EINVAL;
		return xvd_number(disk, part, number);
	}
	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t size = strlen(schemes[i].prefix);

		if (strncmp(vdev, schemes[i].prefix, size) != 0)
			continue;
		s = read_letters(vdev + size, &disk);
		/* A partition is counted from 1 when it is named. */
		if (s && *s &&
		    (*s == '0' || !(s = read_digits(s, PARTITION_MAX, &part))))
			return -EINVAL;
		if (!s || *s)
			return -EINVAL;
		return schemes[i].number(disk, part, number);
	}
	return -EINVAL;
}
