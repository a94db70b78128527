# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# The native test bed, up and down: the simulated hypervisor, the real
# xenstored on it and, if wanted, xnd, all in namespaces of their own. Sourced
# after tests/shell.sh by what runs on the bed:
#
#	bed_inside "$@"		# begins this script again, in the namespaces
#	bed_up "$top/out/asan"
#	bed_xnd
#	bed_down

bed=/run/bed			# of the private /run: logs, pid files, programs
# shellcheck disable=SC2154	# top is of tests/shell.sh
bed_debian=$top/out/lab/debian	# xenstored, xl: see tests/lab/host/fetch.sh
bed_arch=$(${CC:-cc} -print-multiarch)

# bed_inside ARGUMENT…: runs this script in new mount, network and process
# namespaces, with an empty /run, unless it is in them. Whatever it leaves
# running (workers outlive xnd) ends with it. Root's, or sudo's.
bed_inside() {
	local sudo=()
	if [ -z "${XN_BED_INSIDE-}" ]; then
		as_root true
		[ "$(id -u)" = 0 ] ||
			sudo=(sudo "--preserve-env=ASAN_OPTIONS,XN_KEEP")
		exec "${sudo[@]}" env XN_BED_INSIDE=1 \
			unshare --mount --net --pid --fork \
			--kill-child=KILL --mount-proc "$0" "$@"
	fi
	mount -t tmpfs tmpfs /run
	mkdir -p "$bed/libexec" /run/xenstored
	ip link set lo up
}

# bed_wait SECONDS COMMAND…: polls until the command succeeds
bed_wait() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.01
	done
}

# bed_tool COMMAND…: one of Debian's Xen programs
bed_tool() {
	PATH=$(echo "$bed_debian"/usr/lib/xen-[0-9]*/bin):$bed_debian/usr/bin:$PATH \
		LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$bed_debian/usr/lib/$bed_arch \
		"$@"
}

# bed_start NAME COMMAND…: in the background; output in $bed/NAME.log, process
# in $bed/NAME.pid
bed_start() {
	local name=$1
	shift
	"$@" </dev/null >"$bed/$name.log" 2>&1 &
	echo $! >"$bed/$name.pid"
}

# bed_stop NAME: with its exit status; no error if it was never started
bed_stop() {
	local pid
	[ -e "$bed/$1.pid" ] || return 0
	pid=$(cat "$bed/$1.pid")
	rm "$bed/$1.pid"
	kill "$pid" 2>/dev/null || true
	wait "$pid"
}

# xenstored learns of its ring with dom0 in /proc/xen, where Linux has it: it
# gets a /proc with nothing else. The port is SIM_STORE_PORT of protocol.h.
bed_xenstored() {
	exec unshare --mount --propagation private bash -ec '
		mount -t tmpfs tmpfs /proc
		mkdir /proc/xen
		echo 1 >/proc/xen/xsd_port
		truncate -s 4096 /proc/xen/xsd_kva
		exec xenstored --no-fork'
}

# bed_up BUILD [PROGRAMS]: the hypervisor and the store, with what dom0's own
# start-up writes into it. For everything that runs later, the programs of
# BUILD (or of the build PROGRAMS) are found, and BUILD's libraries that speak
# to the simulated hypervisor.
bed_up() {
	local build=$1 programs=${2:-$1} program
	export PATH=$build/tests/sim:$programs/cli:$programs/daemon:$PATH
	export LD_LIBRARY_PATH=$build/tests/sim/lib
	export XN_SIM_SOCKET=$bed/hypervisor XN_LIBEXECDIR=$bed/libexec
	export XENSTORED_ROOTDIR=$bed
	for program in build/xn-build backends/blk/xn-blk \
		backends/net/xn-net console/xn-console daemon/xn-nft; do
		ln -sf "$programs/$program" "$XN_LIBEXECDIR/"
	done
	bed_start hypervisor xn-sim --socket "$XN_SIM_SOCKET"
	bed_wait 5 xn-sim-control counters ||
		{ cat "$bed/hypervisor.log"; die "no simulated hypervisor"; }
	bed_start xenstored bed_tool bed_xenstored
	bed_wait 5 bed_tool xenstore-exists -s / ||
		{ cat "$bed/xenstored.log"; die "no xenstored"; }
	bed_tool xenstore-write /local/domain/0/domid 0 \
		/local/domain/0/name Domain-0
}

# bed_xnd [LINE…]: xnd, with LINEs in its configuration
bed_xnd() {
	mkdir -p "$bed/log"
	printf '%s\n' "log_dir = $bed/log" "$@" >"$bed/xnd.conf"
	bed_start xnd xnd --foreground --config "$bed/xnd.conf"
	bed_wait 10 xn list || { cat "$bed/xnd.log"; die "no xnd"; }
}

# Workers go on without xnd, and would without a hypervisor.
bed_stop_workers() {
	local process
	for process in /proc/[0-9]*; do
		case $(readlink "$process/exe") in
		*/xn-build | */xn-blk | */xn-net | */xn-console)
			kill -KILL "${process#/proc/}" || true ;;
		esac
	done
}

# bed_down: stops all of it, the last one first
bed_down() {
	local status=0
	bed_stop xnd || status=$?
	bed_stop_workers
	bed_stop xenstored || true	# killed by the signal
	bed_stop hypervisor || status=$?
	return $status
}
