// SPDX-License-Identifier: GPL-2.0-only
/* lockfile.c - see lockfile.h. */
#include "events/lockfile.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cleanup.h"

const char *const lockfile_npm[] = { "npm-shrinkwrap.json", "package-lock.json",
				     "node_modules/.package-lock.json", NULL };
static const char *const lockfile_bun[] = { "bun.lock", NULL };
static const char *const lockfile_pnpm[] = { "pnpm-lock.yaml", NULL };
static const char *const lockfile_yarn[] = { "yarn.lock", NULL };

/* ---- files ---- */

/* Make a space of each comma after which only white space comes before a bracket closes. */
static void drop_commas(char *text, size_t len)
{
	char *comma = NULL;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (quoted) {
			if (c == '\\')
				i++;
			quoted = c != '"';
			continue;
		}
		if (comma && (c == ']' || c == '}'))
			*comma = ' ';
		if (c == ',')
			comma = text + i;
		else if (!strchr(" \t\r\n", c) || !c)
			comma = NULL;
		quoted = c == '"';
	}
}

/* A regular file of at most `most` bytes, or -1. */
static int open_file(const char *path, long most, struct stat *ret)
{
	_close_ int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, ret) < 0 || !S_ISREG(ret->st_mode) || ret->st_size > most)
		return -1;
	return TAKE_FD(fd);
}

json_t *lockfile_read(const char *path, long most, bool commas)
{
	struct stat st;
	_close_ int fd = open_file(path, most, &st);
	_free_ char *text = NULL;
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0)
		return NULL;
	text = malloc(st.st_size + 1);
	while (text && n > 0 && len < (size_t)st.st_size) {
		n = read(fd, text + len, st.st_size - len);
		len += n > 0 ? n : 0;
	}
	if (!text)
		return NULL;
	if (commas)
		drop_commas(text, len);
	return json_loadb(text, len, 0, NULL);
}

/* ---- checksums ---- */

static bool is_base64(const char *s, size_t len)
{
	size_t end = len;

	while (end && len - end < 2 && s[end - 1] == '=')
		end--;
	for (size_t i = 0; i < end; i++)
		if (!ascii_alnum(s[i]) && s[i] != '+' && s[i] != '/')
			return false;
	return len % 4 == 0;
}

/* The strongest of the hashes that text (Subresource Integrity) lists. */
static bool take_hash(char ret[LOCKFILE_CHECKSUM], const char *text)
{
	static const struct {
		const char *name;
		size_t len; /* in base64 */
	} kinds[] = { { "sha512-", 88 }, { "sha384-", 64 }, { "sha256-", 44 }, { "sha1-", 28 } };

	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		size_t name = strlen(kinds[k].name);

		for (const char *at = text; *at; at += strspn(at, " ")) {
			size_t len = strcspn(at, " ");

			if (len == name + kinds[k].len && strncmp(at, kinds[k].name, name) == 0 &&
			    is_base64(at + name, kinds[k].len)) {
				snprintf(ret, LOCKFILE_CHECKSUM, "%.*s", (int)len, at);
				return true;
			}
			at += len;
		}
	}
	return false;
}

static const char *text_of(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member)) ?: "";
}

bool lockfile_npm_checksum(char ret[LOCKFILE_CHECKSUM], const json_t *lock, const char *key,
			   const char *version)
{
	const json_t *one = json_object_get(json_object_get(lock, "packages"), key);

	return version[0] && strcmp(text_of(one, "version"), version) == 0 &&
	       take_hash(ret, text_of(one, "integrity"));
}

/* "node_modules/a/node_modules/@b/c" is "a/@b/c" there. */
static bool bun_key(char ret[PATH_MAX], const char *key)
{
	static const char modules[] = "node_modules/";
	size_t n = 0;

	if (strncmp(key, modules, strlen(modules)) != 0 || strlen(key) >= PATH_MAX)
		return false;
	while (*key) {
		if ((!n || ret[n - 1] == '/') && strncmp(key, modules, strlen(modules)) == 0)
			key += strlen(modules);
		else
			ret[n++] = *key++;
	}
	ret[n] = '\0';
	return n;
}

bool lockfile_bun_checksum(char ret[LOCKFILE_CHECKSUM], const json_t *lock, const char *key,
			   const char *version)
{
	const json_t *packages = json_object_get(lock, "packages"), *one;
	char name[PATH_MAX];
	const char *at;

	if (!version[0] || !bun_key(name, key))
		return false;
	one = json_object_get(packages, name);
	/* ["NAME@VERSION", REGISTRY, {...}, "sha512-..."] */
	at = json_string_value(json_array_get(one, 0));
	at = at ? strrchr(at, '@') : NULL;
	return at && strcmp(at + 1, version) == 0 &&
	       take_hash(ret,
			 json_string_value(json_array_get(one, json_array_size(one) - 1)) ?: "");
}

/* "10c0/" and the 64 bytes of a hash in hexadecimal, as Yarn has them since its version 2, or these
 * alone: of the archive that it has made itself. */
static bool take_yarn_hash(char ret[LOCKFILE_CHECKSUM], const char *text)
{
	const char *slash = strchr(text, '/'), *digits = slash ? slash + 1 : text;

	if (digits - text > 16 || strlen(digits) != 128 ||
	    digits[strspn(digits, "0123456789abcdef")])
		return false;
	for (const char *c = text; c < slash; c++)
		if (!ascii_alnum(*c))
			return false;
	snprintf(ret, LOCKFILE_CHECKSUM, "%s", text);
	return true;
}

/* The directory's place says the name: what is behind the last node_modules/. */
bool lockfile_listed_checksum(char ret[LOCKFILE_CHECKSUM], const json_t *list,
			      const char *directory, const char *version)
{
	static const char modules[] = "/node_modules/";
	const char *name = NULL, *sum;
	char key[PATH_MAX];

	for (const char *at = directory; (at = strstr(at, modules)); name = at)
		at += strlen(modules);
	if (!name || !version[0] ||
	    snprintf(key, sizeof(key), "%s@%s", name, version) >= (int)sizeof(key))
		return false;
	sum = json_string_value(json_object_get(list, key)) ?: "";
	return take_hash(ret, sum) || take_yarn_hash(ret, sum);
}

/* ---- the project's ---- */

static struct {
	char path[PATH_MAX];
	struct stat st;
	json_t *lock;
} kept;

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

enum how { JSON, JSON_WITH_COMMAS, LISTED };

static json_t *read_file(const char *path, enum how how, lockfile_list_fn *list)
{
	struct stat st;
	_close_ int fd = -1;

	if (how != LISTED)
		return lockfile_read(path, LOCKFILE_MOST, how == JSON_WITH_COMMAS);
	fd = list ? open_file(path, LOCKFILE_MOST, &st) : -1;
	return fd < 0 ? NULL : list(fd, strrchr(path, '/') + 1);
}

/* NULL: there is none, or it cannot be read. */
static const json_t *read_kept(const char *path, enum how how, lockfile_list_fn *list)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return NULL;
	if (strcmp(kept.path, path) != 0 || !is_same(&kept.st, &st)) {
		json_decref(kept.lock);
		kept.lock = read_file(path, how, list);
		kept.st = st;
		snprintf(kept.path, sizeof(kept.path), "%s", path);
	}
	return kept.lock;
}

static const struct kind {
	const char *manager;
	const char *const *files;
	enum how how;
	bool (*checksum)(char ret[LOCKFILE_CHECKSUM], const json_t *lock, const char *key,
			 const char *version);
} kinds[] = {
	{ "npm", lockfile_npm, JSON, lockfile_npm_checksum },
	{ "bun", lockfile_bun, JSON_WITH_COMMAS, lockfile_bun_checksum },
	{ "pnpm", lockfile_pnpm, LISTED, lockfile_listed_checksum },
	{ "yarn", lockfile_yarn, LISTED, lockfile_listed_checksum },
};

static const json_t *read_project(const struct kind *kind, const char *project,
				  lockfile_list_fn *list)
{
	const json_t *lock = NULL;

	for (const char *const *file = kind->files; *file && !lock; file++) {
		char path[PATH_MAX];

		if (snprintf(path, sizeof(path), "%s/%s", project, *file) < (int)sizeof(path))
			lock = read_kept(path, kind->how, list);
	}
	return lock;
}

void lockfile_prepare(const char *project, lockfile_list_fn *list)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (read_project(&kinds[i], project, list))
			return;
}

bool lockfile_checksum(char ret[LOCKFILE_CHECKSUM], const char *manager, const char *project,
		       const char *directory, const char *version, lockfile_list_fn *list)
{
	const struct kind *kind = kinds;
	size_t len = strlen(project);
	const json_t *lock;

	while (kind < kinds + ARRAY_SIZE(kinds) && strcmp(kind->manager, manager) != 0)
		kind++;
	if (kind == kinds + ARRAY_SIZE(kinds))
		return false;
	/* the others may have packages in a store beside the project */
	if (kind->how != LISTED && (strncmp(directory, project, len) != 0 || directory[len] != '/'))
		return false;
	lock = read_project(kind, project, list);
	return lock &&
	       kind->checksum(ret, lock, kind->how == LISTED ? directory : directory + len + 1,
			      version);
}
