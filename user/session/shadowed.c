// SPDX-License-Identifier: GPL-2.0-only
/* shadowed.c - see shadowed.h. */
#define _GNU_SOURCE /* strchrnul */
#include "session/shadowed.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "events/decode.h"

#define MODULES "/node_modules/"

/* Whether the machine has a program of this name that is not itself a package of node. */
static bool is_system_program(const char *name)
{
	static const char *const dirs[] = { "/bin", "/usr/bin", "/sbin", "/usr/sbin" };

	if (!name[0] || strlen(name) > NAME_MAX)
		return false;
	if (strcmp(name, "node") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		char path[PATH_MAX];
		_free_ char *real = NULL;

		snprintf(path, sizeof(path), "%s/%s", dirs[i], name);
		real = realpath(path, NULL);
		if (real)
			return !strstr(real, MODULES) && !strstr(real, "/nodejs/");
	}
	return false;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool shadowed_exec(const struct ws_rec_exec *r, struct buf *ret_name, struct buf *ret_file)
{
	const char *at = r->argv.bytes, *end = at + r->argv.len, *word, *name;
	_buf_ struct buf first = BUF_INIT, exe = BUF_INIT;
	size_t len;

	if (r->manager || (r->head.actor != WS_ACTOR_PROJECT && r->head.actor != WS_ACTOR_TOOL))
		return false;
	decode_path(&exe, r->exe, r->exe_len, r->head.flags & WS_F_PATH_CUT);
	/* a program: PATH's name for it is the first word */
	at = decode_word(at, end, &word, &len);
	if (at)
		buf_add(&first, word, len);
	if (exe.len && strstr(exe.at, MODULES)) {
		name = base_name(first.len ? first.at : exe.at);
		if (!is_system_program(name))
			return false;
		buf_adds(ret_name, name);
		buf_adds(ret_file, exe.at);
		return true;
	}
	/* a script: its interpreter (env first) is given the file that PATH led to */
	for (unsigned i = 0; i < 2 && at && (at = decode_word(at, end, &word, &len)); i++) {
		_buf_ struct buf file = BUF_INIT;

		buf_add(&file, word, len);
		if (!file.len || !strstr(file.at, "/node_modules/.bin/"))
			continue;
		name = base_name(file.at);
		if (!is_system_program(name))
			return false;
		buf_adds(ret_name, name);
		buf_adds(ret_file, file.at);
		return true;
	}
	return false;
}

/* Append the package that begins here: "evil/sh.js". */
static void add_package(struct buf *out, const char *at)
{
	const char *end = strchrnul(at, '/');

	if (at[0] == '@' && *end)
		end = strchrnul(end + 1, '/');
	if (*end && end > at)
		buf_add(out, at, (size_t)(end - at));
}

void shadowed_package(struct buf *out, const char *file, const char *link)
{
	const char *at = file;

	for (const char *next; (next = strstr(at, MODULES));)
		at = next + strlen(MODULES);
	if (at == file)
		return;
	if (strncmp(at, ".bin/", 5) != 0) {
		add_package(out, at);
		return;
	}
	/* from .bin: ../NAME/file, or into another node_modules (pnpm's .pnpm/x@1/node_modules/x)
	 */
	if (strstr(link, MODULES))
		shadowed_package(out, link, "");
	else if (strncmp(link, "../", 3) == 0 && strncmp(link + 3, "../", 3) != 0)
		add_package(out, link + 3);
}
