// SPDX-License-Identifier: GPL-2.0-only
/* named_files.c - make paths of values, open each, and enter its identity. */
#include "session/named_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "session/config_chain.h"
#include "session/config_look.h"
#include "session/git_dir.h"
#include "session/git_includes.h"
#include "session/npmrc.h"
#include "session/path_below.h"
#include "session/script_files.h"
#include "session/small_file.h"
#include "session/workspace.h"

#define CERTIFICATES_MOST 4096 /* entries of a directory of certificates to look at */

struct entering {
	const struct knower *k;
	const struct named_files_sources *f;
	struct named_files_result *result;
};

/* ---- entering ---- */

int named_files_config(const struct knower *k, int fd, enum config_kind kind)
{
	/* with a credential */
	const char *with = kind == CONFIG_GIT	    ? KNOWN_GIT_TOKEN
			   : kind == CONFIG_MANAGER ? KNOWN_NPMRC
						    : KNOWN_NETRC;
	uint64_t size;

	if (k->config)
		return k->config(k->arg, fd, kind);
	if (config_look(kind, fd, &size) & CONFIG_CREDENTIAL)
		return k->know(k->arg, fd, with, WS_ANY_SIZE);
	return k->know(k->arg, fd, KNOWN_CLEAN_CONFIG, size);
}

#define INCLUDE_DEPTH 10 /* git's own limit */
#define INCLUDES_MOST 64 /* files that one file leads to, itself included */

struct includes {
	struct {
		dev_t dev;
		ino_t ino;
	} seen[INCLUDES_MOST];
	size_t count;
};

struct including {
	const struct knower *k;
	const char *file; /* that includes */
	uid_t owner;
	unsigned depth;
	struct includes *all;
};

/* Whether a file is looked at for the first time, and there is room to note it. */
static bool is_new(struct includes *all, const struct stat *st)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->seen[i].ino == st->st_ino && all->seen[i].dev == st->st_dev)
			return false;
	if (all->count == INCLUDES_MOST)
		return false;
	all->seen[all->count].dev = st->st_dev;
	all->seen[all->count++].ino = st->st_ino;
	return true;
}

static int enter_git_config(const struct knower *k, const char *path, unsigned depth,
			    struct includes *all);

/* The home that ~ stands for in a file of this user's. */
static bool home_of(char ret[PATH_MAX], uid_t user)
{
	struct passwd entry, *found = NULL;
	char buffer[4096];

	return getpwuid_r(user, &entry, buffer, sizeof(buffer), &found) == 0 && found &&
	       snprintf(ret, PATH_MAX, "%s", entry.pw_dir) < PATH_MAX;
}

static int enter_included(void *arg, const char *path)
{
	const struct including *i = arg;
	const char *slash = strrchr(i->file, '/');
	char full[PATH_MAX], home[PATH_MAX];
	int n;

	if (path[0] == '~' && path[1] == '/')
		n = home_of(home, i->owner) ? snprintf(full, sizeof(full), "%s%s", home, path + 1)
					    : PATH_MAX;
	else if (path[0] == '/')
		n = snprintf(full, sizeof(full), "%s", path);
	else
		n = snprintf(full, sizeof(full), "%.*s%s", slash ? (int)(slash - i->file) + 1 : 0,
			     i->file, path);
	return n < (int)sizeof(full) ? enter_git_config(i->k, full, i->depth + 1, i->all) : 0;
}

/* A file of git's configuration, and those that it includes. */
static int enter_git_config(const struct knower *k, const char *path, unsigned depth,
			    struct includes *all)
{
	_close_ int fd = open(path, O_PATH | O_CLOEXEC);
	_free_ char *text = NULL;
	char real[PATH_MAX], link[32];
	struct including i = { .k = k, .depth = depth, .all = all };
	struct stat st;
	size_t len;
	ssize_t n;
	int err;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !is_new(all, &st))
		return 0;
	err = named_files_config(k, fd, CONFIG_GIT);
	if (err || depth == INCLUDE_DEPTH)
		return err;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	text = small_file_read(link, (uid_t)-1, &len);
	if (!text)
		return 0;
	/* git takes a relative path from where the file is said to lie; links are followed, too */
	i.file = path;
	i.owner = st.st_uid;
	err = git_includes_each(text, len, enter_included, &i);
	n = readlink(link, real, sizeof(real) - 1);
	real[n > 0 ? n : 0] = '\0';
	if (!err && n > 0 && strcmp(real, path) != 0) {
		i.file = real;
		err = git_includes_each(text, len, enter_included, &i);
	}
	explicit_bzero(text, len);
	return err;
}

static int enter_config_at(const struct knower *k, const char *path, enum config_kind kind)
{
	_close_ int fd = -1;
	struct includes all = { 0 };
	struct stat st;

	if (kind == CONFIG_GIT)
		return enter_git_config(k, path, 0, &all);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return named_files_config(k, fd, kind);
}

static int enter_class(struct entering *n, int fd, enum environment_class class, uint64_t size)
{
	return n->k->know(n->k->arg, fd, environment_class_name(class), size);
}

static int enter_certificate(struct entering *n, int fd)
{
	uint64_t size;
	int r;

	if (!(config_look(CONFIG_CERTIFICATES, fd, &size) & CONFIG_CERTIFICATE))
		return 0;
	r = enter_class(n, fd, ENVIRONMENT_CERTIFICATES, size);
	n->result->files += r == 0;
	return r;
}

static int enter_certificates_in(struct entering *n, int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	_closedir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	for (size_t i = 0; r == 0 && i < CERTIFICATES_MOST && (entry = readdir(d)); i++) {
		_close_ int at = openat(dirfd(d), entry->d_name, O_PATH | O_CLOEXEC);
		struct stat st;

		if (at >= 0 && fstat(at, &st) == 0 && S_ISREG(st.st_mode))
			r = enter_certificate(n, at);
	}
	return r;
}

/* Whether one of the session's places lies in the directory at path, or is it. Then the directory
 * is not entered, as rules would take the session's own files for credentials. */
static bool is_wide(const struct entering *n, const char *path)
{
	_free_ char *dir = realpath(path, NULL);

	if (!dir || strcmp(dir, "/") == 0)
		return true;
	for (size_t i = 0; i < n->f->places->count; i++) {
		_free_ char *place = realpath(n->f->places->at[i].path, NULL);

		if (place && path_below(place, dir))
			return true;
	}
	return false;
}

static bool below_home(const struct entering *n, const char *path)
{
	_free_ char *at = realpath(path, NULL);

	for (size_t i = 0; at && i < n->f->places->count; i++) {
		const struct place *p = &n->f->places->at[i];
		_free_ char *home = p->place == WS_PLACE_HOME ? realpath(p->path, NULL) : NULL;

		if (home && path_below(at, home))
			return true;
	}
	return false;
}

static int enter_path(struct entering *n, const struct environment_entry *entry, const char *path);

static int enter_directory(struct entering *n, const struct environment_entry *entry, int fd,
			   const char *path)
{
	char file[PATH_MAX];
	int r = 0;

	/* outside of homes, scripts may read certificates anyway */
	if (entry->class == ENVIRONMENT_CERTIFICATES)
		return below_home(n, path) ? enter_certificates_in(n, fd) : 0;
	if (entry->class != ENVIRONMENT_CREDENTIALS)
		return 0;
	for (size_t i = 0; r == 0 && i < entry->below.count; i++) {
		struct environment_entry one = { .class = entry->class };

		if (snprintf(file, sizeof(file), "%s/%s", path, entry->below.at[i]) <
		    (int)sizeof(file))
			r = enter_path(n, &one, file);
	}
	if (entry->below.count)
		return r;
	if (is_wide(n, path)) {
		n->result->wide++;
		return 0;
	}
	r = enter_class(n, fd, entry->class, WS_ANY_SIZE);
	n->result->directories += r == 0;
	return r;
}

static int enter_file(struct entering *n, const struct environment_entry *entry, int fd)
{
	int r;

	switch (entry->class) {
	case ENVIRONMENT_CERTIFICATES:
		return enter_certificate(n, fd);
	case ENVIRONMENT_NETRC:
	case ENVIRONMENT_GIT_CONFIG:
		r = named_files_config(
			n->k, fd, entry->class == ENVIRONMENT_NETRC ? CONFIG_NETRC : CONFIG_GIT);
		break;
	default:
		r = enter_class(n, fd, entry->class, WS_ANY_SIZE);
	}
	n->result->files += r == 0;
	return r;
}

static int enter_path(struct entering *n, const struct environment_entry *entry, const char *path)
{
	_close_ int fd = open(path, O_PATH | O_CLOEXEC);
	bool socket = entry->class == ENVIRONMENT_SOCKETS;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return enter_directory(n, entry, fd, path);
	return (socket ? S_ISSOCK(st.st_mode) : S_ISREG(st.st_mode)) ? enter_file(n, entry, fd) : 0;
}

/* ---- values ---- */

static const char *value_of(char *const *environment, const char *name)
{
	size_t n = strlen(name);

	for (char *const *v = environment; *v; v++)
		if (strncmp(*v, name, n) == 0 && (*v)[n] == '=')
			return (*v)[n + 1] ? *v + n + 1 : NULL;
	return NULL;
}

/*
 * Cut the path out of an address: unix:///run/x.sock, unix:path=/run/bus,guid=1;..., file:/x,
 * FILE:/x, and what tmux has: /tmp/tmux-0/default,12,0. NULL: it names none (tcp://host).
 */
static char *path_in(char *value, enum environment_class class)
{
	static const char *const schemes[] = { "unix://", "unix:path=", "unix:", "file://",
					       "file:",	  "FILE:",	"DIR:" };

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (strncmp(value, schemes[i], strlen(schemes[i])) == 0) {
			value += strlen(schemes[i]);
			break;
		}
	if (class == ENVIRONMENT_SOCKETS)
		value[strcspn(value, ",;")] = 0;
	return value[0] && !strstr(value, "://") ? value : NULL;
}

static bool full_path(char *ret, size_t room, const char *path, const struct named_files_sources *f)
{
	const char *dir = path[0] == '/' ? "" : path[0] == '~' && path[1] == '/' ? f->home : f->cwd;

	if (!dir)
		return false;
	return snprintf(ret, room, "%s%s%s", dir, path[0] == '/' || path[0] == '~' ? "" : "/",
			path + (path[0] == '~')) < (int)room;
}

/* Call fn for each path that a variable of the table names. */
static int each_path(const struct named_files_sources *f,
		     int (*fn)(void *arg, const struct environment_entry *entry, const char *path),
		     void *arg)
{
	const struct environment_table *t = &f->rules->environment;
	int r = 0;

	for (size_t i = 0; r == 0 && i < t->count; i++)
		for (size_t k = 0; r == 0 && k < t->at[i].variables.count; k++) {
			const char *value = value_of(f->environment, t->at[i].variables.at[k]);
			_free_ char *copy = value ? strdup(value) : NULL;
			char *rest = copy, *one, full[PATH_MAX];

			if (value && !copy)
				return -ENOMEM;
			while (r == 0 && (one = t->at[i].list ? strsep(&rest, ":") : rest)) {
				char *path = path_in(one, t->at[i].class);

				if (!t->at[i].list)
					rest = NULL;
				if (path && full_path(full, sizeof(full), path, f))
					r = fn(arg, &t->at[i], full);
			}
		}
	return r;
}

static int enter_one(void *arg, const struct environment_entry *entry, const char *path)
{
	return entry->class == ENVIRONMENT_CACHES ? 0 : enter_path(arg, entry, path);
}

/* ---- configuration ---- */

/* npm's setting `cafile`, in the user's npmrc and in the project's. */
static int enter_cafile(struct entering *n)
{
	static const struct environment_entry entry = { .class = ENVIRONMENT_CERTIFICATES };
	const struct named_files_sources *f = n->f;
	const char *user = value_of(f->environment, "npm_config_userconfig")
				   ?: value_of(f->environment, "NPM_CONFIG_USERCONFIG");
	const char *const names[] = { user ?: "~/.npmrc", ".npmrc" };
	char file[PATH_MAX], path[PATH_MAX];
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++) {
		_free_ char *value = full_path(file, sizeof(file), names[i], f)
					     ? npmrc_file_setting(file, "cafile")
					     : NULL;

		if (value && full_path(path, sizeof(path), value, f))
			r = enter_path(n, &entry, path);
	}
	return r;
}

int named_files_home(const struct knower *k, const char *home)
{
	static const struct {
		const char *name;
		enum config_kind kind;
	} configs[] = { { ".gitconfig", CONFIG_GIT },
			{ ".config/git/config", CONFIG_GIT },
			{ ".netrc", CONFIG_NETRC },
			{ "_netrc", CONFIG_NETRC } };
	char file[PATH_MAX];
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(configs); i++)
		if (snprintf(file, sizeof(file), "%s/%s", home, configs[i].name) <
		    (int)sizeof(file))
			r = enter_config_at(k, file, configs[i].kind);
	return r;
}

/* The configuration of git and of what reads netrc: the machine's, and that in each home. */
static int enter_configs(struct entering *n)
{
	const struct places *p = n->f->places;
	int r = enter_config_at(n->k, "/etc/gitconfig", CONFIG_GIT);

	for (size_t i = 0; r == 0 && i < p->count; i++)
		if (p->at[i].place == WS_PLACE_HOME)
			r = named_files_home(n->k, p->at[i].path);
	return r;
}

/* ---- git repositories ---- */

static int enter_in(const struct knower *k, const char *dir, const char *name)
{
	char file[PATH_MAX];

	if (snprintf(file, sizeof(file), "%s/%s", dir, name) >= (int)sizeof(file))
		return 0;
	return enter_config_at(k, file, CONFIG_GIT);
}

#define MODULE_DEPTH 4	   /* .git/modules/a/modules/b, and names with slashes */
#define MODULES_MOST 1024u /* entries to look at */

static int enter_modules(const struct knower *k, const char *dir, unsigned depth, unsigned *left)
{
	_closedir_ DIR *d = opendir(dir);
	struct dirent *entry;
	char below[PATH_MAX];
	int err = 0;

	while (err == 0 && d && *left && (entry = readdir(d))) {
		if (entry->d_name[0] == '.' || entry->d_type != DT_DIR ||
		    strcmp(entry->d_name, "objects") == 0 || strcmp(entry->d_name, "refs") == 0)
			continue;
		--*left;
		if (snprintf(below, sizeof(below), "%s/%s", dir, entry->d_name) >=
		    (int)sizeof(below))
			continue;
		err = enter_in(k, below, "config");
		if (err == 0 && depth < MODULE_DEPTH)
			err = enter_modules(k, below, depth + 1, left);
	}
	return err;
}

/* The directory that a line of a file names ("gitdir: ../x", or "../.." in commondir). */
static bool directory_in(char *ret, size_t room, const char *file, const char *prefix,
			 const char *dir)
{
	_fclose_ FILE *f = fopen(file, "re");
	char line[PATH_MAX];
	size_t skip = strlen(prefix);

	if (!f || !fgets(line, sizeof(line), f) || strncmp(line, prefix, skip) != 0)
		return false;
	line[strcspn(line, "\r\n")] = 0;
	return snprintf(ret, room, "%s%s%s", line[skip] == '/' ? "" : dir,
			line[skip] == '/' ? "" : "/", line + skip) < (int)room;
}

/* A repository's directory that no pattern finds by its name. It may well be none. */
static int enter_odd_name(const struct knower *k, const char *git)
{
	_free_ char *real = realpath(git, NULL);
	const char *dot = real ? strstr(real, "/.git") : NULL;
	_close_ int fd = -1;

	if (k->config || !real || (dot && (!dot[5] || dot[5] == '/')) || !git_dir_is(real))
		return 0;
	fd = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? 0 : k->know(k->arg, fd, KNOWN_GIT_DIR, WS_ANY_SIZE);
}

static int enter_git_directory(const struct knower *k, const char *git)
{
	char common[PATH_MAX], file[PATH_MAX];
	unsigned left = MODULES_MOST;
	int err = enter_odd_name(k, git);

	err = err ?: enter_in(k, git, "config");
	err = err ?: enter_in(k, git, "config.worktree");
	if (snprintf(file, sizeof(file), "%s/modules", git) < (int)sizeof(file))
		err = err ?: enter_modules(k, file, 0, &left);
	if (!err && snprintf(file, sizeof(file), "%s/commondir", git) < (int)sizeof(file) &&
	    directory_in(common, sizeof(common), file, "", git))
		err = enter_odd_name(k, common) ?: enter_in(k, common, "config");
	return err;
}

int named_files_repository(const struct knower *k, const char *dir)
{
	_free_ char *at = realpath(dir, NULL);
	char git[PATH_MAX], linked[PATH_MAX];
	struct stat st;
	int err = 0;

	while (at && at[0] && err == 0) {
		char *slash;

		if (snprintf(git, sizeof(git), "%s/.git", at) < (int)sizeof(git) &&
		    stat(git, &st) == 0) {
			if (S_ISDIR(st.st_mode))
				err = enter_git_directory(k, git);
			else if (S_ISREG(st.st_mode) &&
				 directory_in(linked, sizeof(linked), git, "gitdir: ", at))
				err = enter_git_directory(k, linked);
		}
		slash = strrchr(at, '/');
		if (!slash)
			break;
		*slash = 0;
	}
	return err;
}

/* The repository of git commands that are started with GIT_DIR; no .git need name it. */
static int enter_named_repository(const struct knower *k, const struct named_files_sources *f)
{
	char git[PATH_MAX];

	for (char *const *v = f->environment; *v; v++) {
		const char *value = *v + 8;

		if (strncmp(*v, "GIT_DIR=", 8) != 0 || !value[0] || (value[0] != '/' && !f->cwd))
			continue;
		if (snprintf(git, sizeof(git), "%s%s%s", value[0] == '/' ? "" : f->cwd,
			     value[0] == '/' ? "" : "/", value) < (int)sizeof(git))
			return enter_git_directory(k, git);
	}
	return 0;
}

/* ---- what the project's scripts name ---- */

static int enter_script(const struct knower *k, const char *path, int flags)
{
	_close_ int fd = open(path, O_PATH | O_CLOEXEC | flags);

	return fd < 0 ? 0 : k->know(k->arg, fd, KNOWN_SCRIPT_FILES, WS_ANY_SIZE);
}

int named_files_scripts(const struct knower *k, const char *dir)
{
	struct strings files = { 0 };
	int err = script_files_of_project(&files, dir);

	for (size_t i = 0; err == 0 && i < files.count; i++) {
		err = enter_script(k, files.at[i], 0);
		err = err ?: enter_script(k, files.at[i], O_NOFOLLOW); /* a link, too */
	}
	strings_done(&files);
	return err;
}

/* Of the directory in which the command starts, and of the monorepo around it. */
static int enter_scripts(struct entering *n)
{
	_free_ char *cwd = realpath(n->f->cwd, NULL), *root = cwd ? workspace_root(cwd) : NULL;
	int r = cwd ? named_files_scripts(n->k, cwd) : 0;

	if (r == 0 && root)
		r = named_files_scripts(n->k, root);
	return r;
}

/* ---- all of them ---- */

int named_files_enter(const struct knower *k, const struct named_files_sources *f,
		      struct named_files_result *ret, struct error *e)
{
	struct entering n = { .k = k, .f = f, .result = ret };
	int r;

	*ret = (struct named_files_result){ 0 };
	r = each_path(f, enter_one, &n);
	r = r ?: enter_cafile(&n);
	r = r ?: enter_configs(&n);
	if (r == 0 && f->cwd)
		r = named_files_repository(k, f->cwd);
	r = r ?: enter_named_repository(k, f);
	if (r == 0 && f->cwd)
		r = enter_scripts(&n);
	return r < 0 ? error_set(e, r, "a file that the environment names cannot be entered: %s",
				 strerror(-r))
		     : 0;
}

static int add_cache(void *arg, const struct environment_entry *entry, const char *path)
{
	return entry->class == ENVIRONMENT_CACHES ? strings_add(arg, path) : 0;
}

int named_files_caches(struct strings *ret, const struct named_files_sources *f)
{
	return each_path(f, add_cache, ret);
}

/* ---- configuration of package managers ---- */

static void on_manager_config(void *arg, const struct config_file *f)
{
	const struct knower *k = arg;

	named_files_config(k, f->fd, f->kind); /* what is not known is hidden, too */
}

void named_files_managers(const struct knower *k, const struct named_files_sources *f)
{
	const struct config_chain chain = { .table = &f->rules->environment };
	struct knower knower = *k;
	_buf_ struct buf block = BUF_INIT;

	for (char *const *v = f->environment; *v; v++)
		buf_add(&block, *v, strlen(*v) + 1);
	if (!block.failed)
		config_chain_each(&chain, (uint32_t)getpid(), block.at, block.len,
				  on_manager_config, &knower);
	explicit_bzero(block.at, block.len);
}
