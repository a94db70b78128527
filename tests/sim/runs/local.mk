# SPDX-License-Identifier: MIT
# What runs on the native test bed: a program a subject, started by
# tests/sim/run.
EXTRA_LIBRARIES += tests/sim/runs/libxnsimruns.a
tests_sim_runs_libxnsimruns_a_SOURCES = \
	tests/sim/malloc/plan.c tests/sim/malloc/plan.h \
	tests/sim/runs/actor.c tests/sim/runs/actor.h \
	tests/sim/runs/actor_use.c \
	tests/sim/runs/host_net.c tests/sim/runs/host_net.h \
	tests/sim/runs/nobody.c tests/sim/runs/nobody.h \
	tests/sim/runs/nodes.c tests/sim/runs/nodes.h \
	tests/sim/runs/place.c tests/sim/runs/place.h \
	tests/sim/runs/remains.c tests/sim/runs/remains.h \
	tests/sim/runs/sites.c tests/sim/runs/sites.h \
	tests/sim/runs/stage.c tests/sim/runs/stage.h \
	tests/sim/runs/sweep.c tests/sim/runs/sweep.h \
	tests/sim/runs/tap.c tests/sim/runs/tap.h \
	tests/sim/runs/world.c tests/sim/runs/world.h \
	tests/sim/runs/xnd.c
tests_sim_runs_libxnsimruns_a_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_libxnsimruns_a_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) \
	$(XENCTRL_CFLAGS) $(XENSTORE_CFLAGS)

runs_LIBS = tests/sim/runs/libxnsimruns.a tests/sim/guest/libxnsimguest.a \
	lib/libxnrpc.a lib/libxnjson.a lib/libxnbase.a $(YAJL_LIBS) \
	$(EVENT_LIBS) $(XENCTRL_LIBS) $(XENSTORE_LIBS) -lpthread

EXTRA_PROGRAMS += tests/sim/runs/crowd tests/sim/runs/disk_figures \
	tests/sim/runs/faults tests/sim/runs/life tests/sim/runs/oom \
	tests/sim/runs/oom_cli tests/sim/runs/late tests/sim/runs/hotplug \
	tests/sim/runs/vif_change tests/sim/runs/vif_direct \
	tests/sim/runs/earlier
tests_sim_runs_earlier_SOURCES = tests/sim/runs/earlier.c $(sim_link)
tests_sim_runs_earlier_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_earlier_LDADD = $(runs_LIBS)
tests_sim_runs_vif_change_SOURCES = tests/sim/runs/vif_change.c $(sim_link)
tests_sim_runs_vif_change_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_vif_change_CFLAGS = $(AM_CFLAGS) $(XENCTRL_CFLAGS)
tests_sim_runs_vif_change_LDADD = $(runs_LIBS)
tests_sim_runs_vif_direct_SOURCES = tests/sim/runs/vif_direct.c $(sim_link)
tests_sim_runs_vif_direct_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_vif_direct_CFLAGS = $(AM_CFLAGS) $(XENCTRL_CFLAGS) \
	$(XENSTORE_CFLAGS)
tests_sim_runs_vif_direct_LDADD = $(runs_LIBS)
tests_sim_runs_life_SOURCES = tests/sim/runs/life.c $(sim_link)
tests_sim_runs_life_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_life_LDADD = $(runs_LIBS)
tests_sim_runs_disk_figures_SOURCES = tests/sim/runs/disk_figures.c $(sim_link)
tests_sim_runs_disk_figures_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_disk_figures_CFLAGS = $(AM_CFLAGS) $(XENCTRL_CFLAGS)
tests_sim_runs_disk_figures_LDADD = $(runs_LIBS)
tests_sim_runs_faults_SOURCES = tests/sim/runs/faults.c $(sim_link)
tests_sim_runs_faults_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_faults_CFLAGS = $(AM_CFLAGS) $(XENCTRL_CFLAGS)
tests_sim_runs_faults_LDADD = $(runs_LIBS)
tests_sim_runs_crowd_SOURCES = tests/sim/runs/crowd.c $(sim_link)
tests_sim_runs_crowd_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_crowd_LDADD = $(runs_LIBS)
tests_sim_runs_hotplug_SOURCES = tests/sim/runs/hotplug.c $(sim_link)
tests_sim_runs_hotplug_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_hotplug_LDADD = $(runs_LIBS)
tests_sim_runs_late_SOURCES = tests/sim/runs/late.c \
	tests/sim/runs/slow.c tests/sim/runs/slow.h \
	tests/bench/ring/server.c tests/bench/ring/server.h $(sim_link)
tests_sim_runs_late_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_late_CFLAGS = $(AM_CFLAGS) $(XENCTRL_CFLAGS) $(URING_CFLAGS)
tests_sim_runs_late_LDADD = $(runs_LIBS) $(URING_LIBS)
tests_sim_runs_oom_SOURCES = tests/sim/runs/oom.c $(sim_link)
tests_sim_runs_oom_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_oom_LDADD = $(runs_LIBS)
tests_sim_runs_oom_cli_SOURCES = tests/sim/runs/oom_cli.c $(sim_link)
tests_sim_runs_oom_cli_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_runs_oom_cli_LDADD = $(runs_LIBS)
EXTRA_DIST += tests/sim/run
