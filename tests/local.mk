# SPDX-License-Identifier: MIT
include tests/unit/local.mk
include tests/lint/local.mk
include tests/sim/local.mk
include tests/sim/conformance/local.mk
include tests/fuzz/local.mk
