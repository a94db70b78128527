/* SPDX-License-Identifier: MIT */
/*
 * Runs of nftables' commands, by a program of their own, xn-nft: libnftables
 * ends its process when memory is out, and reads all of the host's rules
 * before it changes any.
 */
#ifndef XN_NET_NFT_H
#define XN_NET_NFT_H

struct err;
struct event_base;
struct nft;
struct nft_queue;

/* base is borrowed. NULL with *e set. */
struct nft_queue *nft_queue_new(struct event_base *base, struct err *e);
/* When no run of it is left. NULL is fine. */
void nft_queue_free(struct nft_queue *q);

/*
 * e: NULL when all was done; else nothing was, and it says why in nftables'
 * own words. text: what the commands print. Called once, from the loop, and
 * the run may be freed in it.
 */
typedef void nft_cb(const struct err *e, const char *text, void *arg);

/*
 * Runs commands (copied; one transaction) when the runs before it have ended,
 * within ten seconds from then. NULL with *e set.
 */
struct nft *nft_start(struct nft_queue *q, const char *commands, nft_cb *done,
		      void *arg, struct err *e);

/* Without done; one that runs is killed, before or after it was done. */
void nft_free(struct nft *n); /* NULL is fine */

#endif
