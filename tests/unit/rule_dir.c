// SPDX-License-Identifier: GPL-2.0-only
/* rule_dir.c - a directory of rule files that a test makes and loads. */
#include "rule_dir.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

void rule_dir_make(struct rule_dir *d)
{
	strcpy(d->path, "/tmp/wormsign-rules-XXXXXX");
	assert_non_null(mkdtemp(d->path));
}

void rule_dir_put(const struct rule_dir *d, const char *name, const char *text)
{
	_free_ char *path = NULL, *slash = NULL;
	FILE *f;

	assert_true(asprintf(&path, "%s/%s", d->path, name) > 0);
	slash = strdup(path);
	*strrchr(slash, '/') = '\0';
	assert_true(mkdir(slash, 0700) == 0 || errno == EEXIST);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

void rule_dir_rule(const struct rule_dir *d, const char *id, const char *on, const char *action,
		   const char *more)
{
	_free_ char *text = NULL, *name = NULL;

	assert_true(asprintf(&text,
			     "{\"id\":\"%s\",\"title\":\"t\",\"severity\":\"low\",\"on\":[\"%s\"],"
			     "\"actor\":[\"package\"],\"action\":\"%s\",\"why\":\"w\",\"remedy\":"
			     "\"r\"%s}",
			     id, on, action, more) > 0);
	assert_true(asprintf(&name, "f/%s.json", id) > 0);
	rule_dir_put(d, name, text);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void rule_dir_remove(struct rule_dir *d)
{
	nftw(d->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void rule_dir_compile(const struct rule_dir *d, struct ruleset **ret_rules,
		      struct tables **ret_tables)
{
	const char *const dirs[] = { d->path };
	struct error e = { 0 };

	if (ruleset_load(ret_rules, dirs, 1, &e) < 0 ||
	    compile(ret_tables, *ret_rules, NULL, &e) < 0)
		fail_msg("%s", e.text);
}

int mask_has(const struct ws_mask *m, const struct ruleset *rules, const char *id)
{
	const struct rule *r = ruleset_find(rules, id);
	size_t n;

	assert_non_null(r);
	n = (size_t)(r - rules->rules);
	return m->w[n / 64] >> n % 64 & 1;
}
