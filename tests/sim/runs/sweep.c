/* SPDX-License-Identifier: MIT */
/* Destroying domains, and all that they may have left. */
#include "tests/sim/runs/sweep.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenstore.h>

#include "base/scope.h"
#include "base/text.h"
#include "tests/sim/runs/world.h"

#define DOMAINS_MAX 256

void sweep_domain(unsigned int domid)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);

	if (xc)
		xc_domain_destroy(xc, domid);
	xc_interface_close(xc);
}

void sweep_domains(struct world *w)
{
	xc_interface *xc = xc_interface_open(NULL, NULL, 0);
	xc_domaininfo_t info[DOMAINS_MAX];
	int n = xc ? xc_domain_getinfolist(xc, 1, DOMAINS_MAX, info) : 0;

	(void)w;
	while (n-- > 0)
		xc_domain_destroy(xc, info[n].domain);
	xc_interface_close(xc);
}

static void kill_workers(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while ((entry = readdir(proc))) {
		char link[300];
		char exe[PATH_MAX];
		ssize_t n;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(link, sizeof(link), "/proc/%s/exe", entry->d_name);
		n = readlink(link, exe, sizeof(exe) - 1);
		exe[n < 0 ? 0 : n] = '\0';
		if (text_begins(exe, getenv("XN_LIBEXECDIR")))
			kill(atoi(entry->d_name), SIGKILL);
	}
	closedir(proc);
}

static void remove_below(struct xs_handle *xs, const char *dir,
			 const char *except)
{
	unsigned int count = 0;
	char **names = xs_directory(xs, XBT_NULL, dir, &count);
	unsigned int i;

	for (i = 0; i < count; i++) {
		scoped_str path = text_format("%s/%s", dir, names[i]);

		if (strcmp(names[i], except) != 0)
			xs_rm(xs, XBT_NULL, path);
	}
	free(names);
}

void sweep_all(struct world *w)
{
	sweep_domains(w);
	kill_workers();
	remove_below(w->store, "/local/domain", "0");
	remove_below(w->store, "/local/domain/0/backend/xnblk", "");
	remove_below(w->store, "/local/domain/0/backend/xnnet", "");
	remove_below(w->store, "/vm", "");
	remove_below(w->store, "/libxl", "");
	remove_below(w->store, "/xn", "");
	world_rest(w, 50);
}
