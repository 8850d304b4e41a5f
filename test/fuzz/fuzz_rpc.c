/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RPC commands with any arguments, over both transports: the first byte is the
 * command, the second one what the rest of the module does, then an argument a
 * line; a line of '\1' alone is one that is no word. Whatever comes, there is
 * one answer or one fault, and an operator can read it.
 */
// needs: modules/failover_route/frt_rpc.c modules/failover_route/frt_rpc_list.c
// needs: modules/failover_route/frt_rpc_cmd.c modules/failover_route/frt_rpc_table.c modules/failover_route/frt_view.c modules/failover_route/frt_admin.c
// needs: modules/failover_route/frt_rpc_tell.c modules/failover_route/frt_metrics.c
// links: -lcmocka
#include "fuzz.h"
#include "rpc_world.h"

#include "frt_text.h"

#define FAULT_MAX 254 /* ctl's: frt_rpc.c */

/* Bits of the second byte; the upper four let an addition fail. */
#define OVER_CTL 1u
#define NO_TABLE 2u
#define REFUSES 4u
#define WRITES 8u

/* Each argument in a block of its own, with the NUL that transports add. */
static char *put_arg(int n, const char *from, size_t len)
{
	char *block = malloc(len + 1);

	FUZZ_CHECK(block);
	memcpy(block, from, len);
	block[len] = '\0';
	if(len == 1 && from[0] == '\1') {
		free(block);
		block = strdup(FAKE_OTHER);
	}
	fake.args[n] = block;
	fake.lens[n] = strlen(block) == len ? 0 : len;
	return block;
}

static int put_args(const char *p, const char *end, char *blocks[FAKE_ARGS])
{
	int n = 0;

	while(p < end && n < FAKE_ARGS) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((stop ? stop : end) - p);

		blocks[n] = put_arg(n, p, len);
		n++;
		p += len + 1;
	}
	return n;
}

static void check_fault(void)
{
	frt_str_t rest = {fake.fault, (uint32_t)strlen(fake.fault)};
	uint32_t cp, n;

	FUZZ_CHECK(rest.len > 0 && rest.len <= FAULT_MAX);
	FUZZ_CHECK(fake.code == 400 || fake.code == 404 || fake.code == 409
			   || fake.code == 500);
	for(; rest.len > 0; rest.s += n, rest.len -= n) {
		n = frt_utf8_next(rest, &cp);
		/* the last character may be cut over ctl */
		if(n == 0 && fake.ctl && rest.len < 4)
			break;
		FUZZ_CHECK(n > 0 && (cp == ' ' || frt_utf8_printable(cp)));
	}
}

static void run(uint8_t command, uint8_t bits)
{
	rpc_export_t *cmds = frt_rpc_exports();
	uint32_t n = 0;

	while(cmds[n].name)
		n++;
	fake.ctl = (bits & OVER_CTL) != 0;
	fake.fail_at = bits >> 4 ? 1 + 3 * ((bits >> 4) - 1) : 0;
	if(bits & NO_TABLE)
		host.gen = NULL;
	params.db_write_admin = (bits & WRITES) != 0;
	load_err = bits & REFUSES ? FRT_E_DRAFT : 0;
	loaded.errors = bits & REFUSES ? 1 : 0;
	snprintf(loaded.faults, sizeof(loaded.faults), "/etc/k/frt.xml:17: bad\n");
	cmds[command % n].function(fake_rpc(), NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *blocks[FAKE_ARGS];
	bool failed;
	int n;

	if(size < 2)
		return 0;
	setup(NULL);
	fake_reset();
	n = put_args((const char *)data + 2, (const char *)data + size, blocks);
	run(data[0], data[1]);
	failed = fake.fail_at && fake.adds >= fake.fail_at;
	FUZZ_CHECK(host.reading == 0 && fake.faults <= 1);
	FUZZ_CHECK(failed || (fake.faults == 1) == (fake.root == NULL));
	if(fake.faults)
		check_fault();
	fake_json();
	while(n-- > 0)
		free(blocks[n]);
	teardown(NULL);
	return 0;
}
