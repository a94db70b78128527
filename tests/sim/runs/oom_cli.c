/* SPDX-License-Identifier: MIT */
/*
 * Every call of xn that allocates, failed once, in each of the verbs of a
 * guest's life: xn ends with status 1 and one line that says why, or does what
 * it was asked for; never half of it, and never a success that is none.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/scope.h"
#include "base/text.h"
#include "tests/sim/malloc/plan.h"
#include "tests/sim/runs/place.h"
#include "tests/sim/runs/stage.h"
#include "tests/sim/runs/tap.h"

#define GUEST	 "guest-c"
#define CONFIG	 "/run/bed/guest-c.cfg"
#define DISK	 "format=raw, vdev=xvdb, access=rw, target=/run/bed/guest-1.xvdb"
#define MAC	 "00:16:3e:01:00:0c"
#define XN_MS	 10000
#define REST_MS	 2000
#define LOOK_MS	 10
#define ARGS_MAX 6
#define PLACES	 512

extern char **environ;

typedef const char *const args[ARGS_MAX];

static args create = {"create", CONFIG};
static args destroy = {"destroy", GUEST};
static args domid = {"domid", GUEST};
static args list = {"list"};
static args block_list = {"block-list", GUEST};
static args block_report = {"block-list", "-l", GUEST};
static args block_cap = {"block-set", GUEST, "xvda", "iops=9"};
static args block_uncap = {"block-set", GUEST, "xvda", "iops=0"};
static args block_attach = {"block-attach", GUEST, DISK};
static args block_detach = {"block-detach", GUEST, "xvdb"};
static args network_list = {"network-list", GUEST};
static args network_attach = {"network-attach", GUEST, "bridge=xenbr0",
			      "mac=" MAC};
static args network_detach = {"network-detach", GUEST, MAC};

/* In this order they are a life. undo and look: NULL where nothing changes. */
static const struct verb {
	args *run;
	args *undo;
	args *look; /* tells whether it has been done */
} verbs[] = {
	{&create, &destroy, &domid},
	{&list, NULL, NULL},
	{&block_list, NULL, NULL},
	{&block_report, NULL, NULL},
	{&block_cap, &block_uncap, &block_report},
	{&network_list, NULL, NULL},
	{&block_attach, &block_detach, &block_list},
	{&block_detach, &block_attach, &block_list},
	{&network_attach, &network_detach, &network_list},
	{&network_detach, &network_attach, &network_list},
	{&destroy, &create, &domid},
};

struct answer {
	int status; /* as waitpid gives it */
	char out[4096];
	char err[4096];
};

struct trial {
	struct world w;
	struct stage stage;
	const struct verb *verb;
	struct answer good, before, after; /* the last two: of look */
	struct malloc_site sites[PLACES];
	size_t count;
	unsigned int unmet;
};

/* ---- xn ---- */

static void read_back(int fd, char *text, size_t room)
{
	ssize_t n = pread(fd, text, room - 1, 0);

	text[n > 0 ? n : 0] = '\0';
}

/* What only looks and undoes may allocate, and leak, as it likes. */
static void xn(args *a, bool is_tried, struct answer *answer)
{
	const char *argv[ARGS_MAX + 2] = {"xn"};
	const char *preload = is_tried ? getenv("XN_PRELOAD") : NULL;
	scoped_str options = strdup(getenv("ASAN_OPTIONS"));
	scoped_str no_leaks = text_format("%s:detect_leaks=0", options);
	scoped_fd out = memfd_create("out", MFD_CLOEXEC);
	scoped_fd err = memfd_create("err", MFD_CLOEXEC);
	scoped_fd ended = -1;
	posix_spawn_file_actions_t files;
	struct pollfd p;
	pid_t pid = 0;

	memcpy(argv + 1, *a, sizeof(*a));
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_adddup2(&files, err, 2);
	setenv("LD_PRELOAD", preload ? preload : "", 1);
	setenv("ASAN_OPTIONS", is_tried ? options : no_leaks, 1);
	if (posix_spawn(&pid, getenv("XN"), &files, NULL, (char *const *)argv,
			environ) != 0)
		abort();
	unsetenv("LD_PRELOAD");
	setenv("ASAN_OPTIONS", options, 1);
	posix_spawn_file_actions_destroy(&files);
	ended = (int)syscall(SYS_pidfd_open, pid, 0);
	p = (struct pollfd){.fd = ended, .events = POLLIN};
	if (poll(&p, 1, XN_MS) != 1)
		kill(pid, SIGKILL);
	waitpid(pid, &answer->status, 0);
	read_back(out, answer->out, sizeof(answer->out));
	read_back(err, answer->err, sizeof(answer->err));
}

/* The domid is another each time. */
static bool is_same(args *look, const struct answer *a, const struct answer *b)
{
	return a->status == b->status &&
	       (look == &domid || strcmp(a->out, b->out) == 0);
}

/* ---- a trial ---- */

static bool is_one_line(const char *text)
{
	const char *end = strchr(text, '\n');

	return strncmp(text, "xn: ", 4) == 0 && end && !end[1];
}

/* xnd itself undoes a creation whose client has gone. */
static bool is_undone(struct trial *t)
{
	double limit = world_now() + REST_MS / 1e3;
	struct answer now;

	xn(t->verb->undo, false, &now);
	for (;;) {
		xn(t->verb->look, false, &now);
		if (is_same(t->verb->look, &now, &t->before))
			return true;
		if (world_now() >= limit)
			return false;
		world_rest(&t->w, LOOK_MS);
	}
}

/* What is wrong with it; NULL: nothing. */
static const char *judge(struct trial *t, const struct answer *a)
{
	args *look = t->verb->look;
	struct answer now;
	const char *wrong = NULL;
	bool done = true;

	if (look) {
		xn(look, false, &now);
		done = is_same(look, &now, &t->after);
		if (!done && !is_same(look, &now, &t->before))
			wrong = "it is half done";
	}
	if (!WIFEXITED(a->status) || WEXITSTATUS(a->status) > 1)
		wrong = "xn ended badly";
	else if (WEXITSTATUS(a->status) == 1 && !is_one_line(a->err))
		wrong = "no single line says why";
	else if (a->status == 0 && !done)
		wrong = "a success that is none";
	else if (a->status == 0 && !t->verb->undo &&
		 strcmp(a->out, t->good.out) != 0)
		wrong = "it is not all printed";
	if (look && done && !is_undone(t))
		wrong = "it cannot be undone";
	return wrong;
}

static bool try(struct trial *t, struct places *names,
		const struct malloc_site *site)
{
	uint64_t own[MALLOC_FRAMES];
	unsigned int n = 0;
	unsigned int i;
	char place[320];
	const char *wrong;
	struct answer a;

	malloc_arm(t->w.plan, "xn", site->site, 1, true);
	xn(t->verb->run, true, &a);
	if (malloc_disarm(t->w.plan) == 0)
		t->unmet++;
	wrong = judge(t, &a);
	if (!wrong)
		return true;
	for (i = 0; i < MALLOC_FRAMES && site->frames[i]; i++) {
		uint64_t module = site->frames[i] >> MALLOC_OFFSET_BITS;

		if (strcmp(t->w.plan->modules[module].path, "xn") == 0)
			own[n++] = site->frames[i] &
				   ((1ull << MALLOC_OFFSET_BITS) - 1);
	}
	place_name(names, own, n, place, sizeof(place));
	a.err[strcspn(a.err, "\n")] = '\0';
	tap(false, "xn %s, %s: %s: status 0x%x, \"%s\"", (*t->verb->run)[0],
	    place, wrong, (unsigned int)a.status, a.err);
	return false;
}

/* ---- a verb ---- */

static void survey(struct trial *t)
{
	struct answer undone;
	size_t i;

	if (t->verb->look)
		xn(t->verb->look, false, &t->before);
	malloc_survey_begin(t->w.plan, MALLOC_CALLS);
	xn(t->verb->run, true, &t->good);
	malloc_survey_end(t->w.plan);
	t->count = 0;
	for (i = 0; i < MALLOC_SITES && t->count < PLACES; i++) {
		const struct malloc_site *site = &t->w.plan->sites[i];

		if (atomic_load(&site->uses) &&
		    strcmp(site->program, "xn") == 0)
			t->sites[t->count++] = *site;
	}
	if (!t->verb->look)
		return;
	xn(t->verb->look, false, &t->after);
	xn(t->verb->undo, false, &undone);
}

static void try_verb(struct trial *t, struct places *names)
{
	unsigned int good = 0;
	struct answer last;
	size_t i;

	survey(t);
	if (t->good.status != 0) {
		tap(false, "xn %s: %s", (*t->verb->run)[0], t->good.err);
		return;
	}
	for (i = 0; i < t->count; i++)
		good += try(t, names, &t->sites[i]);
	if (t->verb->undo)
		xn(t->verb->run, false, &last);
	tap(good == t->count && good > 0,
	    "xn %s, %u of %zu allocations fail and it says so or succeeds",
	    (*t->verb->run)[0], good, t->count);
}

static void write_config(void)
{
	FILE *f = fopen(CONFIG, "we");

	fprintf(f, "name = \"" GUEST "\"\nmemory = 4\n"
		   "kernel = \"/run/bed/kernel\"\n"
		   "disk = [ \"format=raw, vdev=xvda, access=rw, "
		   "target=/run/bed/guest-1.xvda\" ]\n"
		   "vif = [ \"mac=00:16:3e:00:00:0c, bridge=xenbr0\" ]\n");
	fclose(f);
}

int main(void)
{
	static struct trial t;
	struct places *names;
	struct outcome out = {.said = ""};
	struct err e;
	size_t i;

	world_open(&t.w);
	write_config();
	if (stage_open(&t.stage, &t.w, NULL, NULL, &e) < 0) {
		tap(false, "the stage is not set: %s", e.text);
		return 1;
	}
	names = places_open("xn");
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		t.verb = &verbs[i];
		try_verb(&t, names);
	}
	places_close(names);
	if (t.unmet)
		tap_note("%u were not met again", t.unmet);
	stage_judge(&t.stage, &out);
	tap(!out.broken[0], "xnd and B are as before%s%s",
	    out.broken[0] ? ": " : "", out.broken);
	stage_close(&t.stage, &out);
	tap(!out.broken[0], "the end%s%s", out.broken[0] ? ": " : "",
	    out.broken);
	world_close(&t.w);
	return tap_status();
}
