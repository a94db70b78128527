# SPDX-License-Identifier: MIT
pkglibexec_PROGRAMS += backends/blk/xn-blk
blk_request_files = backends/blk/abi.h backends/blk/request.c backends/blk/request.h
blk_ring_files = backends/blk/abi.h backends/blk/ring.c backends/blk/ring.h
blk_journal_files = backends/blk/journal.c backends/blk/journal.h \
	backends/blk/journal_file.h backends/blk/journal_replay.c
blk_queue_files = $(blk_request_files) $(blk_ring_files) \
	$(blk_journal_files) \
	backends/blk/act.c backends/blk/act.h \
	backends/blk/arena.c backends/blk/arena.h \
	backends/blk/copy.c backends/blk/copy.h \
	backends/blk/grants.c backends/blk/grants.h \
	backends/blk/pump.c backends/blk/pump.h \
	backends/blk/queue.c backends/blk/queue.h \
	backends/blk/slot.c backends/blk/slot.h backends/blk/store.h \
	backends/blk/uring.c backends/blk/uring.h
blk_CFLAGS = $(EVENT_CFLAGS) $(URING_CFLAGS) $(XENCTRL_CFLAGS) \
	$(XENEVTCHN_CFLAGS) $(XENGNTTAB_CFLAGS)

backends_blk_xn_blk_SOURCES = $(blk_queue_files) \
	backends/blk/device.c backends/blk/device.h \
	backends/blk/image.c backends/blk/image.h \
	backends/blk/main.c \
	backends/blk/start.c backends/blk/start.h \
	backends/blk/thread.c backends/blk/thread.h
backends_blk_xn_blk_CFLAGS = $(AM_CFLAGS) $(blk_CFLAGS) -pthread
backends_blk_xn_blk_LDADD = $(worker_LIBS) $(URING_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_blk_act tests/unit/test_blk_image \
	tests/unit/test_blk_journal tests/unit/test_blk_journal_kill \
	tests/unit/test_blk_memory tests/unit/test_blk_queue_protocol \
	tests/unit/test_blk_queue tests/unit/test_blk_queue_life \
	tests/unit/test_blk_queue_crash \
	tests/unit/test_blk_request tests/unit/test_blk_request_more \
	tests/unit/test_blk_ring tests/unit/test_blk_thread
tests_unit_test_blk_act_SOURCES = tests/unit/test_blk_act.c \
	backends/blk/abi.h backends/blk/request.h \
	backends/blk/act.c backends/blk/act.h backends/blk/slot.h \
	backends/blk/uring.c backends/blk/uring.h
tests_unit_test_blk_act_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_act_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
tests_unit_test_blk_act_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_image_SOURCES = tests/unit/test_blk_image.c \
	backends/blk/image.c backends/blk/image.h backends/blk/request.h
tests_unit_test_blk_image_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_image_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
tests_unit_test_blk_image_LDADD = $(test_LIBS)

tests_unit_test_blk_journal_SOURCES = tests/unit/test_blk_journal.c \
	$(blk_journal_files)
tests_unit_test_blk_journal_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_journal_CFLAGS = $(test_CFLAGS)
tests_unit_test_blk_journal_LDADD = $(test_LIBS)

tests_unit_test_blk_journal_kill_SOURCES = \
	tests/unit/test_blk_journal_kill.c \
	tests/unit/blk_crash.c tests/unit/blk_crash.h \
	tests/unit/stepper.c tests/unit/stepper.h $(blk_journal_files)
tests_unit_test_blk_journal_kill_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_journal_kill_CFLAGS = $(test_CFLAGS)
tests_unit_test_blk_journal_kill_LDADD = $(test_LIBS)

blk_served_files = $(blk_queue_files) \
	tests/unit/blk_wire.c tests/unit/blk_wire.h \
	tests/unit/blk_guest.c tests/unit/blk_guest.h \
	tests/unit/blk_served.c tests/unit/blk_served.h
tests_unit_test_blk_queue_SOURCES = tests/unit/test_blk_queue.c \
	$(blk_served_files)
tests_unit_test_blk_queue_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_queue_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
tests_unit_test_blk_queue_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_queue_life_SOURCES = tests/unit/test_blk_queue_life.c \
	$(blk_served_files)
tests_unit_test_blk_queue_life_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_queue_life_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
tests_unit_test_blk_queue_life_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_queue_crash_SOURCES = tests/unit/test_blk_queue_crash.c \
	tests/unit/stepper.c tests/unit/stepper.h $(blk_served_files)
tests_unit_test_blk_queue_crash_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_queue_crash_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
tests_unit_test_blk_queue_crash_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_queue_protocol_SOURCES = \
	tests/unit/test_blk_queue_protocol.c $(blk_served_files)
tests_unit_test_blk_queue_protocol_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_queue_protocol_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
tests_unit_test_blk_queue_protocol_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_memory_SOURCES = tests/unit/test_blk_memory.c \
	backends/blk/abi.h backends/blk/request.h \
	backends/blk/arena.c backends/blk/arena.h \
	backends/blk/grants.c backends/blk/grants.h \
	backends/blk/uring.c backends/blk/uring.h \
	tests/unit/blk_guest.c tests/unit/blk_guest.h \
	tests/unit/blk_wire.c tests/unit/blk_wire.h
tests_unit_test_blk_memory_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_memory_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
tests_unit_test_blk_memory_LDADD = $(test_LIBS) $(URING_LIBS)

blk_wire_files = tests/unit/blk_wire.c tests/unit/blk_wire.h
tests_unit_test_blk_request_SOURCES = tests/unit/test_blk_request.c \
	$(blk_request_files) $(blk_wire_files)
tests_unit_test_blk_request_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_request_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
tests_unit_test_blk_request_LDADD = $(test_LIBS)

tests_unit_test_blk_request_more_SOURCES = \
	tests/unit/test_blk_request_more.c \
	$(blk_request_files) $(blk_wire_files)
tests_unit_test_blk_request_more_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_request_more_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
tests_unit_test_blk_request_more_LDADD = $(test_LIBS)

tests_unit_test_blk_thread_SOURCES = tests/unit/test_blk_thread.c \
	backends/blk/abi.h backends/blk/request.h backends/blk/ring.h \
	backends/blk/queue.h backends/blk/thread.c backends/blk/thread.h
tests_unit_test_blk_thread_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_thread_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS) -pthread
tests_unit_test_blk_thread_LDADD = $(test_LIBS)

tests_unit_test_blk_ring_SOURCES = tests/unit/test_blk_ring.c \
	$(blk_ring_files) backends/blk/request.h $(blk_wire_files)
tests_unit_test_blk_ring_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_blk_ring_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
tests_unit_test_blk_ring_LDADD = $(test_LIBS)
endif
