// SPDX-License-Identifier: GPL-2.0-only
/* session.c - which directories are places of a session. */
#include "session.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "cleanup.h"

/*
 * Each in its order. "~" is every home, "$NAME" a variable of the environment. The system's
 * temporary directories come before the homes: containers like to set HOME=/tmp, and scripts need
 * them.
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

static int add(struct session_places *p, enum ws_place place, const char *path)
{
	if (p->count == p->room) {
		size_t room = p->room ? p->room * 2 : 64;
		struct session_place *at = reallocarray(p->at, room, sizeof(*at));

		if (!at)
			return -ENOMEM;
		p->at = at;
		p->room = room;
	}
	p->at[p->count] = (struct session_place){ .place = place, .path = strdup(path) };
	if (!p->at[p->count].path)
		return -ENOMEM;
	p->count++;
	return 0;
}

/* Those that were added since there were `count` are caches which the user named. */
static void named_since(struct session_places *p, size_t count)
{
	for (; count < p->count; count++)
		p->at[count].named = p->at[count].place == WS_PLACE_CACHE;
}

/* Join, unless path is absolute; a name longer than any path is no directory. */
static int add_in(struct session_places *p, enum ws_place place, const char *dir, const char *path)
{
	char full[PATH_MAX];

	if (path[0] == '/')
		return add(p, place, path);
	if (!dir || snprintf(full, sizeof(full), "%s/%s", dir, path) >= (int)sizeof(full))
		return 0;
	return add(p, place, full);
}

/* Is path `dir` or below it? Both real. */
static bool within(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1) /* "/" */
		return true;
	return strncmp(path, dir, n) == 0 && (!path[n] || path[n] == '/');
}

static char *real(const char *path)
{
	return path ? realpath(path, NULL) : NULL;
}

/* Users of the system have such homes; to hide them would hide the system. */
static bool no_home(const char *path)
{
	static const char *const system[] = { "/usr", "/bin", "/sbin", "/lib",	"/lib64", "/etc",
					      "/dev", "/sys", "/proc", "/boot", "/opt" };

	for (size_t i = 0; i < ARRAY_SIZE(system); i++)
		if (within(path, system[i]))
			return true;
	return strspn(path, "/") == strlen(path);
}

static int add_homes(struct session_places *p, const struct session_facts *f)
{
	const char *homes[] = { f->passwd_home, getenv("HOME") };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(homes); i++)
		if (homes[i] && homes[i][0] == '/' && !no_home(homes[i]) &&
		    (i == 0 || !homes[0] || strcmp(homes[0], homes[i]) != 0))
			r = add(p, WS_PLACE_HOME, homes[i]);
	return r;
}

/* Where a home lies below the working directory, that is no project: everything would be allowed
 * what a project's is. */
static int add_project(struct session_places *p, const struct session_facts *f)
{
	_free_ char *cwd = real(f->cwd);
	bool above = !cwd || strcmp(cwd, "/") == 0;

	for (size_t i = 0; !above && i < p->count; i++) {
		_free_ char *home = p->at[i].place == WS_PLACE_HOME ? real(p->at[i].path) : NULL;

		above = home && within(home, cwd);
	}
	/* by the directory itself: its name may lead elsewhere by now */
	return above ? 0 : add(p, WS_PLACE_PROJECT, ".");
}

static int add_known(struct session_places *p, enum ws_place place, const struct session_facts *f,
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

static int add_given(struct session_places *p, enum ws_place place, const struct session_facts *f,
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

/* A file that a user names may be anything: never wait for it, and never read without end. */
static char *read_small(const char *path)
{
	_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	_free_ char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > 1 << 18)
		return NULL;
	text = malloc(st.st_size + 1);
	n = text ? read(fd, text, st.st_size) : -1;
	if (n < 0)
		return NULL;
	text[n] = 0;
	return TAKE_PTR(text);
}

static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && isspace((unsigned char)end[-1]))
		*--end = 0;
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

/* As npm does: a name that is not set stays as it is written. */
static char *substitute(const char *value)
{
	_buf_ struct buf out = BUF_INIT;

	while (*value) {
		const char *end = value[0] == '$' && value[1] == '{' ? strchr(value, '}') : NULL;
		_free_ char *name = end ? strndup(value + 2, end - value - 2) : NULL;
		const char *set = name ? getenv(name) : NULL;

		if (set) {
			buf_adds(&out, set);
			value = end + 1;
		} else {
			buf_addc(&out, *value++);
		}
	}
	return buf_take(&out);
}

char *session_npmrc_cache(const char *text)
{
	_free_ char *copy = strdup(text), *found = NULL;
	char *line, *lines = copy;

	while (copy && (line = strsep(&lines, "\n"))) {
		char *value, *key = trim(line);

		if (key[0] == '[') /* settings of a section are not npm's */
			break;
		value = strchr(key, '=');
		if (!value || key[0] == ';' || key[0] == '#')
			continue;
		*value++ = 0;
		if (strcmp(trim(key), "cache") != 0)
			continue;
		value = trim(value);
		if (strlen(value) > 1 && (value[0] == '"' || value[0] == '\'') &&
		    value[strlen(value) - 1] == value[0]) {
			value[strlen(value) - 1] = 0;
			value++;
		}
		free(found);
		found = value[0] ? substitute(value) : NULL;
	}
	return TAKE_PTR(found);
}

/*
 * Who may write the project may name any directory there; taken is only one inside of the project,
 * or the home's .ssh would be a cache.
 */
static int add_npmrc(struct session_places *p, const char *file, const char *home,
		     const char *inside)
{
	_free_ char *text = file ? read_small(file) : NULL;
	_free_ char *cache = text ? session_npmrc_cache(text) : NULL;
	_free_ char *where = NULL, *top = NULL;
	char full[PATH_MAX];

	if (!cache)
		return 0;
	if (strncmp(cache, "~/", 2) == 0) {
		if (!home ||
		    snprintf(full, sizeof(full), "%s/%s", home, cache + 2) >= (int)sizeof(full))
			return 0;
		return inside ? 0 : add(p, WS_PLACE_CACHE, full);
	}
	if (!inside)
		return cache[0] == '/' ? add(p, WS_PLACE_CACHE, cache) : 0;
	if (snprintf(full, sizeof(full), "%s%s%s", cache[0] == '/' ? "" : inside,
		     cache[0] == '/' ? "" : "/", cache) >= (int)sizeof(full))
		return 0;
	where = real(full);
	top = real(inside);
	if (!where || !top || strcmp(where, top) == 0 || !within(where, top))
		return 0;
	return add(p, WS_PLACE_CACHE, where);
}

static int add_npm_caches(struct session_places *p, const struct session_facts *f)
{
	const char *user = getenv("npm_config_userconfig") ?: getenv("NPM_CONFIG_USERCONFIG");
	const char *home = getenv("HOME") ?: f->passwd_home;
	size_t before = p->count;
	char file[PATH_MAX];
	int r;

	if (!user && home && snprintf(file, sizeof(file), "%s/.npmrc", home) < (int)sizeof(file))
		user = file;
	r = add_npmrc(p, user, home, NULL);
	named_since(p, before); /* not by the project's npmrc: that is not the user's */
	if (r == 0 && f->cwd &&
	    snprintf(file, sizeof(file), "%s/.npmrc", f->cwd) < (int)sizeof(file))
		r = add_npmrc(p, file, home, f->cwd);
	return r;
}

/* ---- tools on PATH ---- */

/* Of DIR/bin with a DIR/lib beside it, the toolchain is DIR, unless DIR holds more than that. */
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

static int add_path(struct session_places *p, const struct session_facts *f)
{
	_free_ char *copy = strdup(getenv("PATH") ?: ""), *cwd = real(f->cwd);
	char *dir, *dirs = copy;
	int r = 0;

	if (!copy)
		return -ENOMEM;
	while (r == 0 && (dir = strsep(&dirs, ":"))) {
		_free_ char *path = dir[0] == '/' ? real(dir) : NULL;

		/* what the project brings is no toolchain, even if it is on PATH */
		if (!path || (cwd && strcmp(cwd, "/") != 0 && within(path, cwd)))
			continue;
		for (size_t i = 0; i < p->count; i++) {
			_free_ char *home = p->at[i].place == WS_PLACE_HOME ? real(p->at[i].path)
									    : NULL;

			if (!home || !within(path, home) || strcmp(path, home) == 0)
				continue;
			toolchain_of(path, home);
			r = add(p, WS_PLACE_TOOLS, path);
			break;
		}
	}
	return r;
}

int session_places(struct session_places *ret, const struct session_facts *f, struct error *e)
{
	struct session_places p = { 0 };
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
		session_places_free(&p);
		return error_set(e, r, "out of memory");
	}
	*ret = p;
	return 0;
}

void session_places_free(struct session_places *p)
{
	for (size_t i = 0; i < p->count; i++)
		free(p->at[i].path);
	free(p->at);
	*p = (struct session_places){ 0 };
}

/* ---- by identity ---- */

static bool entered(const struct ws_session *s, const struct ws_id *id)
{
	for (size_t i = 0; i < s->place_count; i++)
		if (s->places[i].id.ino == id->ino && s->places[i].id.dev == id->dev)
			return true;
	return false;
}

/* "/tmp/x" of an open directory; "" when there is no name to tell. */
static void name_of(int fd, char *ret, size_t room)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, room - 1);
	ret[n > 0 ? n : 0] = 0;
}

int session_enter_places(struct ws_session *s, const struct session_places *p,
			 session_identify identify, void *arg, size_t *ret_left_out,
			 struct error *e)
{
	char tools_at[WS_PLACES_MAX][256];
	size_t tool_count = 0;

	*ret_left_out = 0;
	for (size_t i = 0; i < p->count; i++) {
		_close_ int fd = open(p->at[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		char name[PATH_MAX];
		struct ws_id id;
		bool known = false;
		int r;

		if (fd < 0)
			continue;
		name_of(fd, name, sizeof(name));
		if (strcmp(name, "/") == 0)
			continue;
		/* the kernel looks through the list at every directory: no entry that says nothing
		 * new */
		for (size_t t = 0; p->at[i].place == WS_PLACE_TOOLS && !known && t < tool_count;
		     t++)
			known = within(name, tools_at[t]);
		if (known)
			continue;
		r = identify(arg, fd, &id);
		if (r < 0)
			return error_set(e, r, "the identity of %s cannot be found: %s",
					 p->at[i].path, strerror(-r));
		if (entered(s, &id))
			continue;
		if (s->place_count == WS_PLACES_MAX) {
			++*ret_left_out;
			continue;
		}
		s->places[s->place_count].id = id;
		s->places[s->place_count++].place = p->at[i].place;
		s->place_bloom |= 1ULL << (id.ino & 63);
		if (p->at[i].place == WS_PLACE_TOOLS && strlen(name) < sizeof(tools_at[0]))
			strcpy(tools_at[tool_count++], name);
	}
	return 0;
}
