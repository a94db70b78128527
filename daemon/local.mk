# SPDX-License-Identifier: MIT
include daemon/host/local.mk
