/* SPDX-License-Identifier: MIT */
/*
 * A disk of domain 7 over a xenstore in memory. Its worker is the test's own
 * program again, under the name of xn-blk: it serves 200 ms after it is told
 * to, and appends what it was told to a file.
 */
#ifndef XN_TESTS_DEVICE_WORLD_H
#define XN_TESTS_DEVICE_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <event2/event.h>

#include "daemon/device/kind.h"

#define BACK	  "/local/domain/0/backend/xnblk/7/51712"
#define FRONT	  "/local/domain/7/device/vbd/51712"

#define VIF_BACK  "/local/domain/0/backend/xnnet/7/0"
#define VIF_FRONT "/local/domain/7/device/vif/0"
#define UUID	  "11111111-2222-3333-4444-555555555555"

struct world {
	struct event_base *base;
	struct xs *xs;
	struct device_env env;
	struct links *links; /* of a vif */
	struct device_list list;
	struct device *device;
	struct err why;	   /* it was refused */
	char program[128]; /* qemu-nbd: the test's own, too */
	bool attached, refused, detached, gone, out_of_time;
};

/*
 * For main: runs the worker when the program goes by that name. Otherwise
 * makes a folder for the tests, their working directory, and runs them.
 */
int world_main(int argc, char **argv, int (*run)(void));

/* worker: what xn-blk is; "/proc/self/exe" for this program. */
struct world *world_open(const char *worker);
/* The same of another disk than a file of 1 MiB called "disk". */
struct world *world_open_with(const char *worker,
			      const struct disk_config *disk);
/*
 * With a disk of that format; target: NULL for an image of the world's. Unless
 * it is an image in raw format, workers and servers have five seconds.
 */
struct world *world_open_disk(const char *worker, enum disk_format format,
			      const char *target);
/* Of a disk that this script makes of its target. */
struct world *world_open_script(const char *worker, char *script);
/*
 * Of a vif, in the network namespace of the test, where there is no Open
 * vSwitch. Without a device, and with why, when it cannot be made.
 */
struct world *world_open_vif(const char *worker, const struct vif_config *vif);
void world_close(struct world *w);

/*
 * From now on (or no longer) a worker says nothing: at all, or once it is told
 * to start. It has a second to answer. Or it takes its time when it is told to
 * stop, or refuses, the next time only, to start.
 */
void world_mute(const char *when, bool mute);
#define MUTE_AT_ALL  "mute"
#define MUTE_STARTED "mute-when-started"
#define SLOW_TO_STOP "slow-to-stop"
#define REFUSES_ONCE "refuses-once"
/* Or, once, closes its channel and nothing more. */
#define ENDS_WITHOUT_A_WORD "ends-without-a-word"
/* Or, once, does that as soon as it is given one. */
#define DECLINES_ONCE "declines-once"

/*
 * The same of what the other programs do: the server refuses the image; it
 * does not greet yet; it stays though its connection has ended; the worker
 * finds a read-only export, or one that has become twice as large. That the
 * worker was given a server's connection is seen by the file "opened", and
 * that a server has begun by the file "started".
 */
#define SERVER_REFUSES	 "server-refuses"
#define SERVER_MUTE	 "server-mute"
#define SERVER_BUSY	 "server-busy"
#define EXPORT_READ_ONLY "export-read-only"
#define EXPORT_GROWN	 "export-grown"

/* Runs until then, and forgets it. */
void await_opened(struct world *w);

/* Makes xn-blk another program. */
void world_replace_worker(const char *worker);

void attach(struct world *w);
/* Until w->detached, which is never for an error. */
void detach(struct world *w);
void detach_forced(struct world *w);

/* One round of the loop; fails the test when twenty seconds are over. */
void turn(struct world *w);
void run_for(struct world *w, unsigned int ms);
void run_until_gone(struct world *w);
void run_until(struct world *w, enum worker_phase phase);

/* The guest gives its ring, once the device is attached. */
void connect_front_end(struct world *w);

/* What a worker was told when it was started. */
struct told {
	unsigned int generation, port, ring_ref;
	unsigned long journal; /* its inode */
	int pid;
	unsigned long sectors;
	unsigned int flags;
};

/* Fills told with the last of them. Returns how many there were. */
unsigned int world_told(struct told *told);

/* The same of a vif's worker. */
struct net_told {
	unsigned int generation, queues;
	unsigned int port; /* of the last queue, to receive */
	unsigned int taps;
	unsigned long journal;
	int pid;
};
unsigned int world_net_told(struct net_told *told);

/* What it was told of terms. */
struct net_terms {
	unsigned int flags, headroom, interval;
	unsigned long long bytes;
	int after_a_start; /* of any worker */
};
unsigned int world_net_terms(struct net_terms *terms);

/* What one of several vifs in a process, by when it came, was told last. */
struct segment_told {
	unsigned int segment, mtu;
	unsigned int mac; /* the last byte of it */
};
/* How often it was told; of the process pid, or (0) of any. */
unsigned int world_segment(int pid, unsigned int number,
			   struct segment_told *told);

/* What a worker was told of caps. */
struct capped {
	unsigned long long iops, bytes_per_second;
	int after_a_start; /* of any worker */
};

/* As world_told. */
unsigned int world_capped(struct capped *capped);

/*
 * From now on a worker that is told to start leaves a process behind that
 * holds its image, as I/O in flight does, until the file "release" appears.
 */
void world_keep_images(bool keep);
void world_release_images(void);

#endif
