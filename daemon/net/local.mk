# SPDX-License-Identifier: MIT
# Where taps go. A library, so that the unit tests link it too; it stands on
# libxndhost.a.
noinst_LIBRARIES += daemon/libxndnet.a
daemon_libxndnet_a_SOURCES = \
	daemon/net/join.h \
	daemon/net/ovs.h \
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
endif
