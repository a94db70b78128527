/* SPDX-License-Identifier: MIT */
/*
 * The hand of somebody else: domains destroyed without asking xnd, and a bed
 * made again on which a promise was broken.
 */
#ifndef XN_SIM_RUNS_SWEEP_H
#define XN_SIM_RUNS_SWEEP_H

struct world;

void sweep_domain(unsigned int domid);
/* Destroys every domain but dom0. */
void sweep_domains(struct world *w);
/* And kills workers, and removes nodes, that should have gone with them. */
void sweep_all(struct world *w);

#endif
