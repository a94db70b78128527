# shellcheck shell=bash disable=SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# What net-direct needs in dom0: guests that do what is typed. Sourced by the
# lab, which calls image_fill.

image_fill() {
	mkdir -p "$1/lab/common"
	cp "$top/tests/bench/common/guests.sh" "$1/lab/common/"
}
