# SPDX-License-Identifier: MIT
# What xnd needs of the host. A library, so that the unit tests link it too.
xnd_host_SOURCES = \
	daemon/host/discard.c daemon/host/discard.h \
	daemon/host/empty.c daemon/host/empty.h \
	daemon/host/hex.c daemon/host/hex.h \
	daemon/host/holder.c daemon/host/holder.h \
	daemon/host/image.c daemon/host/image.h \
	daemon/host/image_inside.h daemon/host/image_worker.c \
	daemon/host/image_lock.c daemon/host/image_lock.h \
	daemon/host/figures.c daemon/host/figures.h \
	daemon/host/journals.c daemon/host/journals.h \
	daemon/host/kernel.c daemon/host/kernel.h \
	daemon/host/limits.c daemon/host/limits.h \
	daemon/host/link.c daemon/host/link.h \
	daemon/host/logfile.c daemon/host/logfile.h \
	daemon/host/mac.c daemon/host/mac.h \
	daemon/host/nbd_connect.c daemon/host/nbd_connect.h \
	daemon/host/nbd_drain.c daemon/host/nbd_drain.h \
	daemon/host/nbd_export.c daemon/host/nbd_export.h \
	daemon/host/nbd_uri.c daemon/host/nbd_uri.h \
	daemon/host/path.c daemon/host/path.h \
	daemon/host/pty.c daemon/host/pty.h \
	daemon/host/qemu_lock.c daemon/host/qemu_lock.h \
	daemon/host/qdisc.c daemon/host/qdisc.h \
	daemon/host/record.c daemon/host/record.h \
	daemon/host/resolve.c daemon/host/resolve.h \
	daemon/host/run.c daemon/host/run.h \
	daemon/host/share.c daemon/host/share.h \
	daemon/host/tap.c daemon/host/tap.h \
	daemon/host/uuid.c daemon/host/uuid.h

noinst_LIBRARIES += daemon/libxndhost.a
daemon_libxndhost_a_SOURCES = $(xnd_host_SOURCES)
daemon_libxndhost_a_CFLAGS = $(AM_CFLAGS) -pthread $(EVENT_CFLAGS) \
	$(NL_ROUTE_CFLAGS)

# Those that need root to make interfaces and loop devices skip without it.
if HAVE_CMOCKA
host_test_LIBS = daemon/libxndhost.a lib/libxnbase.a $(NL_ROUTE_LIBS) \
	$(CMOCKA_LIBS)
host_test_scratch = tests/unit/scratch.c tests/unit/scratch.h

check_PROGRAMS += tests/unit/test_host_image tests/unit/test_host_device \
	tests/unit/test_host_net tests/unit/test_host_file \
	tests/unit/test_host_record tests/unit/test_host_text \
	tests/unit/test_host_lock tests/unit/test_host_journals \
	tests/unit/test_host_share tests/unit/test_host_nbd \
	tests/unit/test_host_limits tests/unit/test_host_empty \
	tests/unit/test_host_discard
tests_unit_test_host_limits_SOURCES = tests/unit/test_host_limits.c \
	$(host_test_scratch)
tests_unit_test_host_limits_LDADD = $(host_test_LIBS)
tests_unit_test_host_empty_SOURCES = tests/unit/test_host_empty.c \
	$(host_test_scratch)
tests_unit_test_host_empty_LDADD = $(host_test_LIBS)
tests_unit_test_host_nbd_SOURCES = tests/unit/test_host_nbd.c \
	$(host_test_scratch)
tests_unit_test_host_nbd_LDADD = $(host_test_LIBS) $(EVENT_LIBS)
tests_unit_test_host_image_SOURCES = tests/unit/test_host_image.c \
	$(host_test_scratch)
tests_unit_test_host_image_LDADD = $(host_test_LIBS)
tests_unit_test_host_lock_SOURCES = tests/unit/test_host_lock.c \
	$(host_test_scratch)
tests_unit_test_host_lock_LDADD = $(host_test_LIBS)
tests_unit_test_host_share_SOURCES = tests/unit/test_host_share.c \
	$(host_test_scratch)
tests_unit_test_host_share_LDADD = $(host_test_LIBS)
tests_unit_test_host_device_SOURCES = tests/unit/test_host_device.c \
	tests/unit/loop_disk.c tests/unit/loop_disk.h $(host_test_scratch)
tests_unit_test_host_device_LDADD = $(host_test_LIBS)
tests_unit_test_host_discard_SOURCES = tests/unit/test_host_discard.c \
	$(host_test_scratch)
tests_unit_test_host_discard_LDADD = $(host_test_LIBS)
tests_unit_test_host_net_LDADD = $(host_test_LIBS)
tests_unit_test_host_net_LDFLAGS = -Wl,--wrap=rtnl_link_get_kernel
check_PROGRAMS += tests/unit/test_host_tap
tests_unit_test_host_tap_LDADD = $(host_test_LIBS)
tests_unit_test_host_file_SOURCES = tests/unit/test_host_file.c \
	$(host_test_scratch)
tests_unit_test_host_file_LDADD = $(host_test_LIBS)
tests_unit_test_host_record_SOURCES = tests/unit/test_host_record.c \
	$(host_test_scratch)
tests_unit_test_host_record_LDADD = $(host_test_LIBS)
tests_unit_test_host_text_LDADD = $(host_test_LIBS)
tests_unit_test_host_journals_SOURCES = tests/unit/test_host_journals.c \
	$(host_test_scratch)
tests_unit_test_host_journals_LDADD = $(host_test_LIBS)
endif
