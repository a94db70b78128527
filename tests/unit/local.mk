# SPDX-License-Identifier: MIT
# A program a module: tests/unit/test_MODULE.c. Each prints TAP.
test_LIBS = lib/libxnrpc.a lib/libxnjson.a lib/libxnchan.a lib/libxnxen.a \
	lib/libxnbase.a $(YAJL_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS) \
	$(XENEVTCHN_LIBS) $(XENGNTTAB_LIBS) $(CMOCKA_LIBS)
test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(EVENT_CFLAGS)
test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)

if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_num
tests_unit_test_num_SOURCES = tests/unit/test_num.c
tests_unit_test_num_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_num_CFLAGS = $(test_CFLAGS)
tests_unit_test_num_LDADD = $(test_LIBS)
endif
