// SPDX-License-Identifier: GPL-2.0-only
/* late_looks.c - enter the places of a home or project, and look into a repository. */
#include "session/late_looks.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "events/decode.h"
#include "policy/managers.h"
#include "session/named_files.h"
#include "session/pid_namespace.h"

static void enter_place(const struct late_looks *h, const struct place *p)
{
	_close_ int fd = open(p->path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		h->knower.place(h->knower.arg, fd, p->place);
}

/* The project that a manager is told of. Not the clone of a git dependency, which a manager that a
 * manager has started works in. */
static void enter_project(const struct late_looks *h, const struct ws_rec_exec *r)
{
	CLEANUP(places_free) struct places p = { 0 };
	char full[PATH_MAX];
	const char *dir;

	if (!r->manager || r->manager > manager_count || r->clone ||
	    r->head.actor != WS_ACTOR_MANAGER)
		return;
	dir = manager_directory(&managers[r->manager - 1], r->argv.bytes, r->argv.len);
	if (!dir && h->follow)
		dir = ".";
	if (!dir || (dir[0] != '/' && !pid_namespace_is_first()))
		return;
	if (dir[0] != '/') {
		if (snprintf(full, sizeof(full), "/proc/%u/cwd/%s", r->head.pid, dir) >=
		    (int)sizeof(full))
			return;
		dir = full;
	}
	if (places_of_project(&p, h->places, dir) < 0)
		return;
	for (size_t i = 0; i < p.count; i++)
		if (p.at[i].place == WS_PLACE_PROJECT)
			enter_place(h, &p.at[i]);
}

static void enter_home(const struct late_looks *h, const struct ws_rec_home *r)
{
	CLEANUP(places_free) struct places p = { 0 };

	if (places_of_home(&p, h->places, r->path) < 0)
		return;
	/* caches and tools first: once the home is one, what lies in it is judged as part of it */
	for (size_t i = p.count; i-- > 0;)
		enter_place(h, &p.at[i]);
	for (size_t i = 0; i < p.count; i++)
		if (p.at[i].place == WS_PLACE_HOME)
			named_files_home(&h->knower, p.at[i].path);
}

/* The project that a script's directory belongs to: `cd web && npm ci`. */
static void look_at_scripts(struct late_looks *h, char *dir)
{
	char *modules = strstr(dir, "/node_modules/");

	if (modules)
		*modules = 0;
	if (strcmp(dir, h->project) == 0 || strlen(dir) >= sizeof(h->project))
		return;
	strcpy(h->project, dir);
	named_files_scripts(&h->knower, dir);
}

static void look_into_repository(struct late_looks *h, const struct ws_rec_scope *r)
{
	_buf_ struct buf dir = BUF_INIT;

	decode_path(&dir, r->dir, r->dir_len, false);
	if ((r->head.flags & (WS_F_PATH_CUT | WS_F_PATH_UNREAD)) || dir.failed)
		return;
	named_files_repository(&h->knower, dir.at);
	look_at_scripts(h, dir.at);
}

void late_looks_record(void *arg, const struct ws_head *rec)
{
	struct late_looks *h = arg;

	if (!h->knower.know || rec->session != h->session)
		return;
	if (rec->kind == WS_REC_HOME)
		enter_home(h, (const struct ws_rec_home *)rec);
	else if (rec->kind == WS_REC_EXEC)
		enter_project(h, (const struct ws_rec_exec *)rec);
	else if (rec->kind == WS_REC_SCOPE)
		look_into_repository(h, (const struct ws_rec_scope *)rec);
}
