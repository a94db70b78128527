/* SPDX-License-Identifier: MIT */
/*
 * A main() for a fuzz target without libFuzzer: feeds it every input that is
 * kept in tests/fuzz/corpus/ under its name, or those named as arguments, and
 * prints TAP. So make check goes through them with any compiler.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"

#define INPUT_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* In memory of its very size, so that a sanitizer sees who reads beyond. */
static bool replay(const char *path)
{
	static uint8_t room[INPUT_MAX];
	scoped_fd fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, room, sizeof(room));
	uint8_t *data = n < 0 ? NULL : malloc(n ? (size_t)n : 1);

	if (!data) {
		printf("# %s: cannot be read\n", path);
		return false;
	}
	memcpy(data, room, (size_t)n);
	LLVMFuzzerTestOneInput(data, (size_t)n);
	free(data);
	return true;
}

/* How many inputs, or -1. */
static int replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int count = 0;

	if (!dir)
		return -1;
	while (count >= 0 && (entry = readdir(dir))) {
		scoped_str path = text_format("%s/%s", folder, entry->d_name);

		if (entry->d_name[0] == '.')
			continue;
		fprintf(stderr, "# %s\n", entry->d_name);
		count = path && replay(path) ? count + 1 : -1;
	}
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];
	const char *source = getenv("top_srcdir");
	scoped_str folder = text_format("%s/tests/fuzz/corpus/%s",
					source ? source : ".", name);
	int count = 0;
	int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	LLVMFuzzerInitialize(&argc, &argv);
	for (i = 1; i < argc && count >= 0; i++)
		count = replay(argv[i]) ? count + 1 : -1;
	if (argc == 1)
		count = replay_folder(folder);
	printf("%s 1 - %d inputs of %s\n1..1\n", count > 0 ? "ok" : "not ok",
	       count, name);
	return count > 0 ? 0 : 1;
}
