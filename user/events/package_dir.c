// SPDX-License-Identifier: GPL-2.0-only
/* package_dir.c - see package_dir.h. */
#include "events/package_dir.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cleanup.h"

#define FILE_MOST 65536 /* bytes that are looked at */

/* Bytes that a name or a version begins with. */
static size_t value_length(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] && (ascii_alnum(s[n]) || strchr("._-+!", s[n])))
		n++;
	return n;
}

static bool take(char ret[PACKAGE_DIR_NAME], const char *s, size_t len)
{
	if (!len || len >= PACKAGE_DIR_NAME || !ascii_alnum(s[0]))
		return false;
	memcpy(ret, s, len);
	ret[len] = '\0';
	return true;
}

/* ---- the directory's name ---- */

/* NAME_HASH, where HASH is 32 hexadecimal digits. */
static bool name_and_hash(char ret[PACKAGE_DIR_NAME], const char *s, size_t len)
{
	const size_t hash = 32;

	if (len <= hash + 1 || s[len - hash - 1] != '_' || value_length(s, len) != len)
		return false;
	for (size_t i = len - hash; i < len; i++)
		if (!strchr("0123456789abcdef", s[i]))
			return false;
	return take(ret, s, len - hash - 1);
}

/* Bytes of a version: digits, and what follows points. */
static size_t version_length(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && ascii_digit(s[n]))
		n++;
	while (n && n + 1 < len && s[n] == '.' && ascii_alnum(s[n + 1]))
		for (n++; n < len && ascii_alnum(s[n]);)
			n++;
	return n;
}

/* NAME-VERSION, NAME-VERSION-PLATFORM; of what has no version it is all the name. */
static bool name_and_version(char ret_name[PACKAGE_DIR_NAME], char ret_version[PACKAGE_DIR_NAME],
			     const char *s, size_t len)
{
	if (value_length(s, len) != len)
		return false;
	for (size_t at = 1; at + 1 < len; at++) {
		size_t n = s[at] == '-' ? version_length(s + at + 1, len - at - 1) : 0;

		if (n && (at + 1 + n == len || s[at + 1 + n] == '-'))
			return take(ret_name, s, at) && take(ret_version, s + at + 1, n);
	}
	return take(ret_name, s, len);
}

bool package_dir_name(char ret_name[PACKAGE_DIR_NAME], char ret_version[PACKAGE_DIR_NAME],
		      const char *path, const char *holder)
{
	const char *last = NULL; /* below the innermost holder, as the kernel side has it */
	bool made_by_pip = false;

	ret_name[0] = ret_version[0] = '\0';
	for (const char *at = path; *at; at++) {
		size_t len;

		if (*at != '/')
			continue;
		len = strcspn(at + 1, "/");
		if (holder) {
			if (strncmp(at + 1, holder, len) == 0 && !holder[len] && at[len + 1] == '/')
				last = at + len + 2;
			continue;
		}
		if (made_by_pip)
			return name_and_hash(ret_name, at + 1, len);
		/* pip-install-x, pip-wheel-x, pip-download-x */
		made_by_pip = strncmp(at + 1, "pip-", 4) == 0;
	}
	return last && name_and_version(ret_name, ret_version, last, strcspn(last, "/"));
}

static char plain(char c)
{
	return c == '_' || c == '.' ? '-' : ascii_lower(c);
}

bool package_dir_same(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (plain(*a) != plain(*b))
			return false;
	return *a == *b;
}

/* ---- its files ---- */

/* How a file writes the two. */
struct form {
	const char *file;
	const char *sections; /* those that count, each with a newline; NULL: there are none */
	bool anywhere;	      /* also behind something else on the line: setup(name="x", ...) */
	bool heads;	      /* NAME: VALUE, up to the first empty line */
};

static const struct form forms[] = {
	{ "PKG-INFO", NULL, false, true },
	{ "pyproject.toml", "[project]\n[tool.poetry]\n", false, false },
	{ "setup.cfg", "[metadata]\n", false, false },
	{ "setup.py", NULL, true, false },
};

/* The value that follows a key: = VALUE, = "VALUE", : VALUE. */
static void value_of(char ret[PACKAGE_DIR_NAME], const struct form *f, const char *s, size_t len)
{
	char quote = '\0';
	size_t at = 0, n;

	while (at < len && (s[at] == ' ' || s[at] == '\t'))
		at++;
	if (at == len || s[at++] != (f->heads ? ':' : '='))
		return;
	while (at < len && (s[at] == ' ' || s[at] == '\t'))
		at++;
	if (at < len && (s[at] == '"' || s[at] == '\''))
		quote = s[at++];
	n = value_length(s + at, len - at);
	/* an expression, setup.cfg's attr: and file: */
	if (quote ? at + n == len || s[at + n] != quote
		  : f->anywhere || (at + n < len && !strchr(" \t\r", s[at + n])))
		return;
	take(ret, s + at, n);
}

static bool in_word(char c)
{
	return ascii_alnum(c) || c == '_';
}

static void key_in_line(char ret[PACKAGE_DIR_NAME], const struct form *f, const char *key,
			const char *line, size_t len)
{
	size_t n = strlen(key);

	for (size_t at = 0; !ret[0] && at + n < len; at++) {
		if (strncasecmp(line + at, key, n) == 0 && (!at || !in_word(line[at - 1])))
			value_of(ret, f, line + at + n, len - at - n);
		if (!f->anywhere && line[at] != ' ' && line[at] != '\t')
			break;
	}
}

static bool is_listed(const char *sections, const char *line, size_t len)
{
	while (len && strchr(" \t\r", line[len - 1]))
		len--;
	for (size_t n; *sections; sections += n + 1) {
		n = strcspn(sections, "\n");
		if (n == len && memcmp(sections, line, n) == 0)
			return true;
	}
	return false;
}

void package_dir_file(char ret_name[PACKAGE_DIR_NAME], char ret_version[PACKAGE_DIR_NAME],
		      const char *file, const char *text, size_t len)
{
	const struct form *f = NULL;
	bool counts;

	for (size_t i = 0; i < ARRAY_SIZE(forms) && !f; i++)
		if (strcmp(forms[i].file, file) == 0)
			f = &forms[i];
	if (!f)
		return;
	counts = !f->sections;
	for (size_t at = 0; at < len;) {
		const char *line = text + at, *end = memchr(line, '\n', len - at);
		size_t n = end ? (size_t)(end - line) : len - at;

		at += n + 1;
		if (f->heads && (!n || line[0] == '\r'))
			return;
		if (f->sections && n && line[0] == '[')
			counts = is_listed(f->sections, line, n);
		if (!counts || (n && line[0] == '#'))
			continue;
		key_in_line(ret_name, f, "name", line, n);
		key_in_line(ret_version, f, "version", line, n);
	}
}

void package_dir_files(char ret_name[PACKAGE_DIR_NAME], char ret_version[PACKAGE_DIR_NAME],
		       const char *directory)
{
	static char text[FILE_MOST];
	char path[PATH_MAX];

	ret_name[0] = ret_version[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(forms) && (!ret_name[0] || !ret_version[0]); i++) {
		_close_ int fd = -1;
		struct stat st;
		ssize_t n;

		if (snprintf(path, sizeof(path), "%s/%s", directory, forms[i].file) >=
		    (int)sizeof(path))
			return;
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		n = read(fd, text, sizeof(text));
		if (n > 0)
			package_dir_file(ret_name, ret_version, forms[i].file, text, (size_t)n);
	}
}
