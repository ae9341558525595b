// SPDX-License-Identifier: GPL-2.0-only
/* dfa_cache.c - see dfa_cache.h. */
#include "automaton/dfa_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cleanup.h"

#define FILE_MAX (256u << 20)

/* The file: header, rows, sets, key. It is mapped, and so its parts are aligned. */
struct header {
	char magic[8];
	uint32_t crc; /* of the whole file, with 0 here */
	uint32_t row_count, set_count;
	uint32_t start[WS_DFA_MAX], loops[WS_DFA_MAX];
	uint32_t pad;
	uint64_t key_len;
};
static const char magic[8] = "WSDFA 2";

/* ---- the key ---- */

static void add_number(struct buf *key, uint64_t n)
{
	buf_add(key, (const char *)&n, sizeof(n));
}

void dfa_cache_key(struct buf *key, const struct nfa *graphs, size_t count)
{
	struct stat st = { 0 };

	stat("/proc/self/exe", &st); /* zeros if that fails */
	add_number(key, st.st_dev);
	add_number(key, st.st_ino);
	add_number(key, st.st_size);
	add_number(key, st.st_mtim.tv_sec);
	add_number(key, st.st_mtim.tv_nsec);
	for (size_t i = 0; i < count; i++) {
		const struct nfa *n = &graphs[i];

		add_number(key, n->kind);
		add_number(key, n->node_count);
		buf_add(key, (const char *)n->nodes, n->node_count * sizeof(*n->nodes));
		add_number(key, n->edge_count);
		for (size_t k = 0; k < n->edge_count; k++) { /* an edge has padding */
			add_number(key, n->edges[k].label);
			add_number(key, (uint64_t)n->edges[k].to << 32 | n->edges[k].next);
		}
		add_number(key, n->accept_count);
		buf_add(key, (const char *)n->accepts, n->accept_count * sizeof(*n->accepts));
		add_number(key, n->pattern_count);
		add_number(key, n->class_count);
		buf_add(key, (const char *)n->class_of, sizeof(n->class_of));
		add_number(key, n->sink_count);
		buf_add(key, (const char *)n->sinks, n->sink_count * sizeof(*n->sinks));
	}
}

/* ---- files ---- */

static int path_of(char ret[PATH_MAX], const char *dir, const struct buf *key)
{
	unsigned slot = crc32(0, (const unsigned char *)key->at, key->len) % DFA_CACHE_FILES;

	return snprintf(ret, PATH_MAX, "%s/automata-%u", dir, slot) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static uLong head_crc(const struct header *h)
{
	return crc32_z(0, (const unsigned char *)h, sizeof(*h));
}

/* Whether only this user can have written the file that st describes. */
static bool is_ours(const struct stat *st)
{
	return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* Whether every number in the rows names a row or a set that is there. */
static bool is_sound(const struct header *h, const struct ws_row *rows)
{
	for (size_t i = 0; i < h->row_count; i++) {
		uint32_t highest = 0; /* one comparison a row, as 20 MB are checked */

		if (rows[i].accept >= h->set_count)
			return false;
		for (size_t c = 0; c < WS_CLASSES; c++)
			highest = rows[i].next[c] > highest ? rows[i].next[c] : highest;
		if (highest >= h->row_count)
			return false;
	}
	for (unsigned kind = 0; kind < WS_DFA_MAX; kind++)
		if (h->start[kind] >= h->row_count || h->loops[kind] > h->row_count)
			return false;
	return true;
}

/* The file at h of `len` bytes, if it is whole and was made for key. */
static bool is_whole(const struct header *h, size_t len, const struct buf *key)
{
	const unsigned char *body = (const unsigned char *)(h + 1);
	struct header head = *h;
	size_t before_key;

	if (memcmp(h->magic, magic, sizeof(magic)) != 0 || h->key_len != key->len ||
	    !h->row_count || h->row_count > DFA_ROWS_MAX || !h->set_count ||
	    h->set_count > DFA_SETS_MAX)
		return false;
	before_key = h->row_count * sizeof(struct ws_row) + h->set_count * sizeof(struct ws_set);
	if (len != sizeof(*h) + before_key + key->len ||
	    memcmp(body + before_key, key->at, key->len) != 0)
		return false;
	head.crc = 0;
	return h->crc == crc32_z(head_crc(&head), body, len - sizeof(*h)) &&
	       is_sound(h, (const struct ws_row *)body);
}

int dfa_cache_load(const char *dir, const struct buf *key, struct dfa_built *ret)
{
	_close_ int in = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), fd = -1;
	struct dfa_store *s = ret->store;
	char path[PATH_MAX];
	struct header *h;
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0 || !is_ours(&st) || path_of(path, dir, key) < 0)
		return -ENOENT;
	fd = openat(in, strrchr(path, '/') + 1, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !is_ours(&st) ||
	    st.st_size < (off_t)sizeof(*h) || st.st_size > FILE_MAX)
		return -ENOENT;
	/* nobody changes it: a new one takes its name */
	h = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (h == MAP_FAILED)
		return errno == ENOMEM ? -ENOMEM : -ENOENT;
	if (!is_whole(h, (size_t)st.st_size, key)) {
		munmap(h, (size_t)st.st_size);
		return -ENOENT;
	}
	dfa_store_drop(s);
	s->file = h;
	s->file_len = (size_t)st.st_size;
	s->rows = (struct ws_row *)(h + 1);
	s->row_count = s->row_size = h->row_count;
	s->sets = (struct ws_set *)(s->rows + s->row_count);
	s->set_count = s->set_size = h->set_count;
	memcpy(ret->start, h->start, sizeof(h->start));
	memcpy(ret->loops, h->loops, sizeof(h->loops));
	return 0;
}

static int write_all(int fd, const void *from, size_t len)
{
	const char *at = from;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += n;
		len -= n;
	}
	return 0;
}

int dfa_cache_store(const char *dir, const struct buf *key, const struct dfa_built *built)
{
	const struct dfa_store *s = built->store;
	size_t rows_len = s->row_count * sizeof(*s->rows),
	       sets_len = s->set_count * sizeof(*s->sets);
	struct header h = { .row_count = (uint32_t)s->row_count,
			    .set_count = (uint32_t)s->set_count,
			    .key_len = key->len };
	char path[PATH_MAX], fresh[PATH_MAX];
	_close_ int fd = -1;
	struct stat st;
	uLong crc;
	int r;

	if (key->len + rows_len + sets_len > FILE_MAX)
		return -EFBIG;
	mkdir(dir, 0700);
	if (lstat(dir, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode) || !is_ours(&st))
		return -EPERM;
	r = path_of(path, dir, key);
	if (r < 0 || snprintf(fresh, sizeof(fresh), "%s/.new-XXXXXX", dir) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	memcpy(h.magic, magic, sizeof(magic));
	memcpy(h.start, built->start, sizeof(h.start));
	memcpy(h.loops, built->loops, sizeof(h.loops));
	crc = crc32_z(head_crc(&h), (const unsigned char *)s->rows, rows_len);
	crc = crc32_z(crc, (const unsigned char *)s->sets, sets_len);
	h.crc = (uint32_t)crc32_z(crc, (const unsigned char *)key->at, key->len);
	fd = mkostemp(fresh, O_CLOEXEC); /* 0600 */
	if (fd < 0)
		return -errno;
	r = write_all(fd, &h, sizeof(h));
	r = r ?: write_all(fd, s->rows, rows_len);
	r = r ?: write_all(fd, s->sets, sets_len);
	r = r ?: write_all(fd, key->at, key->len);
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(fresh);
	return r;
}
