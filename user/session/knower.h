/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * knower.h - who is told what a look at the user's files has found: the kernel side of this process
 * (a lone `run`, the agent's worker), or the agent, which asks its own (agent/client.c). So the
 * same looks serve both ways into a session.
 */
#ifndef WORMSIGN_KNOWER_H
#define WORMSIGN_KNOWER_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/loader.h"
#include "policy/ruleset.h"
#include "session/config_look.h"
#include "wire.h"

/* Classes of files besides those of variables (policy/environment.h). */
#define KNOWN_GIT_TOKEN	   "git-token"
#define KNOWN_CLEAN_CONFIG "clean-config"
#define KNOWN_SCRIPT_FILES "script-files"
#define KNOWN_GIT_DIR	   "git-dir" /* a repository's directory that is not called .git */
#define KNOWN_NETRC	   "netrc"
#define KNOWN_NPMRC	   "npmrc-token"
#define KNOWN_CLASS_MAX	   24 /* bytes of the longest name, with its NUL */

/* All return 0 or -errno. fd may be opened with O_PATH, and stays the caller's. */
struct knower {
	/*
	 * The file, socket or directory is one of the class: the pattern /wormsign/CLASS of rules
	 * stands for it, a directory's for all below it. What was found holds while a file has
	 * this size; WS_ANY_SIZE: of whatever size.
	 */
	int (*know)(void *arg, int fd, const char *class, uint64_t size);
	/* The directory is a place, too. */
	int (*place)(void *arg, int fd, enum ws_place place);
	/* Not NULL: the look is for files of configuration alone. This is told of each, none is
	 * looked into, and know and place, which may be NULL, are not called. */
	int (*config)(void *arg, int fd, enum config_kind kind);
	void *arg;
};

/* Whether a look can find such a class. */
bool known_class(const char *class);

/* What a knower for the kernel side of this process has for its arg. Borrowed. */
struct knower_here {
	struct loader *loader;
	uint64_t session;
	const struct ruleset *rules;
	struct ws_session *record; /* of a session that has not begun; NULL: it has */
};
/* h outlives it. */
struct knower knower_here(struct knower_here *h);

#endif
