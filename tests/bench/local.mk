# SPDX-License-Identifier: MIT
# What tests/bench/run ring runs: make test-bench.
EXTRA_PROGRAMS += tests/bench/ring/xn-bench-ring
tests_bench_ring_xn_bench_ring_SOURCES = \
	tests/bench/ring/bare.c \
	tests/bench/ring/guest.c \
	tests/bench/ring/main.c \
	tests/bench/ring/meter.c tests/bench/ring/meter.h \
	tests/bench/ring/server.c tests/bench/ring/server.h \
	tests/bench/ring/work.h $(sim_link)
tests_bench_ring_xn_bench_ring_CPPFLAGS = $(sim_CPPFLAGS)
tests_bench_ring_xn_bench_ring_CFLAGS = $(AM_CFLAGS) $(simguest_CFLAGS) \
	$(URING_CFLAGS)
tests_bench_ring_xn_bench_ring_LDADD = tests/sim/guest/libxnsimguest.a \
	lib/libxnbase.a $(URING_LIBS) $(EVENT_LIBS) -lpthread

if HAVE_CMOCKA
EXTRA_PROGRAMS += tests/bench/ring/xn-bench-queue
tests_bench_ring_xn_bench_queue_SOURCES = \
	tests/bench/ring/bare.c \
	tests/bench/ring/null.c \
	tests/bench/ring/work.h $(blk_served_files)
tests_bench_ring_xn_bench_queue_LDADD = $(test_LIBS) $(URING_LIBS)
endif

# And what tests/bench/run pause kills a worker under.
EXTRA_PROGRAMS += tests/bench/pause/xn-bench-pause
tests_bench_pause_xn_bench_pause_SOURCES = tests/bench/pause/main.c \
	tests/bench/ring/server.c tests/bench/ring/server.h $(sim_link)
tests_bench_pause_xn_bench_pause_CPPFLAGS = $(sim_CPPFLAGS)
tests_bench_pause_xn_bench_pause_CFLAGS = $(AM_CFLAGS) $(simguest_CFLAGS)
tests_bench_pause_xn_bench_pause_LDADD = tests/sim/guest/libxnsimguest.a \
	lib/libxnbase.a $(EVENT_LIBS) -lpthread

test-bench: $(filter tests/bench/%,$(EXTRA_PROGRAMS))
.PHONY: test-bench
