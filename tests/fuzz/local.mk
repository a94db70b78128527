# SPDX-License-Identifier: MIT
# A program a target: tests/fuzz/NAME.c. With --enable-fuzzing it is libFuzzer
# that runs it; without, it goes through its kept inputs in make check.
fuzz_TARGETS = \
	tests/fuzz/blk_request \
	tests/fuzz/console_ring \
	tests/fuzz/frontend_keys \
	tests/fuzz/journal \
	tests/fuzz/json \
	tests/fuzz/net_ctrl \
	tests/fuzz/net_tx \
	tests/fuzz/rpc_frames \
	tests/fuzz/worker_blk \
	tests/fuzz/worker_console \
	tests/fuzz/worker_net

check_LIBRARIES += tests/fuzz/libfuzz.a
tests_fuzz_libfuzz_a_SOURCES = tests/fuzz/fuzz.c tests/fuzz/fuzz.h
tests_fuzz_libfuzz_a_CPPFLAGS = $(test_CPPFLAGS)
if FUZZING
noinst_PROGRAMS += $(fuzz_TARGETS)
else
check_PROGRAMS += $(fuzz_TARGETS)
tests_fuzz_libfuzz_a_SOURCES += tests/fuzz/replay.c
endif

fuzz_CFLAGS = $(test_CFLAGS) $(blk_CFLAGS)
fuzz_LIBS = tests/fuzz/libfuzz.a $(FUZZ_LIBS) $(test_LIBS)

tests_fuzz_blk_request_SOURCES = tests/fuzz/blk_request.c \
	tests/fuzz/blk_model.c tests/fuzz/blk_model.h $(blk_request_files)
tests_fuzz_blk_request_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_blk_request_CFLAGS = $(fuzz_CFLAGS)
tests_fuzz_blk_request_LDADD = $(fuzz_LIBS)

tests_fuzz_console_ring_SOURCES = tests/fuzz/console_ring.c \
	console/ring.c console/ring.h
tests_fuzz_console_ring_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_console_ring_CFLAGS = $(fuzz_CFLAGS)
tests_fuzz_console_ring_LDADD = $(fuzz_LIBS)

tests_fuzz_frontend_keys_SOURCES = tests/fuzz/frontend_keys.c \
	tests/fuzz/frontend_model.c tests/fuzz/frontend_model.h \
	tests/fuzz/frontend_taps.c \
	daemon/device/bus.c daemon/device/config.c daemon/device/config_read.c \
	daemon/device/config_vif.c daemon/device/crashes.c \
	daemon/device/device.c daemon/device/face.c \
	daemon/device/handshake.c daemon/device/keys.c daemon/device/vbd.c \
	daemon/device/vbd_caps.c daemon/device/vbd_front.c \
	daemon/device/figures_json.c daemon/device/vbd_figures.c \
	daemon/device/vdev.c daemon/device/renew.c daemon/device/vif.c \
	daemon/device/vif_change.c daemon/device/vif_figures.c \
	daemon/device/vif_front.c daemon/device/vif_place.c \
	daemon/device/vif_script.c daemon/device/vif_terms.c \
	daemon/device/worker.c daemon/worker/child.c \
	daemon/worker/lodgings.c daemon/worker/process.c \
	daemon/device/format.c daemon/device/nbd_source.c \
	daemon/device/vbd_nbd.c daemon/device/vbd_script.c \
	daemon/device/vbd_shape.c daemon/worker/nbd_server.c \
	daemon/worker/script.c \
	daemon/xs/plan.c daemon/xs/values.c daemon/xs/watch.c daemon/xs/xs.c
tests_fuzz_frontend_keys_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_frontend_keys_CFLAGS = $(fuzz_CFLAGS) -pthread $(XENSTORE_CFLAGS)
tests_fuzz_frontend_keys_LDADD = tests/fuzz/libfuzz.a $(FUZZ_LIBS) \
	daemon/libxndnet.a daemon/libxndhost.a $(test_LIBS) $(NL_ROUTE_LIBS) \
	$(XENSTORE_LIBS)

tests_fuzz_journal_SOURCES = tests/fuzz/journal.c $(blk_journal_files)
tests_fuzz_journal_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_journal_CFLAGS = $(fuzz_CFLAGS)
tests_fuzz_journal_LDADD = $(fuzz_LIBS)

fuzz_json_model = tests/fuzz/json_model.c tests/fuzz/json_model.h
tests_fuzz_json_SOURCES = tests/fuzz/json.c $(fuzz_json_model)
tests_fuzz_json_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_json_CFLAGS = $(fuzz_CFLAGS)
tests_fuzz_json_LDADD = $(fuzz_LIBS)

tests_fuzz_net_ctrl_SOURCES = tests/fuzz/net_ctrl.c
tests_fuzz_net_ctrl_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_net_ctrl_CFLAGS = $(fuzz_CFLAGS)
tests_fuzz_net_ctrl_LDADD = tests/fuzz/libfuzz.a $(FUZZ_LIBS) \
	backends/net/libnet.a $(test_LIBS)

tests_fuzz_net_tx_SOURCES = tests/fuzz/net_tx.c \
	tests/fuzz/net_model.c tests/fuzz/net_model.h \
	tests/fuzz/net_steps.c tests/fuzz/net_steps.h
tests_fuzz_net_tx_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_net_tx_CFLAGS = $(fuzz_CFLAGS)
tests_fuzz_net_tx_LDADD = tests/fuzz/libfuzz.a $(FUZZ_LIBS) \
	backends/net/libnet.a $(URING_LIBS) $(test_LIBS)

tests_fuzz_rpc_frames_SOURCES = tests/fuzz/rpc_frames.c \
	tests/fuzz/rpc_model.c tests/fuzz/rpc_model.h $(fuzz_json_model) \
	daemon/rpc/line.c daemon/rpc/session.c
tests_fuzz_rpc_frames_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_rpc_frames_CFLAGS = $(fuzz_CFLAGS)
tests_fuzz_rpc_frames_LDADD = $(fuzz_LIBS)

# Whole programs: their main() has another name here.
fuzz_worker = tests/fuzz/worker.c tests/fuzz/worker.h \
	tests/fuzz/worker_packet.c tests/fuzz/worker_packet.h \
	tests/fuzz/worker_xen.c
fuzz_worker_CFLAGS = $(fuzz_CFLAGS) -Dmain=worker_main -Wno-missing-prototypes
tests_fuzz_worker_blk_SOURCES = tests/fuzz/worker_blk.c $(fuzz_worker) \
	$(backends_blk_xn_blk_SOURCES)
tests_fuzz_worker_blk_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_worker_blk_CFLAGS = $(fuzz_worker_CFLAGS) -pthread
tests_fuzz_worker_blk_LDADD = $(fuzz_LIBS) $(URING_LIBS)
tests_fuzz_worker_console_SOURCES = tests/fuzz/worker_console.c \
	$(fuzz_worker) $(console_xn_console_SOURCES)
tests_fuzz_worker_console_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_worker_console_CFLAGS = $(fuzz_worker_CFLAGS)
tests_fuzz_worker_console_LDADD = $(fuzz_LIBS)
tests_fuzz_worker_net_SOURCES = tests/fuzz/worker_net.c $(fuzz_worker) \
	$(backends_net_xn_net_SOURCES)
tests_fuzz_worker_net_CPPFLAGS = $(test_CPPFLAGS)
tests_fuzz_worker_net_CFLAGS = $(fuzz_worker_CFLAGS) -pthread
tests_fuzz_worker_net_LDADD = tests/fuzz/libfuzz.a $(FUZZ_LIBS) \
	backends/net/libnet.a $(URING_LIBS) $(test_LIBS)

# For tests/compile; and for people: make fuzz T=blk_request SECONDS=600
fuzz-targets: $(fuzz_TARGETS)
fuzz-names:
	@printf '%s\n' $(notdir $(fuzz_TARGETS))
SECONDS = 60
fuzz:
	$(top_srcdir)/tests/fuzz/run --seconds $(SECONDS) $(T)
.PHONY: fuzz fuzz-names fuzz-targets

EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus
