// SPDX-License-Identifier: GPL-2.0-only
/* knower.c - enter what was found in the kernel's tables. */
#include "session/knower.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "decide.h"
#include "kernel/sessions.h"
#include "policy/environment.h"

bool known_class(const char *class)
{
	static const char *const others[] = { KNOWN_GIT_TOKEN, KNOWN_CLEAN_CONFIG,
					      KNOWN_SCRIPT_FILES, KNOWN_NPMRC, KNOWN_GIT_DIR };
	const char *name;

	for (unsigned i = 0; (name = environment_class_name(i)); i++)
		if (strcmp(name, class) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (strcmp(others[i], class) == 0)
			return true;
	return false;
}

/* Have the hooks look whether a file lies below the directory. */
static int notice(const struct knower_here *h, const struct ws_id *id)
{
	if (!h->record)
		return loader_session_notice(h->loader, h->session, id);
	ws_bloom_add(h->record->place_bloom, id->ino);
	return 0;
}

static int know(void *arg, int fd, const char *class, uint64_t size)
{
	const struct knower_here *h = arg;
	struct ws_known known = { .size = size };
	char pattern[64];
	struct ws_id id;
	struct stat st;
	int err;

	snprintf(pattern, sizeof(pattern), "/wormsign/%s", class);
	ruleset_masks(h->rules, pattern, &known.match, &known.except);
	err = fstat(fd, &st) < 0 ? -errno : loader_identify(h->loader, fd, &id);
	err = err ?: loader_know(h->loader, h->session, &id, &known);
	if (err == 0 && S_ISDIR(st.st_mode))
		err = notice(h, &id);
	return err;
}

static int place(void *arg, int fd, enum ws_place place)
{
	const struct knower_here *h = arg;
	struct ws_id id;
	int err = loader_identify(h->loader, fd, &id);

	return err ?: loader_session_place(h->loader, h->session, &id, place);
}

struct knower knower_here(struct knower_here *h)
{
	return (struct knower){ .know = know, .place = place, .arg = h };
}
