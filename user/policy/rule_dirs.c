// SPDX-License-Identifier: GPL-2.0-only
/* rule_dirs.c - see rule_dirs.h. */
#include "policy/rule_dirs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"

/* Path of TOP/rules, if this binary lies somewhere below TOP/.output. */
static int in_build_tree(char *ret, size_t room)
{
	char exe[PATH_MAX], *end;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n <= 0)
		return -errno;
	exe[n] = 0;
	end = strstr(exe, "/.output/");
	for (char *next = end; next; next = strstr(next + 1, "/.output/"))
		end = next;
	if (!end)
		return -ENOENT;
	*end = 0;
	if (snprintf(ret, room, "%s/rules", exe) >= (int)room)
		return -ENAMETOOLONG;
	return access(ret, F_OK) < 0 ? -errno : 0;
}

static int find(struct rule_dirs *d, const char *const *extra, struct error *e)
{
	_buf_ struct buf text = BUF_INIT;
	char tree[PATH_MAX];
	int r;

	if (in_build_tree(tree, sizeof(tree)) == 0)
		r = strings_add(&d->list, tree);
	else if (access(WORMSIGN_RULES_DIR, F_OK) == 0)
		r = strings_add(&d->list, WORMSIGN_RULES_DIR);
	else
		return error_set(e, -ENOENT, "the shipped rules are missing: there is no %s",
				 WORMSIGN_RULES_DIR);
	if (r == 0 && access(RULE_DIRS_SITE, F_OK) == 0)
		r = strings_add(&d->list, RULE_DIRS_SITE);
	d->own = d->list.count;
	for (; r == 0 && extra && *extra; extra++)
		r = strings_add(&d->list, *extra);
	for (size_t i = 0; r == 0 && i < d->list.count; i++)
		buf_addf(&text, "%s%s", i ? ", " : "", d->list.at[i]);
	d->text = buf_take(&text);
	return r < 0 || !d->text ? error_set(e, -ENOMEM, "out of memory") : 0;
}

int rule_dirs_find(struct rule_dirs *ret, const char *const *extra, struct error *e)
{
	struct rule_dirs d = { 0 };
	int r = find(&d, extra, e);

	if (r < 0) {
		rule_dirs_done(&d);
		return r;
	}
	*ret = d;
	return 0;
}

void rule_dirs_done(struct rule_dirs *d)
{
	strings_done(&d->list);
	free(d->text);
	*d = (struct rule_dirs){ 0 };
}
