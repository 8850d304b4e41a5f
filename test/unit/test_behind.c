/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When a silence is our own: what has to lie unread, for how long, and who may
 * have read meanwhile.
 */
// needs: modules/failover_route/frt_behind.c
#include "frt_behind.h"
#include "host.h"

#include "core/parser/msg_parser.h"
#include "core/socket_info.h"

#include <sys/socket.h>
#include <unistd.h>

static struct
{
	struct socket_info sock;
	struct socket_info *list;
	int peer;
} f;

struct socket_info **get_sock_info_list(unsigned short proto)
{
	assert_int_equal(proto, PROTO_UDP);
	return &f.list;
}

static void begin(void)
{
	int pair[2];

	host_begin(NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	f.sock.socket = pair[0];
	f.peer = pair[1];
	f.list = &f.sock;
	assert_int_equal(frt_behind_init(), 0);
}

static void end(void)
{
	frt_behind_destroy();
	close(f.sock.socket);
	close(f.peer);
	assert_int_equal(host.heap.live, 0);
}

static void arrives(void)
{
	assert_int_equal(write(f.peer, "SIP/2.0", 7), 7);
}

static void is_read(void)
{
	char mem[16];

	assert_int_equal(read(f.sock.socket, mem, sizeof(mem)), 7);
}

static void look_at(uint64_t ms)
{
	host.now_ms = ms;
	frt_behind_look();
}

static void test_behind_what_stays_unread(void **state)
{
	(void)state;
	begin();
	assert_false(frt_behind(0));
	arrives();
	look_at(1000);
	look_at(1250);
	host.now_ms = 1300;
	assert_true(frt_behind(900));
	/* of a silence that long it is the smaller part */
	assert_false(frt_behind(1));
	is_read();
	look_at(1500);
	assert_false(frt_behind(900));
	end();
}

static void test_behind_not_by_one_look(void **state)
{
	(void)state;
	begin();
	arrives();
	look_at(1000);
	host.now_ms = 1010;
	assert_false(frt_behind(1005)); /* an ICMP ended it at once */
	look_at(1100);					/* somebody has woken the keeper */
	assert_false(frt_behind(1005));
	end();
}

static void test_behind_not_where_a_reply_is_read(void **state)
{
	struct sip_msg rpl = {.rcv.proto = PROTO_UDP};

	(void)state;
	begin();
	arrives();
	look_at(1000);
	look_at(1250);
	frt_behind_read(&rpl);
	assert_false(frt_behind(900));
	look_at(1500); /* from now on, at the earliest */
	host.now_ms = 1600;
	assert_false(frt_behind(900));
	end();
}

static void test_behind_not_where_nobody_looks(void **state)
{
	(void)state;
	begin();
	arrives();
	look_at(1000);
	look_at(1250);
	host.now_ms = 1250 + 4 * FRT_BEHIND_LOOK_MS + 1;
	assert_false(frt_behind(1000));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			UNIT_TEST(test_behind_what_stays_unread),
			UNIT_TEST(test_behind_not_by_one_look),
			UNIT_TEST(test_behind_not_where_a_reply_is_read),
			UNIT_TEST(test_behind_not_where_nobody_looks),
	};
	return UNIT_MAIN(tests);
}
