/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * named_files.h - the files, directories and sockets that the session's environment and npm's
 * configuration name, and the configuration files that are judged by what they contain: entered by
 * identity, with the rules that name their class.
 *
 * A class is a pattern below /wormsign/ in rules (rules/README.md): /wormsign/credentials.
 */
#ifndef WORMSIGN_NAMED_FILES_H
#define WORMSIGN_NAMED_FILES_H

#include <stddef.h>

#include "base/error.h"
#include "policy/ruleset.h"
#include "session/config_look.h"
#include "session/knower.h"
#include "session/places.h"

struct named_files_sources {
	const struct ruleset *rules;
	char *const *environment; /* NULL-ended list of NAME=VALUE */
	const char *home, *cwd;	  /* NULL: none */
	const struct places *places;
};

struct named_files_result {
	size_t files, directories;
	size_t wide; /* directories that were left out, because a place lies in them */
};

/* Before the command starts. -errno with e. */
int named_files_enter(const struct knower *k, const struct named_files_sources *f,
		      struct named_files_result *ret, struct error *e);

/* Directories that variables name as caches. Added to *ret, a list of absolute paths. -ENOMEM. */
int named_files_caches(struct strings *ret, const struct named_files_sources *f);

/*
 * Look into git's and netrc's configuration in a home, and into the git configuration of the
 * repository that `dir` lies in, and enter what they hold. Both may be called while the session
 * runs, because it may have cloned or changed the repository. -errno.
 */
int named_files_home(const struct knower *k, const char *home);
int named_files_repository(const struct knower *k, const char *dir);

/* Enter a configuration file, fd of which was opened with O_PATH, by what it holds now. -errno. */
int named_files_config(const struct knower *k, int fd, enum config_kind kind);

/*
 * Look into the configuration of package managers that this process would read with that
 * environment (config_chain.h). For who has no admitter that looks, once for each script.
 */
void named_files_managers(const struct knower *k, const struct named_files_sources *f);

/* Enter the files that scripts of the project at dir name (script_files.h). -errno. */
int named_files_scripts(const struct knower *k, const char *dir);

#endif
