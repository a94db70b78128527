# SPDX-License-Identifier: MIT
include tests/unit/local.mk
include tests/lint/local.mk
include tests/sim/local.mk
include tests/sim/conformance/local.mk
include tests/bench/local.mk
include tests/fuzz/local.mk

# What the scripts of these folders stand on.
EXTRA_DIST += tests/shell.sh tests/compile tests/setup tests/lab/host/fetch.sh
