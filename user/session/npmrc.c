// SPDX-License-Identifier: GPL-2.0-only
/* npmrc.c - read a setting as npm reads it. */
#include "session/npmrc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "session/small_file.h"

static char *trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && isspace((unsigned char)end[-1]))
		*--end = 0;
	while (isspace((unsigned char)*s))
		s++;
	return s;
}

/* Replace each ${NAME}. As in npm, a variable that is not set is left as written. */
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

char *npmrc_setting(const char *text, const char *name)
{
	_free_ char *copy = strdup(text), *found = NULL;
	char *line, *lines = copy;

	while (copy && (line = strsep(&lines, "\n"))) {
		char *value, *key = trim(line);

		if (key[0] == '[') /* npm ignores the settings of a section */
			break;
		value = strchr(key, '=');
		if (!value || key[0] == ';' || key[0] == '#')
			continue;
		*value++ = 0;
		if (strcmp(trim(key), name) != 0)
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

char *npmrc_cache(const char *text)
{
	return npmrc_setting(text, "cache");
}

char *npmrc_file_setting(const char *path, const char *name)
{
	_free_ char *text = small_file_read(path, (uid_t)-1, NULL);

	return text ? npmrc_setting(text, name) : NULL;
}

char *npmrc_file_cache(const char *path)
{
	return npmrc_file_setting(path, "cache");
}
