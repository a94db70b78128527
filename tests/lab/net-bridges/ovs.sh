# shellcheck shell=bash disable=SC2154 # names of ../net-bridges.test
# SPDX-License-Identifier: MIT
#
# A bridge of Open vSwitch, with its datapath in user space (Debian's kernel
# of the lab has no module of it): the vif is a port in its VLAN, answers
# there and nowhere else, and is no port any more when it has gone. What is
# sent is ARP and ICMP, whose checksums are whole: this datapath takes no others
# from a tap. (Its server killed in the middle: tests/unit/test_ovs_real.c.)

run=/run/openvswitch

start_database() {
	ovsdb-server $run/conf.db --remote=punix:$run/db.sock --no-chdir \
		--unixctl=$run/ovsdb.ctl >/run/ovsdb.log 2>&1 &
	database=$!
	wait_until 10 ovs-vsctl --timeout=5 --no-wait show
}

start_switch() {
	ovs-vswitchd unix:$run/db.sock --no-chdir --unixctl=$run/vswitchd.ctl \
		>/run/vswitchd.log 2>&1 &
	switch=$!
}

vsctl() { ovs-vsctl --timeout=60 "$@"; }

# host_port NAME TAG ADDRESS: dom0's own in a VLAN
host_port() {
	vsctl add-port ovsbr0 "$1" tag="$2" -- \
		set interface "$1" type=internal &&
		ip addr add "$3/24" dev "$1" && ip link set "$1" up
}

mkdir -p $run
need "Open vSwitch: it has a database" ovsdb-tool create $run/conf.db \
	/usr/share/openvswitch/vswitch.ovsschema
need "Open vSwitch: whose server starts" start_database
need "Open vSwitch: and is asked" vsctl --no-wait init
start_switch
need "Open vSwitch: it has a bridge" vsctl add-br ovsbr0 -- \
	set bridge ovsbr0 datapath_type=netdev
need "Open vSwitch: dom0 is in one VLAN" host_port host10 10 10.0.40.1
need "Open vSwitch: and in another" host_port host20 20 10.0.41.1

check "Open vSwitch: no addresses to be held to" fails plug bridge=ovsbr0 \
	ip=10.0.40.2 2>/run/why
check "Open vSwitch: as this datapath knows of no rules" \
	grep "cannot be held to its addresses" /run/why
check "Open vSwitch: xn network-attach" plug bridge=ovsbr0 vlan=10
check "Open vSwitch: the tap is a port" same "$(vsctl port-to-br plug1)" ovsbr0
check "Open vSwitch: in its VLAN" same "$(vsctl get port plug1 tag)" 10
check "Open vSwitch: the guest reaches dom0 there" guest_is \
	"ip addr add 10.0.40.2/24 dev eth1 && $(pings 10.0.40.1)"
check "Open vSwitch: and not in the other" guest_is \
	"ip addr add 10.0.41.2/24 dev eth1 && $(pings_not 10.0.41.1)"
check "Open vSwitch: xn network-detach" unplug
check "Open vSwitch: others' ports are left, and no more" \
	same "$(vsctl list-ports ovsbr0 | xargs)" "host10 host20"

vsctl del-br ovsbr0
kill "$switch" "$database"
wait_until 10 ended "$switch"
