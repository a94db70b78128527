/* SPDX-License-Identifier: MIT */
/*
 * The xenbus handshake as a back end sees it: one table, (our state, their
 * state) to what is to be done. The rows follow the state diagrams of
 * xen/io/blkif.h and what Linux's own back ends do.
 */
#ifndef XN_DEVICE_BUS_H
#define XN_DEVICE_BUS_H

#include "xen/abi.h"

enum bus_act {
	BUS_WAIT,	 /* nothing */
	BUS_CONNECT,	 /* map its rings, serve, say Connected */
	BUS_CLOSING,	 /* it wants to close: say Closing, serve on */
	BUS_DISCONNECT,	 /* stop serving, unmap, then say Closed */
	BUS_REOPEN,	 /* it begins again: say InitWait */
	BUS_RECONFIGURE, /* it wants other terms: take them, say Reconfigured */
	BUS_GO_ON,	 /* it goes on under them: say Connected */
};

#define BUS_STATES (XenbusStateReconfigured + 1)

/* theirs may be any number: it is what a guest wrote. */
enum bus_act bus_next(enum xenbus_state ours, unsigned int theirs);

/* "Connected" …; "?" for what is no state. */
const char *bus_state_name(unsigned int state);

#endif
