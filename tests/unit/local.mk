# SPDX-License-Identifier: MIT
# A program a module: tests/unit/test_MODULE.c. Each prints TAP.
test_LIBS = lib/libxnrpc.a lib/libxnjson.a lib/libxnchan.a lib/libxnxen.a \
	lib/libxnbase.a $(YAJL_LIBS) $(EVENT_LIBS) $(SECCOMP_LIBS) \
	$(XENEVTCHN_LIBS) $(XENGNTTAB_LIBS) $(CMOCKA_LIBS)
test_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(EVENT_CFLAGS)
test_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)

# A test of one of lib/'s modules needs nothing but its name here: its source
# has that name, and these are the defaults for a program without its own.
LDADD = $(test_LIBS)
AM_CPPFLAGS += $(CMOCKA_CFLAGS) $(EVENT_CFLAGS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test_chan \
	tests/unit/test_chan_last_words \
	tests/unit/test_confine \
	tests/unit/test_err \
	tests/unit/test_json \
	tests/unit/test_log \
	tests/unit/test_msg \
	tests/unit/test_num \
	tests/unit/test_rpc \
	tests/unit/test_text

# Of the programs' own modules: their objects are named, too.
check_PROGRAMS += tests/unit/test_build
tests_unit_test_build_SOURCES = tests/unit/test_build.c \
	build/kernel.c build/message.c
tests_unit_test_build_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_build_CFLAGS = $(test_CFLAGS) $(XENTOOLLOG_CFLAGS)
tests_unit_test_build_LDADD = $(test_LIBS) $(XENTOOLLOG_LIBS)
endif
