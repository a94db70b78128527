/* SPDX-License-Identifier: MIT */
/* The bed, as a test finds it; and what programs wrote into the log. */
#include "tests/sim/runs/world.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <event2/event.h>
#include <xenstore.h>

#include "base/scope.h"
#include "base/text.h"
#include "tests/sim/lib/link.h"
#include "tests/sim/malloc/plan.h"

static void *must(void *thing, const char *what)
{
	if (thing)
		return thing;
	fprintf(stderr, "the test bed: %s: %s\n", what, strerror(errno));
	exit(2);
}

void world_open(struct world *w)
{
	scoped_str log = NULL;
	const char *plan = getenv(MALLOC_PLAN_ENV);

	memset(w, 0, sizeof(*w));
	w->xnd_pidfd = -1;
	w->dir = must(getenv("XN_BED"), "run me by tests/sim/run");
	w->base = must(event_base_new(), "an event loop");
	w->control = must(link_open(SIM_CONTROL, 0), "the hypervisor");
	w->store = must(xs_open(0), "xenstored");
	if (plan)
		w->plan = must(malloc_plan_create(plan), plan);
	log = must(world_path(w, "log"), "memory");
	w->log = open(log, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (w->log < 0)
		must(NULL, log);
	w->log_read = lseek(w->log, 0, SEEK_END);
}

void world_close(struct world *w)
{
	close(w->log);
	malloc_plan_close(w->plan);
	xs_close(w->store);
	link_close(w->control);
	event_base_free(w->base);
}

double world_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void world_rest(struct world *w, unsigned int ms)
{
	const struct timeval limit = {ms / 1000, (ms % 1000) * 1000};

	event_base_loopexit(w->base, &limit);
	event_base_loop(w->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

char *world_path(const struct world *w, const char *name)
{
	return text_format("%s/%s", w->dir, name);
}

/* ---- the log ---- */

/* What was written since then; the caller frees it. */
static char *log_since(struct world *w)
{
	struct stat st;
	size_t size;
	char *text;
	ssize_t r;

	if (fstat(w->log, &st) < 0 || st.st_size < w->log_read)
		return NULL;
	size = (size_t)(st.st_size - w->log_read);
	text = malloc(size + 1);
	if (!text)
		return NULL;
	r = pread(w->log, text, size, w->log_read);
	text[r > 0 ? r : 0] = '\0';
	return text;
}

static char *line_at(const char *text, const char *at)
{
	while (at > text && at[-1] != '\n')
		at--;
	return strndup(at, strcspn(at, "\n"));
}

char *world_complaint(struct world *w)
{
	static const char *const words[] = {
		"ERROR: AddressSanitizer",
		"ERROR: LeakSanitizer",
		"WARNING: ThreadSanitizer",
		"runtime error:",
		"LeakSanitizer has encountered",
		"AddressSanitizer:DEADLYSIGNAL",
	};
	scoped_str text = log_since(w);
	const char *first = NULL;
	size_t i;

	if (!text)
		return NULL;
	w->log_read += (off_t)strlen(text);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *at = strstr(text, words[i]);

		if (at && (!first || at < first))
			first = at;
	}
	return first ? line_at(text, first) : NULL;
}

char *world_said(struct world *w, const char *word)
{
	scoped_str text = log_since(w);
	const char *last = NULL;
	const char *at = text;

	while (at && (at = strstr(at, word))) {
		last = at;
		at += strlen(word);
	}
	return last ? line_at(text, last) : NULL;
}
