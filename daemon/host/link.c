/* SPDX-License-Identifier: MIT */
/* Interfaces and bridges, through libnl's route library. */
#include "daemon/host/link.h"

#include <errno.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netlink/attr.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>

#include "base/err.h"

struct line {
	struct nl_sock *sock; /* owned */
	bool stale; /* what it says next may be the rest of an answer */
};

struct links {
	/*
	 * Without acknowledgement: libnl calls a question answered that it
	 * could not read the acknowledgement of, and takes that for the next
	 * one's.
	 */
	struct line questions;
	struct line changes;
};

/* The errno for libnl's own numbers, as far as callers tell them apart. */
static int code_of(int r)
{
	switch (-r) {
	case NLE_OBJ_NOTFOUND:
	case NLE_NODEV:
		return ENODEV;
	case NLE_PERM:
	case NLE_NOACCESS:
		return EPERM;
	case NLE_NOMEM:
		return ENOMEM;
	case NLE_EXIST:
	case NLE_BUSY:
		return EBUSY;
	case NLE_INVAL:
	case NLE_RANGE:
		return EINVAL;
	}
	return EIO;
}

/* Without these, a kernel refuses in numbers only. */
static void ask_for_words(struct nl_sock *sock)
{
	int fd = nl_socket_get_fd(sock);
	int on = 1;

	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
}

/* Another socket, in place of what there was. 0 or libnl's error. */
static int reconnect(struct line *l)
{
	struct nl_sock *sock = nl_socket_alloc();
	int r = sock ? nl_connect(sock, NETLINK_ROUTE) : -NLE_NOMEM;

	if (r < 0) {
		nl_socket_free(sock);
		return r;
	}
	ask_for_words(sock);
	nl_socket_free(l->sock);
	l->sock = sock;
	l->stale = false;
	return 0;
}

/*
 * libnl gives up in the middle when memory is short, and the rest of the
 * answer stays in the socket. Only "no such interface" is a whole one.
 */
static int line_begin(struct line *l)
{
	return l->stale ? reconnect(l) : 0;
}

static int line_end(struct line *l, int r)
{
	l->stale |= r < 0 && code_of(r) != ENODEV;
	return r;
}

struct links *links_open(struct err *e)
{
	struct links *l = calloc(1, sizeof(*l));
	int r = l ? reconnect(&l->questions) : -NLE_NOMEM;

	if (r == 0)
		r = reconnect(&l->changes);
	if (r == 0)
		return l;
	err_set(e, code_of(r), "cannot connect to netlink: %s", nl_geterror(r));
	links_close(l);
	return NULL;
}

void links_close(struct links *l)
{
	if (!l)
		return;
	nl_socket_free(l->questions.sock);
	nl_socket_free(l->changes.sock);
	free(l);
}

/* The caller puts *link. A name longer than IFNAMSIZ is nobody's. */
static int find(struct links *l, const char *name, struct rtnl_link **link)
{
	int r;

	if (!*name || strlen(name) >= IFNAMSIZ)
		return -NLE_OBJ_NOTFOUND;
	r = line_begin(&l->questions);
	if (r < 0)
		return r;
	*link = NULL;
	nl_socket_disable_auto_ack(l->questions.sock);
	r = rtnl_link_get_kernel(l->questions.sock, 0, name, link);
	/* An answer that it could not keep is 0 to it, too. */
	if (r == 0 && !*link)
		r = -NLE_NOMEM;
	return line_end(&l->questions, r);
}

/* ---- requests that libnl has no call for ---- */

/* What the kernel said to a request. error: 0 when it did not refuse it. */
struct refusal {
	int error;
	char words[160];
};

static int on_refused(struct sockaddr_nl *from, struct nlmsgerr *said,
		      void *arg)
{
	const struct nlmsghdr *head =
		(const void *)((const char *)said - NLMSG_HDRLEN);
	size_t used = sizeof(*said);
	struct refusal *refusal = arg;
	struct nlattr *words;

	(void)from;
	refusal->error = -said->error;
	if (!(head->nlmsg_flags & NLM_F_ACK_TLVS))
		return NL_STOP;
	if (!(head->nlmsg_flags & NLM_F_CAPPED))
		used += NLMSG_ALIGN(said->msg.nlmsg_len) - sizeof(said->msg);
	if (head->nlmsg_len < NLMSG_HDRLEN + used)
		return NL_STOP;
	words = nla_find((const void *)((const char *)said + used),
			 (int)(head->nlmsg_len - NLMSG_HDRLEN - used),
			 NLMSGERR_ATTR_MSG);
	if (words)
		nla_strlcpy(refusal->words, words, sizeof(refusal->words));
	return NL_STOP;
}

/* Hears what comes for the request that was sent last. 0 or libnl's error. */
static int hear(struct line *line, nl_recvmsg_msg_cb_t each, void *arg,
		struct refusal *refusal)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int r;

	if (!cb)
		return -NLE_NOMEM;
	nl_cb_err(cb, NL_CB_CUSTOM, on_refused, refusal);
	if (each)
		nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, each, arg);
	r = nl_recvmsgs(line->sock, cb);
	nl_cb_put(cb);
	return r;
}

/* Takes m. */
static int talk(struct line *line, struct nl_msg *m, nl_recvmsg_msg_cb_t each,
		void *arg, struct err *e)
{
	struct refusal refusal = {0};
	int r = m ? line_begin(line) : -NLE_NOMEM;

	if (r == 0)
		r = nl_send_auto(line->sock, m);
	if (r >= 0)
		r = hear(line, each, arg, &refusal);
	nlmsg_free(m);
	if (r >= 0)
		return 0;
	if (!refusal.error) {
		line->stale = true;
		return err_set(e, code_of(r), "%s", nl_geterror(r));
	}
	return err_set(e, refusal.error, "%s",
		       refusal.words[0] ? refusal.words
					: strerror(refusal.error));
}

int links_tell(struct links *l, struct nl_msg *m, struct err *e)
{
	if (m)
		nlmsg_hdr(m)->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	return talk(&l->changes, m, NULL, NULL, e);
}

int links_ask(struct links *l, struct nl_msg *m,
	      int (*each)(struct nl_msg *answer, void *arg), void *arg,
	      struct err *e)
{
	nl_socket_disable_auto_ack(l->questions.sock);
	return talk(&l->questions, m, each, arg, e);
}

struct nl_msg *links_message(int type, int flags, const void *head, size_t size)
{
	struct nl_msg *m = nlmsg_alloc_size(LINKS_MESSAGE_BYTES);

	if (m && (!nlmsg_put(m, NL_AUTO_PORT, NL_AUTO_SEQ, type, 0,
			     NLM_F_REQUEST | flags) ||
		  nlmsg_append(m, (void *)head, size, NLMSG_ALIGNTO) < 0)) {
		nlmsg_free(m);
		m = NULL;
	}
	return m;
}

/* ---- what there is ---- */

int links_find(struct links *l, const char *ifname, struct rtnl_link **link,
	       struct err *e)
{
	int r = find(l, ifname, link);

	if (r >= 0)
		return 0;
	if (code_of(r) == ENODEV)
		return err_set(e, ENODEV, "no interface named %s", ifname);
	return err_set(e, code_of(r), "interface %s: %s", ifname,
		       nl_geterror(r));
}

bool links_exists(struct links *l, const char *ifname)
{
	struct rtnl_link *link;

	if (find(l, ifname, &link) < 0)
		return false;
	rtnl_link_put(link);
	return true;
}

/* The caller puts *link. */
static int find_bridge(struct links *l, const char *bridge,
		       struct rtnl_link **link, struct err *e)
{
	const char *type;
	int r = find(l, bridge, link);

	if (code_of(r) == ENODEV)
		return err_set(e, ENODEV, "no bridge named %s", bridge);
	if (r < 0)
		return err_set(e, code_of(r), "bridge %s: %s", bridge,
			       nl_geterror(r));
	type = rtnl_link_get_type(*link);
	if (!type || strcmp(type, "bridge") != 0) {
		err_set(e, EINVAL, "%s is not a bridge but an interface%s%s",
			bridge, type ? " of type " : "", type ? type : "");
		rtnl_link_put(*link);
		return -EINVAL;
	}
	return 0;
}

int links_check_bridge(struct links *l, const char *bridge, struct err *e)
{
	struct rtnl_link *link;
	int rc = find_bridge(l, bridge, &link, e);

	if (rc == 0)
		rtnl_link_put(link);
	return rc;
}

static bool is_of_type(struct links *l, const char *ifname, const char *wanted)
{
	struct rtnl_link *link;
	const char *type;
	bool is;

	if (find(l, ifname, &link) < 0)
		return false;
	type = rtnl_link_get_type(link);
	is = type && strcmp(type, wanted) == 0;
	rtnl_link_put(link);
	return is;
}

bool links_is_tap(struct links *l, const char *ifname)
{
	return is_of_type(l, ifname, "tun");
}

bool links_may_be_openvswitch(struct links *l, const char *ifname)
{
	return is_of_type(l, ifname, "openvswitch") || links_is_tap(l, ifname);
}
