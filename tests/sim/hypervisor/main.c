/* SPDX-License-Identifier: MIT */
/*
 * xn-sim: a simulated hypervisor for the native tests. It makes its memory and
 * dom0, then answers at a socket until it is told to stop. Out of memory, it
 * refuses what was asked.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <event2/event.h>

#include "tests/sim/hypervisor/hypervisor.h"

/* dom0's memory is its programs' own: this many frames are in its name. */
#define DOM0_PAGES (512u << 8)

static void usage(FILE *out)
{
	fprintf(out, "usage: xn-sim [--socket PATH]\n"
		     "       xn-sim --help\n");
}

/* The path, or NULL when misused. */
static const char *read_options(int argc, char **argv)
{
	static const struct option longs[] = {
		{"socket", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *path = SIM_SOCKET_DEFAULT;
	int opt;

	while ((opt = getopt_long(argc, argv, "s:h", longs, NULL)) != -1) {
		if (opt == 'h') {
			usage(stdout);
			return "";
		}
		if (opt != 's')
			return NULL;
		path = optarg;
	}
	return optind == argc ? path : NULL;
}

/* Two descriptors a client, and there may be thousands. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* With the port that Linux allocates for xenstored as it boots. */
static int make_dom0(void)
{
	const struct xen_domctl_createdomain how = {
		.max_vcpus = 1,
		.max_evtchn_port = PORTS - 1,
		.max_grant_frames = -1,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	uint32_t domid = 0;
	struct domain *dom0;
	int rc = domain_create(&domid, &how);

	if (rc < 0)
		return rc;
	dom0 = domain_find(0);
	dom0->pauses = 0;
	dom0->max_pages = dom0->tot_pages = DOM0_PAGES;
	rc = port_alloc_unbound(dom0, 0, NULL);
	return rc < 0 ? rc : rc == SIM_STORE_PORT ? 0 : -EINVAL;
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	event_base_loopexit(arg, NULL);
}

static int serve(struct event_base *base, const char *path)
{
	struct event *term = evsignal_new(base, SIGTERM, on_signal, base);
	struct event *interrupt = evsignal_new(base, SIGINT, on_signal, base);
	int rc = -ENOMEM;

	if (term && interrupt && event_add(term, NULL) == 0 &&
	    event_add(interrupt, NULL) == 0)
		rc = listener_open(base, path);
	if (rc == 0) {
		event_base_dispatch(base);
		unlink(path);
	}
	client_close_all();
	listener_close();
	if (interrupt)
		event_free(interrupt);
	if (term)
		event_free(term);
	return rc;
}

int main(int argc, char **argv)
{
	const char *path = read_options(argc, argv);
	struct event_base *base;
	int rc;

	if (!path) {
		usage(stderr);
		return 2;
	}
	if (*path == '\0')
		return 0;
	signal(SIGPIPE, SIG_IGN); /* a client may be gone before its events */
	allow_many_files();
	base = event_base_new();
	/* 0 is for what must not wait for anything else, 1 for the rest */
	rc = base && event_base_priority_init(base, 2) == 0 ? memory_open()
							    : -ENOMEM;
	if (rc == 0)
		rc = make_dom0();
	if (rc == 0)
		rc = serve(base, path);
	if (rc < 0)
		fprintf(stderr, "xn-sim: %s: %s\n", path, strerror(-rc));
	if (base)
		event_base_free(base);
	return rc < 0;
}
