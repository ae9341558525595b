// SPDX-License-Identifier: GPL-2.0-only
/* made_list.c - see made_list.h. */
#include "session/made_list.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "events/decode.h"

#define FILE_NAME "made.json"
#define FILE_MOST (1 << 20) /* bytes */
#define VERSION	  1

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

/* What others can write says nothing about what packages did. */
static int check_owner(int fd, const char *path, mode_t type, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	if ((st.st_mode & S_IFMT) != type)
		return error_set(e, -EINVAL, "%s is not a %s", path,
				 type == S_IFDIR ? "directory" : "regular file");
	if (st.st_uid != geteuid())
		return error_set(e, -EPERM, "%s belongs to uid %u", path, (unsigned)st.st_uid);
	if (st.st_mode & 022)
		return error_set(e, -EPERM, "%s can be written by others (mode %04o)", path,
				 (unsigned)(st.st_mode & 07777));
	if (type == S_IFREG && st.st_size > FILE_MOST)
		return error_set(e, -EFBIG, "%s is larger than %d bytes", path, FILE_MOST);
	return 0;
}

/* Opens dir. -errno with e. */
static int open_dir(const char *dir, struct error *e)
{
	_close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0)
		return error_set(e, -errno, "%s: %s", dir, strerror(errno));
	r = check_owner(fd, dir, S_IFDIR, e);
	return r < 0 ? r : TAKE_FD(fd);
}

/* *ret stays NULL if there is no file. */
static int read_file(json_t **ret, int dir, const char *path, struct error *e)
{
	_close_ int fd = openat(dir, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	_fclose_ FILE *f = NULL;
	json_error_t why;
	int r;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	r = check_owner(fd, path, S_IFREG, e);
	if (r < 0)
		return r;
	/* Through a stream, because json_loadfd() reads byte by byte. */
	f = fdopen(fd, "r");
	if (!f)
		return error_set(e, -errno, "%s: %s", path, strerror(errno));
	TAKE_FD(fd);
	*ret = json_loadf(f, JSON_REJECT_DUPLICATES, &why);
	return *ret ? 0 : error_set(e, -EINVAL, "%s:%d: %s", path, why.line, why.text);
}

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

static int load_from(struct made_list *ret, int dir, const char *path, struct error *e)
{
	_json_ json_t *top = NULL;
	int r = read_file(&top, dir, path, e);

	return r < 0 || !top ? r : read_list(ret, top, path, e);
}

int made_list_load(struct made_list *ret, const char *dir, struct error *e)
{
	char path[PATH_MAX];
	_close_ int fd = -1;

	*ret = (struct made_list){ 0 };
	if (snprintf(path, sizeof(path), "%s/%s", dir, FILE_NAME) >= (int)sizeof(path))
		return error_set(e, -ENAMETOOLONG, "%s: %s", dir, strerror(ENAMETOOLONG));
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	fd = open_dir(dir, e);
	return fd < 0 ? fd : load_from(ret, fd, path, e);
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

/* Replace the file as a whole. The directory is locked, so the temporary name is free. */
static int write_file(const struct made_list *l, int dir, const char *path, struct error *e)
{
	static const char temporary[] = FILE_NAME ".new";
	_json_ json_t *top = write_list(l);
	_close_ int fd = -1;

	if (!top)
		return error_set(e, -ENOMEM, "out of memory");
	unlinkat(dir, temporary, 0);
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || json_dumpfd(top, fd, JSON_INDENT(1)) < 0 || fsync(fd) < 0 ||
	    renameat(dir, temporary, dir, FILE_NAME) < 0) {
		int r = -(errno ?: EIO);

		unlinkat(dir, temporary, 0);
		return error_set(e, r, "%s: %s", path, strerror(-r));
	}
	return 0;
}

int made_list_save(const struct made_list *l, const char *dir, struct error *e)
{
	CLEANUP(made_list_free) struct made_list all = { 0 };
	char path[PATH_MAX];
	_close_ int fd = -1;

	if (!l->count)
		return 0;
	if (snprintf(path, sizeof(path), "%s/%s", dir, FILE_NAME) >= (int)sizeof(path))
		return error_set(e, -ENAMETOOLONG, "%s: %s", dir, strerror(ENAMETOOLONG));
	mkdir(dir, 0700); /* if that fails, opening it says why */
	fd = open_dir(dir, e);
	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX) < 0)
		return error_set(e, -errno, "%s: %s", dir, strerror(errno));
	load_from(&all, fd, path, NULL);
	for (size_t i = 0; i < l->count; i++)
		if (made_list_add(&all, &l->at[i]) < 0)
			return error_set(e, -ENOMEM, "out of memory");
	return write_file(&all, fd, path, e);
}
