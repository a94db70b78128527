/* SPDX-License-Identifier: MIT */
/* The handshake's table. */
#include "daemon/device/bus.h"

/*
 * Row: ours. Column: theirs. What is not listed is BUS_WAIT. Watch events
 * merge, so a front end may be seen Connected that was never seen
 * Initialised, or asking for other terms at once; and one that does not look
 * at our state does not wait for it, not even after it has closed. A front
 * end whose state node is gone (Unknown) or that starts over without closing
 * (Initialising while we serve: a crashed kernel, say) must first be let go
 * of.
 */
static const enum bus_act acts[BUS_STATES][BUS_STATES] = {
	[XenbusStateInitWait] =
		{
			[XenbusStateInitialised] = BUS_CONNECT,
			[XenbusStateConnected] = BUS_CONNECT,
			[XenbusStateReconfiguring] = BUS_CONNECT,
			[XenbusStateClosing] = BUS_CLOSING,
			[XenbusStateClosed] = BUS_DISCONNECT,
		},
	[XenbusStateConnected] =
		{
			[XenbusStateUnknown] = BUS_DISCONNECT,
			[XenbusStateInitialising] = BUS_DISCONNECT,
			[XenbusStateClosing] = BUS_CLOSING,
			[XenbusStateClosed] = BUS_DISCONNECT,
			[XenbusStateReconfiguring] = BUS_RECONFIGURE,
		},
	[XenbusStateReconfigured] =
		{
			[XenbusStateUnknown] = BUS_DISCONNECT,
			[XenbusStateInitialising] = BUS_DISCONNECT,
			[XenbusStateConnected] = BUS_GO_ON,
			[XenbusStateClosing] = BUS_CLOSING,
			[XenbusStateClosed] = BUS_DISCONNECT,
		},
	[XenbusStateClosing] =
		{
			[XenbusStateUnknown] = BUS_DISCONNECT,
			[XenbusStateInitialising] = BUS_DISCONNECT,
			[XenbusStateClosed] = BUS_DISCONNECT,
		},
	[XenbusStateClosed] =
		{
			[XenbusStateInitialising] = BUS_REOPEN,
			[XenbusStateInitialised] = BUS_REOPEN,
			[XenbusStateConnected] = BUS_REOPEN,
		},
};

static const char *const names[BUS_STATES] = {
	[XenbusStateUnknown] = "Unknown",
	[XenbusStateInitialising] = "Initialising",
	[XenbusStateInitWait] = "InitWait",
	[XenbusStateInitialised] = "Initialised",
	[XenbusStateConnected] = "Connected",
	[XenbusStateClosing] = "Closing",
	[XenbusStateClosed] = "Closed",
	[XenbusStateReconfiguring] = "Reconfiguring",
	[XenbusStateReconfigured] = "Reconfigured",
};

enum bus_act bus_next(enum xenbus_state ours, unsigned int theirs)
{
	if ((unsigned int)ours >= BUS_STATES || theirs >= BUS_STATES)
		return BUS_WAIT;
	return acts[ours][theirs];
}

const char *bus_state_name(unsigned int state)
{
	return state < BUS_STATES ? names[state] : "?";
}
