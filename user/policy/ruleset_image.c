// SPDX-License-Identifier: GPL-2.0-only
/* ruleset_image.c - see ruleset_image.h. Both directions walk the same table of members. */
#include "policy/ruleset_image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define IMAGE_MAGIC 0x77737232u

/* Members of struct rule that reports need. */
static const size_t texts[] = {
	offsetof(struct rule, id),    offsetof(struct rule, family), offsetof(struct rule, file),
	offsetof(struct rule, title), offsetof(struct rule, why),    offsetof(struct rule, remedy),
	offsetof(struct rule, label), offsetof(struct rule, tuned),
};
static const size_t lists[] = {
	offsetof(struct rule, after),
	offsetof(struct rule, attack),
	offsetof(struct rule, references),
};

#define MEMBER(rule, offset, type) ((type *)((char *)(rule) + (offset)))

/* ---- to bytes ---- */

static void put_number(struct buf *out, uint32_t n)
{
	buf_add(out, &n, sizeof(n));
}

/* A byte that says whether there is one, then the string. */
static void put_text(struct buf *out, const char *text)
{
	buf_addc(out, text != NULL);
	if (text)
		buf_add(out, text, strlen(text) + 1);
}

static void put_list(struct buf *out, const struct strings *list)
{
	put_number(out, (uint32_t)list->count);
	for (size_t i = 0; i < list->count; i++)
		put_text(out, list->at[i]);
}

void ruleset_image(struct buf *out, const struct ruleset *r)
{
	put_number(out, IMAGE_MAGIC);
	put_number(out, (uint32_t)r->count);
	for (size_t i = 0; i < r->count; i++) {
		const struct rule *rule = &r->rules[i];

		put_number(out, rule->severity);
		put_number(out, rule->action);
		put_number(out, rule->ops);
		put_number(out, rule->actors);
		for (size_t t = 0; t < ARRAY_SIZE(texts); t++)
			put_text(out, *MEMBER(rule, texts[t], char *const));
		for (size_t t = 0; t < ARRAY_SIZE(lists); t++)
			put_list(out, MEMBER(rule, lists[t], const struct strings));
	}
	put_list(out, &r->labels);
	put_list(out, &r->expired);
	put_list(out, &r->expiring);
	put_text(out, r->digest);
	put_number(out, (uint32_t)r->environment.count);
	for (size_t i = 0; i < r->environment.count; i++) {
		const struct environment_entry *entry = &r->environment.at[i];

		put_number(out, entry->class);
		put_number(out, entry->list);
		put_list(out, &entry->variables);
		put_list(out, &entry->below);
	}
}

/* ---- from bytes ---- */

struct image {
	const char *at, *end;
	bool bad; /* not an image, or memory ran out */
};

static uint32_t get_number(struct image *in)
{
	uint32_t n = 0;

	if (in->bad || (size_t)(in->end - in->at) < sizeof(n)) {
		in->bad = true;
		return 0;
	}
	memcpy(&n, in->at, sizeof(n));
	in->at += sizeof(n);
	return n;
}

/* NULL: there is none. */
static const char *get_text(struct image *in)
{
	const char *text = in->at + 1, *nul;

	if (in->bad || in->at == in->end) {
		in->bad = true;
		return NULL;
	}
	if (!*in->at++)
		return NULL;
	nul = memchr(text, 0, in->end - text);
	if (!nul) {
		in->bad = true;
		return NULL;
	}
	in->at = nul + 1;
	return text;
}

static void get_list(struct image *in, struct strings *ret)
{
	for (uint32_t n = get_number(in); n && !in->bad; n--) {
		const char *text = get_text(in);

		if (!text || strings_add(ret, text) < 0)
			in->bad = true;
	}
}

static void get_rule(struct image *in, struct rule *ret)
{
	ret->severity = get_number(in);
	ret->action = get_number(in);
	ret->ops = get_number(in);
	ret->actors = get_number(in);
	for (size_t t = 0; t < ARRAY_SIZE(texts); t++) {
		const char *text = get_text(in);
		char **member = MEMBER(ret, texts[t], char *);

		*member = text ? strdup(text) : NULL;
		in->bad |= text && !*member;
	}
	for (size_t t = 0; t < ARRAY_SIZE(lists); t++)
		get_list(in, MEMBER(ret, lists[t], struct strings));
	in->bad |= ret->severity > WS_SEV_CRITICAL || ret->action >= WS_ACTION_MAX || !ret->id ||
		   !ret->family || !ret->title || !ret->why || !ret->remedy;
}

static void get_environment(struct image *in, struct environment_table *ret)
{
	for (uint32_t n = get_number(in); n && !in->bad; n--) {
		struct environment_entry *more =
			reallocarray(ret->at, ret->count + 1, sizeof(*more));

		if (!more) {
			in->bad = true;
			return;
		}
		ret->at = more;
		more += ret->count++;
		*more = (struct environment_entry){ .class = get_number(in) };
		more->list = get_number(in);
		get_list(in, &more->variables);
		get_list(in, &more->below);
		in->bad |= more->class >= ENVIRONMENT_CLASS_MAX;
	}
}

int ruleset_from_image(struct ruleset **ret, const char *bytes, size_t len, struct error *e)
{
	CLEANUP(ruleset_freep) struct ruleset *r = calloc(1, sizeof(*r));
	struct image in = { .at = bytes, .end = bytes + len };
	const char *digest;
	uint32_t count;

	if (!r)
		return error_set(e, -ENOMEM, "out of memory");
	in.bad = get_number(&in) != IMAGE_MAGIC;
	count = get_number(&in);
	if (!in.bad && count <= WS_RULES_MAX)
		r->rules = calloc(count ?: 1, sizeof(*r->rules));
	in.bad |= !r->rules;
	while (!in.bad && r->count < count)
		get_rule(&in, &r->rules[r->count++]);
	get_list(&in, &r->labels);
	get_list(&in, &r->expired);
	get_list(&in, &r->expiring);
	digest = get_text(&in);
	snprintf(r->digest, sizeof(r->digest), "%s", digest ?: "");
	get_environment(&in, &r->environment);
	if (in.bad || in.at != in.end)
		return error_set(e, -EBADMSG, "the image of the rules is damaged");
	*ret = TAKE_PTR(r);
	return 0;
}
