/* SPDX-License-Identifier: MIT */
/*
 * xnd: makes the services in order, serves until it is told to stop, frees
 * them in reverse. Out of memory for a small object is an error like another
 * here: the daemon must outlive any one request. Guests and their workers go
 * on when it stops.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <event2/event.h>

#include <config.h>
#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include "base/err.h"
#include "base/log.h"
#include "chan/worker.h"
#include "daemon/domain/create.h"
#include "daemon/domain/death.h"
#include "daemon/domain/leftover.h"
#include "daemon/host/empty.h"
#include "daemon/host/journals.h"
#include "daemon/host/limits.h"
#include "daemon/host/link.h"
#include "daemon/host/record.h"
#include "daemon/net/join.h"
#include "daemon/rpc/op.h"
#include "daemon/rpc/server.h"
#include "daemon/worker/builders.h"
#include "daemon/worker/consoles.h"
#include "daemon/worker/lodgings.h"
#include "daemon/worker/orphans.h"
#include "daemon/xnd.h"
#include "daemon/xs/xs.h"

#define DEFAULT_CONFIG XN_SYSCONFDIR "/xnd.conf"
/* Where a qemu-nbd's socket is for the moment of its start. */
#define NBD_DIR "/run/xn/nbd"
/* How long a stop waits for creations and ends that are under way. */
#define STOP_S 10

struct options {
	const char *config;
	bool config_given;
};

static void usage(FILE *out)
{
	fprintf(out, "usage: xnd [--foreground] [--config FILE]\n"
		     "       xnd --help | --version\n");
}

static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'},
		{"foreground", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "c:fh", longs, NULL)) != -1) {
		switch (opt) {
		case 'c':
			o->config = optarg;
			o->config_given = true;
			break;
		case 'f': /* it always stays; systemd or a shell keeps it */
			break;
		case 'h':
			usage(stdout);
			printf("\nKeys of its configuration file:\n");
			config_help(stdout);
			exit(0);
		case 'V':
			printf("xnd %s\n", PACKAGE_VERSION);
			exit(0);
		default:
			return -1;
		}
	}
	return optind == argc ? 0 : -1;
}

static int read_config(struct xnd *x, const struct options *o, struct err *e)
{
	int rc = config_defaults(&x->config, e);

	if (rc < 0)
		return rc;
	rc = config_read(&x->config, o->config, e);
	/* Only the file that nobody named may be missing. */
	return rc == -ENOENT && !o->config_given ? 0 : rc;
}

static bool is_quiet(const struct xnd *x)
{
	const struct domain *d;

	LIST_FOREACH(d, &x->domains, link)
		if (d->state == DOMAIN_MAKING || d->state == DOMAIN_ENDING)
			return false;
	return true;
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
	struct xnd *x = arg;
	struct timeval limit = {STOP_S, 0};

	(void)what;
	log_info("stopping on signal %d; guests keep running", (int)sig);
#ifdef HAVE_SYSTEMD
	sd_notify(0, "STOPPING=1");
#endif
	/* Sessions are dropped, so creations under way are undone. */
	server_stop(x->server);
	event_base_loopexit(x->base, &limit);
	x->stopping = true;
}

static void on_event_log(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN)
		log_warn("libevent: %s", text);
	else
		log_debug("libevent: %s", text);
}

static int watch_signals(struct xnd *x, struct err *e)
{
	static const int signals[] = {SIGTERM, SIGINT};
	int i;

	for (i = 0; i < 2; i++) {
		x->signals[i] = evsignal_new(x->base, signals[i], on_signal, x);
		if (!x->signals[i] || event_add(x->signals[i], NULL) < 0)
			return err_set(e, ENOMEM, "cannot watch for signals");
	}
	return 0;
}

/* Its taps went with it; rules and ports of theirs did not. */
static void on_orphan_ended(void *xnd)
{
	struct xnd *x = xnd;

	nets_sweep(x->nets);
}

static int open_services(struct xnd *x, struct err *e)
{
	x->base = event_base_new();
	if (!x->base)
		return err_set(e, ENOMEM, "cannot make an event loop");
	if (watch_signals(x, e) < 0)
		return -e->code;
	x->xc = xc_interface_open(NULL, NULL, 0);
	if (!x->xc)
		return err_errno(e, errno,
				 "cannot reach Xen: is this a dom0, with "
				 "xen-privcmd loaded?");
	x->xs = xs_new(x->base, e);
	if (!x->xs)
		return -e->code;
	x->links = links_open(e);
	if (!x->links)
		return -e->code;
	x->nets = nets_open(x->base, x->links, x->config.ovs_socket, e);
	if (!x->nets)
		return -e->code;
	/* The socket first: another xnd must be noticed before anything. */
	x->server = server_new(x->base, x->config.socket, op_dispatch, x, e);
	if (!x->server)
		return -e->code;
	x->records = records_open(RECORD_DIR, e);
	if (!x->records)
		return -e->code;
	x->orphans = orphans_find(e);
	if (!x->orphans ||
	    orphans_watch(x->orphans, x->base, on_orphan_ended, x, e) < 0)
		return -e->code;
	x->leftovers = leftovers_find(x->orphans, x->records, e);
	if (!x->leftovers)
		return -e->code;
	x->journals = journals_open(JOURNAL_DIR, e);
	if (!x->journals)
		return -e->code;
	if (mkdir(NBD_DIR, 0700) < 0 && errno != EEXIST)
		return err_errno(e, errno, "%s: cannot make the folder",
				 NBD_DIR);
	if (empty_make(WORKER_ROOT, e) < 0)
		return -e->code;
	/* What orphans have mapped they keep; the rest is nobody's. */
	journals_sweep(x->journals, orphans_have, x->orphans);
	nets_sweep(x->nets);
	x->lodgings = lodgings_new(x->base, x->config.vif_queues,
				   x->config.worker_uids, e);
	if (!x->lodgings)
		return -e->code;
	x->device_env = (struct device_env){
		.base = x->base,
		.xs = x->xs,
		.nets = x->nets,
		.journals = x->journals,
		.lodgings = x->lodgings,
		.timeout_s = x->config.device_timeout_s,
		.worker_timeout_s = x->config.worker_timeout_s,
		.worker_uids = x->config.worker_uids,
		.disk_queues = x->config.disk_queues,
		.vif_queues = x->config.vif_queues,
		.disk_barriers = x->config.disk_barriers,
		.qemu_nbd = x->config.qemu_nbd,
		.nbd_dir = NBD_DIR,
		.left = domain_device_left,
		.left_arg = x,
	};
	x->builders =
		builders_new(x->base, BUILDERS, x->config.build_timeout_s, e);
	if (!x->builders)
		return -e->code;
	x->consoles = consoles_new(x->base, x->config.worker_timeout_s,
				   x->config.worker_uids, e);
	if (!x->consoles)
		return -e->code;
	return death_watch(x, e);
}

static void close_services(struct xnd *x)
{
	int i;

	for (i = 0; i < 2; i++)
		if (x->signals[i])
			event_free(x->signals[i]);
	server_free(x->server);
	xs_watch_free(x->released);
	consoles_free(x->consoles);
	builders_free(x->builders);
	lodgings_free(x->lodgings);
	journals_close(x->journals);
	leftovers_free(x->leftovers);
	orphans_free(x->orphans);
	records_close(x->records);
	nets_close(x->nets);
	links_close(x->links);
	xs_free(x->xs);
	if (x->xc)
		xc_interface_close(x->xc);
	if (x->base)
		event_base_free(x->base);
	config_free(&x->config);
}

/* Runs until a signal, and then until what is under way is done. */
static int serve(struct xnd *x, struct err *e)
{
	int rc = 0;

	log_info("xnd %s: serving on %s", PACKAGE_VERSION, x->config.socket);
#ifdef HAVE_SYSTEMD
	sd_notify(0, "READY=1");
#endif
	while (rc == 0 && !event_base_got_exit(x->base) &&
	       !(x->stopping && is_quiet(x)))
		if (event_base_loop(x->base, EVLOOP_ONCE) < 0)
			rc = err_set(e, EIO, "the event loop has failed");
	/* The last sessions free themselves in one more turn. */
	event_base_loop(x->base, EVLOOP_NONBLOCK);
	return rc;
}

int main(int argc, char **argv)
{
	struct options o = {.config = DEFAULT_CONFIG};
	/* Guests that live on when we end are its to hold until then. */
	static struct xnd x;
	struct err e;
	int rc;

	if (read_options(argc, argv, &o) < 0) {
		usage(stderr);
		return 2;
	}
	log_open("xnd", false);
	event_set_log_callback(on_event_log);
	signal(SIGPIPE, SIG_IGN);
	limits_raise();
	LIST_INIT(&x.domains);
	rc = read_config(&x, &o, &e);
	if (rc == 0) {
		log_open("xnd", x.config.debug);
		if (x.config.debug)
			setenv("XN_DEBUG", "1", 1);
		rc = open_services(&x, &e);
	}
	if (rc == 0)
		rc = serve(&x, &e);
	if (rc < 0)
		log_error("%s", e.text);
	close_services(&x);
	return rc < 0 ? 1 : 0;
}
