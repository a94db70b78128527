/* SPDX-License-Identifier: MIT */
/*
 * Puts a program between an interface and its kernel that lets all frames pass
 * or drops all of them, or takes it away.
 *
 *	xdp DEVICE pass|drop|none
 */
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct request {
	struct nlmsghdr head;
	struct ifinfomsg link;
	struct nlattr xdp;
	struct nlattr fd;
	int32_t fd_value;
	struct nlattr flags;
	uint32_t flags_value;
};

struct answer {
	struct nlmsghdr head;
	struct nlmsgerr error;
};

/* A program that returns this verdict; its descriptor. */
static int load(int verdict)
{
	const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K,
		 .dst_reg = BPF_REG_0,
		 .imm = verdict},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insn_cnt = 2,
		.insns = (uintptr_t)program,
		.license = (uintptr_t) "Dual MIT/GPL",
	};

	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* The driver's own way of XDP only; program: -1 for none. */
static int attach(const char *device, int program)
{
	struct request request = {
		.head = {.nlmsg_len = sizeof(request),
			 .nlmsg_type = RTM_SETLINK,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.link = {.ifi_index = (int)if_nametoindex(device)},
		.xdp = {sizeof(request) - offsetof(struct request, xdp),
			NLA_F_NESTED | IFLA_XDP},
		.fd = {sizeof(struct nlattr) + sizeof(int32_t), IFLA_XDP_FD},
		.fd_value = program,
		.flags = {sizeof(struct nlattr) + sizeof(uint32_t),
			  IFLA_XDP_FLAGS},
		.flags_value = XDP_FLAGS_DRV_MODE,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct answer answer;

	if (send(fd, &request, sizeof(request), 0) != sizeof(request) ||
	    recv(fd, &answer, sizeof(answer), 0) < (ssize_t)sizeof(answer)) {
		perror("xdp: no answer");
		return -1;
	}
	if (answer.error.error != 0)
		printf("%s: %s\n", device, strerror(-answer.error.error));
	return answer.error.error;
}

int main(int argc, char **argv)
{
	int program = -1;

	if (argc != 3 ||
	    (strcmp(argv[2], "pass") != 0 && strcmp(argv[2], "drop") != 0 &&
	     strcmp(argv[2], "none") != 0)) {
		fputs("usage: xdp DEVICE pass|drop|none\n", stderr);
		return 2;
	}
	if (strcmp(argv[2], "none") != 0) {
		program = load(argv[2][0] == 'p' ? XDP_PASS : XDP_DROP);
		if (program < 0) {
			perror("xdp: no program");
			return 1;
		}
	}
	return attach(argv[1], program) != 0;
}
