# SPDX-License-Identifier: MIT
# xn-net: everything but main() is in a library, for its tests.
pkglibexec_PROGRAMS += backends/net/xn-net
noinst_LIBRARIES += backends/net/libnet.a

backends_net_libnet_a_SOURCES = \
	backends/net/answers.c backends/net/answers.h \
	backends/net/arena.c backends/net/arena.h \
	backends/net/copy.c backends/net/copy.h \
	backends/net/ctrl.c backends/net/ctrl.h \
	backends/net/device.c backends/net/device.h \
	backends/net/direct.h \
	backends/net/fdb.c backends/net/fdb.h \
	backends/net/frame.c backends/net/frame.h \
	backends/net/granter.c backends/net/granter.h \
	backends/net/hash.c backends/net/hash.h \
	backends/net/hash_request.c backends/net/hash_request.h \
	backends/net/inbox.c backends/net/inbox.h \
	backends/net/journal.c backends/net/journal.h \
	backends/net/keeper.c backends/net/keeper.h \
	backends/net/port.c backends/net/port.h \
	backends/net/queue.c backends/net/queue.h \
	backends/net/ring.c backends/net/ring.h \
	backends/net/rx.c backends/net/rx.h \
	backends/net/rx_ring.c backends/net/rx_ring.h \
	backends/net/rx_shape.c backends/net/rx_shape.h \
	backends/net/rx_stall.c backends/net/rx_stall.h \
	backends/net/segments.c backends/net/segments.h \
	backends/net/source.c backends/net/source.h \
	backends/net/start.c backends/net/start.h \
	backends/net/steer.c backends/net/steer.h \
	backends/net/tap.c backends/net/tap.h \
	backends/net/tap_batch.c backends/net/tap_batch.h \
	backends/net/terms.c backends/net/terms.h \
	backends/net/thread.c backends/net/thread.h \
	backends/net/threads.c backends/net/threads.h \
	backends/net/tx.c backends/net/tx.h \
	backends/net/tx_chain.c backends/net/tx_chain.h \
	backends/net/tx_direct.c backends/net/tx_direct.h \
	backends/net/tx_frame.c backends/net/tx_frame.h \
	backends/net/tx_job.h \
	backends/net/vif.h \
	backends/net/vifs.c backends/net/vifs.h \
	backends/net/wishes.c backends/net/wishes.h
backends_net_libnet_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(URING_CFLAGS) -pthread

backends_net_xn_net_SOURCES = backends/net/main.c
backends_net_xn_net_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
backends_net_xn_net_LDADD = backends/net/libnet.a $(worker_LIBS) $(URING_LIBS)

if HAVE_CMOCKA
net_guest_files = tests/unit/net_guest.c tests/unit/net_guest.h \
	tests/unit/net_guest_xen.c tests/unit/net_guest_xen.h
net_pair_files = tests/unit/net_pair.c tests/unit/net_pair.h
check_PROGRAMS += tests/unit/test_net_arena tests/unit/test_net_chain \
	tests/unit/test_net_ctrl tests/unit/test_net_ctrl_kill \
	tests/unit/test_net_direct \
	tests/unit/test_net_direct_order \
	tests/unit/test_net_direct_rules \
	tests/unit/test_net_direct_threads \
	tests/unit/test_net_frame \
	tests/unit/test_net_gso tests/unit/test_net_hash \
	tests/unit/test_net_hash_request \
	tests/unit/test_net_headroom \
	tests/unit/test_net_queue \
	tests/unit/test_net_ring tests/unit/test_net_rx \
	tests/unit/test_net_steer tests/unit/test_net_terms \
	tests/unit/test_net_wishes \
	tests/unit/test_net_segments tests/unit/test_net_stall \
	tests/unit/test_net_tap tests/unit/test_net_tx \
	tests/unit/test_net_vifs
tests_unit_test_net_arena_SOURCES = tests/unit/test_net_arena.c
tests_unit_test_net_arena_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_chain_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_frame_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_gso_SOURCES = tests/unit/test_net_gso.c \
	$(net_guest_files)
tests_unit_test_net_gso_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_ring_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_rx_SOURCES = tests/unit/test_net_rx.c \
	$(net_guest_files)
tests_unit_test_net_rx_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_segments_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_stall_SOURCES = tests/unit/test_net_stall.c \
	$(net_guest_files)
tests_unit_test_net_stall_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_tap_LDFLAGS = -Wl,--wrap=__io_uring_get_cqe \
	-Wl,--wrap=io_uring_submit_and_wait
tests_unit_test_net_tap_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_tx_SOURCES = tests/unit/test_net_tx.c \
	$(net_guest_files)
tests_unit_test_net_tx_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_hash_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_hash_request_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_terms_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_wishes_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_steer_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_ctrl_SOURCES = tests/unit/test_net_ctrl.c \
	$(net_guest_files)
tests_unit_test_net_ctrl_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_ctrl_kill_SOURCES = tests/unit/test_net_ctrl_kill.c \
	tests/unit/stepper.c tests/unit/stepper.h $(net_guest_files)
tests_unit_test_net_ctrl_kill_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_headroom_SOURCES = tests/unit/test_net_headroom.c \
	$(net_guest_files)
tests_unit_test_net_headroom_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_queue_SOURCES = tests/unit/test_net_queue.c \
	$(net_guest_files)
tests_unit_test_net_queue_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_direct_SOURCES = tests/unit/test_net_direct.c \
	$(net_guest_files) $(net_pair_files)
tests_unit_test_net_direct_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_direct_rules_SOURCES = tests/unit/test_net_direct_rules.c \
	$(net_guest_files) $(net_pair_files)
tests_unit_test_net_direct_rules_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_direct_threads_SOURCES = tests/unit/test_net_direct_threads.c \
	$(net_guest_files) $(net_pair_files)
tests_unit_test_net_direct_threads_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_direct_order_SOURCES = tests/unit/test_net_direct_order.c \
	$(net_guest_files) $(net_pair_files)
tests_unit_test_net_direct_order_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
tests_unit_test_net_vifs_SOURCES = tests/unit/test_net_vifs.c \
	tests/unit/chan_peer.c tests/unit/chan_peer.h \
	tests/unit/net_served.c tests/unit/net_served.h $(net_guest_files)
tests_unit_test_net_vifs_LDADD = backends/net/libnet.a $(URING_LIBS) $(test_LIBS)
endif
