/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reader.h - a process without privileges that looks into the user's files while the session runs:
 * what brings a package in (dependents.h), what a refused script has left behind, and where a link
 * leads. wormsign
 * itself has given up the right to become the user by then, and should not parse what packages
 * wrote.
 */
#ifndef WORMSIGN_READER_H
#define WORMSIGN_READER_H

#include <stdint.h>
#include <sys/types.h>

#include "events/dependents.h"
#include "events/lockfile.h"
#include "events/package_dir.h"
#include "session/run_as.h"

/* Most questions of one session; further ones are not asked. */
#define READER_QUESTIONS 64

struct reader_answer {
	struct dependents dependents;
	char left[1024]; /* the path; "" if there is none */
	char link[1024]; /* what it leads to; "" if it is none */
	char name[PACKAGE_DIR_NAME], version[PACKAGE_DIR_NAME]; /* "": not said */
};

struct reader {
	int socket; /* -1: there is none */
	pid_t pid;
	unsigned asked, answered;
	unsigned sums_asked, sum_number; /* of reader_checksum(); that of `checksum`, from 1 on */
	char checksum[LOCKFILE_CHECKSUM];
	int patience; /* ms that may still be waited for checksums */
	struct reader_answer answers[READER_QUESTIONS];
};

/*
 * Become, in a child, a process that has nothing but this socket, as descriptor 0, and w's rights,
 * and writes no file. -errno: it must end.
 */
int reader_confine(int socket, const struct run_as *w, const char *name);

/* Start it, as w. Without it nothing is answered: errors are ignored. */
void reader_start(struct reader *h, const struct run_as *w);

/*
 * Each asks one question and returns its number, negative: it is not asked. They do not wait.
 *
 * reader_ask_dependents(): about the package installed in `directory`.
 * reader_ask_left(): the first directory of the absolute path, or the file itself, that was made
 * after `since` (CLOCK_REALTIME, ns). above: its ancestors that are not looked at; a prefix of
 * path.
 * reader_ask_link(): what the symbolic link at this path contains.
 * reader_ask_package(): what the files of the package in `directory` call it.
 */
int reader_ask_package(struct reader *h, const char *directory);
int reader_ask_link(struct reader *h, const char *path);
int reader_ask_dependents(struct reader *h, const char *project, size_t project_len,
			  const char *directory);
int reader_ask_left(struct reader *h, const char *path, size_t above, uint64_t since);
/* The answer, for which this waits at most `ms`. NULL: there is none (yet). */
const struct reader_answer *reader_answer(struct reader *h, int question, int ms);
/*
 * The checksum that the lockfile of the project states for a package, or NULL: none, or it was not
 * found in time. Waits, at most a few hundred ms in a session. version "": reads the lockfile for
 * what will be asked, and does not wait.
 */
const char *reader_checksum(struct reader *h, const char *manager, const char *project,
			    size_t project_len, const char *directory, const char *version);
/* Let it end. */
void reader_end(struct reader *h);

#endif
