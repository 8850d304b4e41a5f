/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Many destinations in one process: answers every SIP request that comes to a
 * UDP port, on any local address, with 200 from that address, and counts. Fast
 * enough that what is lost is lost by the sender.
 *
 * usage: sink PORT
 * On SIGTERM it prints "requests, distinct ones, most in 100 ms", apart by
 * tabs; a request sent again has the branch of the one before it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SEEN_BITS 22 /* room for two million branches */
#define SEEN_MASK ((1u << SEEN_BITS) - 1)
#define BUCKET_MS 100

typedef struct tally
{
	unsigned long requests, distinct, peak, bucket;
	long long bucket_at;
} tally_t;

static uint64_t seen[SEEN_MASK + 1];
static volatile sig_atomic_t ended;

static void on_term(int sig)
{
	(void)sig;
	ended = 1;
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

/* FNV-1a of the topmost Via, which ends with the branch. */
static uint64_t hash_line(const char *s, size_t len)
{
	uint64_t h = 14695981039346656037ull;

	while(len-- > 0)
		h = (h ^ (unsigned char)*s++) * 1099511628211ull;
	return h ? h : 1;
}

static bool is_new(uint64_t hash)
{
	uint32_t at = (uint32_t)(hash >> 20) & SEEN_MASK;

	for(; seen[at]; at = (at + 1) & SEEN_MASK) {
		if(seen[at] == hash)
			return false;
	}
	seen[at] = hash;
	return true;
}

static void count(tally_t *t, uint64_t branch)
{
	long long at = now_ms() / BUCKET_MS;

	t->requests++;
	t->distinct += is_new(branch);
	if(at != t->bucket_at) {
		t->bucket_at = at;
		t->bucket = 0;
	}
	if(++t->bucket > t->peak)
		t->peak = t->bucket;
}

static bool starts(const char *line, const char *name)
{
	return strncasecmp(line, name, strlen(name)) == 0;
}

/* Writes the response; the length, 0 if this is no request. */
static size_t answer(tally_t *t, const char *in, char *out, size_t room)
{
	const char *line = strstr(in, "\r\n"), *end;
	size_t used = (size_t)snprintf(out, room, "SIP/2.0 200 OK\r\n");
	uint64_t branch = 0;

	if(!line || starts(in, "SIP/2.0 "))
		return 0;
	for(line += 2; (end = strstr(line, "\r\n")) && end > line; line = end + 2) {
		size_t len = (size_t)(end - line);
		bool to = starts(line, "To:") && !memmem(line, len, ";tag=", 5);

		if(!branch && starts(line, "Via:"))
			branch = hash_line(line, len);
		if(!starts(line, "Via:") && !starts(line, "From:")
				&& !starts(line, "To:") && !starts(line, "Call-ID:")
				&& !starts(line, "CSeq:"))
			continue;
		used += (size_t)snprintf(out + used, room - used, "%.*s%s\r\n",
				(int)len, line, to ? ";tag=sink" : "");
		if(used + 64 > room)
			return 0;
	}
	count(t, branch);
	return used
		   + (size_t)snprintf(
				   out + used, room - used, "Content-Length: 0\r\n\r\n");
}

/* Takes one request and answers it from the address it was sent to. */
static void serve(int sock, tally_t *t)
{
	static char in[65536], out[65536];
	_Alignas(struct cmsghdr) char control[256];
	struct sockaddr_in peer;
	struct iovec iov = {in, sizeof(in) - 1};
	struct msghdr msg = {
			&peer, sizeof(peer), &iov, 1, control, sizeof(control), 0};
	struct cmsghdr *c;
	ssize_t len = recvmsg(sock, &msg, 0);

	if(len <= 0)
		return;
	in[len] = '\0';
	iov.iov_base = out;
	iov.iov_len = answer(t, in, out, sizeof(out));
	if(iov.iov_len == 0)
		return;
	c = CMSG_FIRSTHDR(&msg);
	if(c && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(c);

		info->ipi_spec_dst = info->ipi_addr;
		info->ipi_ifindex = 0;
	}
	if(sendmsg(sock, &msg, 0) < 0)
		perror("sink: sendmsg");
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_term};
	struct sockaddr_in addr = {.sin_family = AF_INET};
	int sock = socket(AF_INET, SOCK_DGRAM, 0), on = 1, room = 64 << 20;
	tally_t tally = {0};

	if(argc != 2) {
		fprintf(stderr, "usage: sink PORT\n");
		return 2;
	}
	addr.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	sigaction(SIGTERM, &action, NULL);
	if(setsockopt(sock, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
		setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	setsockopt(sock, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	if(bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		perror("sink: bind");
		return 1;
	}
	while(!ended)
		serve(sock, &tally);
	printf("%lu\t%lu\t%lu\n", tally.requests, tally.distinct, tally.peak);
	return 0;
}
