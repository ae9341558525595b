// SPDX-License-Identifier: GPL-2.0-only
/* dependents.c - see dependents.h. */
#define _GNU_SOURCE /* memrchr, strchrnul */
#include "events/dependents.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "events/lockfile.h"

#define PACKAGES_MAX 20000
#define EDGES_MAX    400000
#define MANIFEST_MAX (4L << 20)

static const char *const lists[] = { "dependencies", "optionalDependencies", "peerDependencies",
				     "devDependencies" };
#define OWN_LISTS   4 /* of the project: all */
#define OTHER_LISTS 3 /* of a package: its devDependencies are not installed */

/* ---- files ---- */

static json_t *read_in(const char *dir, const char *file, long most)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path))
		return NULL;
	return lockfile_read(path, most, false);
}

static bool exists_in(const char *dir, const char *file)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", dir, file) < (int)sizeof(path) &&
	       access(path, F_OK) == 0;
}

/* ---- the graph ---- */

struct edge {
	size_t from, to;
};

struct graph {
	json_t *index; /* key of each package -> its number */
	json_t *keys;  /* list of the keys */
	struct edge *edges;
	size_t count, room;
	/* Where package `from` finds its dependency `name`: a new reference to the key, or NULL. */
	json_t *(*resolve)(void *arg, const char *from, const char *name);
	/* The manifest of the package at key: a new reference, or NULL. */
	json_t *(*manifest)(void *arg, const char *key);
	void *arg;
};

static void graph_done(struct graph *g)
{
	json_decref(g->index);
	json_decref(g->keys);
	free(g->edges);
}

/* The number of key, which is new or not; negative: too many. */
static long number_of(struct graph *g, const char *key)
{
	json_t *known = json_object_get(g->index, key);
	size_t n = json_array_size(g->keys);

	if (known)
		return (long)json_integer_value(known);
	if (n == PACKAGES_MAX || json_array_append_new(g->keys, json_string(key)) < 0 ||
	    json_object_set_new(g->index, key, json_integer((json_int_t)n)) < 0)
		return -1;
	return (long)n;
}

static void add_edge(struct graph *g, size_t from, size_t to)
{
	if (g->count == g->room) {
		size_t room = g->room ? g->room * 2 : 1024;
		struct edge *edges =
			room > EDGES_MAX ? NULL : reallocarray(g->edges, room, sizeof(*edges));

		if (!edges)
			return;
		g->edges = edges;
		g->room = room;
	}
	g->edges[g->count++] = (struct edge){ from, to };
}

/* Add the dependencies of package number `from`. */
static void expand(struct graph *g, size_t from, size_t list_count)
{
	/* the list of keys may move in memory when it grows, this string does not */
	_json_ json_t *key = json_incref(json_array_get(g->keys, from));
	_json_ json_t *manifest = g->manifest(g->arg, json_string_value(key));
	const char *name;
	json_t *range;

	for (size_t i = 0; i < list_count; i++)
		json_object_foreach(json_object_get(manifest, lists[i]), name, range) {
			_json_ json_t *to = g->resolve(g->arg, json_string_value(key), name);
			long n = to ? number_of(g, json_string_value(to)) : -1;

			if (n >= 0)
				add_edge(g, from, (size_t)n);
		}
}

/* Which packages lead to `target`, by number: 1. NULL: out of memory. */
static char *reaching(const struct graph *g, size_t target)
{
	char *reach = calloc(json_array_size(g->keys), 1);
	bool more = reach;

	if (reach)
		reach[target] = 1;
	while (more) {
		more = false;
		for (size_t i = g->count; i-- > 0;)
			if (reach[g->edges[i].to] && !reach[g->edges[i].from])
				more = (reach[g->edges[i].from] = 1);
	}
	return reach;
}

static void add_name(struct dependents *d, const char *name)
{
	for (size_t i = 0; i < d->found && i < DEPENDENTS_MAX; i++)
		if (strcmp(d->names[i], name) == 0)
			return;
	if (strlen(name) >= DEPENDENTS_NAME)
		return;
	if (d->found < DEPENDENTS_MAX)
		strcpy(d->names[d->found], name);
	d->found++;
}

/* Enter the dependencies of `own` (the project, or a workspace of it) that lead to the target. */
static void collect(struct dependents *d, struct graph *g, const char *own, const char *reach)
{
	_json_ json_t *manifest = g->manifest(g->arg, own);
	const char *name;
	json_t *range;

	for (size_t i = 0; i < OWN_LISTS; i++)
		json_object_foreach(json_object_get(manifest, lists[i]), name, range) {
			_json_ json_t *to = g->resolve(g->arg, own, name);
			json_t *n = to ? json_object_get(g->index, json_string_value(to)) : NULL;

			if (n && reach[json_integer_value(n)])
				add_name(d, name);
		}
}

/* ---- npm's lockfile ---- */

/* Keys are relative paths: "", "node_modules/a", "node_modules/a/node_modules/b", "packages/ws". */
static json_t *lock_resolve(void *arg, const char *from, const char *name)
{
	size_t len = strlen(from);

	for (;;) {
		char key[PATH_MAX];
		const char *up;
		json_t *at;

		if (snprintf(key, sizeof(key), "%.*s%snode_modules/%s", (int)len, from,
			     len ? "/" : "", name) >= (int)sizeof(key))
			return NULL;
		at = json_object_get(arg, key);
		if (json_is_true(json_object_get(at, "link")))
			return json_incref(json_object_get(at, "resolved"));
		if (at)
			return json_string(key);
		if (!len)
			return NULL;
		/* the directory above: of what lies in it, the next node_modules upwards counts */
		up = memrchr(from, '/', len);
		len = up ? (size_t)(up - from) : 0;
	}
}

static json_t *lock_manifest(void *arg, const char *key)
{
	return json_incref(json_object_get(arg, key));
}

void dependents_in_lock(struct dependents *ret, const json_t *lock, const char *key)
{
	json_t *packages = json_object_get(lock, "packages"), *target, *each;
	CLEANUP(graph_done)
	struct graph g = { .index = json_object(),
			   .keys = json_array(),
			   .resolve = lock_resolve,
			   .manifest = lock_manifest,
			   .arg = packages };
	_free_ char *reach = NULL;
	const char *at;

	if (!json_object_get(packages, key))
		return;
	json_object_foreach(packages, at, each)
		number_of(&g, at);
	for (size_t i = 0; i < json_array_size(g.keys); i++)
		expand(&g, i, OTHER_LISTS);
	target = json_object_get(g.index, key);
	reach = target ? reaching(&g, (size_t)json_integer_value(target)) : NULL;
	if (!reach)
		return;
	collect(ret, &g, "", reach);
	/* workspaces are the keys that lie in no node_modules */
	json_object_foreach(packages, at, each)
		if (!ret->found && at[0] && !strstr(at, "node_modules/")) {
			collect(ret, &g, at, reach);
			if (ret->found)
				snprintf(ret->workspace, sizeof(ret->workspace), "%s", at);
		}
}

/* ---- the installed tree ---- */

/* Keys are real paths of directories. */
static json_t *tree_resolve(void *arg, const char *from, const char *name)
{
	size_t len = strlen(from);

	(void)arg;
	if (!name[0] || name[0] == '.' || strstr(name, ".."))
		return NULL;
	for (;;) {
		const char *slash = memrchr(from, '/', len), *base = slash ? slash + 1 : from;
		char path[PATH_MAX], *real;

		/* DIR/name if DIR is a node_modules, else DIR/node_modules/name */
		if (snprintf(path, sizeof(path), "%.*s/%s%s", (int)len, from,
			     from + len - base == 12 && strncmp(base, "node_modules", 12) == 0
				     ? ""
				     : "node_modules/",
			     name) >= (int)sizeof(path))
			return NULL;
		real = realpath(path, NULL);
		if (real) {
			json_t *key = json_string(real);

			free(real);
			return key;
		}
		if (!slash || slash == from)
			return NULL;
		len = slash - from;
	}
}

static json_t *tree_manifest(void *arg, const char *key)
{
	(void)arg;
	return read_in(key, "package.json", MANIFEST_MAX);
}

static void find_in_tree(struct dependents *ret, const char *project, const char *directory)
{
	CLEANUP(graph_done)
	struct graph g = { .index = json_object(),
			   .keys = json_array(),
			   .resolve = tree_resolve,
			   .manifest = tree_manifest };
	_free_ char *root = realpath(project, NULL), *target = realpath(directory, NULL);
	_free_ char *reach = NULL;
	long n;

	if (!root || !target || number_of(&g, root) < 0)
		return;
	expand(&g, 0, OWN_LISTS);
	for (size_t i = 1; i < json_array_size(g.keys); i++)
		expand(&g, i, OTHER_LISTS);
	n = number_of(&g, target);
	reach = n >= 0 ? reaching(&g, (size_t)n) : NULL;
	if (reach)
		collect(ret, &g, root, reach);
}

/* Not installed yet, or removed again by a manager that has failed: that the project itself names
 * it is enough. */
static void find_own(struct dependents *ret, const json_t *manifest, const char *directory)
{
	const char *name = NULL, *at = directory;

	while ((at = strstr(at, "/node_modules/")))
		name = at += strlen("/node_modules/");
	for (size_t i = 0; name && i < OWN_LISTS; i++)
		if (json_object_get(json_object_get(manifest, lists[i]), name))
			add_name(ret, name);
}

/* ---- the project ---- */

const char *dependents_project(const char *directory, const char *cwd, size_t *ret_len)
{
	static const char *const inside[] = { "/node_modules/", "/.yarn/" };
	size_t cwd_len = strlen(cwd), len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(inside); i++) {
		const char *at = strstr(directory, inside[i]);

		if (at && (!len || (size_t)(at - directory) < len))
			len = at - directory;
	}
	/* a store of the manager is no project */
	if (len >= cwd_len && strncmp(directory, cwd, cwd_len) == 0 &&
	    (directory[cwd_len] == '/' || cwd_len == 1)) {
		*ret_len = len;
		return directory;
	}
	*ret_len = cwd_len;
	return cwd;
}

/* What lies directly in the outermost node_modules: DIR/node_modules/@scope/x of DIR/node_modules/
 * @scope/x/node_modules/y. What is too long is left out. */
static void set_outside(struct dependents *ret, const char *project, const char *directory)
{
	const char *at = strstr(directory, "/node_modules/"), *end;
	size_t top = at ? at - directory : 0;

	/* npm climbs to the root of a monorepo, and out of a project's subdirectories */
	if (!at ||
	    (strncmp(project, directory, top) == 0 && (!project[top] || project[top] == '/')))
		return;
	at += strlen("/node_modules/");
	end = strchrnul(at, '/');
	if (at[0] == '@' && *end)
		end = strchrnul(end + 1, '/');
	if (end > at && (size_t)(end - directory) < sizeof(ret->outside))
		memcpy(ret->outside, directory, end - directory);
}

/* Whether yarn.lock is one of yarn 2 or later. */
static bool is_berry(const char *project)
{
	char path[PATH_MAX], line[256];
	_fclose_ FILE *f = NULL;
	int fd;

	if (exists_in(project, ".yarnrc.yml"))
		return true;
	if (snprintf(path, sizeof(path), "%s/yarn.lock", project) >= (int)sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (fd >= 0 && !f)
		close(fd);
	for (int i = 0; f && i < 20 && fgets(line, sizeof(line), f); i++)
		if (strncmp(line, "__metadata:", 11) == 0)
			return true;
	return false;
}

void dependents_find(struct dependents *ret, const char *project, const char *directory)
{
	static const char *const others[] = { "pnpm-lock.yaml", "yarn.lock", "bun.lock",
					      "bun.lockb" };
	_json_ json_t *manifest = read_in(project, "package.json", MANIFEST_MAX);
	size_t len = strlen(project);
	bool below = strncmp(directory, project, len) == 0 && directory[len] == '/';

	*ret = (struct dependents){ .manifest = manifest, .yarn_berry = is_berry(project) };
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		ret->lock |= exists_in(project, others[i]);
	if (below)
		for (size_t i = 0; lockfile_npm[i] && !ret->found; i++) {
			_json_ json_t *lock = read_in(project, lockfile_npm[i], LOCKFILE_MOST);

			ret->lock |= lock != NULL;
			dependents_in_lock(ret, lock, directory + len + 1);
		}
	if (!ret->found)
		find_in_tree(ret, project, directory);
	if (!ret->found && !below)
		set_outside(ret, project, directory);
	if (!ret->found)
		find_own(ret, manifest, directory);
}
