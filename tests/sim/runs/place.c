/* SPDX-License-Identifier: MIT */
/* Two pipes to addr2line. */
#include "tests/sim/runs/place.h"

#include <inttypes.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <fcntl.h>

#include "base/scope.h"
#include "base/text.h"

#define SHOWN 6 /* frames */

extern char **environ;

struct places {
	pid_t pid;
	FILE *to;
	FILE *from;
};

static char *path_of(const char *program)
{
	if (strcmp(program, "xnd") == 0)
		return text_format("%s", getenv("XND"));
	if (strcmp(program, "xn") == 0)
		return text_format("%s", getenv("XN"));
	return text_format("%s/%s", getenv("XN_LIBEXECDIR"), program);
}

struct places *places_open(const char *program)
{
	struct places *p = calloc(1, sizeof(*p));
	scoped_str path = path_of(program);
	const char *const argv[] = {"addr2line", "-f", "-s", "-e", path, NULL};
	posix_spawn_file_actions_t files;
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0)
		abort();
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, to[0], 0);
	posix_spawn_file_actions_adddup2(&files, from[1], 1);
	if (posix_spawnp(&p->pid, argv[0], &files, NULL, (char *const *)argv,
			 environ) != 0)
		p->pid = 0;
	posix_spawn_file_actions_destroy(&files);
	close(to[0]);
	close(from[1]);
	p->to = fdopen(to[1], "w");
	p->from = fdopen(from[0], "r");
	return p;
}

void places_close(struct places *p)
{
	fclose(p->to);
	fclose(p->from);
	if (p->pid)
		waitpid(p->pid, NULL, 0);
	free(p);
}

/* A call is before the address to which it returns. */
void place_name(struct places *p, const uint64_t *frames, size_t n, char *text,
		size_t room)
{
	size_t i;

	text[0] = '\0';
	for (i = 0; i < n && i < SHOWN && frames[i]; i++) {
		size_t length = strlen(text);
		char function[80];
		char file[80];

		fprintf(p->to, "0x%" PRIx64 "\n", frames[i] - 1);
		fflush(p->to);
		if (!fgets(function, sizeof(function), p->from) ||
		    !fgets(file, sizeof(file), p->from))
			return;
		function[strcspn(function, "\n")] = '\0';
		file[strcspn(file, " \n")] = '\0';
		snprintf(text + length, room - length, "%s%s %s",
			 i ? " < " : "", function, file);
	}
}
