/* SPDX-License-Identifier: MIT */
/* The progress line. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define PATIENCE_MS 500

static long waited_ms(const struct progress *p)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - p->start.tv_sec) * 1000 +
	       (now.tv_nsec - p->start.tv_nsec) / 1000000;
}

void progress_start(struct progress *p, const char *text)
{
	memset(p, 0, sizeof(*p));
	p->on = isatty(STDERR_FILENO);
	p->stale = true;
	clock_gettime(CLOCK_MONOTONIC, &p->start);
	text_escape(text, p->text, sizeof(p->text));
}

void progress_wait(void *arg, const char *text)
{
	struct progress *p = arg;

	if (text) {
		text_escape(text, p->text, sizeof(p->text));
		p->stale = true;
	}
	if (!p->on || !p->stale || waited_ms(p) < PATIENCE_MS)
		return;
	fprintf(stderr, "\r%-*s", p->width, p->text);
	fflush(stderr);
	p->width = (int)strlen(p->text);
	p->stale = false;
}

void progress_stop(struct progress *p)
{
	if (p->width)
		fprintf(stderr, "\r%*s\r", p->width, "");
	p->on = false;
	p->width = 0;
}
