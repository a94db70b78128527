/* SPDX-License-Identifier: MIT */
/* Disk and vif specifications: what they become, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/err.h"
#include "base/scope.h"
#include "cli/cfg_disk.h"
#include "cli/cfg_vif.h"
#include "json/json.h"

/* result: JSON, or what the error says. */
struct row {
	const char *specs[4];
	const char *result;
};

#define DISK_WITH(vdev, target, access, more)               \
	"{\"vdev\":\"" vdev "\",\"target\":\"" target "\"," \
	"\"format\":\"raw\",\"access\":\"" access "\"" more "}"
#define IMAGE(format, target)                                      \
	"{\"vdev\":\"xvda\",\"target\":\"" target "\",\"format\":" \
	"\"" format "\",\"access\":\"rw\"}"
#define DISK(vdev, target, access) DISK_WITH(vdev, target, access, "")

static const struct row disks[] = {
	{{"/a.img,raw,xvda,rw"}, DISK("xvda", "/a.img", "rw")},
	{{"/a.img,,xvda"}, DISK("xvda", "/a.img", "rw")},
	{{"/a.img,raw,xvda,ro"}, DISK("xvda", "/a.img", "ro")},
	{{"/a.img,raw,xvda,r"}, DISK("xvda", "/a.img", "ro")},
	{{"/a.img, raw, xvda, w"}, DISK("xvda", "/a.img", "rw")},
	{{"phy:/dev/vg/a,xvdb,w"}, DISK("xvdb", "/dev/vg/a", "rw")},
	{{"file:/a,sda1,r"}, DISK("sda1", "/a", "ro")},
	{{"tap:aio:/a,hda,w"}, DISK("hda", "/a", "rw")},
	{{"vg/a,raw,xvda"}, DISK("xvda", "/dev/vg/a", "rw")},
	{{"vdev=xvda,access=ro,target=/a,b:c"}, DISK("xvda", "/a,b:c", "ro")},
	{{"format=raw,vdev=xvda,target=/a"}, DISK("xvda", "/a", "rw")},
	{{"vdev=xvda", "target=/a"}, DISK("xvda", "/a", "rw")},
	{{"/a,raw,xvda,rw,backendtype=phy,direct-io-safe,discard"},
	 DISK_WITH("xvda", "/a", "rw", ",\"direct_io_safe\":true")},
	{{"/a,raw,xvda,rw,trusted"}, DISK("xvda", "/a", "rw")},
	{{"/a,raw,xvda,rw,untrusted"},
	 DISK_WITH("xvda", "/a", "rw", ",\"trusted\":false")},
	{{"untrusted, /a,raw,trusted,xvda"}, DISK("xvda", "/a", "rw")},
	{{"vdev=xvda", "untrusted", "target=/a,untrusted"},
	 DISK_WITH("xvda", "/a,untrusted", "rw", ",\"trusted\":false")},
	{{"vdev=xvda, untrusted,access=w!, target=/a,trusted"},
	 DISK_WITH("xvda", "/a,trusted", "w!", ",\"trusted\":false")},
	{{"/a,raw,xvda,rw,untrustedly"}, "too many positional parameters"},
	{{"/a,raw,xvda,w!"}, DISK("xvda", "/a", "w!")},
	{{"/a,raw,xvda,!"}, DISK("xvda", "/a", "w!")},
	{{"/a, raw, xvda, w!"}, DISK("xvda", "/a", "w!")},
	{{"/a,,xvda,w!,no-discard"},
	 DISK_WITH("xvda", "/a", "w!", ",\"discard\":false")},
	{{"phy:/a,xvda,w!"}, DISK("xvda", "/a", "w!")},
	{{"access=w!,vdev=xvda,target=/a"}, DISK("xvda", "/a", "w!")},
	{{"vdev=xvda", "access=!", "/a"}, DISK("xvda", "/a", "w!")},
	{{"w!,raw,xvda,w!"}, DISK("xvda", "/dev/w!", "w!")},
	{{"w!,raw,xvda,ro"}, DISK("xvda", "/dev/w!", "ro")},
	{{"vdev=xvda,target=/a,w!"}, DISK("xvda", "/a,w!", "rw")},
	{{"vdev=xvda,access=w!,target=/a,w!"}, DISK("xvda", "/a,w!", "w!")},
	{{"/a,raw,xvda,rw,no-discard"},
	 DISK_WITH("xvda", "/a", "rw", ",\"discard\":false")},
	{{"/a.iso,raw,hdc,devtype=cdrom"},
	 DISK_WITH("hdc", "/a.iso", "ro", ",\"cdrom\":true")},
	{{",hdc:cdrom,r"}, DISK_WITH("hdc", "", "ro", ",\"cdrom\":true")},
	{{"vdev=hdc,access=r,devtype=cdrom,target="},
	 DISK_WITH("hdc", "", "ro", ",\"cdrom\":true")},
	{{"/a,qcow2,xvda"}, IMAGE("qcow2", "/a")},
	{{"vhd:/a,xvda,w"}, IMAGE("vhd", "/a")},
	{{"format=qed,vdev=xvda,target=/a"}, IMAGE("qed", "/a")},
	{{"qcow:/a,xvda,w"}, IMAGE("qcow", "/a")},
	{{"/a,vmdk,xvda"}, IMAGE("vmdk", "/a")},
	{{"/a, vdi, xvda"}, IMAGE("vdi", "/a")},
	{{"format=vhdx,vdev=xvda,target=/a"}, IMAGE("vhdx", "/a")},
	{{"vdev=xvda", " format=vdi", "/a"}, IMAGE("vdi", "/a")},
	{{"vmdk,vmdk,xvda"}, IMAGE("vmdk", "/dev/vmdk")},
	{{"vmdk,raw,xvda"}, DISK("xvda", "/dev/vmdk", "rw")},
	{{"vdev=xvda,target=/a,vmdk"}, DISK("xvda", "/a,vmdk", "rw")},
	{{"/a,vmdk,xvda,w!,untrusted"},
	 "{\"vdev\":\"xvda\",\"target\":\"/a\",\"format\":\"vmdk\","
	 "\"access\":\"w!\",\"trusted\":false}"},
	{{"access=!,format=vdi,vdev=xvda,target=/a"},
	 "{\"vdev\":\"xvda\",\"target\":\"/a\",\"format\":\"vdi\","
	 "\"access\":\"w!\"}"},
	{{"/a,vmdk,xvda,script=block-x"}, "makes a block device: format is"},
	{{"/a,vmdks,xvda"}, "unknown value for format: near `vmdks'"},
	{{"/a,vmdk,xvda,format=vdi"}, "unknown value for format"},
	{{"vdev=xvda,target=nbd://h/e,f"}, IMAGE("raw", "nbd://h/e,f")},
	{{"vdev=xvda", "target=nbd://[::1]:1/e"},
	 IMAGE("raw", "nbd://[::1]:1/e")},
	{{"vdev=xvda,target=nbd+unix:///e?socket=/s"},
	 IMAGE("raw", "nbd+unix:///e?socket=/s")},
	{{"vdev=xvda,target=nbds://h/e"}, IMAGE("raw", "nbds://h/e")},
	{{"nbd://h/e,xvda,w"}, IMAGE("raw", "nbd://h/e")},
	{{"nbd:h:10809,xvda,w"},
	 DISK_WITH("xvda", "h:10809", "rw", ",\"script\":\"block-nbd\"")},
	{{""}, "no vdev specified"},
	{{"/a"}, "no vdev specified"},
	{{",raw,xvda"}, "no target is given"},
	{{"/a,bad,xvda"}, "unknown value for format: near `bad'"},
	{{"/a,raw,xvda,rx"}, "unknown value for access"},
	{{"/a,raw,xvda,rw,junk"}, "too many positional parameters"},
	{{"/a,raw,xvda,foo=bar"}, "unknown parameter"},
	{{"foo:/a,xvda,w"}, "unknown deprecated disk prefix"},
	{{"a:b,raw,xvda,script=block-x"},
	 DISK_WITH("xvda", "a:b", "rw", ",\"script\":\"block-x\"")},
	{{"iscsi:/a,xvda,w"},
	 DISK_WITH("xvda", "/a", "rw", ",\"script\":\"block-iscsi\"")},
	{{"vdev=xvda,script=/s,access=w!,target=x,y=z"},
	 DISK_WITH("xvda", "x,y=z", "w!", ",\"script\":\"/s\"")},
	{{"/a,qcow2,xvda,script=block-x"}, "makes a block device: format is"},
	{{"/a,raw,xvda,w!!"}, "unknown value for access"},
	{{"/a,raw,xvda,ww!"}, "unknown value for access"},
	{{"/a,raw,xvda,access=x!"}, "unknown value for access"},
	{{"/a,raw,xvda,ro,w!"}, "too many positional parameters"},
	{{"/a,raw,xvda,specification=virtio"}, "specification=virtio"},
	{{"/a,raw,xvda,backend=other"}, "not supported by xn yet: backend="},
	{{"/a,raw,xvda,backendtype=standalone"}, "backendtype=standalone"},
};

static const struct row vifs[] = {
	{{""}, "{}"},
	{{" , ,"}, "{}"},
	{{NULL}, "{}"},
	{{"mac=00:16:3E:0a:0B:ff"}, "{\"mac\":\"00:16:3e:0a:0b:ff\"}"},
	{{"mac=0-16-3e-1-2-3"}, "{\"mac\":\"00:16:3e:01:02:03\"}"},
	{{"bridge=xenbr0, vifname = tap1"},
	 "{\"bridge\":\"xenbr0\",\"vifname\":\"tap1\"}"},
	{{"type=vif,model=e1000,trusted"}, "{\"trusted\":true}"},
	{{"mac=0.16 3e_1/2;3"}, "{\"mac\":\"00:16:3e:01:02:03\"}"},
	{{"mac=00:16:3e:01:02:003"}, "{\"mac\":\"00:16:3e:01:02:03\"}"},
	{{"devid=3,mtu=9000"}, "{\"devid\":3,\"mtu\":9000}"},
	{{"bridge=a", "mtu=1500"}, "{\"bridge\":\"a\",\"mtu\":1500}"},
	{{"mac="}, "must be six bytes"},
	{{"mac=00:16:3e:01:02"}, "must be six bytes"},
	{{"mac=00:16:3e:01:02:03:04"}, "must be six bytes"},
	{{"mac=00:16:3e:01:02:100"}, "must be six bytes"},
	{{"mac=00:16:3e:01:02:3 "}, "{\"mac\":\"00:16:3e:01:02:03\"}"},
	{{"mac=00::16:3e:01:02"}, "must be six bytes"},
	{{"mac=00:16:3e:01:02:03:"}, "must be six bytes"},
	{{"mac=0016x3e:01:02:03"}, "must be six bytes"},
	{{"mac=0x16:3e:01:02:03:04"}, "must be six bytes"},
	{{"mac=0x:16:3e:01:02:03"}, "must be six bytes"},
	{{"mac=:16:3e:01:02:03"}, "must be six bytes"},
	{{"mac=00163e010203"}, "must be six bytes"},
	{{"bridge="}, "bridge= has no value"},
	{{"devid=x"}, "devid=x: must be a number"},
	{{"mtu=65536"}, "mtu=65536: must be a number up to 65535"},
	{{"mtu=-1"}, "mtu=-1: must be a number"},
	{{"bridge"}, "\"bridge\" is not KEY=VALUE"},
	{{"bridge=a", "x"}, "\"x\" is not KEY=VALUE"},
	{{"brige=a"}, "unknown key brige; is bridge meant?"},
	{{"zzzzzz=a"}, "unknown key zzzzzz"},
	{{"type=ioemu"}, "only an HVM guest has an emulated card"},
	{{"type=foo"}, "type=foo: must be vif"},
	{{"script=vif-bridge"}, "{\"script\":\"vif-bridge\"}"},
	{{"ip=192.0.2.1"}, "{\"ip\":[\"192.0.2.1\"]}"},
	{{"ip= 192.0.2.1 2001:db8::/64\t::1 ,mtu=9"},
	 "{\"ip\":[\"192.0.2.1\",\"2001:db8::/64\",\"::1\"],\"mtu\":9}"},
	{{"ip= "}, "ip= has no value"},
	{{"rate=10Mb/s"}, "{\"rate\":{\"bytes\":62500,\"interval_us\":50000}}"},
	{{"rate=250KB/s@20ms"},
	 "{\"rate\":{\"bytes\":5000,\"interval_us\":20000}}"},
	{{"rate=1Mb"}, "rate=1Mb: must be a speed such as 10Mb/s"},
	{{"rate=0"}, "rate=0: must be a speed such as 10Mb/s"},
	{{"vlan=10p/20-30"}, "{\"vlan\":\"10p/20-30\"}"},
	{{"vlan="}, "vlan= has no value"},
	{{"gatewaydev=eth0"}, "{\"gatewaydev\":\"eth0\"}"},
	{{"netdev=eth0"}, "{\"gatewaydev\":\"eth0\"}"},
	{{"carrier=down"}, "{\"carrier\":\"down\"}"},
	{{"bridge=b, direct=1"}, "{\"bridge\":\"b\",\"direct\":true}"},
	{{"direct=0"}, "{\"direct\":false}"},
	{{"direct=2"}, "direct=2: must be 0 or 1"},
	{{"direct=yes"}, "direct=yes: must be 0 or 1"},
	{{"direct="}, "direct=: must be 0 or 1"},
	{{"direct"}, "\"direct\" is not KEY=VALUE"},
	{{"backend=0"}, "{}"},
	{{"backend=Domain-0"}, "{}"},
	{{"backend=x"}, "not supported by xn yet: backend=x; dom0 serves all"},
	{{"accel=a"}, "{}"},
	{{"forwarddev=x"}, "not supported by xn yet: forwarddev="},
	{{"colo_compare_out=x"}, "not supported by xn yet: colo_compare_out="},
	{{"untrusted"}, "{\"trusted\":false}"},
	{{"untrusted", "trusted"}, "{\"trusted\":true}"},
	{{"untrustedly"}, "\"untrustedly\" is not KEY=VALUE"},
};

static const struct {
	const char *spec, *note;
} notes[] = {
	{"", NULL},
	{"bridge=b,trusted,mac", NULL},
	{"ip=accel", NULL},
	{"bridge=b, accel = x", "accel= is not supported, and ignored"},
	{"netdev=e", "netdev= is deprecated: say gatewaydev="},
};

static void check(const struct row *row,
		  struct json *(*parse)(size_t, const char *const *,
					struct err *))
{
	scoped_str text = NULL;
	struct json *v;
	struct err e;
	size_t n = 0;

	while (row->specs[n])
		n++;
	memset(&e, 0, sizeof(e));
	v = parse(n, row->specs, &e);
	if (v)
		text = json_print(v, false);
	json_free(v);
	if (text)
		assert_string_equal(text, row->result);
	else if (row->result[0] == '{' || !strstr(e.text, row->result))
		fail_msg("%s: %s", row->specs[0], e.text);
	assert_null(strchr(e.text, '\n'));
}

static void test_disks(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(disks) / sizeof(disks[0]); i++)
		check(&disks[i], cfg_disk_parse);
}

static void test_vifs(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(vifs) / sizeof(vifs[0]); i++)
		check(&vifs[i], cfg_vif_parse);
}

static void test_notes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
		const char *note = cfg_vif_note(notes[i].spec);

		if (notes[i].note)
			assert_string_equal(note, notes[i].note);
		else
			assert_null(note);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_vifs),
		cmocka_unit_test(test_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
