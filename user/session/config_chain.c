// SPDX-License-Identifier: GPL-2.0-only
/* config_chain.c - see config_chain.h. */
#include "session/config_chain.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LEVELS_MOST 64	/* directories to go up */
#define STARTS_MOST 256 /* directories that were looked into */

struct chain {
	const struct config_chain *c;
	char root[32], cwd[32]; /* below /proc */
	const char *environment;
	size_t len;
	uid_t user;
	struct {
		dev_t dev;
		ino_t ino;
	} seen[STARTS_MOST];
	size_t seen_count;
	config_chain_fn fn;
	void *arg;
};

static enum config_kind kind_of(const struct environment_entry *entry)
{
	return entry->class == ENVIRONMENT_NETRC	? CONFIG_NETRC
	       : entry->class == ENVIRONMENT_GIT_CONFIG ? CONFIG_GIT
							: CONFIG_MANAGER;
}

static bool is_of_chain(const struct environment_entry *entry)
{
	return entry->class == ENVIRONMENT_NETRC || entry->class == ENVIRONMENT_NPMRC ||
	       entry->class == ENVIRONMENT_GIT_CONFIG;
}

static const char *value_of(const struct chain *c, const char *name, size_t len)
{
	for (size_t at = 0; at < c->len;) {
		const char *variable = c->environment + at;
		size_t size = strnlen(variable, c->len - at);

		if (size == c->len - at) /* not ended */
			return NULL;
		if (size > len && variable[len] == '=' && strncmp(variable, name, len) == 0)
			return variable[len + 1] ? variable + len + 1 : NULL;
		at += size + 1;
	}
	return NULL;
}

static bool is_usual(const struct environment_table *t, const char *name)
{
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; is_of_chain(&t->at[i]) && k < t->at[i].paths.count; k++) {
			const char *path = t->at[i].paths.at[k], *slash = strrchr(path, '/');

			if (strcmp(slash ? slash + 1 : path, name) == 0)
				return true;
		}
	return false;
}

/*
 * Files of other users only if no link leads to them: who watches a file makes each open of it
 * slower, for everybody, and a link may lead anywhere. (Where root runs scripts, as in a container,
 * the files of its home are often somebody else's.)
 */
static void hand_over(struct chain *c, int dir, const char *name, enum config_kind kind, bool own)
{
	_close_ int fd = openat(dir, name, O_PATH | O_CLOEXEC);
	struct config_file f = { .fd = fd, .kind = kind, .name = name, .dir = -1 };
	struct stat st, link;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (c->user != 0 && st.st_uid != c->user &&
	    (fstatat(dir, name, &link, AT_SYMLINK_NOFOLLOW) < 0 || link.st_ino != st.st_ino ||
	     link.st_dev != st.st_dev))
		return;
	f.usual = is_usual(c->c->table, name);
	if (own && fstat(dir, &link) == 0 && link.st_uid == c->user)
		f.dir = dir;
	c->fn(c->arg, &f);
}

/* A path that is absolute, below the home, or (home "") below the process's directory. */
static void look_at(struct chain *c, const char *home, const char *path, enum config_kind kind)
{
	_close_ int dir = -1;
	char full[PATH_MAX], *slash;

	if (snprintf(full, sizeof(full), "%s%s%s%s", path[0] == '/' || home[0] ? c->root : c->cwd,
		     home, path[0] == '/' ? "" : "/", path) >= (int)sizeof(full))
		return;
	slash = strrchr(full, '/');
	*slash = 0;
	dir = open(full, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && slash[1])
		hand_over(c, dir, slash + 1, kind, home[0]);
}

static bool was_seen(struct chain *c, int dir)
{
	struct stat st;

	if (fstat(dir, &st) < 0 || c->seen_count == STARTS_MOST)
		return true;
	for (size_t i = 0; i < c->seen_count; i++)
		if (c->seen[i].ino == st.st_ino && c->seen[i].dev == st.st_dev)
			return true;
	c->seen[c->seen_count].dev = st.st_dev;
	c->seen[c->seen_count++].ino = st.st_ino;
	return false;
}

/* What a path of the table is after its variable was replaced; NULL: it is not set, or too long. */
static const char *expand(const struct chain *c, const char *path, char ret[PATH_MAX])
{
	size_t name;
	const char *value;

	if (path[0] != '$')
		return path;
	name = strcspn(path + 1, "/");
	value = value_of(c, path + 1, name);
	if (!value || snprintf(ret, PATH_MAX, "%s%s", value, path + 1 + name) >= PATH_MAX)
		return NULL;
	return ret;
}

static void look_in_directory(struct chain *c, int dir)
{
	const struct environment_table *t = c->c->table;
	char buffer[PATH_MAX];

	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; is_of_chain(&t->at[i]) && k < t->at[i].paths.count; k++) {
			const char *path = expand(c, t->at[i].paths.at[k], buffer);

			if (path && !strchr(path, '/'))
				hand_over(c, dir, path, kind_of(&t->at[i]), true);
		}
}

/* Look into the directory and all above, as far as that was not done. */
static void look_upwards(struct chain *c, const char *from)
{
	_close_ int dir = open(from, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (c->c->around)
		c->c->around(c->arg, from);
	for (unsigned i = 0; i < LEVELS_MOST && dir >= 0 && !was_seen(c, dir); i++) {
		int above;

		look_in_directory(c, dir);
		above = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(dir);
		dir = above;
	}
}

static void look_into_home(struct chain *c, const char *home)
{
	const struct environment_table *t = c->c->table;
	char path[PATH_MAX];

	if (c->c->home && snprintf(path, sizeof(path), "%s%s", c->root, home) < (int)sizeof(path))
		c->c->home(c->arg, path);
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; is_of_chain(&t->at[i]) && k < t->at[i].paths.count; k++)
			if (t->at[i].paths.at[k][0] == '~')
				look_at(c, home, t->at[i].paths.at[k] + 2, kind_of(&t->at[i]));
}

static void look_at_named(struct chain *c)
{
	const struct environment_table *t = c->c->table;
	const char *home = value_of(c, "HOME", 4);
	char buffer[PATH_MAX];

	for (size_t i = 0; i < t->count; i++) {
		enum config_kind kind = kind_of(&t->at[i]);

		if (!is_of_chain(&t->at[i]))
			continue;
		for (size_t k = 0; k < t->at[i].variables.count; k++) {
			const char *name = t->at[i].variables.at[k];
			const char *value = value_of(c, name, strlen(name));

			if (value && value[0] == '~' && value[1] == '/' && home && home[0] == '/')
				look_at(c, home, value + 2, kind);
			else if (value)
				look_at(c, "", value, kind);
		}
		for (size_t k = 0; k < t->at[i].paths.count; k++) {
			const char *path = expand(c, t->at[i].paths.at[k], buffer);

			if (path && path[0] != '~' && strchr(path, '/'))
				look_at(c, "", path, kind);
		}
	}
}

void config_chain_each(const struct config_chain *c, uint32_t pid, const char *environment,
		       size_t len, config_chain_fn fn, void *arg)
{
	/* of the project, where the package's own directory does not lie below it */
	static const char *const starts[] = { "INIT_CWD", "PROJECT_CWD",
					      "npm_config_local_prefix" };
	struct chain chain = {
		.c = c, .environment = environment, .len = len, .fn = fn, .arg = arg
	};
	const char *home = value_of(&chain, "HOME", 4);
	struct stat st;
	char path[PATH_MAX];

	snprintf(chain.cwd, sizeof(chain.cwd), "/proc/%" PRIu32, pid);
	if (stat(chain.cwd, &st) < 0)
		return;
	chain.user = st.st_uid;
	snprintf(chain.root, sizeof(chain.root), "/proc/%" PRIu32 "/root", pid);
	snprintf(chain.cwd, sizeof(chain.cwd), "/proc/%" PRIu32 "/cwd", pid);
	if (home && home[0] == '/')
		look_into_home(&chain, home);
	for (const char *const *h = c->homes; h && *h; h++)
		if (!home || strcmp(*h, home) != 0)
			look_into_home(&chain, *h);
	look_at_named(&chain);
	look_upwards(&chain, chain.cwd);
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		const char *value = value_of(&chain, starts[i], strlen(starts[i]));

		if (value && value[0] == '/' &&
		    snprintf(path, sizeof(path), "%s%s", chain.root, value) < (int)sizeof(path))
			look_upwards(&chain, path);
	}
}
