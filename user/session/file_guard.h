/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * file_guard.h - refuses scripts of packages to open files with credentials, where the kernel side
 * cannot (backend watch): permission events of fanotify(7). An open of a guarded file waits until
 * it is answered, whoever opens it, by whatever name; everybody but packages gets it. Whether the
 * file holds a credential is looked up in the file that is being opened, then. Of the directories
 * of guarded files each open of a file waits, so that one that replaces another is guarded, too.
 *
 * What is refused is what rules with the action `hide` say of /wormsign/npmrc-token,
 * /wormsign/netrc and /wormsign/git-token. An open that a stronger rule judges goes on: the kernel
 * side judges it.
 */
#ifndef WORMSIGN_FILE_GUARD_H
#define WORMSIGN_FILE_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "kernel/admission.h"
#include "policy/ruleset.h"
#include "session/config_chain.h"

#define FILE_GUARD_FILES 1024
#define FILE_GUARD_TOLD	 256
#define FILE_GUARD_NAMES 32
#define FILE_GUARD_NAME	 64

/* Device, inode, and birth: a number may be used again. */
struct file_guard_id {
	uint64_t ino;
	uint32_t major, minor;
	struct statx_timestamp birth;
};

struct file_guard {
	int group; /* of fanotify: readable when an open waits; -1: nothing is guarded */
	const struct admission *admission;
	uint64_t session; /* packages of other ones are none of its business; 0: there are none */
	/* by enum config_kind: rules that hide such a file from packages, and stronger ones */
	struct ws_mask hide[CONFIG_KINDS], stronger[CONFIG_KINDS];
	struct {
		struct file_guard_id id, dir;
		enum config_kind kind;
	} known[FILE_GUARD_FILES];
	size_t known_count;
	struct {
		char name[FILE_GUARD_NAME];
		enum config_kind kind;
	} names[FILE_GUARD_NAMES]; /* of guarded files, each once */
	size_t name_count;
	struct {
		uint64_t script;
		dev_t dev;
		ino_t ino;
	} told[FILE_GUARD_TOLD]; /* the last refusals */
	size_t told_count;
	/* Called for the first refusal of a file to a script, with what the kernel side would
	 * report of it. */
	void (*refused)(void *arg, const struct ws_rec_verdict *r);
	void *arg;
};

/* Why files cannot be guarded here, in words; NULL: they can. */
const char *file_guard_unavailable(void);

/* A new group of fanotify, which is the caller's; or -errno. */
int file_guard_group(void);
/* ret->refused, arg and session are the caller's to set. The group becomes the guard's. The thread
 * that answers must never open a guarded file itself: it would wait for its own answer. Another one
 * may add files meanwhile. */
void file_guard_open(struct file_guard *ret, int group, const struct admission *a,
		     const struct ruleset *rules);
/*
 * Guard a file, and what will be in its directory under the names of guarded files, if the
 * directory is the user's. A file that this process may not read is left, as nobody could open it
 * any more. 0 or -errno; -ENOSPC: there are FILE_GUARD_FILES.
 */
int file_guard_add(struct file_guard *g, const struct config_file *f);
/* Whether it is one. */
bool file_guard_knows(const struct file_guard *g, int fd);
/* Answer what waits. 0 or -errno: the group is of no use any more. */
int file_guard_answer(struct file_guard *g);

#endif
