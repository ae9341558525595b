// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_config_look.c - any bytes as a configuration file of git, netrc or a manager: nothing
 * beside the text is read, and a token in a line of its own is found whatever stands before it.
 *
 * The first byte says which kind of file it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "events/package_dir.h"
#include "session/config_look.h"
#include "session/git_includes.h"

static const char token[] =
	"\n//registry.example/:_authToken=npm_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX\n";

/* In memory of just that size, so that a byte read beyond it shows. */
static unsigned look(enum config_kind kind, const uint8_t *data, size_t size, size_t more)
{
	char *text = malloc(size + more);
	unsigned found;

	if (!text)
		return CONFIG_CREDENTIAL;
	memcpy(text, data, size);
	memcpy(text + size, token, more);
	found = config_look_text(kind, text, size + more);
	free(text);
	return found;
}

static int included(void *arg, const char *path)
{
	(void)arg;
	if (!path[0] || strlen(path) >= GIT_INCLUDE_PATH)
		abort();
	return 0;
}

/* The same bytes as files that name others, or the package that they lie in. */
static void read_names(const uint8_t *data, size_t size)
{
	static const char *const files[] = { "PKG-INFO", "pyproject.toml", "setup.cfg",
					     "setup.py" };
	char name[PACKAGE_DIR_NAME], version[PACKAGE_DIR_NAME];
	char *text = malloc(size + 1);

	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	package_dir_name(name, version, text, NULL);
	package_dir_name(name, version, text, "gems");
	free(text);
	text = malloc(size ? size : 1);
	if (!text)
		return;
	memcpy(text, data, size);
	git_includes_each(text, size, included, NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		name[0] = version[0] = '\0';
		package_dir_file(name, version, files[i], text, size);
		for (const char *c = name; *c; c++)
			if (*c <= ' ' || *c > '~' || *c == '/')
				abort();
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum config_kind kind;

	if (!size)
		return 0;
	kind = *data++ % CONFIG_KINDS;
	size--;
	read_names(data, size);
	look(kind, data, size, 0);
	if (kind == CONFIG_MANAGER &&
	    !(look(kind, data, size, sizeof(token) - 1) & CONFIG_CREDENTIAL))
		abort();
	return 0;
}
