/* SPDX-License-Identifier: MIT */
/*
 * xn-nft COMMANDS: has libnftables run them, prints what they say, and exits
 * with 0 if all of it was done. For xnd alone, which would die with
 * libnftables when memory is out. It has nothing of a guest's to read: it runs
 * with what xnd may, for a moment.
 */
#include <stdio.h>
#include <nftables/libnftables.h>

int main(int argc, char **argv)
{
	struct nft_ctx *nft;
	int r;

	if (argc != 2) {
		fputs("usage: xn-nft COMMANDS\n", stderr);
		return 2;
	}
	nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!nft) {
		fputs("Error: libnftables does not start\n", stderr);
		return 1;
	}
	r = nft_run_cmd_from_buffer(nft, argv[1]);
	nft_ctx_free(nft);
	return r == 0 ? 0 : 1;
}
