# SPDX-License-Identifier: MIT
# xn-build: a domain's first memory image, and its end.
pkglibexec_PROGRAMS += build/xn-build
build_xn_build_SOURCES = \
	build/explain.c build/explain.h \
	build/image.c build/image.h \
	build/input.c build/input.h \
	build/kernel.c build/kernel.h \
	build/main.c \
	build/message.c build/message.h
build_xn_build_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
build_xn_build_CFLAGS = $(AM_CFLAGS) $(XENCTRL_CFLAGS) $(XENGUEST_CFLAGS) \
	$(EVENT_CFLAGS)
build_xn_build_LDADD = lib/libxnchan.a lib/libxnbase.a \
	$(XENGUEST_LIBS) $(XENCTRL_LIBS) $(XENTOOLLOG_LIBS) \
	$(EVENT_LIBS) $(SECCOMP_LIBS)
