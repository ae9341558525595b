// SPDX-License-Identifier: GPL-2.0-only
/* rulesdirs.c - find the directories with rules. */
#include "rulesdirs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "cleanup.h"

static int add(struct rulesdirs *d, const char *path)
{
	char **at = reallocarray(d->at, d->count + 1, sizeof(*at));

	if (!at)
		return -ENOMEM;
	d->at = at;
	d->at[d->count] = strdup(path);
	if (!d->at[d->count])
		return -ENOMEM;
	d->count++;
	return 0;
}

/* TOP/rules of a binary in TOP/.output, or in a flavour's directory in there. */
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

static int find(struct rulesdirs *d, const char *const *extra, struct error *e)
{
	_buf_ struct buf text = BUF_INIT;
	char tree[PATH_MAX];
	int r;

	if (in_build_tree(tree, sizeof(tree)) == 0)
		r = add(d, tree);
	else if (access(WORMSIGN_RULES_DIR, F_OK) == 0)
		r = add(d, WORMSIGN_RULES_DIR);
	else
		return error_set(
			e, -ENOENT,
			"the rules that come with wormsign are not in %s: install them there",
			WORMSIGN_RULES_DIR);
	if (r == 0 && access(RULESDIRS_SITE, F_OK) == 0)
		r = add(d, RULESDIRS_SITE);
	for (; r == 0 && extra && *extra; extra++)
		r = add(d, *extra);
	for (size_t i = 0; r == 0 && i < d->count; i++)
		buf_addf(&text, "%s%s", i ? ", " : "", d->at[i]);
	d->text = buf_take(&text);
	return r < 0 || !d->text ? error_set(e, -ENOMEM, "out of memory") : 0;
}

int rulesdirs_find(struct rulesdirs *ret, const char *const *extra, struct error *e)
{
	struct rulesdirs d = { 0 };
	int r = find(&d, extra, e);

	if (r < 0) {
		rulesdirs_free(&d);
		return r;
	}
	*ret = d;
	return 0;
}

void rulesdirs_free(struct rulesdirs *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->at[i]);
	free(d->at);
	free(d->text);
	*d = (struct rulesdirs){ 0 };
}
