/* SPDX-License-Identifier: MIT */
/*
 * Both halves of the network benchmark, linked statically: a server that
 * counts what comes, and a load.
 *
 *	flow serve
 *	flow load HOST tcp|udp|rr STREAMS MILLISECONDS
 *
 * tcp: each of STREAMS connections sends as fast as it can; udp: each of
 * STREAMS sockets sends datagrams of 22 bytes, which make frames of 64 (their
 * checksum not counted); rr: each of STREAMS connections sends a byte and waits
 * for its echo. The first fifth of the time warms up. Prints
 *
 *	UNITS MICROSECONDS ALL
 *
 * where UNITS (bytes, datagrams that arrived, or round trips) were done in
 * those MICROSECONDS, and ALL in all. What arrived is the server's count.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT	    5100
#define STREAMS_MAX 16
#define CHUNK	    262144
#define BATCH	    32 /* datagrams a system call */
#define DATAGRAM    22
#define PATIENCE_S  60 /* of a socket that hears nothing */

/* What a connection is for: its first byte. */
#define TO_DISCARD 'd'
#define TO_ECHO	   'e'
#define TO_ASK	   'q'

struct counts {
	uint64_t bytes;
	uint64_t datagrams;
};

static atomic_uint_least64_t bytes_in, datagrams_in, turns_out;
static atomic_bool is_over;

static void die(const char *what)
{
	fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void *memory(size_t size)
{
	void *p = malloc(size);

	if (!p)
		die("no memory");
	memset(p, 'x', size);
	return p;
}

static pthread_t thread(void *(*run)(void *), void *arg)
{
	pthread_t t;

	errno = pthread_create(&t, NULL, run, arg);
	if (errno)
		die("no thread");
	return t;
}

static int open_socket(int type)
{
	const struct timeval patience = {PATIENCE_S, 0};
	const int on = 1;
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		die("no socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (type == SOCK_STREAM)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/* ---- the server ---- */

static void serve_discard(int fd)
{
	uint8_t *chunk = memory(CHUNK);
	ssize_t n;

	while ((n = recv(fd, chunk, CHUNK, 0)) > 0)
		bytes_in += (uint64_t)n;
	free(chunk);
}

static void serve_echo(int fd)
{
	uint8_t byte;

	while (recv(fd, &byte, 1, 0) == 1 && send(fd, &byte, 1, 0) == 1)
		continue;
}

static void serve_ask(int fd)
{
	struct counts c;
	uint8_t byte;

	do {
		c.bytes = bytes_in;
		c.datagrams = datagrams_in;
	} while (send(fd, &c, sizeof(c), 0) == sizeof(c) &&
		 recv(fd, &byte, 1, 0) == 1);
}

static void *serve_one(void *arg)
{
	int fd = (int)(intptr_t)arg;
	uint8_t what = 0;

	if (recv(fd, &what, 1, 0) == 1 && what == TO_DISCARD)
		serve_discard(fd);
	else if (what == TO_ECHO)
		serve_echo(fd);
	else if (what == TO_ASK)
		serve_ask(fd);
	close(fd);
	return NULL;
}

static void *serve_datagrams(void *arg)
{
	static uint8_t room[BATCH][2048];
	struct mmsghdr messages[BATCH] = {0};
	struct iovec iov[BATCH];
	int fd = (int)(intptr_t)arg;
	int i, n;

	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){room[i], sizeof(room[i])};
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while ((n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL)) > 0)
		datagrams_in += (uint64_t)n;
	die("no datagrams");
	return NULL;
}

static int serve(void)
{
	const struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
	};
	int tcp = open_socket(SOCK_STREAM), udp = open_socket(SOCK_DGRAM);
	int fd;

	if (bind(tcp, (const void *)&any, sizeof(any)) < 0 ||
	    bind(udp, (const void *)&any, sizeof(any)) < 0 ||
	    listen(tcp, STREAMS_MAX) < 0)
		die("no port");
	pthread_detach(thread(serve_datagrams, (void *)(intptr_t)udp));
	while ((fd = accept(tcp, NULL, NULL)) >= 0)
		pthread_detach(thread(serve_one, (void *)(intptr_t)fd));
	die("no connection");
	return 1;
}

/* ---- the load ---- */

static struct sockaddr_in host = {.sin_family = AF_INET};

static int reach(int type, uint8_t what)
{
	const struct timeval patience = {PATIENCE_S, 0};
	int fd = open_socket(type);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (const void *)&host, sizeof(host)) < 0 ||
	    (type == SOCK_STREAM && send(fd, &what, 1, 0) != 1))
		die("cannot reach the server");
	return fd;
}

static void *load_tcp(void *arg)
{
	int fd = reach(SOCK_STREAM, TO_DISCARD);
	uint8_t *chunk = memory(CHUNK);

	(void)arg;
	while (!is_over)
		if (send(fd, chunk, CHUNK, MSG_NOSIGNAL) < 0)
			die("cannot send");
	close(fd);
	free(chunk);
	return NULL;
}

/* Without room in the socket, it waits; what is lost on the way is lost. */
static void *load_udp(void *arg)
{
	static uint8_t data[DATAGRAM];
	struct iovec iov = {data, sizeof(data)};
	struct mmsghdr messages[BATCH] = {0};
	int fd = reach(SOCK_DGRAM, 0);
	int i;

	(void)arg;
	for (i = 0; i < BATCH; i++) {
		messages[i].msg_hdr.msg_iov = &iov;
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (!is_over)
		if (sendmmsg(fd, messages, BATCH, 0) < 0 && errno != ENOBUFS)
			die("cannot send");
	close(fd);
	return NULL;
}

static void *load_rr(void *arg)
{
	int fd = reach(SOCK_STREAM, TO_ECHO);
	uint8_t byte = 'x';

	(void)arg;
	while (!is_over) {
		if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 ||
		    recv(fd, &byte, 1, 0) != 1)
			die("no echo");
		turns_out++;
	}
	close(fd);
	return NULL;
}

static const struct kind {
	const char *name;
	void *(*run)(void *arg);
} kinds[] = {
	{"tcp", load_tcp},
	{"udp", load_udp},
	{"rr", load_rr},
};

/* How many units of this kind there have been. */
static uint64_t ask(int fd, const struct kind *kind, bool first)
{
	struct counts c;
	uint8_t more = 'm';

	if (kind->run == load_rr)
		return turns_out;
	if (!first && send(fd, &more, 1, MSG_NOSIGNAL) != 1)
		die("cannot ask");
	if (recv(fd, &c, sizeof(c), MSG_WAITALL) != sizeof(c))
		die("no answer");
	return kind->run == load_udp ? c.datagrams : c.bytes;
}

static void wait_us(uint64_t us)
{
	const struct timespec t = {(time_t)(us / 1000000),
				   (long)(us % 1000000) * 1000};

	nanosleep(&t, NULL);
}

static int load(const struct kind *kind, unsigned int streams, uint64_t us)
{
	uint64_t first, begin, begin_us, end, end_us;
	pthread_t threads[STREAMS_MAX];
	unsigned int i;
	int fd = reach(SOCK_STREAM, TO_ASK);

	first = ask(fd, kind, true);
	for (i = 0; i < streams; i++)
		threads[i] = thread(kind->run, NULL);
	wait_us(us / 5);
	begin = ask(fd, kind, false);
	begin_us = now_us();
	wait_us(us - us / 5);
	end = ask(fd, kind, false);
	end_us = now_us();
	is_over = true;
	for (i = 0; i < streams; i++)
		pthread_join(threads[i], NULL);
	printf("%llu %llu %llu\n", (unsigned long long)(end - begin),
	       (unsigned long long)(end_us - begin_us),
	       (unsigned long long)(ask(fd, kind, false) - first));
	return 0;
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || value == 0 || value > max) {
		fprintf(stderr, "flow: '%s' is no number up to %lu\n", text,
			max);
		exit(2);
	}
	return value;
}

int main(int argc, char **argv)
{
	size_t i = 0;

	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		return serve();
	while (argc == 6 && i < sizeof(kinds) / sizeof(kinds[0]) &&
	       strcmp(argv[3], kinds[i].name) != 0)
		i++;
	if (argc != 6 || strcmp(argv[1], "load") != 0 ||
	    i == sizeof(kinds) / sizeof(kinds[0]) ||
	    inet_pton(AF_INET, argv[2], &host.sin_addr) != 1) {
		fputs("usage: flow serve\n"
		      "       flow load HOST tcp|udp|rr STREAMS MILLISECONDS\n",
		      stderr);
		return 2;
	}
	host.sin_port = htons(PORT);
	return load(&kinds[i], (unsigned int)number(argv[4], STREAMS_MAX),
		    number(argv[5], 3600 * 1000) * 1000);
}
