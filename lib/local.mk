# SPDX-License-Identifier: MIT
noinst_LIBRARIES += lib/libxnbase.a lib/libxnjson.a lib/libxnrpc.a \
	lib/libxnchan.a lib/libxnxen.a

lib_libxnbase_a_SOURCES = \
	lib/base/bucket.c lib/base/bucket.h \
	lib/base/clock.c lib/base/clock.h \
	lib/base/err.c lib/base/err.h \
	lib/base/log.c lib/base/log.h \
	lib/base/num.c lib/base/num.h \
	lib/base/scope.h \
	lib/base/text.c lib/base/text.h \
	lib/base/utf8.c lib/base/utf8.h

lib_libxnjson_a_SOURCES = \
	lib/json/json.h lib/json/memory.h lib/json/tree.h \
	lib/json/memory.c lib/json/parse.c lib/json/print.c lib/json/scan.c \
	lib/json/tree.c
lib_libxnjson_a_CFLAGS = $(AM_CFLAGS) $(YAJL_CFLAGS)

lib_libxnrpc_a_SOURCES = \
	lib/rpc/client.c lib/rpc/client.h \
	lib/rpc/method.c lib/rpc/method.h \
	lib/rpc/rpc.c lib/rpc/rpc.h

lib_libxnchan_a_SOURCES = \
	lib/chan/blk_figures.h lib/chan/net_figures.h \
	lib/chan/chan.c lib/chan/chan.h \
	lib/chan/confine.c lib/chan/confine.h \
	lib/chan/figures.c lib/chan/figures.h \
	lib/chan/loop.c lib/chan/loop.h \
	lib/chan/msg.c lib/chan/msg.h \
	lib/chan/nobody.c lib/chan/nobody.h \
	lib/chan/worker.c lib/chan/worker.h
lib_libxnchan_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(SECCOMP_CFLAGS) -pthread

lib_libxnxen_a_SOURCES = \
	lib/xen/abi.h \
	lib/xen/evtchn.c lib/xen/evtchn.h
lib_libxnxen_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(XENEVTCHN_CFLAGS)

# What a worker on an event-channel loop links with.
worker_LIBS = lib/libxnchan.a lib/libxnxen.a lib/libxnbase.a \
	$(EVENT_LIBS) $(SECCOMP_LIBS) $(XENEVTCHN_LIBS) $(XENGNTTAB_LIBS)
