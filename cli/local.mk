# SPDX-License-Identifier: MIT
bin_PROGRAMS += cli/xn

# All but the verbs: what can be tested without a daemon.
noinst_LIBRARIES += cli/libxncfg.a
cli_libxncfg_a_SOURCES = \
	cli/cap.c cli/cap.h \
	cli/cfg.c cli/cfg.h \
	cli/cfg_disk.c cli/cfg_disk.h \
	cli/cfg_domain.c cli/cfg_domain.h cli/cfg_where.c \
	cli/cfg_file.c cli/cfg_file.h \
	cli/cfg_keys.c cli/cfg_keys.h \
	cli/cfg_lex.c cli/cfg_lex.h \
	cli/cfg_parse.c cli/cfg_parse.h \
	cli/cfg_vif.c cli/cfg_vif.h \
	cli/disk_words.c cli/disk_words.h \
	cli/nearest.c cli/nearest.h \
	cli/notes.c cli/notes.h \
	cli/rate.c cli/rate.h \
	cli/say.c cli/say.h \
	cli/size.c cli/size.h \
	cli/vif_change.c cli/vif_change.h
cli_libxncfg_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
cli_libxncfg_a_CFLAGS = $(AM_CFLAGS) $(XLUTIL_CFLAGS)

cli_xn_SOURCES = \
	cli/args.c cli/args.h \
	cli/cmd_block.c \
	cli/cmd_block_set.c cli/cmd_block_resize.c cli/cmd_cd.c \
	cli/cmd_console.c \
	cli/cmd_create.c \
	cli/cmd_destroy.c \
	cli/cmd_domid.c \
	cli/cmd_help.c \
	cli/cmd_info.c \
	cli/cmd_list.c \
	cli/cmd_network.c \
	cli/cmd_pause.c \
	cli/cmd_shutdown.c \
	cli/cmd_uptime.c \
	cli/cmd_version.c \
	cli/commands.c cli/commands.h \
	cli/console.c cli/console.h \
	cli/devices.c cli/devices.h \
	cli/disk_report.c cli/disk_report.h \
	cli/domains.c cli/domains.h \
	cli/main.c \
	cli/progress.c cli/progress.h \
	cli/tty.c cli/tty.h \
	cli/vif_report.c cli/vif_report.h \
	cli/xnd.c cli/xnd.h
cli_xn_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
cli_xn_LDADD = cli/libxncfg.a lib/libxnrpc.a lib/libxnjson.a lib/libxnbase.a \
	$(YAJL_LIBS) $(XLUTIL_LIBS)

include cli/tests.mk
