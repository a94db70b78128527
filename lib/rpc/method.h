/* SPDX-License-Identifier: MIT */
/*
 * What xnd can be asked, in one list: the names on the wire, and what each
 * does. The daemon's table and the manual are checked against it. Names are
 * append-only; doc/rpc.md gives parameters and results.
 */
#ifndef XN_RPC_METHOD_H
#define XN_RPC_METHOD_H

#define XN_METHODS(M)                                                      \
	M(XND_VERSION, "xnd.version", "version and process of the daemon") \
	M(HOST_INFO, "host.info", "the host's processors and memory")      \
	M(DOMAIN_CREATE, "domain.create", "create a domain")               \
	M(DOMAIN_LIST, "domain.list", "list domains")                      \
	M(DOMAIN_DESTROY, "domain.destroy", "end a domain at once")        \
	M(DOMAIN_SHUTDOWN, "domain.shutdown", "ask a domain to power off") \
	M(DOMAIN_REBOOT, "domain.reboot", "ask a domain to restart")       \
	M(DOMAIN_WAIT, "domain.wait", "answer when a domain is gone")      \
	M(DOMAIN_PAUSE, "domain.pause", "stop a domain's processors")      \
	M(DOMAIN_UNPAUSE, "domain.unpause", "let them run again")          \
	M(CONSOLE_ATTACH, "console.attach", "become a domain's console")   \
	M(BLOCK_ATTACH, "block.attach", "give a domain a disk")            \
	M(BLOCK_DETACH, "block.detach", "take a disk away")                \
	M(BLOCK_LIST, "block.list", "list a domain's disks")               \
	M(BLOCK_SET, "block.set", "change how fast a disk may be")         \
	M(BLOCK_RESIZE, "block.resize", "give a disk another size")        \
	M(BLOCK_INSERT, "block.insert", "put a medium into a drive")       \
	M(BLOCK_EJECT, "block.eject", "take the medium out again")         \
	M(NETWORK_ATTACH, "network.attach", "give a domain an interface")  \
	M(NETWORK_DETACH, "network.detach", "take an interface away")      \
	M(NETWORK_LIST, "network.list", "list a domain's interfaces")      \
	M(NETWORK_SET, "network.set", "change an interface in use")

enum method {
#define METHOD_ENUM(symbol, name, help) METHOD_##symbol,
	XN_METHODS(METHOD_ENUM)
#undef METHOD_ENUM
		METHOD_COUNT,
};

/* METHOD_COUNT when there is no such method. */
enum method method_find(const char *name);

const char *method_name(enum method m);

#endif
