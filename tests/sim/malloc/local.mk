# SPDX-License-Identifier: MIT
# Failing allocations on command. Never with sanitizers: it stands between
# the programs and theirs.
EXTRA_PROGRAMS += tests/sim/malloc/preload.so
tests_sim_malloc_preload_so_SOURCES = \
	tests/sim/malloc/preload.c tests/sim/malloc/plan.h
tests_sim_malloc_preload_so_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_malloc_preload_so_CFLAGS = $(sim_lib_CFLAGS) -fno-omit-frame-pointer
tests_sim_malloc_preload_so_LDFLAGS = -shared -Wl,-z,defs
tests_sim_malloc_preload_so_LDADD = -lgcc_s
