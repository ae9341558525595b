// SPDX-License-Identifier: GPL-2.0-only
/* ruleset.c - see ruleset.h: find the files, read each, apply tunings, check the whole set. */
#include "policy/ruleset.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json_read.h"
#include "base/sha256.h"
#include "policy/rule_parse.h"
#include "policy/tuning.h"

#define DEPTH_MAX 8 /* of directories below a given one; ends a loop of symbolic links */
#define FILE_MAX  (16 * 1024 * 1024) /* bytes */

struct loading {
	struct ruleset *set;
	size_t earlier; /* rules of earlier directories: those that this one may tune */
	struct tuning *tunings;
	size_t tuning_count;
	time_t now;
	struct error *e;
};

static void loading_done(struct loading *l)
{
	for (size_t i = 0; i < l->tuning_count; i++)
		tuning_done(&l->tunings[i]);
	free(l->tunings);
	ruleset_free(l->set);
}

const struct rule *ruleset_find(const struct ruleset *r, const char *id)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->rules[i].id, id) == 0)
			return &r->rules[i];
	return NULL;
}

/* ---- one file ---- */

static int read_json(json_t **ret, const char *file, struct error *e)
{
	_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	json_error_t why;
	struct stat st;
	json_t *root;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(e, -errno, "%s: cannot be read: %s", file, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(e, -EINVAL, "%s: is not a regular file", file);
	if (st.st_size > FILE_MAX)
		return error_set(e, -EINVAL, "%s: larger than %d MB", file, FILE_MAX >> 20);
	root = json_read(fd, &why);
	if (!root)
		return error_set(e, -EINVAL, "%s:%d:%d: %s", file, why.line, why.column, why.text);
	*ret = root;
	return 0;
}

static int add_rule(struct loading *l, json_t *root, const char *file, const char *family)
{
	struct ruleset *set = l->set;
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	const struct rule *same;
	struct rule *rules;
	struct rule *r;
	size_t len;
	int ret;

	rules = realloc(set->rules, (set->count + 1) * sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	set->rules = rules;
	r = &rules[set->count];
	ret = rule_parse(r, root, file, l->e);
	if (ret < 0)
		return ret;
	same = ruleset_find(set, r->id);
	set->count++; /* from here on, the set owns it */
	r->family = strdup(family[0] ? family : "site");
	if (!r->family)
		return -ENOMEM;
	if (same)
		return error_set(l->e, -EINVAL, "%s: /id: `%s` is already the id of %s", file,
				 r->id, same->file);
	len = strlen(r->id);
	if (strncmp(base, r->id, len) != 0 || strcmp(base + len, ".json") != 0)
		return error_set(l->e, -EINVAL, "%s: /id: the file must be called %s.json", file,
				 r->id);
	return 0;
}

/*
 * Note a tuning that has expired, or soon will. Returns whether it has. A CI service must not stop
 * everywhere at midnight, so an exception that has expired is dropped, not an error.
 */
static bool expired(struct loading *l, const struct tuning *t, int *ret_err)
{
	long days = tuning_days_left(t, l->now);
	char text[ERROR_TEXT];

	*ret_err = 0;
	if (days > RULESET_WARN_DAYS)
		return false;
	if (days < 0)
		snprintf(text, sizeof(text),
			 "%s: expired on %s and is not applied, `%s` is as shipped again: review "
			 "it, then change the date or delete the file",
			 t->file, t->expires, t->tune);
	else
		snprintf(text, sizeof(text),
			 "%s: the tuning of `%s` expires in %ld day%s: its last day is %s", t->file,
			 t->tune, days, days == 1 ? "" : "s", t->expires);
	*ret_err = strings_add(days < 0 ? &l->set->expired : &l->set->expiring, text);
	return days < 0;
}

static int add_tuning(struct loading *l, json_t *root, const char *file)
{
	struct tuning *tunings = realloc(l->tunings, (l->tuning_count + 1) * sizeof(*tunings));
	struct tuning *t;
	int ret;

	if (!tunings)
		return -ENOMEM;
	l->tunings = tunings;
	t = &tunings[l->tuning_count];
	ret = tuning_parse(t, root, file, l->e);
	if (ret < 0)
		return ret;
	if (expired(l, t, &ret) || ret < 0) {
		tuning_done(t);
		return ret;
	}
	l->tuning_count++;
	for (size_t i = 0; i + 1 < l->tuning_count; i++)
		if (strcmp(tunings[i].tune, t->tune) == 0)
			return error_set(l->e, -EINVAL, "%s: /tune: `%s` is already tuned by %s",
					 file, t->tune, tunings[i].file);
	return 0;
}

/* Make the digest one of this file, too: of its content, however it is laid out. */
static int digest_file(struct ruleset *set, const json_t *root)
{
	_free_ char *text = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
	_buf_ struct buf all = BUF_INIT;
	uint8_t sum[SHA256_BYTES];

	/* what came before, then this file */
	buf_addf(&all, "%s\n%s", set->digest, text ?: "");
	if (!text || all.failed)
		return -ENOMEM;
	sha256(sum, all.at, all.len);
	for (size_t i = 0; i < SHA256_BYTES; i++)
		snprintf(set->digest + 2 * i, 3, "%02x", sum[i]);
	return 0;
}

static int add_file(struct loading *l, const char *file, const char *family)
{
	_json_ json_t *root = NULL;
	int r = read_json(&root, file, l->e);

	if (r < 0)
		return r;
	if (strcmp(family, "data") == 0 && json_object_get(root, "table")) {
		const char *table = json_string_value(json_object_get(root, "table"));

		if (table && strcmp(table, "environment") == 0)
			return environment_read(&l->set->environment, root, file, l->e)
				       ?: digest_file(l->set, root);
		return 0; /* what redaction knows of tokens and programs: it is compiled in */
	}
	r = digest_file(l->set, root);
	if (r < 0)
		return r;
	return json_object_get(root, "tune") ? add_tuning(l, root, file)
					     : add_rule(l, root, file, family);
}

/* ---- one directory ---- */

static bool is_rule_file(const char *name)
{
	size_t len = strlen(name);

	return len > 5 && strcmp(name + len - 5, ".json") == 0 && strcmp(name, "schema.json") != 0;
}

static int add_directory(struct loading *l, const char *dir, const char *family, unsigned depth)
{
	struct dirent **list = NULL;
	int count, r = 0;

	if (depth > DEPTH_MAX)
		return error_set(l->e, -ELOOP, "%s: more than %d directories deep", dir, DEPTH_MAX);
	count = scandir(dir, &list, NULL, alphasort);
	if (count < 0)
		return error_set(l->e, -errno, "%s: cannot be read: %s", dir, strerror(errno));
	for (int i = 0; i < count; i++) {
		_free_ struct dirent *d = list[i];
		_free_ char *path = NULL, *below = NULL;
		struct stat st;

		if (r < 0 || d->d_name[0] == '.')
			continue;
		if (asprintf(&path, "%s/%s", dir, d->d_name) < 0) {
			path = NULL;
			r = -ENOMEM;
			continue;
		}
		if (stat(path, &st) < 0) {
			r = error_set(l->e, -errno, "%s: cannot be read: %s", path,
				      strerror(errno));
		} else if (S_ISDIR(st.st_mode)) {
			if (asprintf(&below, "%s%s%s", family, family[0] ? "/" : "", d->d_name) <
			    0) {
				below = NULL;
				r = -ENOMEM;
			} else {
				r = add_directory(l, path, below, depth + 1);
			}
		} else if (is_rule_file(d->d_name)) {
			r = add_file(l, path, family);
		}
	}
	free(list);
	return r;
}

static void remove_rule(struct ruleset *set, size_t index)
{
	rule_done(&set->rules[index]);
	memmove(&set->rules[index], &set->rules[index + 1],
		(set->count - index - 1) * sizeof(*set->rules));
	set->count--;
}

static bool contains(const struct strings *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i], text) == 0)
			return true;
	return false;
}

/* Make the patterns of the rules that file gives r as unless.path_of exceptions of r. */
static int except_paths_of(struct loading *l, struct rule *r, const char *file)
{
	for (size_t i = 0; i < r->unless_path_of.count; i++) {
		const struct rule *other = ruleset_find(l->set, r->unless_path_of.at[i]);

		if (!other || other == r || !other->path.count)
			return error_set(l->e, -EINVAL,
					 "%s: /unless/path_of/%zu: `%s` is not a rule that has "
					 "`path`",
					 file, i, r->unless_path_of.at[i]);
		for (size_t k = 0; k < other->path.count; k++) {
			int err = contains(&r->unless_path, other->path.at[k])
					  ? 0
					  : strings_add(&r->unless_path, other->path.at[k]);

			if (err < 0)
				return err;
		}
	}
	return 0;
}

/* Apply the tunings of one directory to rules of the directories before it. */
static int tune(struct loading *l)
{
	for (size_t i = 0; i < l->tuning_count; i++) {
		struct tuning *t = &l->tunings[i];
		const struct rule *r = ruleset_find(l->set, t->tune);
		size_t index;
		int ret;

		if (!r)
			return error_set(l->e, -EINVAL, "%s: /tune: there is no rule `%s`", t->file,
					 t->tune);
		index = (size_t)(r - l->set->rules);
		if (index >= l->earlier)
			return error_set(
				l->e, -EINVAL,
				"%s: /tune: `%s` is a rule of this directory: change %s instead",
				t->file, t->tune, r->file);
		if (t->set_enabled && !t->enabled) {
			ret = strings_add(&l->set->off, t->tune);
			if (ret < 0)
				return ret;
			remove_rule(l->set, index);
			l->earlier--;
		} else {
			ret = tuning_apply(t, &l->set->rules[index], l->e)
				      ?: except_paths_of(l, &l->set->rules[index], t->file);
			if (ret < 0)
				return ret;
		}
		tuning_done(t);
	}
	l->tuning_count = 0;
	return 0;
}

/* ---- the whole ---- */

int ruleset_label(const struct ruleset *r, const char *label)
{
	for (size_t i = 0; i < r->labels.count; i++)
		if (strcmp(r->labels.at[i], label) == 0)
			return (int)i;
	return -ENOENT;
}

void ruleset_masks(const struct ruleset *r, const char *pattern, struct ws_mask *ret_match,
		   struct ws_mask *ret_except)
{
	*ret_match = *ret_except = (struct ws_mask){ 0 };
	for (size_t i = 0; i < r->count; i++) {
		if (contains(&r->rules[i].path, pattern))
			ret_match->w[i / 64] |= 1ULL << i % 64;
		if (contains(&r->rules[i].unless_path, pattern))
			ret_except->w[i / 64] |= 1ULL << i % 64;
	}
}

static int collect_labels(struct ruleset *set, struct error *e)
{
	int ret;

	for (size_t i = 0; i < set->count; i++) {
		const struct rule *r = &set->rules[i];

		if (!r->label || ruleset_label(set, r->label) >= 0)
			continue;
		if (set->labels.count == WS_LABELS_MAX)
			return error_set(e, -E2BIG, "%s: /label: more than %d labels", r->file,
					 WS_LABELS_MAX);
		ret = strings_add(&set->labels, r->label);
		if (ret < 0)
			return ret;
	}
	for (size_t i = 0; i < set->count; i++) {
		const struct rule *r = &set->rules[i];

		for (size_t k = 0; k < r->after.count; k++) {
			bool session;
			const char *label = label_of_condition(r->after.at[k], &session);

			if (ruleset_label(set, label) < 0)
				return error_set(e, -EINVAL,
						 "%s: /after/%zu: no rule sets the label `%s`",
						 r->file, k, label);
		}
	}
	return 0;
}

/* Whether the rule names the object, not only a place or an actor. */
static bool is_specific(const struct rule *r)
{
	return r->path.count || r->argv.count || r->address.count || r->port_count;
}

/*
 * Strongest action first, because the kernel reports the first rule that fires. Among equals, a
 * rule that names its object (netrc) tells people more than one that does not (home-destroy). Then
 * by id.
 */
static int by_strength(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;

	if (x->action != y->action)
		return x->action > y->action ? -1 : 1;
	if (is_specific(x) != is_specific(y))
		return is_specific(x) ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* Read one directory and apply its tunings. theirs: with the rights of the user, not with ours. */
static int load_directory(struct loading *l, const char *dir, const struct ruleset_rights *theirs)
{
	int r = theirs ? theirs->begin(theirs->arg) : 0;

	if (r < 0)
		return error_set(l->e, r, "%s: cannot be read with your rights: %s", dir,
				 strerror(-r));
	r = add_directory(l, dir, "", 0);
	if (theirs)
		theirs->end(theirs->arg);
	/* before any rule is removed: who does without one rule does not mean another to take its
	 * place */
	for (size_t i = l->earlier; r == 0 && i < l->set->count; i++)
		r = except_paths_of(l, &l->set->rules[i], l->set->rules[i].file);
	return r < 0 ? r : tune(l);
}

int ruleset_load(struct ruleset **ret, const char *const *dirs, size_t count, struct error *e)
{
	return ruleset_load_as(ret, dirs, count, NULL, e);
}

int ruleset_load_as(struct ruleset **ret, const char *const *dirs, size_t count,
		    const struct ruleset_rights *rights, struct error *e)
{
	CLEANUP(loading_done) struct loading l = { .e = e };
	int r;

	l.set = calloc(1, sizeof(*l.set));
	if (!l.set)
		return -ENOMEM;
	l.now = time(NULL);
	for (size_t i = 0; i < count; i++) {
		r = load_directory(&l, dirs[i], rights && i >= rights->own ? rights : NULL);
		if (r < 0)
			return r;
		l.earlier = l.set->count;
	}
	if (l.set->count == 0)
		return error_set(e, -ENOENT, "%s: no rule found",
				 count ? dirs[0] : "no directory given");
	if (l.set->count > WS_RULES_MAX)
		return error_set(e, -E2BIG, "%zu rules where %d is the limit", l.set->count,
				 WS_RULES_MAX);
	qsort(l.set->rules, l.set->count, sizeof(*l.set->rules), by_strength);
	r = collect_labels(l.set, e);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(l.set);
	return 0;
}

void ruleset_free(struct ruleset *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->count; i++)
		rule_done(&r->rules[i]);
	free(r->rules);
	strings_done(&r->labels);
	strings_done(&r->off);
	strings_done(&r->expired);
	strings_done(&r->expiring);
	environment_free(&r->environment);
	free(r);
}
