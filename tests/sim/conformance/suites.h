/* SPDX-License-Identifier: MIT */
/* The promises, a suite a subject. Each leaves nothing behind. */
#ifndef XN_SIM_SUITES_H
#define XN_SIM_SUITES_H

#include "tests/sim/conformance/bed.h"

void suite_events(const struct bed *bed);
void suite_bindings(const struct bed *bed);
void suite_domains(const struct bed *bed);
void suite_memory(const struct bed *bed);
void suite_grants(const struct bed *bed);
void suite_grant_ends(const struct bed *bed);
void suite_copies(const struct bed *bed);
void suite_store(const struct bed *bed);

#endif
