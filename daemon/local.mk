# SPDX-License-Identifier: MIT
include daemon/host/local.mk
include daemon/net/local.mk

# Devices, and what they stand on. A library, so that the unit tests link it
# too; it stands on libxndnet.a.
noinst_LIBRARIES += daemon/libxnddevice.a
daemon_libxnddevice_a_SOURCES = \
	daemon/device/bus.c daemon/device/bus.h \
	daemon/device/config.c daemon/device/config.h \
	daemon/device/config_read.c daemon/device/config_read.h \
	daemon/device/config_vif.c \
	daemon/device/crashes.c daemon/device/crashes.h \
	daemon/device/device.c daemon/device/device.h \
	daemon/device/face.c \
	daemon/device/figures_json.c daemon/device/figures_json.h \
	daemon/device/format.c daemon/device/format.h \
	daemon/device/handshake.c \
	daemon/device/keys.c \
	daemon/device/kind.h \
	daemon/device/nbd_source.c daemon/device/nbd_source.h \
	daemon/device/renew.c daemon/device/renew.h \
	daemon/device/script_life.c daemon/device/script_life.h \
	daemon/device/shortage.c daemon/device/shortage.h \
	daemon/device/vbd.c daemon/device/vbd.h \
	daemon/device/vbd_caps.c daemon/device/vbd_caps.h \
	daemon/device/vbd_change.c \
	daemon/device/vbd_figures.c \
	daemon/device/vbd_front.c daemon/device/vbd_front.h \
	daemon/device/vbd_nbd.c daemon/device/vbd_nbd.h \
	daemon/device/vbd_script.c daemon/device/vbd_script.h \
	daemon/device/vbd_shape.c daemon/device/vbd_shape.h \
	daemon/device/vdev.c \
	daemon/device/vif.c daemon/device/vif.h \
	daemon/device/vif_change.c \
	daemon/device/vif_figures.c \
	daemon/device/vif_front.c daemon/device/vif_front.h \
	daemon/device/vif_place.c daemon/device/vif_place.h \
	daemon/device/vif_script.c daemon/device/vif_script.h \
	daemon/device/vif_terms.c daemon/device/vif_terms.h \
	daemon/device/worker.c \
	daemon/worker/child.c \
	daemon/worker/lodgings.c daemon/worker/lodgings.h \
	daemon/worker/nbd_server.c daemon/worker/nbd_server.h \
	daemon/worker/process.c daemon/worker/process.h \
	daemon/worker/process_inside.h \
	daemon/worker/script.c daemon/worker/script.h \
	daemon/worker/users.c daemon/worker/users.h \
	daemon/xs/job.h \
	daemon/xs/plan.c daemon/xs/plan.h \
	daemon/xs/values.c \
	daemon/xs/watch.c \
	daemon/xs/xs.c daemon/xs/xs.h
daemon_libxnddevice_a_CFLAGS = $(AM_CFLAGS) -pthread $(EVENT_CFLAGS) \
	$(NL_ROUTE_CFLAGS)

sbin_PROGRAMS += daemon/xnd
daemon_xnd_SOURCES = \
	daemon/config.c daemon/config.h \
	daemon/domain/check.c daemon/domain/check.h \
	daemon/domain/config.c daemon/domain/config.h \
	daemon/domain/config_json.c \
	daemon/domain/create.c daemon/domain/create.h \
	daemon/domain/death.c daemon/domain/death.h \
	daemon/domain/domain.h \
	daemon/domain/end.c daemon/domain/end.h \
	daemon/domain/hotplug.c \
	daemon/domain/hyper.c daemon/domain/hyper.h \
	daemon/domain/leftover.c daemon/domain/leftover.h \
	daemon/domain/leftover_scripts.c daemon/domain/leftover_scripts.h \
	daemon/domain/list.c daemon/domain/list.h \
	daemon/domain/nodes.c daemon/domain/nodes.h \
	daemon/domain/table.c \
	daemon/main.c \
	daemon/rpc/call.h \
	daemon/rpc/line.c daemon/rpc/line.h \
	daemon/rpc/op.c daemon/rpc/op.h \
	daemon/rpc/op_block.c \
	daemon/rpc/op_change.c \
	daemon/rpc/op_console.c \
	daemon/rpc/op_create.c \
	daemon/rpc/op_device.c \
	daemon/rpc/op_domain.c \
	daemon/rpc/op_host.c \
	daemon/rpc/op_list.c \
	daemon/rpc/op_network.c \
	daemon/rpc/server.c daemon/rpc/server.h \
	daemon/rpc/session.c daemon/rpc/session.h \
	daemon/worker/builders.c daemon/worker/builders.h \
	daemon/worker/consoles.c daemon/worker/consoles.h \
	daemon/worker/orphans.c daemon/worker/orphans.h \
	daemon/xnd.h
daemon_xnd_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir) -I$(top_builddir)
daemon_xnd_CFLAGS = $(AM_CFLAGS) -pthread $(EVENT_CFLAGS) $(NL_ROUTE_CFLAGS) \
	$(SYSTEMD_CFLAGS)
daemon_xnd_LDADD = daemon/libxnddevice.a daemon/libxndnet.a \
	daemon/libxndhost.a lib/libxnrpc.a lib/libxnjson.a lib/libxnchan.a \
	lib/libxnxen.a lib/libxnbase.a \
	$(XENCTRL_LIBS) $(XENSTORE_LIBS) \
	$(EVENT_LIBS) $(NL_ROUTE_LIBS) $(YAJL_LIBS) $(SECCOMP_LIBS) \
	$(SYSTEMD_LIBS)
EXTRA_DIST += doc/rpc.md

include daemon/config_tests.mk
include daemon/device_tests.mk
