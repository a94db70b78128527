# SPDX-License-Identifier: MIT
if HAVE_CMOCKA
check_PROGRAMS += tests/unit/test_config
tests_unit_test_config_SOURCES = tests/unit/test_config.c \
	daemon/config.c daemon/config.h
tests_unit_test_config_CPPFLAGS = $(test_CPPFLAGS)
tests_unit_test_config_CFLAGS = $(test_CFLAGS)
tests_unit_test_config_LDADD = $(test_LIBS)
endif
