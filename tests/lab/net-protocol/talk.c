/* SPDX-License-Identifier: MIT */
/*
 * Both halves of a conversation in which every byte is known beforehand, by
 * IPv4 and IPv6, linked statically: for dom0 and for guests.
 *
 *	talk serve
 *	talk tcp HOST put|get BYTES
 *	talk udp HOST SIZE…
 *	talk flood HOST MILLISECONDS
 *
 * tcp: a connection's bytes are compared by whoever receives them; udp: a
 * datagram of each SIZE is sent to the server and back, and compared. Both say
 * "same" if all is well, else what is not, with status 1. flood: datagrams of
 * many sizes for nobody, as fast as they go, whether the way is there or not.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT	     5200
#define DISCARD_PORT 9
#define BYTES_MAX    (1ul << 30)
#define DATAGRAM_MAX 65507
#define CHUNK	     65536
#define PATIENCE_S   20 /* of a socket that hears nothing */

/* What a connection is for: its first bytes. Both ends are x86. */
struct wish {
	uint64_t bytes;
	uint64_t is_put;
};

static void die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

/* The word at that place of the stream, which is what everybody sends. */
static uint64_t word_at(uint64_t place)
{
	uint64_t x = place * 0x9e3779b97f4a7c15u + 0x1234567u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	return x ^ x >> 27;
}

/* CHUNK bytes of the stream from there on, a multiple of CHUNK. */
static void fill(uint64_t *chunk, uint64_t from)
{
	size_t i;

	for (i = 0; i < CHUNK / sizeof(*chunk); i++)
		chunk[i] = word_at(from / sizeof(*chunk) + i);
}

static size_t piece(uint64_t bytes, uint64_t done)
{
	return bytes - done < CHUNK ? (size_t)(bytes - done) : CHUNK;
}

static int send_stream(int fd, uint64_t bytes)
{
	uint64_t chunk[CHUNK / 8], done;
	size_t n, sent;
	ssize_t r;

	for (done = 0; done < bytes; done += n) {
		fill(chunk, done);
		n = piece(bytes, done);
		for (sent = 0; sent < n; sent += (size_t)r) {
			r = send(fd, (char *)chunk + sent, n - sent,
				 MSG_NOSIGNAL);
			if (r < 0)
				return -1;
		}
	}
	return 0;
}

/* Whether it is the stream that comes, and all of it. */
static bool hear_stream(int fd, uint64_t bytes)
{
	uint64_t wanted[CHUNK / 8], heard[CHUNK / 8], done;
	size_t n;

	for (done = 0; done < bytes; done += n) {
		fill(wanted, done);
		n = piece(bytes, done);
		if (recv(fd, heard, n, MSG_WAITALL) != (ssize_t)n ||
		    memcmp(heard, wanted, n) != 0)
			return false;
	}
	return true;
}

static int open_socket(int family, int type)
{
	const struct timeval patience = {PATIENCE_S, 0};
	const int on = 1, large = 1 << 20;
	int fd = socket(family, type, 0);

	if (fd < 0)
		die("no socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (type == SOCK_DGRAM) {
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &large, sizeof(large));
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &large, sizeof(large));
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return fd;
}

/* ---- the server ---- */

static void *serve_one(void *arg)
{
	int fd = (int)(intptr_t)arg;
	struct wish wish;
	char answer;

	if (recv(fd, &wish, sizeof(wish), MSG_WAITALL) == sizeof(wish)) {
		if (wish.is_put) {
			answer = hear_stream(fd, wish.bytes) ? 'y' : 'n';
			send(fd, &answer, 1, MSG_NOSIGNAL);
		} else {
			send_stream(fd, wish.bytes);
		}
	}
	close(fd);
	return NULL;
}

static void *serve_datagrams(void *arg)
{
	static char room[DATAGRAM_MAX];
	struct sockaddr_in6 from;
	int fd = (int)(intptr_t)arg;
	socklen_t length;
	ssize_t n;

	for (;;) {
		length = sizeof(from);
		n = recvfrom(fd, room, sizeof(room), 0, (void *)&from, &length);
		if (n >= 0)
			sendto(fd, room, (size_t)n, 0, (void *)&from, length);
	}
	return NULL;
}

static void start(void *(*run)(void *), int fd)
{
	pthread_t t;

	errno = pthread_create(&t, NULL, run, (void *)(intptr_t)fd);
	if (errno)
		die("no thread");
	pthread_detach(t);
}

static int serve(void)
{
	const struct sockaddr_in6 any = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(PORT),
	};
	int tcp = open_socket(AF_INET6, SOCK_STREAM);
	int udp = open_socket(AF_INET6, SOCK_DGRAM), fd;

	if (bind(tcp, (const void *)&any, sizeof(any)) < 0 ||
	    bind(udp, (const void *)&any, sizeof(any)) < 0 ||
	    listen(tcp, 64) < 0)
		die("no port");
	start(serve_datagrams, udp);
	while ((fd = accept(tcp, NULL, NULL)) >= 0)
		start(serve_one, fd);
	die("no connection");
	return 1;
}

/* ---- who talks to it ---- */

/* IPv4 or IPv6, as it is written; its length. */
static socklen_t address_of(const char *host, uint16_t port,
			    struct sockaddr_storage *address)
{
	struct sockaddr_in *v4 = (void *)address;
	struct sockaddr_in6 *v6 = (void *)address;

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		return sizeof(*v6);
	}
	printf("'%s' is no address\n", host);
	exit(2);
}

static int reach(const char *host, uint16_t port, int type)
{
	const struct timeval patience = {PATIENCE_S, 0};
	struct sockaddr_storage address;
	socklen_t length = address_of(host, port, &address);
	int fd = open_socket(address.ss_family, type);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const void *)&address, length) < 0)
		die(host);
	return fd;
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || value == 0 || value > max) {
		printf("'%s' is no number up to %lu\n", text, max);
		exit(2);
	}
	return value;
}

static int tcp(const char *host, bool is_put, uint64_t bytes)
{
	const struct wish wish = {bytes, is_put};
	int fd = reach(host, PORT, SOCK_STREAM);
	char answer = 'n';

	if (send(fd, &wish, sizeof(wish), MSG_NOSIGNAL) != sizeof(wish))
		die("cannot ask");
	if (is_put) {
		if (send_stream(fd, bytes) < 0)
			die("cannot send");
		if (recv(fd, &answer, 1, 0) != 1)
			die("no answer");
	} else if (hear_stream(fd, bytes)) {
		answer = 'y';
	}
	puts(answer == 'y' ? "same" : "different");
	return answer != 'y';
}

static void exchange(int fd, const char *data, size_t size)
{
	static char room[DATAGRAM_MAX];
	ssize_t n;

	if (send(fd, data, size, 0) != (ssize_t)size)
		die("cannot send");
	n = recv(fd, room, sizeof(room), 0);
	if (n < 0) {
		printf("%zu bytes: ", size);
		die("no answer");
	}
	if (n != (ssize_t)size || memcmp(room, data, size) != 0) {
		printf("%zu bytes: different\n", size);
		exit(1);
	}
}

static int udp(const char *host, char **sizes)
{
	static uint64_t data[CHUNK / 8];
	int fd = reach(host, PORT, SOCK_DGRAM);

	fill(data, 0);
	for (; *sizes; sizes++)
		exchange(fd, (const char *)data, number(*sizes, DATAGRAM_MAX));
	puts("same");
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int flood(const char *host, uint64_t ms)
{
	static uint64_t data[CHUNK / 8];
	int fd = reach(host, DISCARD_PORT, SOCK_DGRAM);
	uint64_t end = now_ms() + ms;
	size_t size = 1;

	fill(data, 0);
	for (; now_ms() < end; size = (size + 611) % 9000)
		if (send(fd, data, size, MSG_DONTWAIT) < 0)
			usleep(1000);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		return serve();
	if (argc == 5 && strcmp(argv[1], "tcp") == 0 &&
	    (strcmp(argv[3], "put") == 0 || strcmp(argv[3], "get") == 0))
		return tcp(argv[2], argv[3][0] == 'p',
			   number(argv[4], BYTES_MAX));
	if (argc >= 4 && strcmp(argv[1], "udp") == 0)
		return udp(argv[2], argv + 3);
	if (argc == 4 && strcmp(argv[1], "flood") == 0)
		return flood(argv[2], number(argv[3], 3600 * 1000));
	fputs("usage: talk serve\n"
	      "       talk tcp HOST put|get BYTES\n"
	      "       talk udp HOST SIZE…\n"
	      "       talk flood HOST MILLISECONDS\n",
	      stderr);
	return 2;
}
