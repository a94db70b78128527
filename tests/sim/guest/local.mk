# SPDX-License-Identifier: MIT
# Simulated guests: a library, and a program that runs a script on one.
noinst_LIBRARIES += tests/sim/guest/libxnsimguest.a
simguest_CFLAGS = $(EVENT_CFLAGS) $(XENCTRL_CFLAGS) $(XENEVTCHN_CFLAGS) \
	$(XENGNTTAB_CFLAGS)

tests_sim_guest_libxnsimguest_a_SOURCES = \
	tests/sim/guest/blk.c tests/sim/guest/blk.h \
	tests/sim/guest/blk_abi.c tests/sim/guest/blk_abi.h \
	tests/sim/guest/blk_io.c tests/sim/guest/blk_io.h \
	tests/sim/guest/blk_queue.c tests/sim/guest/blk_queue.h \
	tests/sim/guest/boot.c tests/sim/guest/boot.h \
	tests/sim/guest/bus.c tests/sim/guest/bus.h \
	tests/sim/guest/console.c tests/sim/guest/console.h \
	tests/sim/guest/events.c tests/sim/guest/events.h \
	tests/sim/guest/front.c tests/sim/guest/front.h \
	tests/sim/guest/grants.c tests/sim/guest/grants.h \
	tests/sim/guest/guest.c tests/sim/guest/guest.h \
	tests/sim/guest/net.c tests/sim/guest/net.h \
	tests/sim/guest/net_queue.c tests/sim/guest/net_queue.h \
	tests/sim/guest/store.c tests/sim/guest/store.h \
	tests/sim/guest/wire.c tests/sim/guest/wire.h
tests_sim_guest_libxnsimguest_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_sim_guest_libxnsimguest_a_CFLAGS = $(AM_CFLAGS) $(simguest_CFLAGS)
