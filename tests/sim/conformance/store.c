/* SPDX-License-Identifier: MIT */
/* Promises of xenstored about domains, which are the hypervisor's promises to
 * it: it hears of every shutdown and end, and reads who is there. */
#include "tests/sim/conformance/suites.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "tests/sim/conformance/promise.h"

#define STORE_PAGE 1
#define A_WHILE_MS 3000 /* xenstored has to be scheduled */
#define RELEASE	   "@releaseDomain"
#define INTRODUCE  "@introduceDomain"

/* Whether that watch fires; others' firings are passed over. */
static bool fires(struct xs_handle *xs, const char *path)
{
	struct pollfd fd = {.fd = xs_fileno(xs), .events = POLLIN};
	char **watch;
	bool found;

	for (;;) {
		watch = xs_check_watch(xs);
		if (watch) {
			found = !strcmp(watch[XS_WATCH_PATH], path);
			free(watch);
			if (found)
				return true;
		} else if (errno != EAGAIN || poll(&fd, 1, A_WHILE_MS) != 1) {
			return false;
		}
	}
}

static bool is_introduced(struct xs_handle *xs, const struct guest *g)
{
	return xs_is_domain_introduced(xs, g->domid);
}

static void introduced(struct xs_handle *xs, struct guest *g)
{
	uint32_t port = guest_port(g);
	xc_evtchn_status_t status;

	guest_grant(g, GNTTAB_RESERVED_XENSTORE, STORE_PAGE, 0);
	promise(!is_introduced(xs, g), "store: a new guest is not known");
	promise(xs_introduce_domain(xs, g->domid, g->frames[STORE_PAGE], port),
		"store: it is introduced");
	promise(fires(xs, INTRODUCE), "store: and " INTRODUCE " fires");
	promise(is_introduced(xs, g), "store: now it is known");
	promise_is(port_state(g->bed, g->domid, port, &status),
		   EVTCHNSTAT_interdomain, "store: its port is bound");
	promise(guest_grant_use(g, GNTTAB_RESERVED_XENSTORE) != 0,
		"store: its ring is mapped by grant");
}

static void ends(struct xs_handle *xs, struct guest *g)
{
	unsigned int tries;

	promise_is(xc_domain_shutdown(g->bed->xc, g->domid, SHUTDOWN_poweroff),
		   0, "store: the guest shuts down");
	promise(fires(xs, RELEASE), "store: and " RELEASE " fires");
	promise(is_introduced(xs, g), "store: it is known as before");
	guest_destroy(g);
	promise(fires(xs, RELEASE), "store: destroyed, it fires again");
	for (tries = 0; tries < 100 && guest_exists(g); tries++)
		poll(NULL, 0, 10);
	promise(!guest_exists(g), "store: whereupon its ring is unmapped");
	promise(!is_introduced(xs, g), "store: and it is known no more");
}

void suite_store(const struct bed *bed)
{
	struct guest *g = guest_new(bed);
	struct xs_handle *xs = xs_open(0);

	if (!xs)
		promise_give_up("cannot open libxenstore");
	if (!xs_watch(xs, RELEASE, "r") || !xs_watch(xs, INTRODUCE, "i"))
		promise_give_up("cannot watch");
	/* as each watch does once it is set */
	promise(fires(xs, RELEASE) && fires(xs, INTRODUCE),
		"store: a watch fires when it is set");
	introduced(xs, g);
	ends(xs, g);
	xs_close(xs);
	guest_free(g);
}
