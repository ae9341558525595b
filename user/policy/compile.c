// SPDX-License-Identifier: GPL-2.0-only
/* compile.c - see compile.h: rules to masks, automata and lists. Asking the result is in tables.c.
 */
#include "compile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "address.h"
#include "cleanup.h"
#include "dfa.h"
#include "managers.h"

static void bit_set(struct ws_mask *m, size_t rule)
{
	m->w[rule / 64] |= 1ULL << rule % 64;
}

/* ---- what has no pattern ---- */

static int compile_rule(struct tables *t, const struct ruleset *set, size_t index, struct error *e)
{
	const struct rule *r = &set->rules[index];
	struct ws_policy *p = &t->policy;
	struct ws_rule *out = &t->rules[index];
	int label = r->label ? ruleset_label(set, r->label) : WS_LABEL_NONE;

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
	for (unsigned op = 0; op < WS_OP_MAX; op++)
		for (unsigned actor = 0; actor < WS_ACTOR_MAX; actor++)
			if (r->ops & 1u << op && r->actors & 1u << actor)
				bit_set(&p->by_op[op][actor], index);
	for (unsigned place = 0; place < WS_PLACE_MAX; place++) {
		/* Where an object lies that could not be resolved is not known: only rules that do
		 * not ask apply. */
		if (!r->places || (r->places & 1u << place && place != WS_PLACE_UNKNOWN))
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

static int add_managers(struct nfa *n, struct error *e)
{
	for (size_t k = 0; k < manager_count; k++) {
		struct ws_set accept = { .manager = (uint32_t)k + 1 };

		for (size_t i = 0; managers[k].argv[i]; i++) {
			struct error why = { 0 };
			int ret = nfa_add(n, managers[k].argv[i], &accept, &why);

			if (ret < 0)
				return error_set(e, ret, "manager %s: argv pattern `%s`: %s",
						 managers[k].name, managers[k].argv[i], why.text);
		}
	}
	return 0;
}

static int compile_automaton(struct tables *t, struct dfa_store *s, const struct ruleset *set,
			     enum ws_automaton kind, struct error *e)
{
	CLEANUP(nfa_done) struct nfa n = { 0 };
	static const char *const what[] = { "path and exe", "argv", "package" };
	struct error why = { 0 };
	int r = nfa_init(&n, kind);

	for (size_t i = 0; i < set->count && r == 0; i++)
		r = add_rule_patterns(&n, &set->rules[i], i, e);
	if (r == 0 && kind == WS_DFA_ARGV)
		r = add_managers(&n, e);
	if (r < 0)
		return r;
	t->class_count[kind] = n.class_count;
	nfa_symbols(&n, t->policy.class_of[kind]);
	r = dfa_build(s, &n, &t->policy.start[kind], &why);
	if (r < 0)
		return error_set(e, r, "%s patterns: %s", what[kind],
				 why.text[0] ? why.text : strerror(-r));
	return 0;
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

static bool covers(const struct address_range *a, const uint8_t *bytes, unsigned prefix)
{
	if (a->prefix > prefix)
		return false;
	for (unsigned i = 0; i < a->prefix; i++)
		if ((a->bytes[i / 8] ^ bytes[i / 8]) & 0x80u >> i % 8)
			return false;
	return true;
}

struct named_range {
	struct address_range range;
	size_t rule;
};

/* A trie lookup finds the longest prefix only, so each entry also carries what the shorter ones
 * around it say. */
static void covering(struct ws_mask *mask, const struct named_range *all, size_t count,
		     const struct address_range *a)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].range.family == a->family && covers(&all[i].range, a->bytes, a->prefix))
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
			covering(&x->mask, all, count, a);
		} else {
			struct table_lpm6 *x = &t->lpm6[t->lpm6_count++];

			x->key.prefix = a->prefix;
			memcpy(x->key.address, a->bytes, sizeof(x->key.address));
			covering(&x->mask, all, count, a);
		}
	}
	return 0;
}

/*
 * Which patterns are worth looking for when a session starts: those of rules that do more than tell
 * about a read. A pattern found so stands for every rule that has it, or an alert would be dodged
 * by a hard link where a kill is not.
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

int compile(struct tables **ret, const struct ruleset *set, struct error *e)
{
	CLEANUP(tables_freep) struct tables *t = calloc(1, sizeof(*t));
	CLEANUP(dfa_store_done) struct dfa_store s = { 0 };
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
	r = dfa_store_init(&s);
	for (unsigned kind = 0; kind < WS_DFA_MAX && r == 0; kind++)
		r = compile_automaton(t, &s, set, kind, e);
	if (r < 0 || (r = compile_ports(t, set)) < 0 || (r = compile_addresses(t, set, e)) < 0 ||
	    (r = compile_identities(t, set)) < 0)
		return r;
	t->row_count = s.row_count;
	t->set_count = s.set_count;
	t->rows = TAKE_PTR(s.rows);
	t->sets = TAKE_PTR(s.sets);
	*ret = TAKE_PTR(t);
	return 0;
}

void tables_free(struct tables *t)
{
	if (!t)
		return;
	free(t->rows);
	free(t->sets);
	free(t->lpm4);
	free(t->lpm6);
	free(t->ports);
	free(t->identities);
	free(t);
}
