# SPDX-License-Identifier: MIT
# The tests of xn, by the pattern of tests/unit/local.mk.
cli_test_LIBS = cli/libxncfg.a $(test_LIBS) $(XLUTIL_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/test_cli_console \
	tests/unit/test_cli_devices \
	tests/unit/test_cli_disk_changes \
	tests/unit/test_cli_disks \
	tests/unit/test_cli_domain \
	tests/unit/test_cli_failures \
	tests/unit/test_cli_files \
	tests/unit/test_cli_networks \
	tests/unit/test_cli_parse \
	tests/unit/test_cli_rate \
	tests/unit/test_cli_size \
	tests/unit/test_cli_verbs \
	tests/unit/test_rpc_client

tests_unit_test_cli_console_SOURCES = tests/unit/test_cli_console.c \
	tests/unit/fake_xnd.c tests/unit/fake_xnd.h

tests_unit_test_cli_devices_LDADD = $(cli_test_LIBS)

tests_unit_test_cli_domain_LDADD = $(cli_test_LIBS)

tests_unit_test_cli_failures_SOURCES = tests/unit/test_cli_failures.c \
	tests/unit/fake_xnd.c tests/unit/fake_xnd.h

tests_unit_test_cli_files_LDADD = $(cli_test_LIBS)

tests_unit_test_cli_parse_LDADD = $(cli_test_LIBS)

tests_unit_test_cli_rate_LDADD = $(cli_test_LIBS)

tests_unit_test_cli_size_LDADD = $(cli_test_LIBS)

cli_rows = tests/unit/cli_rows.c tests/unit/cli_rows.h \
	tests/unit/fake_xnd.c tests/unit/fake_xnd.h
tests_unit_test_cli_disk_changes_SOURCES = tests/unit/test_cli_disk_changes.c \
	$(cli_rows)

cli_words = tests/unit/cli_words.c tests/unit/cli_words.h
tests_unit_test_cli_disks_SOURCES = tests/unit/test_cli_disks.c $(cli_rows) \
	$(cli_words)
tests_unit_test_cli_disks_LDADD = $(cli_test_LIBS)

tests_unit_test_cli_networks_SOURCES = tests/unit/test_cli_networks.c \
	$(cli_rows) $(cli_words)
tests_unit_test_cli_networks_LDADD = $(cli_test_LIBS)

tests_unit_test_cli_verbs_SOURCES = tests/unit/test_cli_verbs.c $(cli_rows)

endif

EXTRA_DIST += tests/lab/xlcfg/README \
	tests/lab/xlcfg/bad-action.cfg \
	tests/lab/xlcfg/bad-append.cfg \
	tests/lab/xlcfg/bad-comma.cfg \
	tests/lab/xlcfg/bad-disk-format.cfg \
	tests/lab/xlcfg/bad-disk-vdev.cfg \
	tests/lab/xlcfg/bad-escape.cfg \
	tests/lab/xlcfg/bad-no-name.cfg \
	tests/lab/xlcfg/bad-open-list.cfg \
	tests/lab/xlcfg/bad-python.cfg \
	tests/lab/xlcfg/bad-rate.cfg \
	tests/lab/xlcfg/bad-type.cfg \
	tests/lab/xlcfg/bad-unit.cfg \
	tests/lab/xlcfg/bad-unquoted.cfg \
	tests/lab/xlcfg/bad-unterminated.cfg \
	tests/lab/xlcfg/bad-upper-case.cfg \
	tests/lab/xlcfg/good-again.cfg \
	tests/lab/xlcfg/good-append.cfg \
	tests/lab/xlcfg/good-cmdline.cfg \
	tests/lab/xlcfg/good-escapes.cfg \
	tests/lab/xlcfg/good-full.cfg \
	tests/lab/xlcfg/good-hvm-leftovers.cfg \
	tests/lab/xlcfg/good-lists.cfg \
	tests/lab/xlcfg/good-minimal.cfg \
	tests/lab/xlcfg/good-no-newline.cfg \
	tests/lab/xlcfg/good-numbers.cfg \
	tests/lab/xlcfg/good-nbd.cfg \
	tests/lab/xlcfg/good-old-disks.cfg \
	tests/lab/xlcfg/good-qcow2.cfg \
	tests/lab/xlcfg/good-unknown-key.cfg \
	tests/lab/xlcfg/good-vifs.cfg \
	tests/lab/xlcfg/strict-bootloader.cfg \
	tests/lab/xlcfg/strict-disk-string.cfg \
	tests/lab/xlcfg/strict-mac-more.cfg \
	tests/lab/xlcfg/strict-mac.cfg \
	tests/lab/xlcfg/strict-memory.cfg \
	tests/lab/xlcfg/strict-pvh.cfg \
	tests/lab/xlcfg/strict-rate.cfg \
	tests/lab/xlcfg/strict-vif-key.cfg
