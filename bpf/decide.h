/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * decide.h - the decision, compiled into the kernel programs and into user space, so that unit
 * tests, fuzzers, `rules test` and `rules explain` run the code that enforces.
 *
 * The caller gathers the facts; nothing here reads memory other than its arguments. ws_candidates()
 * begins with the rules on an operation and an actor, ws_narrow_*() take out those whose conditions
 * are not met, and of what is left ws_fires() and ws_enter() make the outcome, strongest action
 * first.
 */
#ifndef WORMSIGN_DECIDE_H
#define WORMSIGN_DECIDE_H

#include "policy.h"

#ifdef __bpf__
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#define WS_INLINE  static __always_inline
#define WS_OUTLINE static __noinline /* off the stack of its callers */
#else
#include <stdbool.h>
#include <stddef.h>
#define WS_INLINE  static inline __attribute__((always_inline, unused))
#define WS_OUTLINE WS_INLINE
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

/* A filter over inode numbers. One that was never added is found by chance only. */
WS_INLINE void ws_bloom_add(__u64 bloom[WS_BLOOM_WORDS], __u64 ino)
{
	bloom[(ino >> 6) % WS_BLOOM_WORDS] |= 1ULL << (ino & 63);
}

WS_INLINE bool ws_bloom_has(const __u64 bloom[WS_BLOOM_WORDS], __u64 ino)
{
	return bloom[(ino >> 6) % WS_BLOOM_WORDS] & 1ULL << (ino & 63);
}

/*
 * Number of the lowest set bit; w must not be 0. Counts the zeros below it by arithmetic: BPF has
 * no instruction for it, and with branches the verifier would follow 64 paths.
 */
WS_INLINE __u32 ws_lowest_bit(__u64 w)
{
	__u64 x = (w & -w) - 1;

	x -= (x >> 1) & 0x5555555555555555ULL;
	__asm__(""
		: "+r"(x)); /* else clang 18 recognises a population count, for which BPF has no
			       instruction */
	x = (x & 0x3333333333333333ULL) + ((x >> 2) & 0x3333333333333333ULL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return (x * 0x0101010101010101ULL) >> 56;
}

/* enum ws_http of a request that begins with these eight bytes (as a little-endian word). */
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

/* Facts of an operation on which rules can depend, beyond those that narrow the candidates. */
struct ws_facts {
	__u64 now; /* ns, monotonic */
	__u64 scope_labels;
	__u64 session_labels;
	__u64 amount; /* WS_COUNT_BYTES: bytes of this operation */
	__u64 object; /* WS_COUNT_PATHS: a number that differs between objects (inode) */
};

struct ws_outcome {
	__u32 action; /* enum ws_action: the strongest of the rules that fired */
	__u32 rule;   /* the rule with that action, WS_RULE_NONE: none fired */
	__u64 labels; /* label bits to set */
	struct ws_mask fired;
};

/*
 * Count one operation; returns whether the rule's threshold is passed. Hooks run on several CPUs at
 * once, so every change is one atomic operation; an operation that races with the beginning of a
 * new window is counted in either window.
 */
WS_INLINE bool ws_count(const struct ws_rule *r, struct ws_counter *c, const struct ws_facts *f)
{
	__u64 start = c->window_start, amount = 1;

	if (r->within && f->now > start && f->now - start > (__u64)r->within * 1000000 &&
	    __sync_val_compare_and_swap(&c->window_start, start, f->now) == start) {
		__sync_lock_test_and_set(&c->count, 0);
		for (int i = 0; i < 4; i++)
			__sync_lock_test_and_set(&c->seen[i], 0);
	}
	if (r->count_of == WS_COUNT_PATHS) {
		__u64 h = f->object * 0x9e3779b97f4a7c15ULL;
		__u64 bit = 1ULL << (h >> 58);

		if (__sync_fetch_and_or(&c->seen[(h >> 56) & 3], bit) & bit)
			amount = 0;
	} else if (r->count_of == WS_COUNT_BYTES) {
		amount = f->amount;
	}
	return __sync_fetch_and_add(&c->count, amount) + amount > r->over;
}

/* Whether candidate r fires. c: its counter; NULL: a rule with a threshold fires at once (fail
 * closed). */
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

/* Add a rule that fired to the outcome. Call in the order of the rules' numbers: the first one
 * names the verdict. */
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

/* ---- which rules an operation can meet ---- */

/* Conditions of a rule on who acts, and on what; in the order in which they are checked. */
enum ws_condition {
	WS_IF_ON = 0, /* operation and actor */
	WS_IF_SESSION,
	WS_IF_EXE,
	WS_IF_PACKAGE,
	WS_IF_EVENT,
	WS_IF_PATH,
	WS_IF_UNLESS_PATH,
	WS_IF_PLACE,
	WS_IF_UNLESS_PLACE,
	WS_IF_ARGV,
	WS_IF_HTTP,
	WS_IF_ADDRESS,
	WS_IF_PORT,
	WS_IF_MAX
};

struct ws_candidates {
	struct ws_mask left;
#ifndef __bpf__
	struct ws_mask missed[WS_IF_MAX]; /* rules taken out, by the condition that did it */
#endif
};

/* In word i of the candidates keep only `those` rules. */
WS_INLINE void ws_keep_word(struct ws_candidates *c, enum ws_condition condition, int i,
			    __u64 those)
{
#ifndef __bpf__
	c->missed[condition].w[i] |= c->left.w[i] & ~those;
#endif
	c->left.w[i] &= those;
}

WS_INLINE void ws_keep(struct ws_candidates *c, enum ws_condition condition,
		       const struct ws_mask *those)
{
	for (int i = 0; i < WS_MASK_WORDS; i++)
		ws_keep_word(c, condition, i, those->w[i]);
}

/* Hide the value of x from the compiler, so that it keeps a second check of a bound, which the
 * verifier needs. */
#define ws_opaque(x) __asm__ volatile("" : "+r"(x))

/* Word i of the rules on this operation by this actor. The bounds are checked right here, where
 * they are needed: the verifier of 6.1 forgets those of a number that was spilled since. */
WS_INLINE __u64 ws_rules_on(const struct ws_policy *p, __u32 op, __u32 actor, __u32 i)
{
	ws_opaque(op);
	ws_opaque(actor);
	if (op >= WS_OP_MAX || actor >= WS_ACTOR_MAX)
		return 0;
	return p->by_op[op][actor].w[i & (WS_MASK_WORDS - 1)];
}

/* Begin with the rules on this operation by this actor. */
WS_INLINE void ws_candidates(struct ws_candidates *c, const struct ws_policy *p, __u32 op,
			     __u32 actor)
{
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		c->left.w[i] = ~0ULL;
#ifndef __bpf__
		for (int condition = 0; condition < WS_IF_MAX; condition++)
			c->missed[condition].w[i] = 0;
#endif
		ws_keep_word(c, WS_IF_ON, i, ws_rules_on(p, op, actor, i));
	}
}

/*
 * Narrow by the actor. enabled: rules in force in the session; exe, package: rules whose conditions
 * on the executable and on the package's name are met, as ws_met() gives them.
 */
WS_INLINE void ws_narrow_subject(struct ws_candidates *c, const struct ws_mask *enabled,
				 const struct ws_mask *exe, const struct ws_mask *package)
{
	ws_keep(c, WS_IF_SESSION, enabled);
	ws_keep(c, WS_IF_EXE, exe);
	ws_keep(c, WS_IF_PACKAGE, package);
}

/* Rules that have no such condition (any), or whose pattern matches (match), except for `except`.
 */
WS_INLINE void ws_met(struct ws_mask *to, const struct ws_mask *any, const struct ws_mask *match,
		      const struct ws_mask *except)
{
	for (int i = 0; i < WS_MASK_WORDS; i++)
		to->w[i] = (any->w[i] | match->w[i]) & ~except->w[i];
}

/*
 * Whether op takes a name away, and with it the names of all that lies below, or creates a symbolic
 * link, which gives them to what lies elsewhere. In a package's own directory, and among temporary
 * files, a directory of that name is just a directory.
 */
WS_INLINE bool ws_moves_names_below(__u32 op, bool new_link, __u32 places)
{
	return (op == WS_OP_RENAME || op == WS_OP_UNLINK || (op == WS_OP_CREATE && new_link)) &&
	       (places & ~(WS_PLACE_BIT(WS_PLACE_OWN) | WS_PLACE_BIT(WS_PLACE_TMP)));
}

/*
 * Whether rules with the exception `made` protect names below a directory. A package that creates
 * the directory itself does not get the exception for what lies in it; otherwise `mkdir .vscode`
 * would permit `.vscode/tasks.json`.
 */
WS_INLINE bool ws_guards_below(const struct ws_policy *p, const struct ws_mask *above)
{
	__u64 any = 0;

	for (int i = 0; i < WS_MASK_WORDS; i++)
		any |= above->w[i] & p->except_place[WS_PLACE_MADE].w[i];
	return any != 0;
}

/* The place by which an object with these places is reported. */
WS_INLINE __u32 ws_main_place(__u32 places)
{
	if (!places)
		return WS_PLACE_ELSEWHERE;
	return places & WS_PLACE_BIT(WS_PLACE_HOME) ? WS_PLACE_HOME : ws_lowest_bit(places);
}

/*
 * Whether to judge that a file or directory at these places gets this mode (with the file's type).
 * In `modules` a mode is not judged if everybody may still read the object, only its owner may
 * write to it, and no bit of 07000 is set: it takes nothing away and grants nothing, and installers
 * make executable what they have linked out of another package.
 */
WS_INLINE bool ws_mode_matters(__u32 mode, __u32 places)
{
	__u32 readable = (mode & 0170000) == 0040000 ? 0555 : 0444;

	return places != WS_PLACE_BIT(WS_PLACE_MODULES) || (mode & readable) != readable ||
	       mode & 07022;
}

/* Narrow by the one place of an object. */
WS_INLINE void ws_narrow_place(struct ws_candidates *c, const struct ws_policy *p, __u32 place)
{
	ws_opaque(place);
	place &= WS_PLACE_ROOM - 1;
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		ws_keep_word(c, WS_IF_PLACE, i, p->by_place[place].w[i]);
		ws_keep_word(c, WS_IF_UNLESS_PLACE, i, ~p->except_place[place].w[i]);
	}
}

/* ... by several. Without branches: the verifier would follow each combination. */
WS_OUTLINE int ws_narrow_places(struct ws_candidates *c, const struct ws_policy *p, __u32 places)
{
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		__u64 met = 0, excepted = ~0ULL;

		for (__u32 place = 0; place < WS_PLACE_MAX; place++) {
			__u64 in = -(__u64)(places >> place & 1);

			met |= p->by_place[place].w[i] & in;
			excepted &= p->except_place[place].w[i] | ~in;
		}
		ws_keep_word(c, WS_IF_PLACE, i, met);
		ws_keep_word(c, WS_IF_UNLESS_PLACE, i, ~excepted);
	}
	return 0;
}

/* Narrow by the object's path and places (a set of WS_PLACE_BIT()). match, except: results of the
 * path automaton and the table of identities. */
WS_INLINE void ws_narrow_path(struct ws_candidates *c, const struct ws_policy *p,
			      const struct ws_mask *match, const struct ws_mask *except,
			      __u32 places)
{
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		ws_keep_word(c, WS_IF_PATH, i, p->any_path.w[i] | match->w[i]);
		ws_keep_word(c, WS_IF_UNLESS_PATH, i, ~except->w[i]);
	}
	if (!places || (places & ~WS_PLACES_ALL))
		ws_narrow_place(c, p, WS_PLACE_UNKNOWN);
	else if (places & (places - 1))
		ws_narrow_places(c, p, places);
	else
		ws_narrow_place(c, p, ws_lowest_bit(places));
}

/* Narrow for an operation that has no path. */
WS_INLINE void ws_narrow_no_path(struct ws_candidates *c, const struct ws_policy *p)
{
	ws_keep(c, WS_IF_PATH, &p->any_path);
}

/* Narrow by argv. match: result of the argv automaton; NULL: nothing matches, or the operation is
 * not exec. */
WS_INLINE void ws_narrow_argv(struct ws_candidates *c, const struct ws_policy *p,
			      const struct ws_mask *match)
{
	for (int i = 0; i < WS_MASK_WORDS; i++)
		ws_keep_word(c, WS_IF_ARGV, i, p->any_argv.w[i] | (match ? match->w[i] : 0));
}

/* Narrow by the destination. address, port: rules that name it, NULL: none does. methods: set of
 * 1 << enum ws_http; 0: none is known. */
WS_INLINE void ws_narrow_address(struct ws_candidates *c, const struct ws_policy *p,
				 const struct ws_mask *address, const struct ws_mask *port,
				 __u32 methods)
{
	methods &= (1u << WS_HTTP_MAX) - 1;
	if (!methods)
		methods = 1u << WS_HTTP_NONE;
	for (int i = 0; i < WS_MASK_WORDS; i++) {
		__u64 met = 0;

		for (int m = 0; m < WS_HTTP_MAX; m++) /* without branches, for the verifier */
			met |= p->by_http[m].w[i] & (0 - (__u64)(methods >> m & 1));
		ws_keep_word(c, WS_IF_HTTP, i, met);
		ws_keep_word(c, WS_IF_ADDRESS, i,
			     p->any_address.w[i] | (address ? address->w[i] : 0));
		ws_keep_word(c, WS_IF_PORT, i, p->any_port.w[i] | (port ? port->w[i] : 0));
	}
}

#ifndef __bpf__
/*
 * Decide in user space; the kernel side takes the same steps in a bpf_loop() (judge.bpf.c). rules:
 * the compiled rules; counter: called for a rule with a threshold, may return NULL.
 */
WS_INLINE void ws_decide(const struct ws_rule *rules, const struct ws_mask *candidates,
			 const struct ws_facts *f,
			 struct ws_counter *(*counter)(void *arg, __u32 rule), void *arg,
			 struct ws_outcome *o)
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
