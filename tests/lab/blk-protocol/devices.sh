# shellcheck shell=bash disable=SC2034,SC2154 # names shared with ../blk-protocol.test
# SPDX-License-Identifier: MIT
#
# Block devices as disks. What a device says of its blocks and of what it can
# give back the guest has to know: of one of sectors of 512 bytes in blocks of
# 4 KiB, which gives back 64 KiB at a time; and of one of sectors of 4 KiB, on
# which the guest goes on to address 512 bytes.

driver=/sys/bus/pseudo/drivers/scsi_debug
# what the first of them has mapped: numbers of its 64 KiB
mapped() { cat $driver/map; }
device_name() { basename "$(echo $driver/adapter0/host*/target*/*/block/*)"; }
device_is_there() { [ -b "/dev/$(device_name)" ]; }

make_device() {
	local file parameters
	while read -r file; do
		parameters=
		[ "${file##*/}" != scsi_debug.ko ] ||
			parameters="delay=0 dev_size_mb=32 physblk_exp=3
				lbpu=1 unmap_granularity=128"
		# shellcheck disable=SC2086 # words are wanted
		[ -d "/sys/module/$(basename "$file" .ko)" ] ||
			insmod "$file" $parameters 2>/dev/null || true
	done </lab/blk-protocol/modules
	wait_until 10 device_is_there
}

told() { sed -n "s/^GUEST $1 //p" <<<"$told"; }

# at KIB COUNT FILE: the checksum of what is there
at() { dd if="$3" bs=1k skip="$1" count="$2" 2>/dev/null | md5sum; }

make_config devices "" "disk = [ ]"
need "devices: a disk of large blocks" make_device
need "devices: xn create" xn create /tmp/devices.cfg
need "devices: it comes up" guest_says devices up 150
domid=$(xn domid devices)
back=/local/domain/0/backend/xnblk/$domid/51728

device=/dev/$(device_name)
check "blocks: attached" xn block-attach devices "$device,raw,xvdb,rw"
told=$(guest_run devices "sh /etc/tests limits xvdb;" \
	"sh /etc/tests try_disks xvdb")
check "blocks: the sectors have 512 bytes" back_says sector-size 512
check "blocks: in blocks of 4 KiB" back_says physical-sector-size 4096
check "blocks: 64 KiB are given back" back_says discard-granularity 65536
check "blocks: from the beginning on" back_says discard-alignment 0
check "blocks: and not securely" back_says discard-secure 0
check "blocks: the guest has such sectors" \
	same "$(told "limit xvdb logical_block_size")" 512
check "blocks: and blocks" same "$(told "limit xvdb physical_block_size")" 4096
check "blocks: and granularity" \
	same "$(told "limit xvdb discard_granularity")" 65536
check "blocks: it reads what it has written" \
	same "$(told "tried xvdb read")" "$(told "tried xvdb wrote")"
check "blocks: which is there" same "$(mapped)" 80-95
# all of it but 32 KiB at either end
guest_run devices "blkdiscard -o 5275648 -l 983040 /dev/xvdb" >/dev/null
check "blocks: what is given back is gone, but for what is in part" \
	same "$(mapped)" 80,95
check "blocks: detached" xn block-detach devices xvdb

make_image /tmp/sectors.img
loop=$(losetup -f --show --sector-size 4096 /tmp/sectors.img)
check "sectors: attached" xn block-attach devices "$loop,raw,xvdb,rw"
before=$(at 8 1 /tmp/sectors.img)
told=$(guest_run devices "sh /etc/tests limits xvdb;" \
	"yes odd | head -c 512 >/tmp/odd;" \
	"dd if=/tmp/odd of=/dev/xvdb bs=512 seek=3 oflag=direct &&" \
	"blkdiscard -o 2048 -l 6656 /dev/xvdb && echo GUEST gave back")
check "sectors: the guest has some of 512 bytes" \
	same "$(told "limit xvdb logical_block_size")" 512
check "sectors: in blocks of 4 KiB" \
	same "$(told "limit xvdb physical_block_size")" 4096
check "sectors: it gives odd ones back" same "$(told gave)" back
check "sectors: detached" xn block-detach devices xvdb
losetup -d "$loop"
check "sectors: one of 512 bytes was written" same \
	"$(dd if=/tmp/sectors.img bs=512 skip=3 count=1 2>/dev/null | md5sum)" \
	"$(yes odd | head -c 512 | md5sum)"
check "sectors: the whole ones were given back" same \
	"$(at 4 4 /tmp/sectors.img)" "$(at 0 4 /dev/zero)"
check "sectors: and nothing else" same "$(at 8 1 /tmp/sectors.img)" "$before"
check "devices: xn destroy" xn destroy devices
rm /tmp/sectors.img
rmmod scsi_debug
