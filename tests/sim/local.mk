# SPDX-License-Identifier: MIT
# The native test bed: a simulated hypervisor, the four libraries that ask it
# instead of Xen, a kernel to build guests of, and what runs on them. None of it
# is installed, or built unless asked for: make test-bed.
sim_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)

# What a program is made of that speaks to the hypervisor itself.
sim_link = tests/sim/protocol.h \
	tests/sim/lib/link.c tests/sim/lib/link.h \
	tests/sim/lib/site.c tests/sim/lib/site.h

EXTRA_PROGRAMS += tests/sim/xn-sim tests/sim/xn-sim-control
tests_sim_xn_sim_SOURCES = tests/sim/protocol.h \
	tests/sim/hypervisor/client.c \
	tests/sim/hypervisor/domain.c \
	tests/sim/hypervisor/domctl.c \
	tests/sim/hypervisor/fault.c \
	tests/sim/hypervisor/foreign.c \
	tests/sim/hypervisor/grant.c \
	tests/sim/hypervisor/hypercall.c \
	tests/sim/hypervisor/hypervisor.h \
	tests/sim/hypervisor/listener.c \
	tests/sim/hypervisor/main.c \
	tests/sim/hypervisor/memory.c \
	tests/sim/hypervisor/memory_op.c \
	tests/sim/hypervisor/pin.c \
	tests/sim/hypervisor/port.c \
	tests/sim/hypervisor/request.c \
	tests/sim/hypervisor/survey.c \
	tests/sim/hypervisor/sysctl.c \
	tests/sim/hypervisor/version.c
tests_sim_xn_sim_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_xn_sim_CFLAGS = $(AM_CFLAGS) $(XENCTRL_CFLAGS) $(EVENT_CFLAGS)
tests_sim_xn_sim_LDADD = $(EVENT_LIBS)

tests_sim_xn_sim_control_SOURCES = tests/sim/control.c $(sim_link)
tests_sim_xn_sim_control_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_xn_sim_control_LDADD = -lpthread

# Never with sanitizers: Debian's own programs load these libraries, too.
sim_lib_CFLAGS = $(XN_CFLAGS) -fno-sanitize=all -fPIC
sim_lib_link = -shared -Wl,-z,defs -Wl,-z,relro,-z,now
sim_lib_LIBS = -lpthread

EXTRA_PROGRAMS += \
	tests/sim/lib/libxencall.so.1 \
	tests/sim/lib/libxenevtchn.so.1 \
	tests/sim/lib/libxenforeignmemory.so.1 \
	tests/sim/lib/libxengnttab.so.1

tests_sim_lib_libxencall_so_1_SOURCES = tests/sim/lib/call.c $(sim_link)
tests_sim_lib_libxencall_so_1_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_lib_libxencall_so_1_CFLAGS = $(sim_lib_CFLAGS)
tests_sim_lib_libxencall_so_1_LDFLAGS = $(sim_lib_link) \
	-Wl,-soname,libxencall.so.1 \
	-Wl,--version-script=$(srcdir)/tests/sim/lib/call.map
tests_sim_lib_libxencall_so_1_LDADD = $(sim_lib_LIBS)
tests_sim_lib_libxencall_so_1_DEPENDENCIES = tests/sim/lib/call.map

tests_sim_lib_libxenevtchn_so_1_SOURCES = tests/sim/lib/evtchn.c $(sim_link)
tests_sim_lib_libxenevtchn_so_1_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_lib_libxenevtchn_so_1_CFLAGS = $(sim_lib_CFLAGS)
tests_sim_lib_libxenevtchn_so_1_LDFLAGS = $(sim_lib_link) \
	-Wl,-soname,libxenevtchn.so.1 \
	-Wl,--version-script=$(srcdir)/tests/sim/lib/evtchn.map
tests_sim_lib_libxenevtchn_so_1_LDADD = $(sim_lib_LIBS)
tests_sim_lib_libxenevtchn_so_1_DEPENDENCIES = tests/sim/lib/evtchn.map

tests_sim_lib_libxenforeignmemory_so_1_SOURCES = \
	tests/sim/lib/foreignmemory.c $(sim_link)
tests_sim_lib_libxenforeignmemory_so_1_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_lib_libxenforeignmemory_so_1_CFLAGS = $(sim_lib_CFLAGS)
tests_sim_lib_libxenforeignmemory_so_1_LDFLAGS = $(sim_lib_link) \
	-Wl,-soname,libxenforeignmemory.so.1 \
	-Wl,--version-script=$(srcdir)/tests/sim/lib/foreignmemory.map
tests_sim_lib_libxenforeignmemory_so_1_LDADD = $(sim_lib_LIBS)
tests_sim_lib_libxenforeignmemory_so_1_DEPENDENCIES = \
	tests/sim/lib/foreignmemory.map

tests_sim_lib_libxengnttab_so_1_SOURCES = tests/sim/lib/gnttab.c $(sim_link)
tests_sim_lib_libxengnttab_so_1_CPPFLAGS = $(sim_CPPFLAGS)
tests_sim_lib_libxengnttab_so_1_CFLAGS = $(sim_lib_CFLAGS)
tests_sim_lib_libxengnttab_so_1_LDFLAGS = $(sim_lib_link) \
	-Wl,-soname,libxengnttab.so.1 \
	-Wl,--version-script=$(srcdir)/tests/sim/lib/gnttab.map
tests_sim_lib_libxengnttab_so_1_LDADD = $(sim_lib_LIBS)
tests_sim_lib_libxengnttab_so_1_DEPENDENCIES = tests/sim/lib/gnttab.map

EXTRA_DIST += tests/sim/lib/call.map tests/sim/lib/evtchn.map \
	tests/sim/lib/foreignmemory.map tests/sim/lib/gnttab.map

# A kernel for guests that are built and never run.
EXTRA_PROGRAMS += tests/sim/stub
tests_sim_stub_SOURCES = tests/sim/stub.S
tests_sim_stub_CFLAGS =
tests_sim_stub_LDFLAGS = -nostdlib -static -no-pie -Wl,--build-id=none \
	-Wl,-z,noseparate-code -Wl,-z,max-page-size=4096 \
	-Wl,-Ttext-segment=0x100000
tests_sim_stub_LDADD =

EXTRA_DIST += tests/sim/bed.sh
include tests/sim/guest/local.mk
include tests/sim/malloc/local.mk
include tests/sim/runs/local.mk

test-bed: $(filter-out tests/bench/ring/%,$(EXTRA_PROGRAMS))
.PHONY: test-bed
CLEANFILES += $(EXTRA_PROGRAMS) $(EXTRA_LIBRARIES)
