/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decide.h - the one decision function, compiled into the kernel programs and into user space, so that unit
 * tests, fuzzers, `rules test`, `explain` and `replay` run the very code that enforces.
 *
 * Gathering facts is the caller's; nothing here reads memory other than its arguments. The caller narrows the
 * candidates (ws_mask_*), then ws_decide() walks what is left, strongest action first.
 */
#ifndef WORMSIGN_DECIDE_H
#define WORMSIGN_DECIDE_H

#include "policy.h"

#ifdef __bpf__
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#define WS_INLINE static __always_inline
#else
#include <stdbool.h>
#include <stddef.h>
#define WS_INLINE static inline __attribute__((always_inline, unused))
#endif

WS_INLINE void ws_mask_and(struct ws_mask *a, const struct ws_mask *b)
{
	for (int i = 0; i < WS_MASK_WORDS; i++)
		a->w[i] &= b->w[i];
}

WS_INLINE void ws_mask_or(struct ws_mask *a, const struct ws_mask *b)
{
	for (int i = 0; i < WS_MASK_WORDS; i++)
		a->w[i] |= b->w[i];
}

WS_INLINE void ws_mask_andnot(struct ws_mask *a, const struct ws_mask *b)
{
	for (int i = 0; i < WS_MASK_WORDS; i++)
		a->w[i] &= ~b->w[i];
}

WS_INLINE bool ws_mask_empty(const struct ws_mask *a)
{
	return !(a->w[0] | a->w[1] | a->w[2] | a->w[3]);
}

/*
 * Number of the lowest set bit; w must not be 0. Counts the ones below it by arithmetic alone: BPF has no instruction
 * for it, and a search by branches makes the verifier follow all 64 results one by one.
 */
WS_INLINE __u32 ws_lowest_bit(__u64 w)
{
	__u64 x = (w & -w) - 1;

	x -= (x >> 1) & 0x5555555555555555ULL;
	__asm__("" : "+r"(x)); /* or clang 18 sees what this is, and asks BPF for an instruction it has not got */
	x = (x & 0x3333333333333333ULL) + ((x >> 2) & 0x3333333333333333ULL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (x * 0x0101010101010101ULL) >> 56;
}

/* The method of an HTTP/1 request that begins with these bytes (little-endian word of the first eight). */
WS_INLINE __u32 ws_http_method(__u64 first)
{
	__u32 four = first;

	if (four == 0x20544547) /* "GET " */
		return WS_HTTP_GET;
	if (four == 0x20545550) /* "PUT " */
		return WS_HTTP_PUT;
	if (four == 0x54534f50 && ((first >> 32) & 0xff) == ' ') /* "POST " */
		return WS_HTTP_POST;
	if (four == 0x44414548 && ((first >> 32) & 0xff) == ' ') /* "HEAD " */
		return WS_HTTP_HEAD;
	if (four == 0x43544150 && ((first >> 32) & 0xffff) == 0x2048) /* "PATCH " */
		return WS_HTTP_PATCH;
	if (four == 0x454c4544 && ((first >> 32) & 0xffffff) == 0x204554) /* "DELETE " */
		return WS_HTTP_DELETE;
	return WS_HTTP_NONE;
}

/* The facts of one operation that rules can demand beside the object (which the candidates already embody). */
struct ws_facts {
	__u64 now;	      /* ns, monotonic */
	__u64 scope_labels;
	__u64 session_labels;
	__u64 amount;	      /* WS_COUNT_BYTES: bytes of this operation */
	__u64 object;	      /* WS_COUNT_PATHS: a number that tells objects apart (inode) */
};

struct ws_outcome {
	__u32 action;	/* enum ws_action: the strongest of what fired */
	__u32 rule;	/* its rule, WS_RULE_NONE when nothing fired */
	__u64 labels;	/* label bits to set */
	struct ws_mask fired;
};

/*
 * Add one operation to a counter and tell whether the rule's threshold is passed.
 * Racing updates may lose an increment: thresholds are approximate by that much, never reset by it.
 */
WS_INLINE bool ws_count(const struct ws_rule *r, struct ws_counter *c, const struct ws_facts *f)
{
	if (r->within && f->now - c->window_start > (__u64)r->within * 1000000) {
		c->window_start = f->now;
		c->count = 0;
		for (int i = 0; i < 4; i++)
			c->seen[i] = 0;
	}
	if (r->count_of == WS_COUNT_PATHS) {
		__u64 h = f->object * 0x9e3779b97f4a7c15ULL;
		__u64 bit = 1ULL << (h >> 58);
		__u32 word = (h >> 56) & 3;

		if (c->seen[word] & bit)
			return c->count > r->over;
		c->seen[word] |= bit;
		c->count++;
	} else if (r->count_of == WS_COUNT_BYTES) {
		c->count += f->amount;
	} else {
		c->count++;
	}
	return c->count > r->over;
}

/* Whether rule r, an object match already, fires under these facts; c is its counter or NULL (then a counting rule
 * fires at once: fail closed). */
WS_INLINE bool ws_fires(const struct ws_rule *r, struct ws_counter *c, const struct ws_facts *f)
{
	if ((f->scope_labels & r->need_scope) != r->need_scope)
		return false;
	if ((f->session_labels & r->need_session) != r->need_session)
		return false;
	if (r->count_of != WS_COUNT_NONE && c)
		return ws_count(r, c, f);
	return true;
}

/* Enter one fired rule in the outcome. Rules are numbered strongest first, so the first one names the verdict. */
WS_INLINE void ws_enter(struct ws_outcome *o, __u32 index, const struct ws_rule *r)
{
	if (o->rule == WS_RULE_NONE) {
		o->rule = index;
		o->action = r->action;
	}
	if (r->label < WS_LABELS_MAX)
		o->labels |= 1ULL << r->label;
	o->fired.w[(index / 64) & (WS_MASK_WORDS - 1)] |= 1ULL << (index & 63);
}

WS_INLINE void ws_outcome_init(struct ws_outcome *o)
{
	o->action = WS_ALLOW;
	o->rule = WS_RULE_NONE;
	o->labels = 0;
	for (int i = 0; i < WS_MASK_WORDS; i++)
		o->fired.w[i] = 0;
}

/*
 * Narrow the candidates by where the object lies and what it is called.
 * match/except come from the automaton and the identity table.
 */
WS_INLINE void ws_narrow_path(struct ws_mask *cand, const struct ws_policy *p, const struct ws_mask *match,
			      const struct ws_mask *except, __u32 place)
{
	if (place >= WS_PLACE_MAX)
		place = WS_PLACE_UNKNOWN;
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		cand->w[i] &= p->any_path.w[i] | match->w[i];
		cand->w[i] &= ~except->w[i];
		cand->w[i] &= p->by_place[place].w[i];
		cand->w[i] &= ~p->except_place[place].w[i];
	}
}

#ifndef __bpf__
/*
 * ws_decide - user-space driver of the same steps (the kernel's is in bpf/judge.bpf.h, one bpf_loop).
 * rules: the compiled rules; counter: called for a counting rule, may return NULL.
 */
WS_INLINE void ws_decide(const struct ws_rule *rules, const struct ws_mask *candidates, const struct ws_facts *f,
			 struct ws_counter *(*counter)(void *arg, __u32 rule), void *arg, struct ws_outcome *o)
{
	ws_outcome_init(o);
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		__u64 w = candidates->w[i];

		for (; w; w &= w - 1) {
			__u32 index = i * 64 + ws_lowest_bit(w);
			const struct ws_rule *r = &rules[index];
			struct ws_counter *c = r->count_of && counter ? counter(arg, index) : NULL;

			if (ws_fires(r, c, f))
				ws_enter(o, index, r);
		}
	}
}
#endif

#endif
