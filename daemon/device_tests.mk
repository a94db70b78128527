# SPDX-License-Identifier: MIT
# Devices over a xenstore in memory; workers that are the test itself.
if HAVE_CMOCKA
device_world = tests/unit/device_world.c tests/unit/device_world.h \
	tests/unit/device_world_main.c \
	tests/unit/fake_store.c tests/unit/fake_store.h \
	tests/unit/scratch.c tests/unit/scratch.h
device_world_LIBS = daemon/libxnddevice.a $(net_test_LIBS)

check_PROGRAMS += tests/unit/test_device tests/unit/test_device_caps \
	tests/unit/test_device_front \
	tests/unit/test_device_medium tests/unit/test_device_nbd \
	tests/unit/test_device_nbd_other \
	tests/unit/test_device_nbd_resize tests/unit/test_device_resize \
	tests/unit/test_device_script tests/unit/test_device_shortage \
	tests/unit/test_device_vif_script \
	tests/unit/test_device_worker
renewed = tests/unit/renewed.c tests/unit/renewed.h $(device_world)
tests_unit_test_device_SOURCES = tests/unit/test_device.c \
	$(device_world)
tests_unit_test_device_LDADD = $(device_world_LIBS)
tests_unit_test_device_front_SOURCES = tests/unit/test_device_front.c \
	$(device_world)
tests_unit_test_device_front_LDADD = $(device_world_LIBS)
tests_unit_test_device_caps_SOURCES = tests/unit/test_device_caps.c \
	$(device_world)
tests_unit_test_device_caps_LDADD = $(device_world_LIBS)
tests_unit_test_device_medium_SOURCES = tests/unit/test_device_medium.c \
	$(renewed)
tests_unit_test_device_medium_LDADD = $(device_world_LIBS)
tests_unit_test_device_nbd_SOURCES = tests/unit/test_device_nbd.c \
	$(device_world)
tests_unit_test_device_nbd_LDADD = $(device_world_LIBS)
tests_unit_test_device_nbd_other_SOURCES = \
	tests/unit/test_device_nbd_other.c $(device_world)
tests_unit_test_device_nbd_other_LDADD = $(device_world_LIBS)
tests_unit_test_device_nbd_resize_SOURCES = \
	tests/unit/test_device_nbd_resize.c $(renewed)
tests_unit_test_device_nbd_resize_LDADD = $(device_world_LIBS)
tests_unit_test_device_resize_SOURCES = tests/unit/test_device_resize.c \
	$(renewed)
tests_unit_test_device_resize_LDADD = $(device_world_LIBS)
hotplug_script = tests/unit/hotplug_script.c tests/unit/hotplug_script.h
tests_unit_test_device_script_SOURCES = tests/unit/test_device_script.c \
	$(hotplug_script) $(device_world)
tests_unit_test_device_script_LDADD = $(device_world_LIBS)
tests_unit_test_device_shortage_SOURCES = tests/unit/test_device_shortage.c \
	$(renewed)
tests_unit_test_device_shortage_LDADD = $(device_world_LIBS)
tests_unit_test_device_vif_script_SOURCES = \
	tests/unit/test_device_vif_script.c $(hotplug_script) $(device_world)
tests_unit_test_device_vif_script_LDADD = $(device_world_LIBS)
check_PROGRAMS += tests/unit/test_device_vif tests/unit/test_device_vif_change
vif_world = tests/unit/vif_world.c tests/unit/vif_world.h $(device_world)
tests_unit_test_device_vif_SOURCES = tests/unit/test_device_vif.c $(vif_world)
tests_unit_test_device_vif_LDADD = $(device_world_LIBS)
tests_unit_test_device_vif_change_SOURCES = \
	tests/unit/test_device_vif_change.c $(vif_world)
tests_unit_test_device_vif_change_LDADD = $(device_world_LIBS)
check_PROGRAMS += tests/unit/test_device_vif_direct tests/unit/test_lodgings
direct_vifs = tests/unit/direct_vifs.c tests/unit/direct_vifs.h $(vif_world)
tests_unit_test_device_vif_direct_SOURCES = \
	tests/unit/test_device_vif_direct.c $(direct_vifs)
tests_unit_test_device_vif_direct_LDADD = $(device_world_LIBS)
tests_unit_test_lodgings_SOURCES = tests/unit/test_lodgings.c $(direct_vifs)
tests_unit_test_lodgings_LDADD = $(device_world_LIBS)
tests_unit_test_device_worker_SOURCES = tests/unit/test_device_worker.c \
	$(device_world)
tests_unit_test_device_worker_LDADD = $(device_world_LIBS)

check_PROGRAMS += tests/unit/test_vbd_front tests/unit/test_vif_front
tests_unit_test_vbd_front_SOURCES = tests/unit/test_vbd_front.c \
	tests/unit/fake_store.c tests/unit/fake_store.h
tests_unit_test_vbd_front_LDADD = $(device_world_LIBS)
tests_unit_test_vif_front_SOURCES = tests/unit/test_vif_front.c \
	tests/unit/fake_store.c tests/unit/fake_store.h
tests_unit_test_vif_front_LDADD = $(device_world_LIBS)

check_PROGRAMS += tests/unit/test_consoles
tests_unit_test_consoles_SOURCES = tests/unit/test_consoles.c \
	tests/unit/scratch.c tests/unit/scratch.h \
	daemon/worker/consoles.c
tests_unit_test_consoles_LDADD = $(device_world_LIBS)

check_PROGRAMS += tests/unit/test_orphans tests/unit/test_users
tests_unit_test_users_LDADD = $(device_world_LIBS)
tests_unit_test_orphans_SOURCES = tests/unit/test_orphans.c \
	tests/unit/scratch.c tests/unit/scratch.h \
	daemon/worker/orphans.c
tests_unit_test_orphans_LDADD = $(device_world_LIBS)
endif
