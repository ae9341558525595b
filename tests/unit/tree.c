// SPDX-License-Identifier: GPL-2.0-only
/* tree.c - a temporary directory with files in it. */
#include "tree.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

char *tree_new(void)
{
	char name[] = "/tmp/wormsign-unit.XXXXXX";
	char *real;

	must(mkdtemp(name) != NULL, name);
	real = realpath(name, NULL);
	must(real != NULL, name);
	return real;
}

char *tree_top;

int tree_setup(void **state)
{
	(void)state;
	tree_top = tree_new();
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void tree_free(char *top)
{
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(top);
}

int tree_teardown(void **state)
{
	(void)state;
	tree_free(tree_top);
	return 0;
}

const char *tree_path(const char *top, const char *name)
{
	static char buffers[64][PATH_MAX];
	static unsigned turn;
	char *to = buffers[turn++ % 64];

	snprintf(to, PATH_MAX, "%s/%s", top, name);
	return to;
}

void tree_add(const char *top, const char *name, const char *text)
{
	_free_ char *path = strdup(tree_path(top, name));
	_fclose_ FILE *f = NULL;

	for (char *slash = strchr(path + strlen(top) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(path, 0755);
		*slash = '/';
	}
	if (path[strlen(path) - 1] == '/')
		return;
	f = fopen(path, "w");
	must(f && fputs(text, f) >= 0, path);
}

void tree_link(const char *top, const char *name, const char *to)
{
	must(symlink(to, tree_path(top, name)) == 0, name);
}

int tree_identify(void *arg, int fd, struct ws_id *ret)
{
	struct stat st;

	(void)arg;
	if (fstat(fd, &st) < 0)
		return -errno;
	*ret = (struct ws_id){ st.st_dev, st.st_ino };
	return 0;
}
