/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * earlier.h - what packages wrote outside of their own directories: what those of a session did,
 * and what the kernel side is told of those of earlier ones. Files are known by identity; see
 * bpf/origin.bpf.h.
 */
#ifndef WORMSIGN_EARLIER_H
#define WORMSIGN_EARLIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy.h"
#include "policy/tables.h"

struct loader;

struct earlier_file {
	struct ws_id id;
	bool tree; /* a directory, with all that is below it */
};

/* Files of one package in one session. */
struct earlier_writer {
	uint64_t session;
	uint64_t until; /* as in struct ws_earlier */
	uint32_t user;	/* whose session it was */
	bool named;	/* as WS_SCOPE_NAMED */
	char name[WS_NAME_MAX], version[WS_VERSION_MAX];
	struct earlier_file *at;
	size_t count, room;
};

struct earlier {
	struct earlier_writer *at;
	size_t count, room;
	uint64_t left_out; /* files for which there was no room */
};

/* Most files of one package in one session. */
#define EARLIER_PACKAGE_MOST 8192

void earlier_free(struct earlier *e);
/* Add a copy of w without its files. NULL: no memory. */
struct earlier_writer *earlier_add(struct earlier *e, const struct earlier_writer *w);
int earlier_add_file(struct earlier_writer *w, const struct earlier_file *f);

/*
 * What the packages of the session wrote, as far as EARLIER_PACKAGE_MOST goes: temporary files come
 * last. Call it when its processes have ended, before loader_session_end(). until: the present.
 * -ENOMEM.
 */
int loader_written(struct loader *l, uint64_t session, uint32_t user, uint64_t until,
		   struct earlier *ret);

/*
 * Enter e, of this version of the list, beside what was entered; t: the loaded tables. For all
 * sessions of the instance, at once.
 */
int loader_enter_earlier(struct loader *l, const struct tables *t, const struct earlier *e,
			 uint64_t version);
/* The version that was entered last, 0: none. */
uint64_t loader_earlier_version(const struct loader *l);

#endif
