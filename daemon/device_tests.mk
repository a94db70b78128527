# SPDX-License-Identifier: MIT
# Devices over a xenstore in memory; workers that are the test itself.
if HAVE_CMOCKA
device_world = tests/unit/device_world.c tests/unit/device_world.h \
	tests/unit/device_world_main.c \
	tests/unit/fake_store.c tests/unit/fake_store.h \
	tests/unit/scratch.c tests/unit/scratch.h \
	daemon/device/bus.c daemon/device/config.c daemon/device/config_read.c \
	daemon/device/config_vif.c \
	daemon/device/crashes.c daemon/device/device.c \
	daemon/device/face.c daemon/device/handshake.c daemon/device/keys.c \
	daemon/device/vbd.c daemon/device/vbd_caps.c \
	daemon/device/vbd_figures.c daemon/device/vbd_front.c \
	daemon/device/renew.c daemon/device/vbd_change.c \
	daemon/device/format.c daemon/device/nbd_source.c \
	daemon/device/vbd_nbd.c daemon/device/vbd_script.c \
	daemon/device/vbd_shape.c \
	daemon/device/figures_json.c daemon/device/vdev.c \
	daemon/device/vif.c daemon/device/vif_change.c \
	daemon/device/vif_figures.c daemon/device/vif_front.c \
	daemon/device/vif_place.c daemon/device/vif_script.c \
	daemon/device/vif_terms.c daemon/device/worker.c \
	daemon/worker/child.c daemon/worker/lodgings.c \
	daemon/worker/nbd_server.c daemon/worker/process.c \
	daemon/worker/script.c \
	daemon/xs/plan.c daemon/xs/values.c daemon/xs/watch.c daemon/xs/xs.c
device_world_LIBS = $(net_test_LIBS)

check_PROGRAMS += tests/unit/test_device tests/unit/test_device_caps \
	tests/unit/test_device_medium tests/unit/test_device_nbd \
	tests/unit/test_device_nbd_other \
	tests/unit/test_device_nbd_resize tests/unit/test_device_resize \
	tests/unit/test_device_script tests/unit/test_device_vif_script \
	tests/unit/test_device_worker
renewed = tests/unit/renewed.c tests/unit/renewed.h $(device_world)
tests_unit_test_device_SOURCES = tests/unit/test_device.c \
	$(device_world)
tests_unit_test_device_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS)
tests_unit_test_device_LDADD = $(device_world_LIBS)
tests_unit_test_device_caps_SOURCES = tests/unit/test_device_caps.c \
	$(device_world)
tests_unit_test_device_caps_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_caps_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS)
tests_unit_test_device_caps_LDADD = $(device_world_LIBS)
tests_unit_test_device_medium_SOURCES = tests/unit/test_device_medium.c \
	$(renewed)
tests_unit_test_device_medium_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_medium_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS)
tests_unit_test_device_medium_LDADD = $(device_world_LIBS)
tests_unit_test_device_nbd_SOURCES = tests/unit/test_device_nbd.c \
	$(device_world)
tests_unit_test_device_nbd_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_nbd_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS)
tests_unit_test_device_nbd_LDADD = $(device_world_LIBS)
tests_unit_test_device_nbd_other_SOURCES = \
	tests/unit/test_device_nbd_other.c $(device_world)
tests_unit_test_device_nbd_other_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_nbd_other_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS)
tests_unit_test_device_nbd_other_LDADD = $(device_world_LIBS)
tests_unit_test_device_nbd_resize_SOURCES = \
	tests/unit/test_device_nbd_resize.c $(renewed)
tests_unit_test_device_nbd_resize_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_nbd_resize_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS)
tests_unit_test_device_nbd_resize_LDADD = $(device_world_LIBS)
tests_unit_test_device_resize_SOURCES = tests/unit/test_device_resize.c \
	$(renewed)
tests_unit_test_device_resize_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_resize_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS)
tests_unit_test_device_resize_LDADD = $(device_world_LIBS)
tests_unit_test_device_script_SOURCES = tests/unit/test_device_script.c \
	$(device_world)
tests_unit_test_device_script_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_script_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS)
tests_unit_test_device_script_LDADD = $(device_world_LIBS)
tests_unit_test_device_vif_script_SOURCES = \
	tests/unit/test_device_vif_script.c $(device_world)
tests_unit_test_device_vif_script_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_vif_script_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS)
tests_unit_test_device_vif_script_LDADD = $(device_world_LIBS)
check_PROGRAMS += tests/unit/test_device_vif tests/unit/test_device_vif_change
vif_world = tests/unit/vif_world.c tests/unit/vif_world.h $(device_world)
tests_unit_test_device_vif_SOURCES = tests/unit/test_device_vif.c $(vif_world)
tests_unit_test_device_vif_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_vif_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS) $(NL_ROUTE_CFLAGS)
tests_unit_test_device_vif_LDADD = $(device_world_LIBS)
tests_unit_test_device_vif_change_SOURCES = \
	tests/unit/test_device_vif_change.c $(vif_world)
tests_unit_test_device_vif_change_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_vif_change_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS) $(NL_ROUTE_CFLAGS)
tests_unit_test_device_vif_change_LDADD = $(device_world_LIBS)
check_PROGRAMS += tests/unit/test_device_vif_direct tests/unit/test_lodgings
direct_vifs = tests/unit/direct_vifs.c tests/unit/direct_vifs.h $(vif_world)
tests_unit_test_device_vif_direct_SOURCES = \
	tests/unit/test_device_vif_direct.c $(direct_vifs)
tests_unit_test_device_vif_direct_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_vif_direct_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS) $(NL_ROUTE_CFLAGS)
tests_unit_test_device_vif_direct_LDADD = $(device_world_LIBS)
tests_unit_test_lodgings_SOURCES = tests/unit/test_lodgings.c $(direct_vifs)
tests_unit_test_lodgings_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_lodgings_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS) $(NL_ROUTE_CFLAGS)
tests_unit_test_lodgings_LDADD = $(device_world_LIBS)
tests_unit_test_device_worker_SOURCES = tests/unit/test_device_worker.c \
	$(device_world)
tests_unit_test_device_worker_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_device_worker_CFLAGS = $(test_CFLAGS) -pthread \
	$(XENSTORE_CFLAGS)
tests_unit_test_device_worker_LDADD = $(device_world_LIBS)

check_PROGRAMS += tests/unit/test_vbd_front
tests_unit_test_vbd_front_SOURCES = tests/unit/test_vbd_front.c \
	tests/unit/fake_store.c tests/unit/fake_store.h \
	daemon/device/vbd_front.c daemon/device/vbd_front.h \
	daemon/xs/values.c
tests_unit_test_vbd_front_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_vbd_front_CFLAGS = $(test_CFLAGS) $(XENSTORE_CFLAGS) \
	$(XENCTRL_CFLAGS)
tests_unit_test_vbd_front_LDADD = $(test_LIBS)

check_PROGRAMS += tests/unit/test_vif_front
tests_unit_test_vif_front_SOURCES = tests/unit/test_vif_front.c \
	tests/unit/fake_store.c tests/unit/fake_store.h \
	daemon/device/vif_front.c daemon/device/vif_front.h \
	daemon/xs/values.c
tests_unit_test_vif_front_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_vif_front_CFLAGS = $(test_CFLAGS) $(XENSTORE_CFLAGS) \
	$(XENCTRL_CFLAGS)
tests_unit_test_vif_front_LDADD = $(test_LIBS)

check_PROGRAMS += tests/unit/test_consoles
tests_unit_test_consoles_SOURCES = tests/unit/test_consoles.c \
	tests/unit/scratch.c tests/unit/scratch.h \
	daemon/worker/child.c daemon/worker/consoles.c \
	daemon/worker/process.c
tests_unit_test_consoles_CPPFLAGS = $(test_CPPFLAGS)

check_PROGRAMS += tests/unit/test_orphans
tests_unit_test_orphans_SOURCES = tests/unit/test_orphans.c \
	tests/unit/scratch.c tests/unit/scratch.h \
	daemon/worker/child.c daemon/worker/orphans.c \
	daemon/worker/process.c
tests_unit_test_orphans_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_orphans_LDADD = daemon/libxndhost.a $(test_LIBS)
endif
