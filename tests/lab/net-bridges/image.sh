# shellcheck shell=bash disable=SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# The parts of net-bridges. Sourced by the lab, which calls image_fill.

image_fill() {
	mkdir -p "$1/lab/net-bridges"
	cp "$top"/tests/lab/net-bridges/{plain,vlans,routed,fence,refusals}.sh \
		"$1/lab/net-bridges/"
}
