/* SPDX-License-Identifier: MIT */
/*
 * Open vSwitch as daemon/net/ovs.h has it, in memory: answers from the loop,
 * and fails when told to. For tests that are about who asks.
 */
#ifndef XN_TESTS_FAKE_OVS_H
#define XN_TESTS_FAKE_OVS_H

#include <stdbool.h>

struct fake_ovs {
	bool is_down;	     /* nobody answers */
	const char *bridge;  /* the only one, or NULL */
	const char *refuses; /* the bridge that takes no port */
	bool sinks;	    /* what it takes it sets down, as it has found it */
	unsigned int lists; /* how often it was asked for its ports */
	unsigned int missed; /* calls, while nobody answered */
	/* The ports: "vif1.0@ovsbr0/10 ", the number being its PVID. */
	char ports[256];
};

extern struct fake_ovs fake_ovs;

#endif
