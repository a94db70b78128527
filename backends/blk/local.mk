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
	backends/blk/caps.c backends/blk/caps.h \
	backends/blk/copy.c backends/blk/copy.h \
	backends/blk/figures.c backends/blk/figures.h \
	backends/blk/grants.c backends/blk/grants.h \
	backends/blk/lone.c backends/blk/lone.h \
	backends/blk/meter.c backends/blk/meter.h \
	backends/blk/pump.c backends/blk/pump.h backends/blk/pump_life.c \
	backends/blk/queue.c backends/blk/queue.h \
	backends/blk/slot.c backends/blk/slot.h backends/blk/store.h \
	backends/blk/spin.c backends/blk/spin.h \
	backends/blk/ticks.c backends/blk/ticks.h \
	backends/blk/uring.c backends/blk/uring.h
blk_nbd_files = backends/blk/nbd_api.c backends/blk/nbd_api.h \
	backends/blk/nbd_kept.c backends/blk/nbd_kept.h \
	backends/blk/nbd_link.c backends/blk/nbd_link.h \
	backends/blk/nbd_open.c backends/blk/nbd_open.h \
	backends/blk/nbd_ops.c backends/blk/nbd_ops.h \
	backends/blk/nbd_store.c backends/blk/nbd_store.h
blk_CFLAGS = $(EVENT_CFLAGS) $(NBD_CFLAGS) $(URING_CFLAGS) $(XENCTRL_CFLAGS) \
	$(XENEVTCHN_CFLAGS) $(XENGNTTAB_CFLAGS)

backends_blk_xn_blk_SOURCES = $(blk_queue_files) \
	backends/blk/device.c backends/blk/device.h \
	backends/blk/image.c backends/blk/image.h \
	backends/blk/main.c \
	$(blk_nbd_files) \
	backends/blk/server.c backends/blk/server.h \
	backends/blk/start.c backends/blk/start.h \
	backends/blk/thread.c backends/blk/thread.h
backends_blk_xn_blk_CFLAGS = $(AM_CFLAGS) $(blk_CFLAGS) -pthread
backends_blk_xn_blk_LDADD = $(worker_LIBS) $(URING_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_blk_act tests/unit/test_blk_image \
	tests/unit/test_blk_journal tests/unit/test_blk_journal_kill \
	tests/unit/test_blk_memory tests/unit/test_blk_queue_protocol \
	tests/unit/test_blk_barrier \
	tests/unit/test_blk_nbd tests/unit/test_blk_nbd_lost \
	tests/unit/test_blk_nbd_open \
	tests/unit/test_blk_caps tests/unit/test_blk_device \
	tests/unit/test_blk_figures \
	tests/unit/test_blk_nbd_kept \
	tests/unit/test_blk_queue tests/unit/test_blk_queue_life \
	tests/unit/test_blk_queue_crash \
	tests/unit/test_blk_request tests/unit/test_blk_request_more \
	tests/unit/test_blk_ring tests/unit/test_blk_server \
	tests/unit/test_blk_spin tests/unit/test_blk_ticks \
	tests/unit/test_blk_lone \
	tests/unit/test_blk_thread
tests_unit_test_blk_act_SOURCES = tests/unit/test_blk_act.c \
	backends/blk/abi.h backends/blk/request.h \
	backends/blk/act.c backends/blk/act.h backends/blk/slot.h \
	backends/blk/uring.c backends/blk/uring.h
tests_unit_test_blk_act_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_spin_SOURCES = tests/unit/test_blk_spin.c \
	$(blk_ring_files) backends/blk/spin.c backends/blk/spin.h \
	backends/blk/ticks.c backends/blk/ticks.h

tests_unit_test_blk_ticks_SOURCES = tests/unit/test_blk_ticks.c \
	backends/blk/ticks.c backends/blk/ticks.h

tests_unit_test_blk_image_SOURCES = tests/unit/test_blk_image.c \
	backends/blk/image.c backends/blk/image.h backends/blk/request.h

tests_unit_test_blk_journal_SOURCES = tests/unit/test_blk_journal.c \
	$(blk_journal_files)

tests_unit_test_blk_journal_kill_SOURCES = \
	tests/unit/test_blk_journal_kill.c \
	tests/unit/blk_crash.c tests/unit/blk_crash.h \
	tests/unit/stepper.c tests/unit/stepper.h $(blk_journal_files)

blk_served_files = $(blk_queue_files) \
	tests/unit/blk_wire.c tests/unit/blk_wire.h \
	tests/unit/blk_guest.c tests/unit/blk_guest.h \
	tests/unit/blk_served.c tests/unit/blk_served.h
tests_unit_test_blk_queue_SOURCES = tests/unit/test_blk_queue.c \
	$(blk_served_files)
tests_unit_test_blk_queue_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_caps_SOURCES = tests/unit/test_blk_caps.c \
	$(blk_served_files)
tests_unit_test_blk_caps_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_figures_SOURCES = tests/unit/test_blk_figures.c \
	$(blk_served_files)
tests_unit_test_blk_figures_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_lone_SOURCES = tests/unit/test_blk_lone.c \
	$(blk_served_files)
tests_unit_test_blk_lone_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_queue_life_SOURCES = tests/unit/test_blk_queue_life.c \
	$(blk_served_files)
tests_unit_test_blk_queue_life_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_queue_crash_SOURCES = tests/unit/test_blk_queue_crash.c \
	tests/unit/stepper.c tests/unit/stepper.h $(blk_served_files)
tests_unit_test_blk_queue_crash_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_barrier_SOURCES = tests/unit/test_blk_barrier.c \
	tests/unit/loop_disk.c tests/unit/loop_disk.h $(blk_served_files)
tests_unit_test_blk_barrier_LDADD = $(test_LIBS) $(URING_LIBS)
tests_unit_test_blk_queue_protocol_SOURCES = \
	tests/unit/test_blk_queue_protocol.c $(blk_served_files)
tests_unit_test_blk_queue_protocol_LDADD = $(test_LIBS) $(URING_LIBS)

nbd_served_files = $(blk_served_files) $(blk_nbd_files) \
	tests/unit/nbd_served.c tests/unit/nbd_served.h \
	tests/unit/nbd_server.c tests/unit/nbd_server.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_blk_nbd_SOURCES = tests/unit/test_blk_nbd.c \
	$(nbd_served_files)
tests_unit_test_blk_nbd_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_nbd_kept_SOURCES = tests/unit/test_blk_nbd_kept.c \
	$(nbd_served_files)
tests_unit_test_blk_nbd_kept_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_nbd_lost_SOURCES = tests/unit/test_blk_nbd_lost.c \
	$(nbd_served_files)
tests_unit_test_blk_nbd_lost_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_nbd_open_SOURCES = tests/unit/test_blk_nbd_open.c \
	$(nbd_served_files)
tests_unit_test_blk_nbd_open_LDADD = $(test_LIBS) $(URING_LIBS)

tests_unit_test_blk_memory_SOURCES = tests/unit/test_blk_memory.c \
	backends/blk/abi.h backends/blk/request.h \
	backends/blk/arena.c backends/blk/arena.h \
	backends/blk/grants.c backends/blk/grants.h \
	backends/blk/uring.c backends/blk/uring.h \
	tests/unit/blk_guest.c tests/unit/blk_guest.h \
	tests/unit/blk_wire.c tests/unit/blk_wire.h
tests_unit_test_blk_memory_LDADD = $(test_LIBS) $(URING_LIBS)

check_PROGRAMS += tests/unit/test_blk_uring
tests_unit_test_blk_uring_SOURCES = tests/unit/test_blk_uring.c \
	backends/blk/store.h backends/blk/uring.c backends/blk/uring.h \
	tests/unit/loop_disk.c tests/unit/loop_disk.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_blk_uring_LDADD = $(test_LIBS) $(URING_LIBS)

check_PROGRAMS += tests/unit/test_blk_join
tests_unit_test_blk_join_SOURCES = tests/unit/test_blk_join.c \
	$(blk_served_files)
tests_unit_test_blk_join_LDADD = $(test_LIBS) $(URING_LIBS)

blk_wire_files = tests/unit/blk_wire.c tests/unit/blk_wire.h
tests_unit_test_blk_request_SOURCES = tests/unit/test_blk_request.c \
	$(blk_request_files) $(blk_wire_files)

tests_unit_test_blk_request_more_SOURCES = \
	tests/unit/test_blk_request_more.c \
	$(blk_request_files) $(blk_wire_files)

# The whole program: its main() has another name here.
check_LIBRARIES += tests/unit/libblkworker.a
tests_unit_libblkworker_a_SOURCES = $(backends_blk_xn_blk_SOURCES)
tests_unit_libblkworker_a_CPPFLAGS = $(AM_CPPFLAGS) -Dmain=worker_main
tests_unit_libblkworker_a_CFLAGS = $(AM_CFLAGS) $(blk_CFLAGS) -pthread \
	-Wno-missing-prototypes
tests_unit_test_blk_server_SOURCES = tests/unit/test_blk_server.c \
	$(blk_wire_files) tests/unit/blk_guest.c tests/unit/blk_guest.h \
	tests/unit/nbd_server.c tests/unit/nbd_server.h \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_blk_server_LDADD = tests/unit/libblkworker.a $(test_LIBS) \
	$(URING_LIBS)
tests_unit_test_blk_server_LDFLAGS = -Wl,--wrap=nobody_become
tests_unit_test_blk_device_SOURCES = tests/unit/test_blk_device.c \
	$(blk_wire_files) tests/unit/blk_guest.c tests/unit/blk_guest.h
tests_unit_test_blk_device_LDADD = tests/unit/libblkworker.a $(test_LIBS) \
	$(URING_LIBS)
tests_unit_test_blk_device_LDFLAGS = -Wl,--wrap=thread_start

tests_unit_test_blk_thread_SOURCES = tests/unit/test_blk_thread.c \
	backends/blk/abi.h backends/blk/request.h backends/blk/ring.h \
	backends/blk/queue.h backends/blk/thread.c backends/blk/thread.h

tests_unit_test_blk_ring_SOURCES = tests/unit/test_blk_ring.c \
	$(blk_ring_files) backends/blk/request.h $(blk_wire_files)
endif
