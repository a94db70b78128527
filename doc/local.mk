# SPDX-License-Identifier: MIT
dist_man_MANS += doc/xnd.8 doc/xnd.conf.5
dist_man_MANS += doc/xn.1 doc/xn.cfg.5
EXTRA_DIST += doc/security.md
