# SPDX-License-Identifier: MIT
EXTRA_DIST += etc/xnd.conf etc/xnd.service.in
examplesdir = $(docdir)/examples
dist_examples_DATA = etc/examples/debian-pv.cfg

if HAVE_SYSTEMD
nodist_systemdsystemunit_DATA = etc/xnd.service
CLEANFILES += etc/xnd.service
endif

etc/xnd.service: $(srcdir)/etc/xnd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) etc && \
	sed 's,[@]sbindir[@],$(sbindir),g' $(srcdir)/etc/xnd.service.in >$@.new && \
	mv $@.new $@

# What an administrator wrote is left alone, by install and by uninstall.
xnconfdir = $(sysconfdir)/xn
install-data-local: install-xnd-conf
install-xnd-conf:
	$(MKDIR_P) '$(DESTDIR)$(xnconfdir)'
	test -e '$(DESTDIR)$(xnconfdir)/xnd.conf' || \
	$(INSTALL_DATA) $(srcdir)/etc/xnd.conf '$(DESTDIR)$(xnconfdir)'
uninstall-local: uninstall-xnd-conf
uninstall-xnd-conf:
	! cmp -s $(srcdir)/etc/xnd.conf '$(DESTDIR)$(xnconfdir)/xnd.conf' || \
	rm -f '$(DESTDIR)$(xnconfdir)/xnd.conf'
.PHONY: install-xnd-conf uninstall-xnd-conf

# Completion of xn in bash, where bash-completion looks.
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = etc/completions/xn
