/* SPDX-License-Identifier: MIT */
/*
 * All of xenstore, read in as many round trips as it is deep: libxenstore asks
 * for one thing at a time, and that for hundreds of nodes after hundreds of
 * trials is what a test would mostly do.
 */
#ifndef XN_SIM_RUNS_NODES_H
#define XN_SIM_RUNS_NODES_H

#include <stdio.h>

#define NODE "node " /* begins the line of one */

/*
 * A line for each node, with its value; that of one that goes meanwhile is
 * empty. Ends the program when xenstored does not answer.
 */
void nodes_tell(FILE *out);

#endif
