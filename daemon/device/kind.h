/* SPDX-License-Identifier: MIT */
/* The inside of a device, and what its two kinds differ in. */
#ifndef XN_DEVICE_KIND_H
#define XN_DEVICE_KIND_H

#include "base/err.h"
#include "base/log.h"
#include "chan/msg.h"
#include "daemon/device/crashes.h"
#include "daemon/device/device.h"
#include "daemon/device/shortage.h"
#include "daemon/device/vif_place.h"
#include "daemon/device/vif_terms.h"
#include "daemon/xs/xs.h"
#include "xen/abi.h"

struct image;
struct process;
struct script_life;
struct vbd_nbd;

struct device_kind {
	const char *frontend; /* "vbd": its directory in the guest's */
	const char *backend;  /* "xnblk": its directory in dom0's */
	const char *program;  /* "xn-blk" */
	enum msg_type serving;

	/* What else the program is told when it starts; NULL for nothing. */
	const char *(*word)(const struct device *d);
	/*
	 * The bridge whose vifs it is served with, by one process; NULL: it has
	 * one of its own. May be NULL.
	 */
	const char *(*shares)(const struct device *d);
	/* The keys that both ends find when they first look. */
	void (*plan)(const struct device *d, struct xs_plan *plan);
	/* The front end's keys to be read for start, relative to its dir. */
	const char *const *keys;
	/*
	 * Asks for the keys that v, those read, say there are besides. False
	 * when there are none. May be NULL.
	 */
	bool (*more_keys)(const struct device *d, const struct xs_values *v,
			  struct xs_values *more);
	/*
	 * Makes the worker's START message from the front end's values. fds
	 * holds DEVICE_FDS of -1; those that are set are the caller's to close
	 * afterwards, in either case. 0 or -errno with *e set; -EAGAIN: not
	 * yet, to be tried again soon.
	 */
	int (*start)(struct device *d, const struct xs_values *v, union msg *m,
		     int *fds, struct err *e);
	/*
	 * The same for the successor of a worker that died; from what start
	 * was told, not from what stands in xenstore now. NULL: such a
	 * connection is lost.
	 */
	int (*resume)(struct device *d, union msg *m, int *fds, struct err *e);
	/*
	 * Tells the worker, which is about to be started, on which terms it
	 * serves. 0 or -errno with *e set. May be NULL.
	 */
	int (*say_terms)(struct device *d, struct err *e);
	/*
	 * Takes the terms that v, what the front end says now, has for a
	 * connection that stays. NULL: it can ask for none, and is not heard.
	 */
	int (*reconfigure)(struct device *d, const struct xs_values *v,
			   struct err *e);
	/* Drops what resume would need. NULL where there is none. */
	void (*forget)(struct device *d);
	/*
	 * The worker is up: makes it open what it is to serve. device_opened
	 * follows, perhaps at once, or device_fail. NULL: nothing to open.
	 */
	void (*open)(struct device *d);
	/* A message that only this kind knows: true when it does. May be NULL. */
	bool (*message)(struct device *d, const union msg *m);
	/* The worker has ended, whatever for. May be NULL. */
	void (*worker_gone)(struct device *d);
	/* What goes together with Connected. */
	void (*plan_connected)(const struct device *d, struct xs_plan *plan);
	struct json *(*json)(const struct device *d);
	/* device_figures_json. */
	struct json *(*figures)(const struct device *d);
	/*
	 * Whether something of the host is still in use though the worker is
	 * dead. NULL: never.
	 */
	bool (*lingers)(const struct device *d);
	/* Its nodes are there, for others to read. May be NULL. */
	void (*written)(struct device *d);
	/*
	 * What must be undone while its nodes are still there. False: is
	 * being undone, and device_step is called when it is. May be NULL.
	 */
	bool (*undone)(struct device *d);
	/* Closes what it holds of the host. Idempotent. */
	void (*close)(struct device *d);
};

#define DEVICE_FDS MSG_MAX_FDS /* that go with a START message */

extern const struct device_kind device_kind_vbd;
extern const struct device_kind device_kind_vif;

/* How far the worker is. */
enum worker_phase {
	PHASE_NONE,	/* no process */
	PHASE_STARTING, /* a process that has not said READY */
	PHASE_OPENING,	/* it has, and waits for what it is to serve */
	PHASE_READY,	/* idle */
	PHASE_STARTED,	/* has been given the rings */
	PHASE_SERVING,
	PHASE_STOPPING,
};

/* What is to become of the device. */
enum device_fate {
	FATE_STAY,
	FATE_DETACH, /* the guest is asked to let go */
	FATE_REMOVE, /* it has: worker, nodes, host, in this order */
	FATE_END,    /* the domain is dead: worker, host */
};

struct device {
	LIST_ENTRY(device) link;
	const struct device_env *env; /* borrowed */
	const struct device_kind *kind;
	uint32_t domid;
	char uuid[37]; /* of its domain */
	char user[80]; /* that domain's name, for who wants the same image */
	uint32_t devid;
	uint32_t generation; /* of this connection's workers; 0: none yet */
	uint32_t queues;     /* offered; the worker is made for as many */
	char name[VDEV_MAX];
	char log_name[48]; /* "d3/xvda" */
	char back[64];	   /* its directory in dom0's part of xenstore */
	char front[64];	   /* and in its guest's */

	enum xenbus_state ours;
	unsigned int theirs;
	enum worker_phase phase;
	enum device_fate fate;
	struct err failure;	/* text "" while all is well */
	struct log_limit limit; /* of what its guest can make us say */
	/* Of why it failed: lines about states are not to use that up. */
	struct log_limit failures;

	struct process *worker; /* owned */
	uint64_t worker_since_ms;
	uint64_t lingers_since_ms; /* 0: does not, as far as was seen */
	struct crashes crashes;	   /* of its workers */
	struct shortage shortage;  /* of what the next one takes */
	struct renewal *renewal;   /* owned: one under way, see renew.h */
	bool renewing;		   /* stops to make room for a successor */
	bool closing;		   /* stops for a front end that is Closed */
	bool came_up;		   /* a worker, once */
	bool waiting;		   /* for the last of them, whose I/O goes on */
	struct event *revive;	   /* owned: the next one's turn */
	struct xs_watch *watch;	   /* owned */
	struct xs_job *fetch;	   /* the one read under way */
	struct xs_job *write;	   /* the one removal under way */
	bool look_again;	   /* the watch fired during fetch */
	bool unsaid;		   /* our state is not in xenstore yet */
	bool asked_more;	   /* fetch has kind's more_keys, too */
	bool unwritten;		   /* being attached: its nodes are under way */
	bool unopened;		   /* its image is not there yet */
	struct event *retry;	   /* owned */
	struct event *overdue;	   /* owned: a detach takes too long */
	struct event *answer;	   /* owned: device_when_ready, from the loop */
	struct event *reap;	   /* owned */

	device_cb *ready;
	void *ready_arg;
	device_cb *detached;
	void *detached_arg;
	void (*gone)(void *arg);
	void *gone_arg;

	union {
		struct {
			struct disk_config config; /* owned inside */
			struct image *image;	   /* owned; NULL: not ours */
			struct vbd_nbd *nbd;	   /* owned; NULL: not by NBD */
			struct script_life *script; /* owned; NULL: has none */
			struct msg_blk_start start; /* of this connection */
			int journal;		    /* owned, or -1 */
			int figures;		    /* owned, or -1 */
		} vbd;
		struct {
			struct vif_config config;
			struct script_life *script; /* owned; NULL: has none */
			char ifname[IFNAMSIZ];
			/*
			 * Owned, or -1: its queues. The first keeps the
			 * interface, the others are there while a front end
			 * that has so many is connected.
			 */
			int taps[MSG_NET_QUEUES_MAX];
			struct msg_net_start start; /* of this connection */
			struct vif_wishes wishes;
			struct vif_place place; /* unless it has a script */
			int journal;		/* owned, or -1 */
			int figures;		/* owned, or -1 */
		} vif;
	} u;
};

/* ---- handshake.c ---- */

/* Takes whatever step is due now. */
void device_step(struct device *d);
/* The front end may have changed; for the watch, and for a look later. */
void device_frontend_changed(void *arg);
/* The one writer of our state: the node and the log line. plan is taken. */
void device_set_state(struct device *d, enum xenbus_state state,
		      struct xs_plan *plan);
/* Once more, when there was no memory for it: see retry. */
void device_say_again(struct device *d);
/* The same of the removal of its nodes. */
void device_remove_again(struct device *d);
/* The device does not work; what else the domain has goes on. */
void device_fail(struct device *d, const struct err *e);
/* Its worker is up, its nodes are written, its image is there. */
bool device_is_ready(const struct device *d);
/* The guest has let go, or never took hold. */
bool device_is_free(const struct device *d);
/* Call those who wait, once. */
void device_answer_ready(struct device *d, const struct err *e);
void device_answer_detached(struct device *d, const struct err *e);

/* ---- worker.c ---- */

/* 0 or -errno with *e set. */
int device_start_worker(struct device *d, struct err *e);
/* Stops it. True when it is gone, and nothing holds the guest's memory. */
bool device_worker_is_stopped(struct device *d);
/*
 * The same, and nothing of the host is in use any more: whoever hears that the
 * device is gone may use it at once.
 */
bool device_is_over(struct device *d);
/* Stops it, so that a successor can go on with the connection. */
void device_replace_worker(struct device *d);
/* The worker is up but not yet of use: whoever waits for it waits on. */
bool device_is_coming(const struct device *d);
/* It has what it is to serve, for the first time or again. */
void device_opened(struct device *d);
/*
 * There is nothing to go on with: the connection is lost. The front end is
 * looked at again a little later.
 */
void device_give_up(struct device *d, const struct err *e);
/*
 * A worker could not be started, or told to start, for what is said in why: it
 * is tried again, unless that has lasted too long already.
 */
void device_lacks(struct device *d, const struct err *why);
/* Brings it on after a death: starts it, or gives it the connection. */
void device_revive(struct device *d);
/* The front end has let go, or must: there is nothing to go on with. */
void device_forget_connection(struct device *d);
/*
 * Sends START with those of fds that are set, and closes them. 0 or -errno
 * with *e set; a worker that has just died is no error.
 */
int device_send_start(struct device *d, const union msg *m, int *fds,
		      struct err *e);
void device_close_fds(int *fds);
/* ---- keys.c ---- */

/* Sets d->fetch, to NULL when memory is out; done hears the kind's keys. */
void device_ask(struct device *d, xs_values_cb *done);
/*
 * v: what device_ask was answered. True when it says that there is more to be
 * known, which is asked for, with all of the rest: likewise.
 */
bool device_ask_more(struct device *d, const struct xs_values *v,
		     xs_values_cb *done);

/* ---- device.c ---- */

/*
 * The common start of both constructors: takes nothing, fills what is common
 * and starts the worker. On failure the caller calls device_scrap.
 */
struct device *device_alloc(const struct device_env *env,
			    const struct device_kind *kind,
			    const struct device_owner *owner, uint32_t devid,
			    struct err *e);
int device_begin(struct device *d, struct device_list *list, struct err *e);
void device_scrap(struct device *d);

#endif
