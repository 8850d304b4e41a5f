/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Late answers: the decision, and the memory of branches left.
 */
#include "frt_late.h"

FRT_ENUM_DEFINE(frt_branch_state, FRT_BRANCH_LIST)
FRT_ENUM_DEFINE(frt_late, FRT_LATE_LIST)

/*
 *  the caller ...       open    left    refused  foreign
 *  has this answer      pass    pass    pass     pass
 *  has another answer   end     end     end      pass
 *  has a refusal        end     end     end      pass
 *  has hung up          pass    end     end      pass
 *  waits                pass    revive  end      pass
 *
 * A branch of the script's own is left to tm, which sends every 2xx on.
 */
frt_late_t frt_late_decide(const frt_late_in_t *in)
{
	if(in->state == FRT_BRANCH_FOREIGN || in->winner == in->branch)
		return FRT_LATE_PASS;
	if(in->winner >= 0 || in->answered || in->state == FRT_BRANCH_REFUSED)
		return FRT_LATE_END;
	if(in->state == FRT_BRANCH_OPEN)
		return FRT_LATE_PASS;
	return in->cancelled ? FRT_LATE_END : FRT_LATE_REVIVE;
}

size_t frt_gone_size(uint32_t buckets)
{
	return sizeof(frt_gone_table_t)
		   + (size_t)buckets * FRT_GONE_WAYS * sizeof(frt_gone_t);
}

static frt_gone_t *bucket_of(frt_gone_table_t *t, uint64_t key)
{
	return &t->slots[(size_t)(key & t->mask) * FRT_GONE_WAYS];
}

frt_gone_t *frt_gone_find_locked(
		frt_gone_table_t *t, uint64_t key, uint32_t now_s)
{
	frt_gone_t *b = bucket_of(t, key);
	int i;

	for(i = 0; i < FRT_GONE_WAYS; i++) {
		if(b[i].key == key && b[i].until_s > now_s)
			return &b[i];
	}
	return NULL;
}

void frt_gone_put_locked(frt_gone_table_t *t, uint64_t key, uint32_t below,
		uint32_t tag, uint32_t now_s)
{
	frt_gone_t *b = bucket_of(t, key), *slot = b;
	int i;

	for(i = 0; i < FRT_GONE_WAYS; i++) {
		if(b[i].key == key) {
			slot = &b[i];
			break;
		}
		if(b[i].until_s < slot->until_s)
			slot = &b[i];
	}
	if(slot->key == 0)
		t->live++;
	*slot = (frt_gone_t){.key = key,
			.until_s = now_s + FRT_GONE_S,
			.below = below,
			.tags = {tag}};
}

bool frt_gone_ended(const frt_gone_t *gone, uint32_t tag)
{
	int i;

	for(i = 0; i < FRT_GONE_TAGS; i++) {
		if(gone->tags[i] == tag)
			return true;
	}
	return false;
}

void frt_gone_end_locked(frt_gone_t *gone, uint32_t tag)
{
	int i;

	for(i = FRT_GONE_TAGS - 1; i > 0; i--)
		gone->tags[i] = gone->tags[i - 1];
	gone->tags[0] = tag;
}

uint64_t frt_branch_key(uint32_t index, const char *md5, uint32_t branch)
{
	uint64_t via = frt_hash_bytes(md5, 32, index);
	uint64_t key = frt_hash_mix(via ^ ((uint64_t)branch + 1));

	return key ? key : 1;
}

uint32_t frt_hdr_count(frt_str_t body)
{
	bool quoted = false, in_uri = false, any = false;
	uint32_t n = 0, i;

	for(i = 0; i < body.len; i++) {
		char c = body.s[i];

		if(quoted) {
			if(c == '\\')
				i++;
			else if(c == '"')
				quoted = false;
		} else if(in_uri) {
			in_uri = c != '>';
		} else if(c == '"') {
			quoted = true;
		} else if(c == '<') {
			in_uri = true;
			any = true;
		} else if(c == ',') {
			n += any;
			any = false;
		} else if(c != ' ' && c != '\t' && c != '\r' && c != '\n') {
			any = true;
		}
	}
	return n + any;
}
