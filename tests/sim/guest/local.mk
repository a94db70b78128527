# SPDX-License-Identifier: MIT
# Simulated guests: a library, and a program that runs a script on one.
EXTRA_LIBRARIES += tests/sim/guest/libxnsimguest.a
simguest_CFLAGS = $(EVENT_CFLAGS) $(XENCTRL_CFLAGS) $(XENEVTCHN_CFLAGS) \
	$(XENGNTTAB_CFLAGS)

tests_sim_guest_libxnsimguest_a_SOURCES = \
	tests/sim/guest/blk.c tests/sim/guest/blk.h \
	tests/sim/guest/blk_abi.c tests/sim/guest/blk_abi.h \
	tests/sim/guest/blk_behave.c \
	tests/sim/guest/blk_blind.c \
	tests/sim/guest/blk_change.c \
	tests/sim/guest/blk_io.c tests/sim/guest/blk_io.h \
	tests/sim/guest/blk_key_lies.c \
	tests/sim/guest/blk_lies.c \
	tests/sim/guest/blk_queue.c tests/sim/guest/blk_queue.h \
	tests/sim/guest/blk_ring_lies.c \
	tests/sim/guest/boot.c tests/sim/guest/boot.h \
	tests/sim/guest/bus.c tests/sim/guest/bus.h \
	tests/sim/guest/bus_lies.c \
	tests/sim/guest/console.c tests/sim/guest/console.h \
	tests/sim/guest/console_behave.c \
	tests/sim/guest/events.c tests/sim/guest/events.h \
	tests/sim/guest/flow.c tests/sim/guest/flow.h \
	tests/sim/guest/front.c tests/sim/guest/front.h \
	tests/sim/guest/grants.c tests/sim/guest/grants.h \
	tests/sim/guest/guest.c tests/sim/guest/guest.h \
	tests/sim/guest/lie.c tests/sim/guest/lie.h \
	tests/sim/guest/live.c tests/sim/guest/live.h \
	tests/sim/guest/net.c tests/sim/guest/net.h \
	tests/sim/guest/net_behave.c \
	tests/sim/guest/net_ctrl.c tests/sim/guest/net_ctrl.h \
	tests/sim/guest/net_key_lies.c \
	tests/sim/guest/net_lies.c \
	tests/sim/guest/net_ctrl_lies.c \
	tests/sim/guest/net_offload.c \
	tests/sim/guest/net_queue.c tests/sim/guest/net_queue.h \
	tests/sim/guest/net_receive.c \
	tests/sim/guest/net_rx_lies.c \
	tests/sim/guest/net_wishes.c \
	tests/sim/guest/races.c \
	tests/sim/guest/script.c tests/sim/guest/script.h \
	tests/sim/guest/scripts.c \
	tests/sim/guest/scene.c tests/sim/guest/scene.h \
	tests/sim/guest/store.c tests/sim/guest/store.h \
	tests/sim/guest/store_lies.c \
	tests/sim/guest/vandal.c tests/sim/guest/vandal.h \
	tests/sim/guest/vanish.c \
	tests/sim/guest/wire.c tests/sim/guest/wire.h
tests_sim_guest_libxnsimguest_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_sim_guest_libxnsimguest_a_CFLAGS = $(AM_CFLAGS) $(simguest_CFLAGS)

EXTRA_PROGRAMS += tests/sim/guest/xn-sim-guest
tests_sim_guest_xn_sim_guest_SOURCES = tests/sim/guest/main.c $(sim_link)
tests_sim_guest_xn_sim_guest_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_sim_guest_xn_sim_guest_CFLAGS = $(AM_CFLAGS) $(simguest_CFLAGS)
tests_sim_guest_xn_sim_guest_LDADD = tests/sim/guest/libxnsimguest.a \
	lib/libxnbase.a $(EVENT_LIBS) -lpthread

EXTRA_DIST += tests/sim/guest/suite
