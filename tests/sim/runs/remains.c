/* SPDX-License-Identifier: MIT */
/* Making and comparing lists of everything that there is. */
#include "tests/sim/runs/remains.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/scope.h"
#include "base/text.h"
#include "tests/sim/lib/link.h"
#include "tests/sim/runs/nodes.h"
#include "tests/sim/runs/world.h"

#define LOOK_MS	     3 /* soon after it may be over, then less and less often */
#define LOOK_MOST_MS 24
#define REST_MS	     40 /* for what nobody waits for */
#define RUN_DIR	     "/run/xn"

static void tell_counters(FILE *out, struct world *w)
{
	struct sim_counters c = {0};

	LINK_CALL(w->control, SIM_COUNTERS, (uintptr_t)&c);
	fprintf(out, "domains %u\nframes %u\nports %u\nguest-ports %u\n",
		c.domains, c.frames, c.ports, c.guest_ports);
	fprintf(out, "grant-maps %u\ncopies %u\nhandles %u\n", c.grant_maps,
		c.copies, c.handles);
}

/* What /proc says of a process. */
struct about {
	char name[16];
	char state;
	pid_t parent;
};

static bool ask_about(const char *pid, struct about *a)
{
	char path[64];
	bool ok;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	ok = fscanf(f, "%*d (%15[^)]) %c %d", a->name, &a->state, &a->parent) ==
	     3;
	fclose(f);
	return ok;
}

/* What others leave unburied is init's. */
static bool is_child_of(const char *pid, pid_t parent)
{
	struct about a;

	return parent && ask_about(pid, &a) && a.parent == parent;
}

/* Its arguments; or that it is dead, and xnd has not buried it. */
static void tell_process(FILE *out, const char *pid, pid_t xnd)
{
	char path[64];
	char text[512];
	FILE *f;
	size_t n;
	size_t i;

	snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
	f = fopen(path, "re");
	if (!f)
		return;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	for (i = 0; i + 1 < n; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	text[n] = '\0';
	if (n == 0 && is_child_of(pid, xnd))
		fprintf(out, "process zombie\n");
	else if (strncmp(text, "xn", 2) == 0)
		fprintf(out, "process %s\n", text);
}

static int any_process(const struct dirent *d)
{
	return isdigit((unsigned char)d->d_name[0]);
}

static void tell_processes(FILE *out, pid_t xnd)
{
	struct dirent **list;
	int n = scandir("/proc", &list, any_process, NULL);
	int i;

	for (i = 0; i < n; i++) {
		tell_process(out, list[i]->d_name, xnd);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

/* One that is dead has closed all that it had. */
static unsigned int count_living(const char *program)
{
	struct dirent **list;
	int n = scandir("/proc", &list, any_process, NULL);
	unsigned int count = 0;
	struct about a;
	int i;

	for (i = 0; i < n; i++) {
		count += ask_about(list[i]->d_name, &a) && a.state != 'Z' &&
			 strcmp(a.name, program) == 0;
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return count;
}

static void tell_links(FILE *out)
{
	struct if_nameindex *all = if_nameindex();
	struct if_nameindex *i;

	for (i = all; i && i->if_index; i++)
		fprintf(out, "link %s\n", i->if_name);
	if_freenameindex(all);
}

static FILE *files_out;

static int on_file(const char *path, const struct stat *st, int type,
		   struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	fprintf(files_out, "file %s\n", path);
	return 0;
}

static void tell_files(FILE *out)
{
	files_out = out;
	nftw(RUN_DIR, on_file, 8, FTW_PHYS);
}

static void tell_descriptors(FILE *out, struct world *w)
{
	char path[64];
	unsigned int count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)w->xnd);
	dir = w->xnd ? opendir(path) : NULL;
	if (!dir)
		return;
	while (readdir(dir))
		count++;
	closedir(dir);
	fprintf(out, "descriptors %u\n", count);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Its lines in order; takes text. */
static char *sorted(char *text)
{
	char *out = calloc(1, strlen(text) + 1);
	size_t count = 0;
	char **lines;
	char *rest;
	char *line;
	char *s;
	size_t i;

	for (s = text; *s; s++)
		count += *s == '\n';
	lines = calloc(count + 1, sizeof(*lines));
	count = 0;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		lines[count++] = line;
	qsort(lines, count, sizeof(*lines), by_text);
	for (i = 0, s = out; i < count; i++)
		s += sprintf(s, "%s\n", lines[i]);
	free(lines);
	free(text);
	return out;
}

static char *tell_all(struct world *w, bool with_nodes)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	tell_counters(out, w);
	if (with_nodes)
		nodes_tell(out);
	tell_processes(out, w->xnd);
	tell_links(out);
	tell_files(out);
	tell_descriptors(out, w);
	fclose(out);
	return sorted(text);
}

char *remains_text(struct world *w)
{
	return tell_all(w, true);
}

char *remains_rest(struct world *w)
{
	scoped_str last = NULL;
	char *now = remains_text(w);

	do {
		free(last);
		last = now;
		world_rest(w, REST_MS);
		now = remains_text(w);
	} while (now && last && strcmp(now, last) != 0);
	return now;
}

int remains_await_end(struct world *w, const char *program, unsigned int ms,
		      struct err *e)
{
	double limit = world_now() + ms / 1e3;
	unsigned int count;

	while ((count = count_living(program)) > 0) {
		if (world_now() >= limit)
			return err_set(e, EBUSY, "%u of %s do not end", count,
				       program);
		world_rest(w, LOOK_MS);
	}
	return 0;
}

/* Whether text, which has no nodes, is all that full has besides them. */
static bool is_all_but_nodes(const char *text, const char *full)
{
	while (*full) {
		size_t n = strcspn(full, "\n") + 1;

		if (!text_begins(full, NODE)) {
			if (strncmp(text, full, n) != 0)
				return false;
			text += n;
		}
		full += n;
	}
	return !*text;
}

/* Appends the lines of a that b has not to text. Both are sorted. */
static void append_missing(char *text, size_t room, const char *sign,
			   const char *a, const char *b)
{
	while (*a) {
		size_t n = strcspn(a, "\n");
		size_t m = strcspn(b, "\n");
		size_t shorter = n < m ? n : m;
		int order = *b ? strncmp(a, b, shorter) : -1;
		size_t length = strlen(text);

		if (order == 0)
			order = n < m ? -1 : n > m;
		if (order > 0) {
			b += m + 1;
			continue;
		}
		if (order == 0)
			b += m + 1;
		else if (length + n + 4 < room)
			snprintf(text + length, room - length, " %s%.*s;", sign,
				 (int)n, a);
		a += n + 1;
	}
}

int remains_settle(struct world *w, const char *before, unsigned int ms,
		   struct err *e)
{
	double limit = world_now() + ms / 1e3;
	char difference[200] = "";
	unsigned int pause = LOOK_MS;

	for (;;) {
		bool is_late = world_now() >= limit;
		scoped_str now = tell_all(w, is_late);

		/* Nodes are many, and mostly in order before the rest is. */
		if (!is_late && now && is_all_but_nodes(now, before)) {
			free(now);
			now = remains_text(w);
		}
		if (now && strcmp(now, before) == 0)
			return 0;
		if (now && is_late) {
			append_missing(difference, sizeof(difference), "+", now,
				       before);
			append_missing(difference, sizeof(difference), "-",
				       before, now);
			return err_set(e, EBUSY, "not as before:%s",
				       difference);
		}
		world_rest(w, pause);
		pause = pause * 2 < LOOK_MOST_MS ? pause * 2 : LOOK_MOST_MS;
	}
}
