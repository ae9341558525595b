/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state_file.h - JSON files of wormsign's own, kept from one session to the next in a directory
 * that only their owner can write. What others can write says nothing about what packages did, and
 * is not read.
 */
#ifndef WORMSIGN_STATE_FILE_H
#define WORMSIGN_STATE_FILE_H

#include <jansson.h>
#include <sys/types.h>

#include "base/error.h"

struct state_file {
	const char *name; /* of the file in its directory */
	off_t most;	  /* bytes; a larger one is refused */
};

/* Open dir, which must belong to this user and not be writable by others. The descriptor is the
 * caller's; -errno with e. */
int state_file_dir(const char *dir, struct error *e);
/* *ret stays NULL if there is no file. dir_name: for messages. 0; -errno with e. */
int state_file_read(const struct state_file *f, json_t **ret, int dir, const char *dir_name,
		    struct error *e);
/* As state_file_dir(), make it if it is missing, and lock it until it is closed: others may write
 * the file, too. */
int state_file_lock(const char *dir, struct error *e);
/* Replace the file as a whole, in a directory that is locked. top may be NULL: no memory. */
int state_file_write(const struct state_file *f, const json_t *top, int dir, const char *dir_name,
		     struct error *e);

#endif
