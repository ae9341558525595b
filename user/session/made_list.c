// SPDX-License-Identifier: GPL-2.0-only
/* made_list.c - see made_list.h. */
#include "session/made_list.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "events/decode.h"
#include "session/state_file.h"

#define FILE_NAME "made.json"
#define FILE_MOST (1 << 20) /* bytes */
#define VERSION	  1

static const struct state_file file = { FILE_NAME, FILE_MOST };

/* ---- the list ---- */

static void entry_free(struct made_entry *e)
{
	free(e->package);
	free(e->path);
}

void made_list_free(struct made_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		entry_free(&l->at[i]);
	free(l->at);
	*l = (struct made_list){ 0 };
}

static void drop(struct made_list *l, size_t i)
{
	entry_free(&l->at[i]);
	memmove(&l->at[i], &l->at[i + 1], (l->count - i - 1) * sizeof(*l->at));
	l->count--;
}

/* Make room for one more entry of this package and path: its former one goes, or else the oldest
 * of the package, or of all. Those that do not exist any more go first. */
static void make_room(struct made_list *l, const struct made_entry *new)
{
	size_t same = 0, oldest = 0;

	for (size_t i = l->count; i-- > 0;) {
		if (strcmp(l->at[i].package, new->package) != 0)
			continue;
		if (strcmp(l->at[i].path, new->path) == 0) {
			drop(l, i);
			return;
		}
		oldest = i;
		same++;
	}
	if (same >= WS_MADE_MAX)
		drop(l, oldest);
	for (size_t i = 0; l->count >= MADE_LIST_MOST && i < l->count;) {
		struct stat st;

		if (lstat(l->at[i].path, &st) < 0 && errno == ENOENT)
			drop(l, i);
		else
			i++;
	}
	if (l->count >= MADE_LIST_MOST)
		drop(l, 0);
}

int made_list_add(struct made_list *l, const struct made_entry *entry)
{
	struct made_entry new = *entry;

	make_room(l, entry);
	if (l->count == l->room) {
		size_t room = l->room ? l->room * 2 : 16;
		struct made_entry *at = reallocarray(l->at, room, sizeof(*at));

		if (!at)
			return -ENOMEM;
		l->at = at;
		l->room = room;
	}
	new.package = strdup(entry->package);
	new.path = strdup(entry->path);
	if (!new.package || !new.path) {
		entry_free(&new);
		return -ENOMEM;
	}
	l->at[l->count++] = new;
	return 0;
}

int made_list_record(struct made_list *l, const struct ws_rec_made *r, uint64_t realtime)
{
	_buf_ struct buf path = BUF_INIT;
	struct made_entry entry = {
		.package = (char *)r->name,
		.inode = r->id.ino,
		.generation = (uint32_t)(r->id.dev >> 32),
		.time = r->head.time + realtime,
		.guarded = r->guarded,
	};

	/* a path that is cut would not be found again */
	if (r->head.flags & (WS_F_PATH_CUT | WS_F_PATH_UNREAD) || !r->name[0])
		return 0;
	decode_path(&path, r->path, r->path_len, false);
	if (path.failed)
		return -ENOMEM;
	entry.path = path.at;
	return made_list_add(l, &entry);
}

/* ---- the file ---- */

static int read_entry(struct made_list *l, json_t *v)
{
	const char *package, *path;
	json_int_t inode, generation, time;
	struct made_entry entry;
	int guarded = 0;

	if (json_unpack(v, "{s:s, s:s, s:I, s:I, s:I, s?b !}", "package", &package, "path", &path,
			"inode", &inode, "generation", &generation, "time", &time, "guarded",
			&guarded) < 0)
		return -EINVAL;
	if (!package[0] || strlen(package) >= WS_NAME_MAX || path[0] != '/' || inode < 1 ||
	    generation < 0 || generation > UINT32_MAX || time < 0)
		return -EINVAL;
	entry = (struct made_entry){ .package = (char *)package,
				     .path = (char *)path,
				     .inode = (uint64_t)inode,
				     .generation = (uint32_t)generation,
				     .time = (uint64_t)time,
				     .guarded = guarded };
	return made_list_add(l, &entry);
}

static int read_list(struct made_list *ret, json_t *top, const char *path, struct error *e)
{
	struct made_list l = { 0 };
	json_int_t version;
	json_t *list, *v;
	size_t i;

	if (json_unpack(top, "{s:I, s:o !}", "version", &version, "made", &list) < 0 ||
	    version != VERSION || !json_is_array(list))
		return error_set(e, -EINVAL, "%s: not a list of version %d", path, VERSION);
	json_array_foreach(list, i, v) {
		int r = read_entry(&l, v);

		if (r < 0) {
			made_list_free(&l);
			return error_set(e, r, "%s: /made/%zu: %s", path, i,
					 r == -ENOMEM ? "out of memory" : "not an entry");
		}
	}
	*ret = l;
	return 0;
}

static int load_from(struct made_list *ret, int dir, const char *dir_name, struct error *e)
{
	_json_ json_t *top = NULL;
	char path[PATH_MAX];
	int r = state_file_read(&file, &top, dir, dir_name, e);

	snprintf(path, sizeof(path), "%s/%s", dir_name, FILE_NAME);

	return r < 0 || !top ? r : read_list(ret, top, path, e);
}

int made_list_load(struct made_list *ret, const char *dir, struct error *e)
{
	_close_ int fd = -1;

	*ret = (struct made_list){ 0 };
	if (access(dir, F_OK) < 0 && errno == ENOENT)
		return 0;
	fd = state_file_dir(dir, e);
	return fd < 0 ? fd : load_from(ret, fd, dir, e);
}

/* A name that is not UTF-8 cannot be written as JSON, and is left out. */
static json_t *write_list(const struct made_list *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->count; i++) {
		const struct made_entry *m = &l->at[i];
		json_t *v = json_pack("{s:s, s:s, s:I, s:I, s:I}", "package", m->package, "path",
				      m->path, "inode", (json_int_t)m->inode, "generation",
				      (json_int_t)m->generation, "time", (json_int_t)m->time);

		if (v && m->guarded)
			json_object_set_new(v, "guarded", json_true());
		if (v)
			json_array_append_new(list, v);
	}
	return json_pack("{s:i, s:o}", "version", VERSION, "made", list);
}

int made_list_save(const struct made_list *l, const char *dir, struct error *e)
{
	CLEANUP(made_list_free) struct made_list all = { 0 };
	_json_ json_t *top = NULL;
	_close_ int fd = -1;

	if (!l->count)
		return 0;
	fd = state_file_lock(dir, e);
	if (fd < 0)
		return fd;
	load_from(&all, fd, dir, NULL);
	for (size_t i = 0; i < l->count; i++)
		if (made_list_add(&all, &l->at[i]) < 0)
			return error_set(e, -ENOMEM, "out of memory");
	top = write_list(&all);
	return state_file_write(&file, top, fd, dir, e);
}
