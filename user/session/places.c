// SPDX-License-Identifier: GPL-2.0-only
/* places.c - which directories are places of a session, as names. */
#include "session/places.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "session/git_dir.h"
#include "session/npmrc.h"
#include "session/path_below.h"
#include "session/workspace.h"

/*
 * "~" stands for every home, "$NAME" for a variable of the environment. The system's temporary
 * directories come before the homes: one that is $HOME is not the place `home` (places_enter()).
 */
static const char *const system_tmp[] = { "/tmp", "/var/tmp", "/dev/shm" };
static const char *const user_tmp[] = { "$TMPDIR", "$TMP", "$TEMP" };
static const char *const caches[] = {
	"$npm_config_cache",
	"$NPM_CONFIG_CACHE",
	"$XDG_CACHE_HOME",
	"$YARN_CACHE_FOLDER",
	"$BUN_INSTALL_CACHE_DIR",
	"$PNPM_HOME",
	"$npm_config_store_dir",
	"~/.npm",
	"~/.cache",
	"~/.yarn",
	"~/.local/share/pnpm",
	"~/.local/state/pnpm",
	"~/.pnpm-store",
	"~/.bun/install/cache",
	"~/.node-gyp",
	"~/.electron",
};
static const char *const tools[] = {
	"/usr",
	"/bin",
	"/lib",
	"/lib64",
	"/opt",
	"$RUNNER_TOOL_CACHE",
	"$AGENT_TOOLSDIRECTORY",
	"~/hostedtoolcache",
	"$NVM_DIR",
	"$VOLTA_HOME",
	"$PYENV_ROOT",
	"$RUSTUP_HOME",
	"$CARGO_HOME",
	"~/.nvm",
	"~/.volta",
	"~/.pyenv",
	"~/.rustup",
	"~/.cargo",
	"~/.asdf",
	"~/.sdkman",
	"~/.local/share/mise",
	"~/.local/share/fnm",
	"~/.bun/bin",
};

static int add(struct places *p, enum ws_place place, const char *path)
{
	if (p->count == p->room) {
		size_t room = p->room ? p->room * 2 : 64;
		struct place *at = reallocarray(p->at, room, sizeof(*at));

		if (!at)
			return -ENOMEM;
		p->at = at;
		p->room = room;
	}
	p->at[p->count] = (struct place){ .place = place, .path = strdup(path) };
	if (!p->at[p->count].path)
		return -ENOMEM;
	p->count++;
	return 0;
}

/* Mark the caches from number `count` on as named by the user. */
static void named_since(struct places *p, size_t count)
{
	for (; count < p->count; count++)
		p->at[count].named = p->at[count].place == WS_PLACE_CACHE;
}

/* Add path, relative to dir unless absolute. What is longer than PATH_MAX cannot exist. */
static int add_in(struct places *p, enum ws_place place, const char *dir, const char *path)
{
	char full[PATH_MAX];

	if (path[0] == '/')
		return add(p, place, path);
	if (!dir || snprintf(full, sizeof(full), "%s/%s", dir, path) >= (int)sizeof(full))
		return 0;
	return add(p, place, full);
}

static char *real(const char *path)
{
	return path ? realpath(path, NULL) : NULL;
}

/* Homes of system users (/usr/sbin, /bin, /): if these were homes, rules would hide the system. */
static bool is_system_directory(const char *path)
{
	static const char *const system[] = { "/usr", "/bin", "/sbin", "/lib",	"/lib64", "/etc",
					      "/dev", "/sys", "/proc", "/boot", "/opt" };

	for (size_t i = 0; i < ARRAY_SIZE(system); i++)
		if (path_below(path, system[i]))
			return true;
	return strspn(path, "/") == strlen(path);
}

static int add_home(struct places *p, const char *home)
{
	if (!home || home[0] != '/' || is_system_directory(home))
		return 0;
	for (size_t i = 0; i < p->count; i++)
		if (p->at[i].place == WS_PLACE_HOME && strcmp(p->at[i].path, home) == 0)
			return 0;
	return add(p, WS_PLACE_HOME, home);
}

static int add_homes(struct places *p, const struct places_sources *f)
{
	const char *homes[] = { f->passwd_home, getenv("HOME") };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(homes); i++)
		r = add_home(p, homes[i]);
	for (const char *const *at = f->homes; r == 0 && at && *at; at++)
		r = add_home(p, *at);
	return r;
}

/* Above a home (/, /home): as a project, all of it would be the project's. A home itself can be the
 * project; it remains a home. */
static bool above_home(const struct places *p, const char *dir)
{
	if (strcmp(dir, "/") == 0)
		return true;
	for (size_t i = 0; i < p->count; i++) {
		_free_ char *home = p->at[i].place == WS_PLACE_HOME ? real(p->at[i].path) : NULL;

		if (home && strcmp(home, dir) != 0 && path_below(home, dir))
			return true;
	}
	return false;
}

static bool is_home(const struct places *p, const char *dir)
{
	for (size_t i = 0; i < p->count; i++) {
		_free_ char *home = p->at[i].place == WS_PLACE_HOME ? real(p->at[i].path) : NULL;

		if (home && strcmp(home, dir) == 0)
			return true;
	}
	return false;
}

/* The work tree above, of which the project is a part (frontend/ of an application): git commands
 * in the project read all of it and write its index. A home that is a work tree (of dot-files), or
 * what lies above one, is not the project's; its .git is. */
static int add_work_tree(struct places *p, const char *cwd)
{
	_free_ char *top = git_work_tree(cwd);

	p->home_tree |= top && is_home(p, top);
	if (!top || strcmp(top, cwd) == 0)
		return 0;
	return above_home(p, top) || is_home(p, top) ? add_in(p, WS_PLACE_PROJECT, top, ".git")
						     : add(p, WS_PLACE_PROJECT, top);
}

/* What belongs to the project in dir: the root of the workspace that it is a part of, for that
 * root's scripts, and the other parts', are the project's, too; the repository, above and where it
 * lies outside. */
static int add_around(struct places *p, const char *dir)
{
	_free_ char *root = workspace_root(dir), *git = NULL;
	int r = 0;

	if (root && !above_home(p, root))
		r = add(p, WS_PLACE_PROJECT, root);
	r = r ?: add_work_tree(p, dir);
	git = git_dir_outside(dir);
	if (r == 0 && git && !above_home(p, git))
		r = add(p, WS_PLACE_PROJECT, git);
	return r;
}

static int add_project(struct places *p, const struct places_sources *f)
{
	_free_ char *cwd = real(f->cwd);

	if (!cwd || above_home(p, cwd))
		return 0;
	/* "." and not cwd, whose name may have been given to another directory meanwhile */
	return add(p, WS_PLACE_PROJECT, ".") ?: add_around(p, cwd);
}

static int add_known(struct places *p, enum ws_place place, const struct places_sources *f,
		     const char *const *known, size_t count)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		const char *path = known[i];

		if (path[0] == '$') {
			const char *value = getenv(path + 1);
			size_t before = p->count;

			if (value && value[0])
				r = add_in(p, place, f->cwd, value);
			named_since(p, before);
		} else if (path[0] == '~') {
			for (size_t h = 0; r == 0 && h < p->count; h++)
				if (p->at[h].place == WS_PLACE_HOME)
					r = add_in(p, place, p->at[h].path, path + 2);
		} else {
			r = add(p, place, path);
		}
	}
	return r;
}

static int add_given(struct places *p, enum ws_place place, const struct places_sources *f,
		     const char *const *given)
{
	size_t before = p->count;
	int r = 0;

	for (; r == 0 && given && *given; given++)
		r = add_in(p, place, f->cwd, *given);
	named_since(p, before);
	return r;
}

/* ---- npm's own configuration ---- */

static int add_user_npmrc(struct places *p, const char *file, const char *home)
{
	_free_ char *cache = npmrc_file_cache(file);
	char full[PATH_MAX];

	if (!cache)
		return 0;
	if (strncmp(cache, "~/", 2) != 0)
		return cache[0] == '/' ? add(p, WS_PLACE_CACHE, cache) : 0;
	if (!home || snprintf(full, sizeof(full), "%s%s", home, cache + 1) >= (int)sizeof(full))
		return 0;
	return add(p, WS_PLACE_CACHE, full);
}

/* Only a directory inside of the project: whoever wrote its npmrc could name ~/.ssh. */
static int add_project_npmrc(struct places *p, const char *file, const char *project)
{
	_free_ char *cache = npmrc_file_cache(file);
	_free_ char *where = NULL, *top = NULL;
	char full[PATH_MAX];

	if (!cache || strncmp(cache, "~/", 2) == 0)
		return 0;
	if (snprintf(full, sizeof(full), "%s%s%s", cache[0] == '/' ? "" : project,
		     cache[0] == '/' ? "" : "/", cache) >= (int)sizeof(full))
		return 0;
	where = real(full);
	top = real(project);
	if (!where || !top || strcmp(where, top) == 0 || !path_below(where, top))
		return 0;
	return add(p, WS_PLACE_CACHE, where);
}

static int add_npm_caches(struct places *p, const struct places_sources *f)
{
	const char *user = getenv("npm_config_userconfig") ?: getenv("NPM_CONFIG_USERCONFIG");
	const char *home = getenv("HOME") ?: f->passwd_home;
	size_t before = p->count;
	char file[PATH_MAX];
	int r;

	if (!user && home && snprintf(file, sizeof(file), "%s/.npmrc", home) < (int)sizeof(file))
		user = file;
	r = user ? add_user_npmrc(p, user, home) : 0;
	named_since(p, before); /* the project's npmrc comes next: not the user's word */
	if (r == 0 && f->cwd &&
	    snprintf(file, sizeof(file), "%s/.npmrc", f->cwd) < (int)sizeof(file))
		r = add_project_npmrc(p, file, f->cwd);
	return r;
}

/* ---- tools on PATH ---- */

/* Shorten DIR/bin to DIR if there is a DIR/lib: then DIR is a toolchain. Not when DIR is the home
 * or its .local, which hold more than tools. */
static void toolchain_of(char *dir, const char *home)
{
	char *slash = strrchr(dir, '/');
	char lib[PATH_MAX];

	if (!slash || slash == dir || strcmp(slash, "/bin") != 0)
		return;
	if (snprintf(lib, sizeof(lib), "%.*s/lib", (int)(slash - dir), dir) >= (int)sizeof(lib) ||
	    access(lib, F_OK) < 0)
		return;
	*slash = 0;
	if (strcmp(dir, home) == 0 ||
	    (strlen(dir) > 7 && strcmp(dir + strlen(dir) - 7, "/.local") == 0))
		*slash = '/';
}

static int add_path(struct places *p, const struct places_sources *f)
{
	_free_ char *copy = strdup(getenv("PATH") ?: ""), *cwd = real(f->cwd);
	char *dir, *dirs = copy;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	while (r == 0 && (dir = strsep(&dirs, ":"))) {
		_free_ char *path = dir[0] == '/' ? real(dir) : NULL;

		/* node_modules/.bin and its like are on PATH, but not the user's tools */
		if (!path || (cwd && strcmp(cwd, "/") != 0 && path_below(path, cwd)))
			continue;
		for (size_t i = 0; i < p->count; i++) {
			_free_ char *home = p->at[i].place == WS_PLACE_HOME ? real(p->at[i].path)
									    : NULL;

			if (!home || !path_below(path, home) || strcmp(path, home) == 0)
				continue;
			toolchain_of(path, home);
			r = add(p, WS_PLACE_TOOLS, path);
			break;
		}
	}
	return r;
}

int places_find(struct places *ret, const struct places_sources *f, struct error *e)
{
	struct places p = { 0 };
	int r;

	r = add_known(&p, WS_PLACE_TMP, f, system_tmp, ARRAY_SIZE(system_tmp));
	r = r ?: add_homes(&p, f);
	r = r ?: add_project(&p, f);
	r = r ?: add_known(&p, WS_PLACE_TMP, f, user_tmp, ARRAY_SIZE(user_tmp));
	r = r ?: add_given(&p, WS_PLACE_TMP, f, f->tmp);
	r = r ?: add_given(&p, WS_PLACE_CACHE, f, f->cache);
	r = r ?: add_npm_caches(&p, f);
	r = r ?: add_known(&p, WS_PLACE_CACHE, f, caches, ARRAY_SIZE(caches));
	r = r ?: add_known(&p, WS_PLACE_TOOLS, f, tools, ARRAY_SIZE(tools));
	r = r ?: add_path(&p, f);
	if (r < 0) {
		places_free(&p);
		return error_set(e, r, "out of memory");
	}
	*ret = p;
	return 0;
}

int places_of_home(struct places *ret, const struct places *session, const char *home)
{
	struct places_sources none = { 0 };
	_free_ char *at = home[0] == '/' ? real(home) : NULL;
	struct places p = { 0 };
	int r;

	*ret = p;
	if (!at || !strchr(at + 1, '/'))
		return 0;
	for (size_t i = 0; i < session->count; i++) {
		_free_ char *place = real(session->at[i].path);

		if (place && session->at[i].place == WS_PLACE_HOME && path_below(place, at))
			return 0;
		/* `npm test` may well install in a new HOME below /tmp */
		if (place && session->at[i].place == WS_PLACE_TMP && path_below(at, place))
			return 0;
	}
	r = add_home(&p, at);
	if (r == 0 && p.count)
		r = add_known(&p, WS_PLACE_CACHE, &none, caches, ARRAY_SIZE(caches));
	if (r == 0 && p.count)
		r = add_known(&p, WS_PLACE_TOOLS, &none, tools, ARRAY_SIZE(tools));
	if (r < 0) {
		places_free(&p);
		return r;
	}
	*ret = p;
	return 0;
}

int places_of_project(struct places *ret, const struct places *session, const char *dir)
{
	_free_ char *at = real(dir);
	struct places p = { 0 };
	char manifest[PATH_MAX];
	int r = 0;

	*ret = p;
	if (!at || is_system_directory(at) ||
	    snprintf(manifest, sizeof(manifest), "%s/package.json", at) >= (int)sizeof(manifest) ||
	    access(manifest, F_OK) < 0)
		return 0;
	for (size_t i = 0; r == 0 && i < session->count; i++)
		if (session->at[i].place == WS_PLACE_HOME)
			r = add(&p, WS_PLACE_HOME, session->at[i].path);
	if (r == 0 && !above_home(&p, at))
		r = add(&p, WS_PLACE_PROJECT, at) ?: add_around(&p, at);
	if (r < 0) {
		places_free(&p);
		return r;
	}
	*ret = p;
	return 0;
}

void places_free(struct places *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->at[i].path);
	free(p->at);
	*p = (struct places){ 0 };
}
