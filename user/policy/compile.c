// SPDX-License-Identifier: GPL-2.0-only
/* compile.c - see compile.h: rules become masks, automata and lists. */
#include "policy/compile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "automaton/dfa.h"
#include "automaton/dfa_cache.h"
#include "automaton/pattern.h"
#include "base/cleanup.h"
#include "policy/address.h"
#include "policy/managers.h"

static void bit_set(struct ws_mask *m, size_t rule)
{
	m->w[rule / 64] |= 1ULL << rule % 64;
}

/* ---- masks ---- */

static int compile_rule(struct tables *t, const struct ruleset *set, size_t index, struct error *e)
{
	const struct rule *r = &set->rules[index];
	struct ws_policy *p = &t->policy;
	struct ws_rule *out = &t->rules[index];
	int label = r->label ? ruleset_label(set, r->label) : WS_LABEL_NONE;
	uint32_t actors = r->actors;

	if (label < 0)
		return error_set(e, -EINVAL, "%s: /label: `%s` is not among the labels", r->file,
				 r->label);
	*out = (struct ws_rule){
		.action = (uint8_t)r->action,
		.severity = (uint8_t)r->severity,
		.label = (uint8_t)label,
		.count_of = (uint8_t)r->count_of,
		.over = r->over,
		.within = r->within_ms,
	};
	for (size_t i = 0; i < r->after.count; i++) {
		bool session;
		const char *name = label_of_condition(r->after.at[i], &session);
		int bit = ruleset_label(set, name);

		if (bit < 0)
			return error_set(e, -EINVAL, "%s: /after/%zu: no rule sets the label `%s`",
					 r->file, i, name);
		*(session ? &out->need_session : &out->need_scope) |= 1ULL << bit;
	}
	if (actors & 1u << WS_ACTOR_MANAGER) /* such a shell is a manager's process */
		actors |= 1u << WS_ACTOR_SHELL;
	for (unsigned op = 0; op < WS_OP_MAX; op++)
		for (unsigned actor = 0; actor < WS_ACTOR_MAX; actor++)
			if (r->ops & 1u << op && actors & 1u << actor)
				bit_set(&p->by_op[op][actor], index);
	if (r->ops & WS_OPS_ON_FILES)
		p->file_actors |= actors;
	for (unsigned place = 0; place < WS_PLACE_MAX; place++) {
		/* WS_PLACE_UNKNOWN: the object's place could not be found out, so only rules
		 * without a place apply. */
		unsigned as = place == WS_PLACE_GUARDED ? WS_PLACE_MADE : place;

		if (!r->places || (r->places & 1u << as && place != WS_PLACE_UNKNOWN))
			bit_set(&p->by_place[place], index);
		if (r->unless_places & 1u << place)
			bit_set(&p->except_place[place], index);
	}
	if (!r->path.count)
		bit_set(&p->any_path, index);
	if (!r->exe.count)
		bit_set(&p->any_exe, index);
	if (!r->argv.count)
		bit_set(&p->any_argv, index);
	if (!r->package.count)
		bit_set(&p->any_package, index);
	if (!r->address.count)
		bit_set(&p->any_address, index);
	if (!r->port_count)
		bit_set(&p->any_port, index);
	for (unsigned event = 0; event < WS_EVENTS; event++)
		if (!r->events || r->events & 1u << event)
			bit_set(&p->by_event[event], index);
	for (unsigned method = 0; method < WS_HTTP_MAX; method++)
		if (!r->http || r->http & 1u << method)
			bit_set(&p->by_http[method], index);
	return 0;
}

/* ---- automata ---- */

static int add_patterns(struct nfa *n, const struct rule *r, size_t index,
			const struct strings *list, size_t mask_offset, const char *pointer,
			struct error *e)
{
	struct ws_set accept = { 0 };

	bit_set((struct ws_mask *)((char *)&accept + mask_offset), index);
	for (size_t i = 0; i < list->count; i++) {
		struct error why = { 0 };
		int ret = nfa_add(n, list->at[i], &accept, &why);

		if (ret < 0)
			return error_set(e, ret, "%s: %s/%zu: pattern `%s`: %s", r->file, pointer,
					 i, list->at[i], why.text[0] ? why.text : strerror(-ret));
	}
	return 0;
}

#define SET_MASK(field) offsetof(struct ws_set, field)

static int add_rule_patterns(struct nfa *n, const struct rule *r, size_t index, struct error *e)
{
	const struct {
		enum ws_automaton kind;
		const struct strings *list;
		size_t mask;
		const char *pointer;
	} lists[] = {
		{ WS_DFA_PATH, &r->path, SET_MASK(match), "/path" },
		{ WS_DFA_PATH, &r->unless_path, SET_MASK(except), "/unless/path" },
		{ WS_DFA_PATH, &r->unless_new_directory, SET_MASK(except_new),
		  "/unless/new_directory" },
		{ WS_DFA_PATH, &r->exe, SET_MASK(exe_match), "/exe" },
		{ WS_DFA_PATH, &r->unless_exe, SET_MASK(exe_except), "/unless/exe" },
		{ WS_DFA_ARGV, &r->argv, SET_MASK(match), "/argv" },
		{ WS_DFA_NAME, &r->package, SET_MASK(match), "/package" },
		{ WS_DFA_NAME, &r->unless_package, SET_MASK(except), "/unless/package" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		int ret;

		if (lists[i].kind != n->kind)
			continue;
		ret = add_patterns(n, r, index, lists[i].list, lists[i].mask, lists[i].pointer, e);
		if (ret < 0)
			return ret;
	}
	return 0;
}

/* Components of a pattern that are not wildcards. */
static bool is_literal(const char *component, size_t len)
{
	return len && !(len == 1 && *component == '~') && !memchr(component, '*', len) &&
	       !memchr(component, '?', len);
}

/*
 * Renaming, removing or replacing a directory above a protected file takes the file away from its
 * name. So rules on these operations also match the directories above their patterns, except those
 * without a literal component and those that end in a bare `*`, which would also match files beside
 * the directory.
 */
static int add_above(struct nfa *n, const struct rule *r, size_t index, struct strings *keep,
		     struct error *e)
{
	struct strings above = { 0 };
	int ret = 0;

	if (!(r->ops & (1u << WS_OP_RENAME | 1u << WS_OP_UNLINK)))
		return 0;
	for (size_t i = 0; i < r->path.count && ret == 0; i++) {
		const char *pattern = r->path.at[i], *from = pattern, *slash;
		bool literal = false;

		while (ret == 0 && (slash = strchr(from, '/'))) {
			_free_ char *text = strndup(pattern, slash - pattern);

			size_t len = slash - from, stars = strspn(from, "*");

			literal |= is_literal(from, len);
			from = slash + 1;
			if (!text)
				return -ENOMEM;
			if (!literal || stars == len)
				continue;
			ret = strings_add(keep, text);
			if (ret == 0) {
				above.at = &keep->at[keep->count - 1];
				above.count = 1;
				ret = add_patterns(n, r, index, &above, SET_MASK(above), "/path",
						   e);
			}
		}
	}
	return ret;
}

/* Mark the directories above those of unless.new_directory as shared: whoever creates one does not
 * own it. Not a home itself, which is never created. */
static int add_shared(struct nfa *n, const struct rule *r, struct strings *keep, struct error *e)
{
	const struct ws_set accept = { .shared = 1 };
	int ret = 0;

	for (size_t i = 0; i < r->unless_new_directory.count && ret == 0; i++) {
		const char *pattern = r->unless_new_directory.at[i], *end = strrchr(pattern, '/');
		_free_ char *text = end ? strndup(pattern, end - pattern) : NULL;

		if (!text || !strchr(text, '/') || strcmp(text, "/**") == 0)
			continue;
		ret = strings_add(keep, text);
		if (ret == 0)
			ret = nfa_add(n, keep->at[keep->count - 1], &accept, e);
	}
	return ret;
}

static int add_manager(struct nfa *n, const char *name, const char *const *patterns,
		       const struct ws_set *accept, struct error *e)
{
	for (size_t i = 0; patterns && patterns[i]; i++) {
		struct error why = { 0 };
		int ret = nfa_add(n, patterns[i], accept, &why);

		if (ret < 0)
			return error_set(e, ret, "manager %s: argv pattern `%s`: %s", name,
					 patterns[i], why.text);
	}
	return 0;
}

static int add_managers(struct nfa *n, struct error *e)
{
	int r = 0;

	for (size_t k = 0; k < manager_count && r == 0; k++) {
		const struct build *b = managers[k].build;
		/* the graph keeps what a pattern accepts by value */
		const struct ws_set main = { .manager = (uint32_t)k + 1 };
		const struct ws_set shell = { .shell = 1u << k };
		const struct ws_set builds = { .builds = 1u << k };
		const struct ws_set sets_up = { .sets_up = 1u << k };

		r = add_manager(n, managers[k].name, managers[k].argv, &main, e);
		if (r == 0)
			r = add_manager(n, managers[k].name, managers[k].shell, &shell, e);
		if (r == 0 && b)
			r = add_manager(n, managers[k].name, b->argv, &builds, e);
		if (r == 0 && b && b->sets_up)
			r = add_manager(n, managers[k].name, b->sets_up, &sets_up, e);
	}
	return r;
}

/* whole: a string of these bytes and no more; else one that begins with them and `end`. */
static void begin_of(struct ws_begin *ret, const char *text, const char *end, bool whole)
{
	char bytes[WS_BEGIN_WORDS * sizeof(uint64_t)] = "", mask[sizeof(bytes)] = "";
	size_t len;

	if (!text)
		return;
	len = (size_t)snprintf(bytes, sizeof(bytes), "%s%s", text, end);
	memset(mask, 0xff, len + whole);
	memcpy(ret->bytes, bytes, sizeof(bytes));
	memcpy(ret->mask, mask, sizeof(mask));
	ret->length = (uint32_t)len;
}

static void compile_builders(struct ws_policy *p)
{
	for (size_t k = 0; k < manager_count; k++) {
		const struct build *b = managers[k].build;
		struct ws_builder *to = &p->builders[k];

		if (!b)
			continue;
		to->builds = 1;
		to->members = b->members;
		snprintf(to->event, sizeof(to->event), "%s", b->event);
		snprintf(to->setup, sizeof(to->setup), "%s", b->setup ?: "");
		begin_of(&to->name, b->name, "=", false);
		begin_of(&to->version, b->version, "=", false);
		begin_of(&to->mark, b->mark, "", false);
		begin_of(&to->holder, b->holder, "", true);
		begin_of(&to->output, b->output, "", true);
	}
}

static int add_all_patterns(struct nfa *n, const struct ruleset *set, enum ws_automaton kind,
			    struct strings *keep, struct error *e)
{
	int r = nfa_init(n, kind);

	for (size_t i = 0; i < set->count && r == 0; i++)
		r = add_rule_patterns(n, &set->rules[i], i, e);
	for (size_t i = 0; kind == WS_DFA_PATH && i < set->count && r == 0; i++)
		r = add_above(n, &set->rules[i], i, keep, e)
			    ?: add_shared(n, &set->rules[i], keep, e);
	if (r == 0 && kind == WS_DFA_ARGV)
		r = add_managers(n, e);
	return r;
}

static int build_automata(struct tables *t, struct dfa_store *s, const struct nfa *graphs,
			  struct error *e)
{
	static const char *const what[] = { "path and exe", "argv", "package" };

	for (unsigned kind = 0; kind < WS_DFA_MAX; kind++) {
		struct error why = { 0 };
		int r = dfa_build(s, &graphs[kind], &t->policy.start[kind], &t->policy.loops[kind],
				  &why);

		if (r < 0)
			return error_set(e, r, "%s patterns: %s", what[kind],
					 why.text[0] ? why.text : strerror(-r));
	}
	return 0;
}

struct graphs {
	struct nfa at[WS_DFA_MAX];
	struct strings above; /* patterns that are part of a rule's; the graphs point to them */
};

static void graphs_done(struct graphs *g)
{
	for (unsigned kind = 0; kind < WS_DFA_MAX; kind++)
		nfa_done(&g->at[kind]);
	strings_done(&g->above);
}

static int compile_automata(struct tables *t, struct dfa_store *s, const struct ruleset *set,
			    const char *cache, struct error *e)
{
	CLEANUP(graphs_done) struct graphs graphs = { 0 };
	struct dfa_built built = { s, t->policy.start, t->policy.loops };
	_buf_ struct buf key = BUF_INIT;
	int r = 0;

	for (unsigned kind = 0; kind < WS_DFA_MAX && r == 0; kind++) {
		r = add_all_patterns(&graphs.at[kind], set, kind, &graphs.above, e);
		t->class_count[kind] = graphs.at[kind].class_count;
		nfa_symbols(&graphs.at[kind], t->policy.class_of[kind]);
	}
	if (r < 0)
		return r;
	if (cache)
		dfa_cache_key(&key, graphs.at, WS_DFA_MAX);
	if (!cache || key.failed)
		return build_automata(t, s, graphs.at, e);
	if (dfa_cache_load(cache, &key, &built) == 0)
		return 0;
	r = build_automata(t, s, graphs.at, e);
	/* if that fails, the next start builds again; a file's mapping needs no memory */
	if (r == 0 && dfa_cache_store(cache, &key, &built) == 0)
		dfa_cache_load(cache, &key, &built);
	return r;
}

/* ---- lists ---- */

static int compile_ports(struct tables *t, const struct ruleset *set)
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t k = 0; k < set->rules[i].port_count; k++) {
			uint16_t port = set->rules[i].ports[k];
			struct table_port *ports;
			size_t at = 0;

			while (at < t->port_count && t->ports[at].port != port)
				at++;
			if (at == t->port_count) {
				ports = realloc(t->ports, (at + 1) * sizeof(*ports));
				if (!ports)
					return -ENOMEM;
				t->ports = ports;
				ports[at] = (struct table_port){ .port = port };
				t->port_count++;
			}
			bit_set(&t->ports[at].mask, i);
		}
	return 0;
}

struct named_range {
	struct address_range range;
	size_t rule;
};

/* The kernel's trie finds the longest prefix only, so each entry also has the rules of the shorter
 * prefixes that cover it. */
static void add_covering(struct ws_mask *mask, const struct named_range *all, size_t count,
			 const struct address_range *a)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].range.prefix <= a->prefix &&
		    address_in(&all[i].range, a->family, a->bytes))
			bit_set(mask, all[i].rule);
}

static int compile_addresses(struct tables *t, const struct ruleset *set, struct error *e)
{
	_free_ struct named_range *all = NULL;
	size_t count = 0, total = 0;

	for (size_t i = 0; i < set->count; i++)
		total += set->rules[i].address.count;
	if (!total)
		return 0;
	all = calloc(total, sizeof(*all));
	t->lpm4 = calloc(total, sizeof(*t->lpm4));
	t->lpm6 = calloc(total, sizeof(*t->lpm6));
	if (!all || !t->lpm4 || !t->lpm6)
		return -ENOMEM;
	for (size_t i = 0; i < set->count; i++)
		for (size_t k = 0; k < set->rules[i].address.count; k++) {
			int r = address_parse(&all[count].range, set->rules[i].address.at[k], e);

			if (r < 0)
				return r;
			all[count++].rule = i;
		}
	for (size_t i = 0; i < count; i++) {
		const struct address_range *a = &all[i].range;
		bool known = false;

		for (size_t k = 0; k < i && !known; k++)
			known = all[k].range.family == a->family &&
				all[k].range.prefix == a->prefix &&
				memcmp(all[k].range.bytes, a->bytes, sizeof(a->bytes)) == 0;
		if (known)
			continue;
		if (a->family == AF_INET) {
			struct table_lpm4 *x = &t->lpm4[t->lpm4_count++];

			x->key.prefix = a->prefix;
			memcpy(x->key.address, a->bytes, sizeof(x->key.address));
			add_covering(&x->mask, all, count, a);
		} else {
			struct table_lpm6 *x = &t->lpm6[t->lpm6_count++];

			x->key.prefix = a->prefix;
			memcpy(x->key.address, a->bytes, sizeof(x->key.address));
			add_covering(&x->mask, all, count, a);
		}
	}
	return 0;
}

/*
 * The patterns whose files are protected by inode: those of rules that do more than alert on a
 * read. Such a pattern counts for every rule that has it; otherwise a hard link would evade an
 * alert where it does not evade a kill.
 */
static int compile_identities(struct tables *t, const struct ruleset *set)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct rule *r = &set->rules[i];

		if (!(r->ops & 1u << WS_OP_READ) || r->action <= WS_ALERT)
			continue;
		for (size_t k = 0; k < r->path.count; k++) {
			const char *pattern = r->path.at[k];
			struct identity_pattern *ids;
			bool known = !pattern_is_rooted(pattern);

			for (size_t n = 0; n < t->identity_count && !known; n++)
				known = strcmp(t->identities[n].pattern, pattern) == 0;
			if (known)
				continue;
			ids = realloc(t->identities, (t->identity_count + 1) * sizeof(*ids));
			if (!ids)
				return -ENOMEM;
			t->identities = ids;
			ids[t->identity_count] = (struct identity_pattern){ .pattern = pattern };
			for (size_t n = 0; n < set->count; n++)
				for (size_t m = 0; m < set->rules[n].path.count; m++)
					if (strcmp(set->rules[n].path.at[m], pattern) == 0)
						bit_set(&ids[t->identity_count].mask, n);
			t->identity_count++;
		}
	}
	return 0;
}

int compile(struct tables **ret, const struct ruleset *set, const char *cache, struct error *e)
{
	CLEANUP(tables_freep) struct tables *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	if (set->count > WS_RULES_MAX)
		return error_set(e, -E2BIG, "%zu rules where %d is the limit", set->count,
				 WS_RULES_MAX);
	if (set->labels.count > WS_LABELS_MAX)
		return error_set(e, -E2BIG, "%zu labels where %d is the limit", set->labels.count,
				 WS_LABELS_MAX);
	t->policy.version = WS_POLICY_VERSION;
	t->policy.rule_count = (uint32_t)set->count;
	for (size_t i = 0; i < set->count; i++) {
		r = compile_rule(t, set, i, e);
		if (r < 0)
			return r;
	}
	compile_builders(&t->policy);
	r = dfa_store_init(&t->store);
	r = r ?: compile_automata(t, &t->store, set, cache, e);
	if (r < 0 || (r = compile_ports(t, set)) < 0 || (r = compile_addresses(t, set, e)) < 0 ||
	    (r = compile_identities(t, set)) < 0)
		return r;
	t->row_count = t->store.row_count;
	t->set_count = t->store.set_count;
	t->rows = t->store.rows;
	t->sets = t->store.sets;
	*ret = TAKE_PTR(t);
	return 0;
}
