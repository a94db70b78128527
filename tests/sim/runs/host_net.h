/* SPDX-License-Identifier: MIT */
/*
 * The bridge's own end of the bed's network: frames of one marked type to and
 * from guests.
 */
#ifndef XN_SIM_RUNS_HOST_NET_H
#define XN_SIM_RUNS_HOST_NET_H

#include <stdbool.h>
#include <stdint.h>

#define HOST_NET_BRIDGE "xenbr0"
#define HOST_NET_BYTES	200 /* of every frame */

/* A descriptor, or -errno. */
int host_net_open(void);

/* The bridge's own address: a frame to it goes to no other guest. */
void host_net_mac(int fd, uint8_t mac[6]);

/* A frame whose bytes depend on seed. */
void host_net_frame(uint8_t frame[HOST_NET_BYTES], const uint8_t to[6],
		    const uint8_t from[6], uint32_t seed);

/* 0 or -errno */
int host_net_send(int fd, const uint8_t frame[HOST_NET_BYTES]);
/* Takes what has come. True when that frame was among it. */
bool host_net_got(int fd, const uint8_t frame[HOST_NET_BYTES]);

#endif
