/* SPDX-License-Identifier: MIT */
/*
 * The messages between xnd and a worker, over a SOCK_SEQPACKET pair: one
 * message a packet, fixed structs of fixed-width little-endian fields (this
 * host is x86) that begin with struct msg_header, descriptors by SCM_RIGHTS.
 * Numbers and fields are append-only. A worker sends MSG_READY once its own
 * handles are open; from then on it opens nothing.
 *
 * Strings are NUL-terminated inside their arrays; msg_check says so.
 */
#ifndef XN_CHAN_MSG_H
#define XN_CHAN_MSG_H

#include <stddef.h>
#include <stdint.h>

#define MSG_VERSION	  1
#define MSG_MAX_BYTES	  8192
#define MSG_MAX_FDS	  10

#define MSG_TEXT_BYTES	  320
#define MSG_CMDLINE_BYTES 4096

enum msg_type {
	/* any worker → xnd */
	MSG_READY = 1,	 /* struct msg_plain: handles open, waiting */
	MSG_FAILED = 2,	 /* struct msg_failed */
	MSG_STOPPED = 3, /* struct msg_plain: unmapped, unbound, exiting */
	/* xnd → any worker */
	MSG_STOP = 4, /* struct msg_plain: finish what is in flight */

	/* xn-build: one request at a time */
	MSG_BUILD = 16,	    /* struct msg_build; fds: kernel[, ramdisk] */
	MSG_BUILT = 17,	    /* struct msg_built */
	MSG_DESTROY = 18,   /* struct msg_plain: destroys the domain */
	MSG_DESTROYED = 19, /* struct msg_plain */

	/* xn-blk */
	MSG_BLK_START = 32,   /* struct msg_blk_start; fds: journal, figures
				 (chan/blk_figures.h)[, image] */
	MSG_BLK_SERVING = 33, /* struct msg_plain */
	MSG_BLK_CAPS = 34,    /* xnd → it: struct msg_blk_caps, at any time */
	/* A disk whose image a server has (NBD), before its START: */
	MSG_BLK_OPEN = 35,   /* xnd → it: struct msg_blk_open; fds: socket */
	MSG_BLK_OPENED = 36, /* it → xnd: struct msg_blk_opened */
	MSG_BLK_LOST = 37, /* it → xnd: struct msg_plain: the server has gone,
				wants to be OPENed again; guest's requests wait */

	/* xn-net */
	MSG_NET_START = 48,   /* struct msg_net_start; fds: journal, figures
				 (chan/net_figures.h), a tap's for each queue */
	MSG_NET_SERVING = 49, /* struct msg_plain */
	MSG_NET_TERMS = 50, /* xnd → it: struct msg_net_terms, at any time */
	/*
	 * xnd → one that was started for several vifs: struct msg_plain; fds: a
	 * channel of its own for one vif more, on which it is as a process that
	 * serves that vif alone, from READY to STOPPED, and then ends.
	 */
	MSG_NET_ADOPT = 51,

	/* xn-console: any number of guests */
	MSG_CONSOLE_ADD = 64,	  /* struct msg_console_add; fds: pty, log */
	MSG_CONSOLE_SERVING = 65, /* struct msg_plain */
	MSG_CONSOLE_REMOVE = 66,  /* struct msg_plain: drain, then forget */
	MSG_CONSOLE_REMOVED = 67, /* struct msg_plain */
	MSG_CONSOLE_ATTACH = 68,  /* struct msg_plain; fds: client socket */
};

struct msg_header {
	uint16_t version; /* MSG_VERSION */
	uint16_t type;	  /* enum msg_type */
	uint32_t length;  /* of the whole message, this header included */
};

/* A message about one domain, or (domid 0) about the worker itself. */
struct msg_plain {
	struct msg_header head;
	uint32_t domid;
	uint32_t unused;
};

/*
 * The request about domid failed, or (for a device worker that was serving)
 * the device did: the worker unmaps, unbinds and waits for MSG_STOP.
 */
struct msg_failed {
	struct msg_header head;
	uint32_t domid;
	uint32_t code;		   /* a positive errno */
	char text[MSG_TEXT_BYTES]; /* as struct err's text */
};

struct msg_build {
	struct msg_header head;
	uint32_t domid;
	uint32_t has_ramdisk;  /* a second descriptor follows the kernel's */
	uint32_t memory_mib;   /* what the guest starts with */
	uint32_t vcpus;	       /* online at start; all of them are built */
	uint32_t console_port; /* the guest's own, unbound, for console_domid */
	uint32_t console_domid;
	uint32_t store_port; /* likewise */
	uint32_t store_domid;
	char cmdline[MSG_CMDLINE_BYTES];
};

struct msg_built {
	struct msg_header head;
	uint32_t domid;
	uint32_t unused;
	uint64_t console_frame; /* as given in start_info (an MFN for PV) */
	uint64_t store_frame;
};

/* Flags of struct msg_blk_start. */
#define MSG_BLK_READ_ONLY      1u
#define MSG_BLK_X86_32	       2u  /* the frontend's ABI; else x86_64 */
#define MSG_BLK_PERSISTENT     4u  /* it uses the same grants again */
#define MSG_BLK_DISCARD	       8u  /* has been offered */
#define MSG_BLK_BARRIER	       16u /* has been offered */
#define MSG_BLK_NBD	       32u /* the image is behind MSG_BLK_OPEN */
#define MSG_BLK_NO_MEDIUM      64u /* there is no image: every request fails */

#define MSG_BLK_QUEUES_MAX     16
#define MSG_BLK_RING_PAGES_MAX 16
#define MSG_BLK_PAGE_REQUESTS  32 /* outstanding, of a page of the ring */

/*
 * The least size of the journal's file, for so many queues with so many
 * requests outstanding in each. xnd makes it, zero, before a connection's
 * first worker, and hands the same to each successor; only workers know what
 * is in it.
 */
#define MSG_BLK_JOURNAL_UNIT 128
#define MSG_BLK_JOURNAL_BYTES(queues, requests) \
	(MSG_BLK_JOURNAL_UNIT * (1 + (queues) * (1 + (size_t)(requests))))

struct msg_blk_queue {
	uint32_t port; /* the frontend's, to bind */
	uint32_t ring_refs[MSG_BLK_RING_PAGES_MAX];
};

struct msg_blk_start {
	struct msg_header head;
	uint32_t domid;
	uint32_t devid;	     /* the vbd's number in xenstore, for log lines */
	uint32_t generation; /* 1 for the first worker of a connection */
	uint32_t flags;	     /* MSG_BLK_… */
	uint64_t sectors;    /* of 512 bytes */
	uint32_t n_queues;   /* 1 to as many as the worker was started for */
	uint32_t ring_pages; /* of each queue: 1, 2, 4, 8 or 16 */
	struct msg_blk_queue queues[MSG_BLK_QUEUES_MAX];
};

/* How fast a disk may be; 0: as fast as it can. */
struct msg_blk_caps {
	struct msg_header head;
	uint32_t domid;
	uint32_t unused;
	uint64_t iops;		   /* requests a second, of the whole disk */
	uint64_t bytes_per_second; /* read and written, likewise */
};

#define MSG_NBD_EXPORT_BYTES 1024

/*
 * A connected stream socket on which an NBD server is about to greet. The
 * first one comes before START; those after MSG_BLK_LOST at any time, and then
 * START's sectors are what the export must have at least.
 */
struct msg_blk_open {
	struct msg_header head;
	uint32_t domid;
	uint32_t flags;			   /* MSG_BLK_READ_ONLY or 0 */
	char export[MSG_NBD_EXPORT_BYTES]; /* "" for the default one */
};

/* Flags of struct msg_blk_opened. */
#define MSG_NBD_READ_ONLY 1u
#define MSG_NBD_FLUSH	  2u
#define MSG_NBD_DISCARD	  4u

/* What the server has said of the export. */
struct msg_blk_opened {
	struct msg_header head;
	uint32_t domid;
	uint32_t flags;	      /* MSG_NBD_… */
	uint64_t sectors;     /* of 512 bytes */
	uint32_t block_bytes; /* what it likes best to be asked for; a power of
				  two from 512 to 4096 */
	uint32_t unused;
};

/* Flags of struct msg_net_start: what the frontend offered. */
#define MSG_NET_SG	   1u  /* takes packets of several rx slots */
#define MSG_NET_NO_CSUM	   2u  /* wants every checksum filled in (IPv4) */
#define MSG_NET_IPV6_CSUM  4u  /* takes blank IPv6 checksums */
#define MSG_NET_RX_NOTIFY  8u  /* notifies us when it posts rx slots */
#define MSG_NET_GSO_TCPV4  16u /* takes TCP frames yet to be segmented */
#define MSG_NET_GSO_TCPV6  32u
#define MSG_NET_CTRL	   64u /* has a control ring */

#define MSG_NET_QUEUES_MAX 8

/*
 * The size of the journal's file. xnd makes it, zero, before a connection's
 * first worker, and hands the same to each successor: it keeps what the guest
 * has told a worker and will not say again (hash and multicast settings), and
 * what each ring is about to be answered. What was not answered is taken again.
 */
#define MSG_NET_JOURNAL_BYTES (4096 * (3 + 2 * MSG_NET_QUEUES_MAX))

struct msg_net_queue {
	uint32_t tx_port;     /* the frontend's ports, to bind; */
	uint32_t rx_port;     /* equal when it does not split them */
	uint32_t tx_ring_ref; /* one page each */
	uint32_t rx_ring_ref;
};

struct msg_net_start {
	struct msg_header head;
	uint32_t domid;
	uint32_t devid;
	uint32_t generation; /* 1 for the first worker of a connection */
	uint32_t flags;	     /* MSG_NET_… */
	uint32_t ctrl_port;  /* when MSG_NET_CTRL */
	uint32_t ctrl_ring_ref;
	uint32_t n_queues; /* 1 to as many as the worker was started for */
	uint32_t unused;
	struct msg_net_queue queues[MSG_NET_QUEUES_MAX];
};

/* Flags of struct msg_net_terms. */
#define MSG_NET_MULTICAST 1u /* only the multicast that the guest asks for */
#define MSG_NET_UNPLUGGED 2u /* what the guest sends is dropped */

/*
 * Half a page; of the rest the headers have need. XEN_NETIF_MAX_XDP_HEADROOM is
 * 0x7fff: no frame would fit.
 */
#define MSG_NET_HEADROOM_MAX 2048u

/*
 * What may change while a vif is served. A worker that has not been told goes
 * by zeros: no limit, no room, all multicast.
 */
struct msg_net_terms {
	struct msg_header head;
	uint32_t domid;
	uint32_t flags;		/* MSG_NET_MULTICAST, MSG_NET_UNPLUGGED */
	uint32_t xdp_headroom;	/* bytes left free before each rx frame's first
				   byte, so many as the guest asked for */
	uint32_t rate_interval; /* microseconds */
	uint64_t rate_bytes;	/* that the guest may send in each interval, in
				   all its queues; 0: no limit */
	/*
	 * Not 0: frames between vifs of one process that have the same number
	 * here may go directly from one guest to the other.
	 */
	uint32_t segment;
	uint32_t mtu;	/* of that segment: a larger frame goes to the tap */
	uint8_t mac[6]; /* the guest's, and no other counts as its */
	uint8_t unused[2];
};

struct msg_console_add {
	struct msg_header head;
	uint32_t domid;
	uint32_t port;	   /* the guest's console port, to bind */
	uint32_t ring_ref; /* its console page, seeded in its grant table */
	uint32_t unused;
};

union msg {
	struct msg_header head;
	struct msg_plain plain;
	struct msg_failed failed;
	struct msg_build build;
	struct msg_built built;
	struct msg_blk_start blk_start;
	struct msg_blk_caps blk_caps;
	struct msg_blk_open blk_open;
	struct msg_blk_opened blk_opened;
	struct msg_net_start net_start;
	struct msg_net_terms net_terms;
	struct msg_console_add console_add;
};

/*
 * Checks a received packet of size bytes: version, known type, the exact
 * length of that type's struct, strings terminated, and the number of
 * descriptors that the type carries. 0 or -EPROTO. Pure.
 */
int msg_check(const union msg *m, size_t size, unsigned int fds);

/* Zeroes m and fills its header for a message of this type. */
void msg_init(union msg *m, enum msg_type type);

/* "build", "blk-start" …, for log lines; "unknown" for others. */
const char *msg_name(unsigned int type);

#endif
