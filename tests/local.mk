# SPDX-License-Identifier: MIT
include tests/unit/local.mk
include tests/lint/local.mk
include tests/sim/local.mk
include tests/sim/conformance/local.mk
include tests/sim/guest/local.mk
include tests/sim/malloc/local.mk
include tests/sim/runs/local.mk
