# shellcheck shell=bash disable=SC2154 # names of ../net-bridges.test
# SPDX-License-Identifier: MIT
#
# Debian's own vif-bridge, as it comes: it puts the tap into the bridge, says
# what is wrong in its own words, and is run once more when the vif goes, also
# for a guest that has gone with its xnd. For that it has a guest of its own,
# and the other must be gone.

# ran VERB: how often, for the guest's vif
ran() { grep -c "d$domid/vif[^ ]*: vif-bridge $1: started" "$xnd_log"; }

in_bridge() { [ -e "/sys/class/net/$1/brif/$2" ]; }
no_link() { [ ! -e "/sys/class/net/$1" ]; }

mkdir -p /var/log/xen		# where scripts write, and end if they cannot
make_config scripted "" 'vif = [ "bridge=xenbr0,script=vif-bridge" ]'
need "a script: xn create" xn create /tmp/scripted.cfg
need "a script: the guest comes up" guest_says scripted up 150
domid=$(xn domid scripted)
back=/local/domain/0/backend/xnnet/$domid/0
check "a script: the tap is in the bridge" in_bridge xenbr0 "vif$domid.0"
check "a script: it has been run once" same "$(ran online)" 1
check "a script: and says that it is done" \
	same "$(xenstore-read "$back/hotplug-status")" connected
check "a script: the guest answers" ping -c 3 -W 5 10.0.0.2
check "a script: a second vif" xn network-attach scripted bridge=xenbr0 \
	script=vif-bridge mac=00:16:3e:00:00:78
check "a script: is there, too" in_bridge xenbr0 "vif$domid.1"
check "a script: xn network-detach" xn network-detach scripted \
	00:16:3e:00:00:78
check "a script: it has been run once more" same "$(ran offline)" 1
check "a script: and no tap is left" no_link "vif$domid.1"
check "a script: one that fails is refused" fails xn network-attach scripted \
	bridge=nosuch script=vif-bridge 2>/run/why
check "a script: in its own words" \
	grep "its script: Could not find bridge device nosuch" /run/why

kill -KILL "$xnd_pid"
wait "$xnd_pid"
xl destroy scripted
need "a script: another xnd starts" start_xnd
check "a script: it is run for what the guest has left" wait_for \
	"backend/xnnet/$domid/0: vif-bridge offline: started" "$xnd_log" 30
check "a script: nothing of that is left" wait_until 20 fails \
	xenstore-exists "$back"
check "a script: nor the tap" no_link "vif$domid.0"
