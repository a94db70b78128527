# SPDX-License-Identifier: MIT
# Where taps go. A library, so that the unit tests link it too; it stands on
# libxndhost.a.
noinst_LIBRARIES += daemon/libxndnet.a
daemon_libxndnet_a_SOURCES = \
	daemon/net/fence.c daemon/net/fence.h \
	daemon/net/join.c daemon/net/join.h \
	daemon/net/nft.c daemon/net/nft.h \
	daemon/net/ovs.c daemon/net/ovs.h \
	daemon/net/ovs_db.c daemon/net/ovs_db.h \
	daemon/net/ovs_inside.h \
	daemon/net/ovs_ops.c daemon/net/ovs_ops.h \
	daemon/net/ovs_port.c \
	daemon/net/ovs_vlans.c daemon/net/ovs_vlans.h \
	daemon/net/ovs_wire.c daemon/net/ovs_wire.h \
	daemon/net/place.h \
	daemon/net/port.c daemon/net/port.h \
	daemon/net/prefix.c daemon/net/prefix.h \
	daemon/net/route.c daemon/net/route.h \
	daemon/net/segments.c daemon/net/segments.h \
	daemon/net/sweep.c daemon/net/sweep.h \
	daemon/net/vlan.c daemon/net/vlan.h \
	daemon/net/way.h daemon/net/way_bridge.c daemon/net/way_ovs.c \
	daemon/net/way_routed.c
daemon_libxndnet_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
daemon_libxndnet_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(NL_ROUTE_CFLAGS)

pkglibexec_PROGRAMS += daemon/xn-nft
daemon_xn_nft_SOURCES = daemon/net/nft_main.c
daemon_xn_nft_CFLAGS = $(AM_CFLAGS) $(NFTABLES_CFLAGS)
daemon_xn_nft_LDADD = $(NFTABLES_LIBS)

if HAVE_CMOCKA
net_test_LIBS = daemon/libxndnet.a daemon/libxndhost.a $(test_LIBS) \
	$(NL_ROUTE_LIBS)

check_PROGRAMS += tests/unit/test_place
tests_unit_test_place_LDADD = $(net_test_LIBS)

check_PROGRAMS += tests/unit/test_fence tests/unit/test_join \
	tests/unit/test_join_routed tests/unit/test_sweep
net_test_world = tests/unit/net_world.c tests/unit/net_world.h \
	tests/unit/fake_ovs.c tests/unit/fake_ovs.h \
	tests/unit/net_look.c tests/unit/net_look.h
tests_unit_test_fence_SOURCES = tests/unit/test_fence.c \
	tests/unit/fence_packets.c tests/unit/fence_packets.h \
	$(net_test_world) $(starve)
tests_unit_test_fence_LDFLAGS = $(starve_link)
tests_unit_test_fence_LDADD = $(net_test_LIBS) $(EVENT_LIBS)
EXTRA_tests_unit_test_fence_DEPENDENCIES = daemon/xn-nft
tests_unit_test_join_SOURCES = tests/unit/test_join.c $(net_test_world)
tests_unit_test_join_LDADD = $(net_test_LIBS) $(EVENT_LIBS)
tests_unit_test_join_routed_SOURCES = tests/unit/test_join_routed.c \
	$(net_test_world)
tests_unit_test_join_routed_LDADD = $(net_test_LIBS) $(EVENT_LIBS)
tests_unit_test_sweep_SOURCES = tests/unit/test_sweep.c $(net_test_world)
tests_unit_test_sweep_LDADD = $(net_test_LIBS) $(EVENT_LIBS)
EXTRA_tests_unit_test_sweep_DEPENDENCIES = daemon/xn-nft

check_PROGRAMS += tests/unit/test_ovs tests/unit/test_ovs_real
tests_unit_test_ovs_SOURCES = tests/unit/test_ovs.c \
	tests/unit/fake_ovsdb.c tests/unit/fake_ovsdb.h \
	tests/unit/ovs_world.c tests/unit/ovs_world.h \
	tests/unit/scratch.c tests/unit/scratch.h $(starve)
tests_unit_test_ovs_LDFLAGS = $(starve_link) -Wl,--wrap=event_add
tests_unit_test_ovs_LDADD = $(net_test_LIBS)
tests_unit_test_ovs_real_SOURCES = tests/unit/test_ovs_real.c \
	tests/unit/ovs_servers.c tests/unit/ovs_servers.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_ovs_real_LDADD = $(net_test_LIBS)

check_PROGRAMS += tests/unit/test_join_ovs
tests_unit_test_join_ovs_SOURCES = tests/unit/test_join_ovs.c \
	tests/unit/ovs_servers.c tests/unit/ovs_servers.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_join_ovs_LDADD = $(net_test_LIBS) $(EVENT_LIBS)
endif
