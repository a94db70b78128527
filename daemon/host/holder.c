/* SPDX-License-Identifier: MIT */
/* What /proc/self/mountinfo and /sys say about a device or a file. */
#include "daemon/host/holder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "daemon/host/path.h"

/* The first line of a file in /sys, without its newline. NULL: none. */
static char *read_line(const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!file)
		return NULL;
	n = getline(&line, &room, file);
	fclose(file);
	if (n <= 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static bool find_mount(dev_t device, char *text, size_t size)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	scoped_str line = NULL;
	bool found = false;
	size_t room = 0;

	if (!file)
		return false;
	while (!found && getline(&line, &room, file) > 0) {
		unsigned int major, minor;
		char where[PATH_SHOWN_BYTES];

		/* id, parent, major:minor, root, mount point: proc(5) */
		if (sscanf(line, "%*d %*d %u:%u %*s %199s", &major, &minor,
			   where) == 3 &&
		    makedev(major, minor) == device) {
			snprintf(text, size, "mounted on %s", where);
			found = true;
		}
	}
	fclose(file);
	return found;
}

/* The first entry of a folder that is not hidden, into name. */
static bool first_entry(const char *folder, char name[NAME_MAX + 1])
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		strcpy(name, entry->d_name);
		found = true;
	}
	closedir(dir);
	return found;
}

bool holder_of_device(dev_t device, char *text, size_t size)
{
	char folder[64];
	char name[NAME_MAX + 1];

	if (find_mount(device, text, size))
		return true;
	snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u/holders",
		 major(device), minor(device));
	if (!first_entry(folder, name))
		return false;
	snprintf(text, size, "part of %s", name);
	return true;
}

/* Is the loop device of that name (a folder in /sys/block) over the file? */
static bool loop_has(const char *name, const struct stat *file, bool read_only)
{
	scoped_str path = text_format("/sys/block/%s/loop/backing_file", name);
	scoped_str ro_path = text_format("/sys/block/%s/ro", name);
	scoped_str backing = path ? read_line(path) : NULL;
	scoped_str ro = ro_path ? read_line(ro_path) : NULL;
	struct stat st;

	if (!backing || stat(backing, &st) < 0 || st.st_dev != file->st_dev ||
	    st.st_ino != file->st_ino)
		return false;
	return !(read_only && ro && strcmp(ro, "1") == 0);
}

bool holder_of_file(const struct stat *file, bool read_only, char *text,
		    size_t size)
{
	DIR *dir = opendir("/sys/block");
	struct dirent *entry;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		if (!text_begins(entry->d_name, "loop") ||
		    !loop_has(entry->d_name, file, read_only))
			continue;
		snprintf(text, size, "behind /dev/%s", entry->d_name);
		found = true;
	}
	closedir(dir);
	return found;
}
