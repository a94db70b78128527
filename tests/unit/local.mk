# SPDX-License-Identifier: MIT
# A program a module: tests/unit/test_MODULE.c. Each prints TAP.
test_LIBS = lib/libxnrpc.a lib/libxnjson.a lib/libxnchan.a lib/libxnxen.a \
	lib/libxnbase.a $(YAJL_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS) \
	$(XENEVTCHN_LIBS) $(XENGNTTAB_LIBS) $(CMOCKA_LIBS) -lpthread

# A test needs nothing but its name here, unless it is of more than lib/'s
# modules: its source has that name, and these are the defaults for a program
# without its own. What several tests are made of is compiled once for them all.
LDADD = $(test_LIBS)
AM_CPPFLAGS += $(CMOCKA_CFLAGS) $(EVENT_CFLAGS) $(NBD_CFLAGS) \
	$(NL_ROUTE_CFLAGS) $(URING_CFLAGS) $(XENCTRL_CFLAGS) \
	$(XENEVTCHN_CFLAGS) $(XENGNTTAB_CFLAGS) $(XENSTORE_CFLAGS) \
	$(XENTOOLLOG_CFLAGS) $(XLUTIL_CFLAGS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test_bucket \
	tests/unit/test_chan \
	tests/unit/test_chan_last_words \
	tests/unit/test_chan_queue \
	tests/unit/test_confine \
	tests/unit/test_err \
	tests/unit/test_json \
	tests/unit/test_json_scan \
	tests/unit/test_log \
	tests/unit/test_msg \
	tests/unit/test_nobody \
	tests/unit/test_nobody_refused \
	tests/unit/test_num \
	tests/unit/test_rpc \
	tests/unit/test_text \
	tests/unit/test_worker

tests_unit_test_worker_SOURCES = tests/unit/test_worker.c \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_worker_LDFLAGS = -Wl,--wrap=nobody_become
test_child = tests/unit/child.c tests/unit/child.h
tests_unit_test_confine_SOURCES = tests/unit/test_confine.c $(test_child)
tests_unit_test_nobody_SOURCES = tests/unit/test_nobody.c $(test_child) \
	tests/unit/scratch.c tests/unit/scratch.h
tests_unit_test_nobody_refused_SOURCES = tests/unit/test_nobody_refused.c \
	$(test_child) tests/unit/scratch.c tests/unit/scratch.h
chan_peer = tests/unit/chan_peer.c tests/unit/chan_peer.h
tests_unit_test_chan_SOURCES = tests/unit/test_chan.c $(chan_peer)
tests_unit_test_chan_queue_SOURCES = tests/unit/test_chan_queue.c $(chan_peer)

# Out of memory at will, in our own objects.
starve = tests/unit/starve.c tests/unit/starve.h
starve_link = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=reallocarray,--wrap=strdup,--wrap=strndup \
	-Wl,--wrap=vasprintf
tests_unit_test_json_SOURCES = tests/unit/test_json.c $(starve)
tests_unit_test_json_LDFLAGS = $(starve_link)

# Of the programs' own modules: those are named, too.
check_PROGRAMS += tests/unit/test_build
tests_unit_test_build_SOURCES = tests/unit/test_build.c \
	build/input.c build/kernel.c build/message.c
tests_unit_test_build_LDADD = $(test_LIBS) $(XENTOOLLOG_LIBS)

check_PROGRAMS += tests/unit/test_bus tests/unit/test_domain_config \
	tests/unit/test_session tests/unit/test_session_starved \
	tests/unit/test_vdev tests/unit/test_vif_config
tests_unit_test_bus_LDADD = $(device_world_LIBS)
tests_unit_test_domain_config_SOURCES = tests/unit/test_domain_config.c \
	daemon/domain/config.c daemon/domain/config_json.c \
	daemon/domain/hotplug.c
tests_unit_test_domain_config_LDADD = $(device_world_LIBS)
tests_unit_test_vif_config_LDADD = $(device_world_LIBS)
tests_unit_test_session_SOURCES = tests/unit/test_session.c \
	daemon/rpc/line.c daemon/rpc/session.c
tests_unit_test_session_starved_SOURCES = tests/unit/test_session_starved.c \
	$(starve) daemon/rpc/line.c daemon/rpc/session.c
tests_unit_test_session_starved_LDFLAGS = $(starve_link)
tests_unit_test_vdev_LDADD = $(device_world_LIBS)
endif
