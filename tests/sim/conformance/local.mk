# SPDX-License-Identifier: MIT
# What Xen promises, for the test bed and for the lab's dom0. It knows nothing
# of either: only the ordinary libraries.
EXTRA_PROGRAMS += tests/sim/conformance/promises
tests_sim_conformance_promises_SOURCES = \
	tests/sim/conformance/bed.c \
	tests/sim/conformance/bed.h \
	tests/sim/conformance/binding.c \
	tests/sim/conformance/copy.c \
	tests/sim/conformance/domain.c \
	tests/sim/conformance/event.c \
	tests/sim/conformance/grant.c \
	tests/sim/conformance/grant_end.c \
	tests/sim/conformance/main.c \
	tests/sim/conformance/memory.c \
	tests/sim/conformance/promise.c \
	tests/sim/conformance/promise.h \
	tests/sim/conformance/store.c \
	tests/sim/conformance/suites.h
tests_sim_conformance_promises_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_sim_conformance_promises_CFLAGS = $(AM_CFLAGS) $(XENCTRL_CFLAGS) \
	$(XENEVTCHN_CFLAGS) $(XENGNTTAB_CFLAGS) $(XENFOREIGNMEMORY_CFLAGS) \
	$(XENSTORE_CFLAGS) $(XENTOOLLOG_CFLAGS)
tests_sim_conformance_promises_LDADD = $(XENCTRL_LIBS) $(XENEVTCHN_LIBS) \
	$(XENGNTTAB_LIBS) $(XENFOREIGNMEMORY_LIBS) $(XENSTORE_LIBS) \
	$(XENTOOLLOG_LIBS)

# Beside the programs that the lab's dom0 gets; see tests/lab/run.
install-lab: tests/sim/conformance/promises
	$(MKDIR_P) '$(DESTDIR)$(pkglibexecdir)/lab'
	$(INSTALL_PROGRAM) tests/sim/conformance/promises \
		'$(DESTDIR)$(pkglibexecdir)/lab'
.PHONY: install-lab
EXTRA_DIST += tests/sim/promises tests/sim/README.md
