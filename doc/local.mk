# SPDX-License-Identifier: MIT
dist_man_MANS += doc/xn.1 doc/xn.cfg.5
