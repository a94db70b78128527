/* SPDX-License-Identifier: MIT */
/* The one fault that is armed: which calls fit it, and whose turn it is. */
#include "tests/sim/hypervisor/hypervisor.h"

#include <string.h>

static struct {
	bool armed;
	struct sim_fault fault;
	uint32_t fitted;
	uint32_t met;
	bool partial;	/* the present call has to fail one element */
	uint64_t known; /* handles up to that were there when it was armed */
} state;

static uint64_t handles;

uint64_t fault_handle(void)
{
	return ++handles;
}

void fault_set(const struct sim_fault *f)
{
	memset(&state, 0, sizeof(state));
	state.fault = *f;
	state.armed = true;
	state.known = handles;
}

bool fault_is_set(void)
{
	return state.armed;
}

uint32_t fault_clear(void)
{
	uint32_t met = state.met;

	memset(&state, 0, sizeof(state));
	return met;
}

static bool is_of(const char *program)
{
	if (state.fault.program[0] == '\0')
		return strcmp(program, "xenstored") != 0;
	return strcmp(program, state.fault.program) == 0;
}

static bool fits(const struct call *call)
{
	const struct sim_fault *f = &state.fault;

	return is_of(call->program) && (f->op == 0 || f->op == call->op) &&
	       (f->number == -1 || f->number == call->number) &&
	       (f->command == -1 || f->command == call->command) &&
	       (f->site == 0 || f->site == call->site) &&
	       (f->newcomers == 0 || call->handle > state.known);
}

const struct sim_fault *fault_meet(const struct call *call)
{
	state.partial = false;
	if (!state.armed || !fits(call))
		return NULL;
	state.fitted++;
	if (state.fitted != state.fault.nth &&
	    !(state.fault.always && state.fitted > state.fault.nth))
		return NULL;
	state.met++;
	state.partial = state.fault.kind == SIM_PARTIAL;
	return &state.fault;
}

int64_t fault_item(int32_t *error)
{
	if (!state.partial)
		return -1;
	*error = state.fault.error;
	return state.fault.item;
}

bool fault_wants_sites(const char *program)
{
	if (state.armed && state.fault.site != 0 && is_of(program))
		return true;
	return survey_is_on() && strcmp(program, "xenstored") != 0;
}
