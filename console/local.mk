# SPDX-License-Identifier: MIT
pkglibexec_PROGRAMS += console/xn-console

console_xn_console_SOURCES = \
	console/main.c \
	console/audience.c console/audience.h \
	console/guest.c console/guest.h \
	console/history.c console/history.h \
	console/logfile.c console/logfile.h \
	console/peer.c console/peer.h \
	console/ring.c console/ring.h \
	console/throttle.c console/throttle.h
console_xn_console_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(XENCTRL_CFLAGS) \
	$(XENEVTCHN_CFLAGS) $(XENGNTTAB_CFLAGS)
console_xn_console_LDADD = $(worker_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_console_ring tests/unit/test_console_history \
	tests/unit/test_console_throttle tests/unit/test_console_peer \
	tests/unit/test_console_pty

tests_unit_test_console_ring_SOURCES = tests/unit/test_console_ring.c \
	console/ring.c console/ring.h

tests_unit_test_console_history_SOURCES = tests/unit/test_console_history.c \
	console/history.c console/history.h

tests_unit_test_console_throttle_SOURCES = tests/unit/test_console_throttle.c \
	console/throttle.c console/throttle.h

console_fixture = tests/unit/console_fixture.c tests/unit/console_fixture.h \
	console/peer.c console/peer.h console/history.c console/history.h
tests_unit_test_console_peer_SOURCES = tests/unit/test_console_peer.c \
	$(console_fixture)
tests_unit_test_console_pty_SOURCES = tests/unit/test_console_pty.c \
	$(console_fixture)
endif
