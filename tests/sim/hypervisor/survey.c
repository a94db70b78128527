/* SPDX-License-Identifier: MIT */
/* The call sites seen since a survey began, each once. */
#include "tests/sim/hypervisor/hypervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct {
	bool on;
	struct sim_site *sites;
	size_t n;
	size_t room;
} survey;

bool survey_is_on(void)
{
	return survey.on;
}

void survey_begin(void)
{
	free(survey.sites);
	memset(&survey, 0, sizeof(survey));
	survey.on = true;
}

/* What was seen stays to be read. */
void survey_end(void)
{
	survey.on = false;
}

static struct sim_site *find(const struct call *call)
{
	size_t i;

	for (i = 0; i < survey.n; i++) {
		struct sim_site *s = &survey.sites[i];

		if (s->site == call->site && s->op == call->op &&
		    s->number == call->number && s->command == call->command &&
		    strcmp(s->program, call->program) == 0)
			return s;
	}
	return NULL;
}

static struct sim_site *append(void)
{
	if (survey.n == survey.room) {
		size_t room = survey.room ? survey.room * 2 : 64;
		struct sim_site *more =
			reallocarray(survey.sites, room, sizeof(*more));

		if (!more)
			return NULL;
		survey.sites = more;
		survey.room = room;
	}
	return memset(&survey.sites[survey.n++], 0, sizeof(struct sim_site));
}

void survey_add(struct client *c, const struct call *call, uint64_t frames)
{
	struct sim_site *s;

	if (strcmp(call->program, "xenstored") == 0)
		return;
	s = find(call);
	if (!s) {
		s = append();
		if (!s)
			return;
		memcpy(s->program, call->program,
		       strnlen(call->program, sizeof(s->program) - 1));
		s->op = call->op;
		s->number = call->number;
		s->command = call->command;
		s->site = call->site;
		client_read(c, s->frames, frames, sizeof(s->frames));
	}
	s->uses++;
}

int64_t survey_read(struct client *c, uint64_t to, uint64_t n)
{
	size_t fit = n < survey.n ? (size_t)n : survey.n;
	int rc = client_write(c, to, survey.sites, fit * sizeof(*survey.sites));

	return rc < 0 ? rc : (int64_t)survey.n;
}
