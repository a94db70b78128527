/* SPDX-License-Identifier: MIT */
/*
 * One device of a domain, from its worker's start to the removal of its last
 * node. What is common to disks and vifs is here; vbd.c and vif.c are the two
 * kinds.
 */
#ifndef XN_DEVICE_DEVICE_H
#define XN_DEVICE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "daemon/device/config.h"

struct device;
struct err;
struct event_base;
struct journals;
struct json;
struct lodgings;
struct nets;
struct xs;
struct xs_plan;

/* What devices stand on; borrowed from the daemon for good. */
struct device_env {
	struct event_base *base;
	struct xs *xs;
	struct nets *nets;
	struct journals *journals;
	struct lodgings *lodgings;     /* of vifs that are served together */
	unsigned int timeout_s;	       /* how long a guest may take to let go */
	unsigned int worker_timeout_s; /* and a worker, to answer */
	uint32_t worker_uids;	       /* the first user of theirs: users.h */
	unsigned int disk_queues;      /* offered to a guest, a disk */
	unsigned int vif_queues;       /* likewise, a vif */
	bool disk_barriers;	       /* offered, for old guests */
	const char *qemu_nbd;	       /* the program */
	const char *nbd_dir;	       /* a folder of ours, to start it in */
	/*
	 * d has been detached, and its domain lives on: called before anybody
	 * else hears of it. May be NULL.
	 */
	void (*left)(const struct device *d, void *arg);
	void *left_arg; /* borrowed */
};

/* Whose a device is; copied. */
struct device_owner {
	uint32_t domid;
	const char *name;
	const char *uuid; /* in words */
	uint32_t vcpus;	  /* the most that it may have */
};

LIST_HEAD(device_list, device);

/*
 * Opens what the device needs of the host, starts its worker and puts it into
 * list. config is copied (what it owns, duplicated). NULL with *e set, and
 * nothing left open; its key is "target" when the image is at fault, "script"
 * when that is.
 */
struct device *device_new_vbd(const struct device_env *env,
			      struct device_list *list,
			      const struct device_owner *owner,
			      const struct disk_config *config, struct err *e);
struct device *device_new_vif(const struct device_env *env,
			      struct device_list *list,
			      const struct device_owner *owner,
			      const struct vif_config *config, struct err *e);

/*
 * gone is called once, from the loop, when the device is over for whatever
 * reason: it has left its list and frees itself.
 */
void device_on_gone(struct device *d, void (*gone)(void *arg), void *arg);

/* e: NULL when it went well. Called once, from the loop. */
typedef void device_cb(const struct err *e, void *arg);

/* Calls cb when the worker is up, or has failed to come up. */
void device_when_ready(struct device *d, device_cb *cb, void *arg);
/* Takes a device_when_ready back. */
void device_forget_ready(struct device *d);

/* Adds both ends' nodes to plan, in the state in which front ends find them. */
void device_plan(const struct device *d, struct xs_plan *plan);

/*
 * From now on hears the front end. For when the nodes are there. A disk with a
 * script has it run now, and is ready when that has given it an image.
 */
int device_listen(struct device *d, struct err *e);

/*
 * Gives the device to a running guest: device_plan, device_listen and
 * device_when_ready in one. 0 (done hears how it went), or -errno with *e set.
 */
int device_attach(struct device *d, device_cb *done, void *arg, struct err *e);

/*
 * Takes the device from a running guest: asks the front end to let go, then
 * removes everything. done hears of it; when the guest takes longer than the
 * time-out, it hears ETIMEDOUT, and the device still goes when the guest lets
 * go. -EALREADY with *e set while another detach waits.
 */
int device_detach(struct device *d, device_cb *done, void *arg, struct err *e);

/* How large a disk is to be. */
struct disk_size {
	bool look;	/* as large as its image is by now */
	bool shrink;	/* or smaller than it was */
	uint64_t bytes; /* unless look: what its image is to be made */
};

/*
 * Gives a disk that its guest may be using another size, or a CD-ROM drive the
 * medium that config names (or none: of config, only what says where the image
 * is counts). The guest keeps its connection. done hears (once, perhaps before
 * this returns) that the guest has been told; or why it is served as before.
 * 0, or -errno with *e set when that was clear at once; then its key is
 * "target" when the new image is at fault.
 */
int device_resize(struct device *d, const struct disk_size *size,
		  device_cb *done, void *arg, struct err *e);
int device_change_medium(struct device *d, const struct disk_config *config,
			 device_cb *done, void *arg, struct err *e);

/*
 * The same without waiting for the guest, also while or after a device_detach
 * waits for it (whose done hears ECANCELED): the guest is told, its requests
 * are no longer served, its memory is let go of, and the nodes go.
 */
int device_detach_forced(struct device *d, device_cb *done, void *arg,
			 struct err *e);

/*
 * For a domain that is dead: stops the worker without asking anybody. The
 * nodes are the domain's to remove. gone follows. May be repeated.
 */
void device_end(struct device *d);

/*
 * Has a disk kept to caps from now on, and those of its workers that are yet
 * to come. 0 or -errno with *e set.
 */
int device_set_caps(struct device *d, const struct disk_caps *caps,
		    struct err *e);

/*
 * The same of a vif: how much its guest may send (bytes 0: no limit), and
 * whether its cable is in. Its guest can see in xenstore that it is not (which
 * Linux's front end does not look at); it gets nothing, and what it sends is
 * dropped. 0 or -errno with *e set, and nothing changed.
 */
int device_set_rate(struct device *d, const struct vif_rate *rate,
		    struct err *e);
int device_set_carrier(struct device *d, bool up, struct err *e);

/*
 * Gives a vif, which its guest may be using, another place: of config counts
 * what says where the tap is (bridge, gatewaydev, vlans, prefixes). done hears
 * (once, from the loop) that it is there, or why it is where it was. 0, or
 * -errno with *e set when that was clear at once: -EBUSY while it is moved or
 * not in its first place yet.
 */
int device_move_vif(struct device *d, const struct vif_config *config,
		    device_cb *done, void *arg, struct err *e);

/*
 * What a disk or a vif has done so far, as block.list and network.list show
 * it; null when it cannot be read. NULL when memory is out.
 */
struct json *device_figures_json(const struct device *d);

/* As block.list and network.list show it. NULL when memory is out. */
struct json *device_json(const struct device *d);

/* For going through a list: for (v = LIST_FIRST(list); v; v = device_next(v)) */
struct device *device_next(const struct device *d);

bool device_is_vbd(const struct device *d);
bool device_is_vif(const struct device *d);
uint32_t device_domid(const struct device *d);
uint32_t device_devid(const struct device *d);
const struct disk_config *device_disk(const struct device *d);
const struct vif_config *device_vif(const struct device *d);

/* The directories under /local/domain/0/backend that hold a domain's. */
void devices_plan_rm(struct xs_plan *plan, uint32_t domid);

#endif
