# SPDX-License-Identifier: MIT
include tests/sim/guest/local.mk
