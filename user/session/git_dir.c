// SPDX-License-Identifier: GPL-2.0-only
/* git_dir.c - see git_dir.h, and gitrepository-layout(5). */
#include "session/git_dir.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/small_file.h"

/* The real name of path, relative to dir unless absolute. */
static char *real_in(const char *dir, const char *path)
{
	char full[PATH_MAX];

	if (path[0] == '/')
		return realpath(path, NULL);
	if (snprintf(full, sizeof(full), "%s/%s", dir, path) >= (int)sizeof(full))
		return NULL;
	return realpath(full, NULL);
}

/* The path that the one line of dir/name holds after `prefix`, as a real name. */
static char *path_in_file(const char *dir, const char *name, const char *prefix)
{
	_free_ char *text = NULL;
	char file[PATH_MAX];
	size_t len;

	if (snprintf(file, sizeof(file), "%s/%s", dir, name) >= (int)sizeof(file))
		return NULL;
	text = small_file_read(file, (uid_t)-1, &len);
	if (!text || strlen(text) != len || strncmp(text, prefix, strlen(prefix)) != 0)
		return NULL;
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		text[--len] = 0;
	return real_in(dir, text + strlen(prefix));
}

static bool has(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path) &&
	       access(path, F_OK) == 0;
}

bool git_dir_is(const char *dir)
{
	return has(dir, "HEAD") && has(dir, "objects") && has(dir, "refs");
}

/* The repository of the worktree whose own directory `own` is, if that names `dotgit` in turn. */
static char *common_of(const char *own, const char *dotgit)
{
	_free_ char *common = path_in_file(own, "commondir", "");
	_free_ char *back = path_in_file(own, "gitdir", "");
	size_t len = common ? strlen(common) : 0;

	if (!common || !back || strcmp(back, dotgit) != 0 || !git_dir_is(common))
		return NULL;
	return strncmp(own, common, len) == 0 && strncmp(own + len, "/worktrees/", 11) == 0
		       ? TAKE_PTR(common)
		       : NULL;
}

static char *named_by(const char *dir, const char *dotgit)
{
	_free_ char *own = path_in_file(dir, ".git", "gitdir: ");

	if (!own)
		return NULL;
	if (has(own, "commondir"))
		return common_of(own, dotgit);
	return git_dir_is(own) ? TAKE_PTR(own) : NULL;
}

/* Where dir has a .git: sets it, and *ret_file if that is a file. */
static bool has_dotgit(const char *dir, char dotgit[PATH_MAX], bool *ret_file)
{
	struct stat st;

	if (snprintf(dotgit, PATH_MAX, "%s/.git", dir[1] ? dir : "") >= PATH_MAX ||
	    lstat(dotgit, &st) < 0)
		return false;
	*ret_file = S_ISREG(st.st_mode);
	return true;
}

/* dir, or the nearest directory above it, that has a .git. */
static char *find_dotgit(const char *dir, char dotgit[PATH_MAX], bool *ret_file)
{
	_free_ char *at = strdup(dir);

	while (at && at[0] == '/') {
		char *slash = strrchr(at, '/');

		if (has_dotgit(at, dotgit, ret_file))
			return TAKE_PTR(at);
		if (!at[1])
			break;
		slash[slash == at] = 0;
	}
	return NULL;
}

char *git_dir_outside(const char *dir)
{
	char dotgit[PATH_MAX];
	bool is_file;
	_free_ char *top = find_dotgit(dir, dotgit, &is_file);

	return top && is_file ? named_by(top, dotgit) : NULL;
}

char *git_work_tree(const char *dir)
{
	char dotgit[PATH_MAX];
	bool is_file;
	_free_ char *top = find_dotgit(dir, dotgit, &is_file), *outside = NULL;

	if (!top)
		return NULL;
	if (is_file)
		outside = named_by(top, dotgit);
	return outside || (!is_file && git_dir_is(dotgit)) ? TAKE_PTR(top) : NULL;
}
