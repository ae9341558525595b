// SPDX-License-Identifier: GPL-2.0-only
/* spool_dir.c - see spool_dir.h. */
#include "delivery/spool_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/cleanup.h"

#define CURSOR_SUFFIX ".cursor"

const char *spool_stream_name(enum spool_stream s)
{
	return s == SPOOL_ALERTS ? "alert" : "event";
}

static DIR *open_list(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

/* ---- segments ---- */

static void name_segment(char ret[32], enum spool_stream s, uint64_t first)
{
	snprintf(ret, 32, "%s-%016" PRIx64 ".seg", spool_stream_name(s), first);
}

static bool parse_segment(const char *name, enum spool_stream s, uint64_t *ret)
{
	char again[32];
	const char *dash = strchr(name, '-');

	if (!dash)
		return false;
	*ret = strtoull(dash + 1, NULL, 16);
	name_segment(again, s, *ret);
	return strcmp(name, again) == 0;
}

static int by_first(const void *a, const void *b)
{
	const struct spool_segment *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

int spool_segments_list(struct spool_segments *ret, int dir, enum spool_stream s, struct error *e)
{
	_closedir_ DIR *d = open_list(dir);
	struct spool_segments list = { 0 };
	struct dirent *entry;

	if (!d)
		return error_set(e, -errno, "the spool cannot be listed: %s", strerror(errno));
	while ((entry = readdir(d))) {
		struct spool_segment one = { 0 }, *more;
		struct stat st;

		if (!parse_segment(entry->d_name, s, &one.first) ||
		    fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		one.size = st.st_size;
		more = reallocarray(list.at, list.count + 1, sizeof(*list.at));
		if (!more) {
			spool_segments_free(&list);
			return error_set(e, -ENOMEM, "no memory to list the spool");
		}
		list.at = more;
		list.at[list.count++] = one;
	}
	if (list.count)
		qsort(list.at, list.count, sizeof(*list.at), by_first);
	*ret = list;
	return 0;
}

void spool_segments_free(struct spool_segments *s)
{
	free(s->at);
	*s = (struct spool_segments){ 0 };
}

int spool_segment_open(int dir, enum spool_stream s, uint64_t first, int flags)
{
	char name[32];
	struct stat st;
	int fd;

	name_segment(name, s, first);
	fd = openat(dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) { /* somebody else's */
		close(fd);
		return -EINVAL;
	}
	return fd;
}

int spool_segment_remove(int dir, enum spool_stream s, uint64_t first)
{
	char name[32];

	name_segment(name, s, first);
	return unlinkat(dir, name, 0) < 0 ? -errno : 0;
}

/* ---- cursors ---- */

bool spool_name_ok(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!ascii_alnum(name[i]) && (i == 0 || !strchr("._-", name[i])))
			return false;
	return len > 0 && len < SPOOL_NAME_MAX;
}

int spool_cursor_read(struct spool_cursor *ret, int dir, const char *sink, struct error *e)
{
	char name[SPOOL_NAME_MAX + 16], text[128] = { 0 }, end;
	struct spool_cursor c;
	_close_ int fd = -1;
	ssize_t n;

	snprintf(name, sizeof(name), "%s" CURSOR_SUFFIX, sink);
	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return error_set(e, -errno, "%s: %s", name, strerror(errno));
	if (sscanf(text, "wormsign-cursor 1 alert %" SCNu64 " event %" SCNu64 "%c",
		   &c.next[SPOOL_ALERTS], &c.next[SPOOL_EVENTS], &end) != 3 ||
	    end != '\n')
		return error_set(e, -EBADMSG,
				 "%s is not a cursor of this version; remove it to deliver to that "
				 "sink all that the spool holds",
				 name);
	*ret = c;
	return 0;
}

int spool_cursor_write(int dir, const char *sink, const struct spool_cursor *c, struct error *e)
{
	char name[SPOOL_NAME_MAX + 16], fresh[SPOOL_NAME_MAX + 24], text[128];
	_close_ int fd = -1;
	int len, err;

	snprintf(name, sizeof(name), "%s" CURSOR_SUFFIX, sink);
	snprintf(fresh, sizeof(fresh), "%s.new", name);
	len = snprintf(text, sizeof(text),
		       "wormsign-cursor 1 alert %" PRIu64 " event %" PRIu64 "\n",
		       c->next[SPOOL_ALERTS], c->next[SPOOL_EVENTS]);
	fd = openat(dir, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, text, len) == len && fdatasync(fd) == 0 &&
	    renameat(dir, fresh, dir, name) == 0)
		return 0;
	err = errno ?: ENOSPC;
	unlinkat(dir, fresh, 0);
	return error_set(e, -err, "%s: %s", name, strerror(err));
}

int spool_cursor_oldest(struct spool_cursor *ret, int dir, struct error *e)
{
	for (int i = 0; i < SPOOL_STREAMS; i++) {
		CLEANUP(spool_segments_free) struct spool_segments list = { 0 };
		int err = spool_segments_list(&list, dir, i, e);

		if (err < 0)
			return err;
		ret->next[i] = list.count && list.at[0].first ? list.at[0].first : 1;
	}
	return 0;
}

int spool_cursors(int dir, int (*fn)(void *arg, const char *sink, const struct spool_cursor *c),
		  void *arg, struct error *e)
{
	_closedir_ DIR *d = open_list(dir);
	struct dirent *entry;
	int r = 0;

	if (!d)
		return error_set(e, -errno, "the spool cannot be listed: %s", strerror(errno));
	while (r == 0 && (entry = readdir(d))) {
		size_t len = strlen(entry->d_name), suffix = strlen(CURSOR_SUFFIX);
		struct spool_cursor c;
		char sink[SPOOL_NAME_MAX];

		if (len <= suffix || len - suffix >= sizeof(sink) ||
		    strcmp(entry->d_name + len - suffix, CURSOR_SUFFIX) != 0)
			continue;
		snprintf(sink, sizeof(sink), "%.*s", (int)(len - suffix), entry->d_name);
		if (!spool_name_ok(sink)) /* no sink has such a name, and names are printed */
			continue;
		r = spool_cursor_read(&c, dir, sink, e);
		r = r ?: fn(arg, sink, &c);
	}
	return r;
}
