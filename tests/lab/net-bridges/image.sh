# shellcheck shell=bash disable=SC2154 # names shared with ../run
# SPDX-License-Identifier: MIT
#
# The parts of net-bridges, and this machine's Open vSwitch for dom0. Sourced
# by the lab, which calls image_fill.

image_fill() {
	local folder=$1/lab/net-bridges part program
	mkdir -p "$folder"
	for part in plain vlans routed fence refusals ovs script; do
		cp "$top/tests/lab/net-bridges/$part.sh" "$folder/"
	done
	for program in ovsdb-server ovs-vswitchd ovs-vsctl ovsdb-tool; do
		root_program "$1" "$(command -v $program)" "/usr/bin/$program"
	done
	install -D -m 644 /usr/share/openvswitch/vswitch.ovsschema \
		"$1/usr/share/openvswitch/vswitch.ovsschema"
}
