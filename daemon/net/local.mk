# SPDX-License-Identifier: MIT
# Where taps go. A library, so that the unit tests link it too; it stands on
# libxndhost.a.
noinst_LIBRARIES += daemon/libxndnet.a
daemon_libxndnet_a_SOURCES = \
	daemon/net/join.h \
	daemon/net/ovs.c daemon/net/ovs.h \
	daemon/net/ovs_db.c daemon/net/ovs_db.h \
	daemon/net/ovs_inside.h \
	daemon/net/ovs_ops.c daemon/net/ovs_ops.h \
	daemon/net/ovs_port.c \
	daemon/net/ovs_vlans.c daemon/net/ovs_vlans.h \
	daemon/net/ovs_wire.c daemon/net/ovs_wire.h \
	daemon/net/place.h \
	daemon/net/prefix.c daemon/net/prefix.h \
	daemon/net/vlan.c daemon/net/vlan.h
daemon_libxndnet_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
daemon_libxndnet_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(NL_ROUTE_CFLAGS)

if HAVE_CMOCKA
net_test_LIBS = daemon/libxndnet.a daemon/libxndhost.a $(test_LIBS) \
	$(NL_ROUTE_LIBS)

check_PROGRAMS += tests/unit/test_place
tests_unit_test_place_SOURCES = tests/unit/test_place.c
tests_unit_test_place_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_place_CFLAGS = $(test_CFLAGS)
tests_unit_test_place_LDADD = $(net_test_LIBS)

check_PROGRAMS += tests/unit/test_ovs tests/unit/test_ovs_real
tests_unit_test_ovs_SOURCES = tests/unit/test_ovs.c \
	tests/unit/fake_ovsdb.c tests/unit/fake_ovsdb.h \
	tests/unit/ovs_world.c tests/unit/ovs_world.h \
	tests/unit/scratch.c tests/unit/scratch.h $(starve)
tests_unit_test_ovs_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_ovs_CFLAGS = $(test_CFLAGS)
tests_unit_test_ovs_LDFLAGS = $(starve_link) -Wl,--wrap=event_add
tests_unit_test_ovs_LDADD = $(net_test_LIBS)
tests_unit_test_ovs_real_SOURCES = tests/unit/test_ovs_real.c \
	tests/unit/ovs_servers.c tests/unit/ovs_servers.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_ovs_real_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_ovs_real_CFLAGS = $(test_CFLAGS)
tests_unit_test_ovs_real_LDADD = $(net_test_LIBS)
endif
