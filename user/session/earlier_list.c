// SPDX-License-Identifier: GPL-2.0-only
/* earlier_list.c - see earlier_list.h. */
#include "session/earlier_list.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "session/state_file.h"

#define VERSION 1
#define DAY_NS	86400000000000ull

static const struct state_file file = { "written.json", 16 << 20 };

/* ---- the file ---- */

/* [device, generation, inode] */
static int read_file(struct earlier_writer *w, json_t *v, bool tree)
{
	json_int_t dev, generation, ino;
	struct earlier_file f = { .tree = tree };

	if (json_unpack(v, "[I, I, I !]", &dev, &generation, &ino) < 0 || dev < 0 ||
	    dev > UINT32_MAX || generation < 0 || generation > UINT32_MAX || ino < 1)
		return -EINVAL;
	f.id.dev = (uint64_t)dev | (uint64_t)generation << 32;
	f.id.ino = (uint64_t)ino;
	return earlier_add_file(w, &f);
}

static int read_files(struct earlier_writer *w, json_t *list, bool tree)
{
	json_t *v;
	size_t i;
	int err = 0;

	if (!json_is_array(list) || json_array_size(list) > EARLIER_PACKAGE_MOST)
		return -EINVAL;
	json_array_foreach(list, i, v) {
		err = read_file(w, v, tree);
		if (err < 0)
			break;
	}
	return err;
}

static int read_writer(struct earlier *l, json_t *v)
{
	struct earlier_writer w = { 0 }, *to;
	const char *session, *package, *version;
	json_int_t until, user;
	json_t *files, *trees;
	int named, end = 0, err;

	if (json_unpack(v, "{s:s, s:I, s:I, s:s, s:s, s:b, s:o, s:o !}", "session", &session,
			"until", &until, "user", &user, "package", &package, "version", &version,
			"named", &named, "files", &files, "trees", &trees) < 0 ||
	    until < 0 || user < 0 || user > UINT32_MAX || strlen(package) >= sizeof(w.name) ||
	    strlen(version) >= sizeof(w.version) || strlen(session) != 16 ||
	    strspn(session, "0123456789abcdef") != 16 ||
	    sscanf(session, "%16" SCNx64 "%n", &w.session, &end) != 1 || end != 16 || !w.session)
		return -EINVAL;
	w.until = (uint64_t)until;
	w.user = (uint32_t)user;
	w.named = named;
	strcpy(w.name, package);
	strcpy(w.version, version);
	to = earlier_add(l, &w);
	if (!to)
		return -ENOMEM;
	err = read_files(to, files, false);
	return err ?: read_files(to, trees, true);
}

static int read_list(struct earlier *ret, json_t *top, const char *dir, struct error *e)
{
	CLEANUP(earlier_free) struct earlier l = { 0 };
	json_int_t version;
	json_t *list, *v;
	size_t i;

	if (json_unpack(top, "{s:I, s:o !}", "format", &version, "written", &list) < 0 ||
	    version != VERSION || !json_is_array(list))
		return error_set(e, -EINVAL, "%s/%s: not a list of format %d", dir, file.name,
				 VERSION);
	json_array_foreach(list, i, v) {
		int err = i < WS_EARLIER_WRITERS ? read_writer(&l, v) : -EINVAL;

		if (err < 0)
			return error_set(e, err, "%s/%s: /written/%zu: %s", dir, file.name, i,
					 err == -ENOMEM ? "out of memory" : "not an entry");
	}
	*ret = l;
	l = (struct earlier){ 0 };
	return 0;
}

static int load_from(struct earlier *ret, int dir, const char *dir_name, struct error *e)
{
	_json_ json_t *top = NULL;
	int err = state_file_read(&file, &top, dir, dir_name, e);

	return err < 0 || !top ? err : read_list(ret, top, dir_name, e);
}

/* The file is never changed in place. */
static uint64_t version_of(int dir)
{
	struct stat st;

	if (fstatat(dir, file.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return ((uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec) ^
	       (uint64_t)st.st_ino << 40;
}

/* -ENOENT: there is no such directory. */
static int open_dir(const char *dir, struct error *e)
{
	return access(dir, F_OK) < 0 && errno == ENOENT ? -ENOENT : state_file_dir(dir, e);
}

int earlier_list_load(struct earlier *ret, const char *dir, uint64_t *ret_version, struct error *e)
{
	_close_ int fd = open_dir(dir, e);

	*ret = (struct earlier){ 0 };
	*ret_version = 0;
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	*ret_version = version_of(fd);
	return load_from(ret, fd, dir, e);
}

static json_t *write_files(const struct earlier_writer *w, bool tree)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->count; i++)
		if (w->at[i].tree == tree)
			json_array_append_new(list,
					      json_pack("[I, I, I]",
							(json_int_t)(w->at[i].id.dev & UINT32_MAX),
							(json_int_t)(w->at[i].id.dev >> 32),
							(json_int_t)w->at[i].id.ino));
	return list;
}

/* A name that is not UTF-8 cannot be written as JSON: it is left out. */
static json_t *write_list(const struct earlier *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->count; i++) {
		const struct earlier_writer *w = &l->at[i];
		char session[17];
		json_t *v;

		snprintf(session, sizeof(session), "%016" PRIx64, w->session);
		v = json_pack("{s:s, s:I, s:I, s:s, s:s, s:b, s:o, s:o}", "session", session,
			      "until", (json_int_t)w->until, "user", (json_int_t)w->user, "package",
			      w->name, "version", w->version, "named", (int)w->named, "files",
			      write_files(w, false), "trees", write_files(w, true));
		if (v)
			json_array_append_new(list, v);
	}
	return json_pack("{s:i, s:o}", "format", VERSION, "written", list);
}

/* ---- limits ---- */

static void drop(struct earlier *l, size_t i)
{
	free(l->at[i].at);
	memmove(&l->at[i], &l->at[i + 1], (l->count - i - 1) * sizeof(*l->at));
	l->count--;
}

static int by_id(const void *a, const void *b)
{
	const struct ws_id *one = &((const struct earlier_file *)a)->id,
			   *two = &((const struct earlier_file *)b)->id;

	if (one->ino != two->ino)
		return one->ino < two->ino ? -1 : 1;
	return one->dev < two->dev ? -1 : one->dev > two->dev;
}

/* Forget what has been written again since. */
static void drop_rewritten(struct earlier *l, struct earlier_writer *by)
{
	qsort(by->at, by->count, sizeof(*by->at), by_id);
	for (size_t i = 0; i < l->count; i++) {
		struct earlier_writer *w = &l->at[i];
		size_t kept = 0;

		for (size_t k = 0; k < w->count; k++)
			if (!bsearch(&w->at[k], by->at, by->count, sizeof(*by->at), by_id))
				w->at[kept++] = w->at[k];
		w->count = kept;
	}
}

static size_t files_of(const struct earlier *l, const uint32_t *user)
{
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		if (!user || l->at[i].user == *user)
			n += l->at[i].count;
	return n;
}

static void limit(struct earlier *l, uint64_t now)
{
	for (size_t i = l->count; i-- > 0;)
		if (!l->at[i].count ||
		    (l->at[i].until < now && now - l->at[i].until > EARLIER_LIST_DAYS * DAY_NS))
			drop(l, i);
	for (size_t i = 0; i < l->count;) {
		uint32_t user = l->at[i].user;

		if (files_of(l, &user) > EARLIER_USER_MOST)
			drop(l, i);
		else
			i++;
	}
	while (l->count > WS_EARLIER_WRITERS || files_of(l, NULL) > WS_EARLIER_FILES)
		drop(l, 0);
}

static int append(struct earlier *l, const struct earlier_writer *w)
{
	struct earlier_writer *to = earlier_add(l, w);

	if (!to)
		return -ENOMEM;
	to->at = calloc(w->count, sizeof(*to->at));
	if (!to->at)
		return -ENOMEM;
	memcpy(to->at, w->at, w->count * sizeof(*to->at));
	to->count = to->room = w->count;
	return 0;
}

int earlier_list_save(const struct earlier *of_session, const char *dir, uint64_t now,
		      struct error *e)
{
	CLEANUP(earlier_free) struct earlier all = { 0 };
	_json_ json_t *top = NULL;
	_close_ int fd = -1;

	if (!of_session->count)
		return 0;
	fd = state_file_lock(dir, e);
	if (fd < 0)
		return fd;
	load_from(&all, fd, dir, NULL);
	for (size_t i = 0; i < of_session->count; i++)
		if (of_session->at[i].count)
			drop_rewritten(&all, &of_session->at[i]);
	for (size_t i = 0; i < of_session->count; i++)
		if (of_session->at[i].count && append(&all, &of_session->at[i]) < 0)
			return error_set(e, -ENOMEM, "out of memory");
	limit(&all, now);
	top = write_list(&all);
	return state_file_write(&file, top, fd, dir, e);
}

/* ---- with the kernel side ---- */

int earlier_list_enter(struct loader *l, const struct tables *t, const char *dir, struct error *e)
{
	CLEANUP(earlier_free) struct earlier list = { 0 };
	_close_ int fd = open_dir(dir, e);
	uint64_t version;
	int err;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (version_of(fd) == loader_earlier_version(l))
		return 0;
	err = earlier_list_load(&list, dir, &version, e);
	if (err < 0)
		return err;
	err = loader_enter_earlier(l, t, &list, version);
	return err < 0 ? error_set(e, err, "%s/%s cannot be entered: %s", dir, file.name,
				   strerror(-err))
		       : 0;
}

void earlier_list_keep(struct loader *l, uint64_t session, uint32_t user, const char *dir,
		       struct earlier_facts *ret, struct error *e)
{
	CLEANUP(earlier_free) struct earlier list = { 0 };
	uint64_t now = clock_ns(CLOCK_REALTIME);
	int err = loader_written(l, session, user, now, &list);

	if (err < 0)
		error_set(e, err, "what packages wrote cannot be read: %s", strerror(-err));
	err = err ?: earlier_list_save(&list, dir, now, e);
	ret->left_out = list.left_out;
	ret->unsaved = err < 0;
}
