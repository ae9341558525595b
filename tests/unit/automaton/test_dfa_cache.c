// SPDX-License-Identifier: GPL-2.0-only
/* test_dfa_cache.c - what was kept comes back for the same input, and for no other; a file that
 * somebody else could have written, or that is damaged, is not used. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "automaton/dfa.h"
#include "automaton/dfa_cache.h"
#include "automaton/nfa.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "tree.h"

struct built {
	struct nfa graph;
	struct dfa_store store;
	uint32_t start[WS_DFA_MAX], loops[WS_DFA_MAX];
	struct dfa_built all;
	struct buf key;
};

static char *top;

static int make(void **state)
{
	(void)state;
	top = tree_new();
	return 0;
}

static int clear(void **state)
{
	(void)state;
	tree_free(top);
	return 0;
}

static void build(struct built *b, const char *pattern)
{
	struct ws_set accept = { .match.w = { 1 } };

	*b = (struct built){ .key = BUF_INIT };
	b->all = (struct dfa_built){ &b->store, b->start, b->loops };
	assert_int_equal(nfa_init(&b->graph, WS_DFA_PATH), 0);
	assert_int_equal(nfa_add(&b->graph, pattern, &accept, NULL), 0);
	assert_int_equal(dfa_store_init(&b->store), 0);
	assert_int_equal(dfa_build(&b->store, &b->graph, &b->start[0], &b->loops[0], NULL), 0);
	dfa_cache_key(&b->key, &b->graph, 1);
	assert_false(b->key.failed);
}

static void drop(struct built *b)
{
	nfa_done(&b->graph);
	dfa_store_done(&b->store);
	buf_free(&b->key);
}

static int load(const char *dir, const struct buf *key, struct built *ret)
{
	*ret = (struct built){ .key = BUF_INIT };
	ret->all = (struct dfa_built){ &ret->store, ret->start, ret->loops };
	assert_int_equal(dfa_store_init(&ret->store), 0);
	return dfa_cache_load(dir, key, &ret->all);
}

static void same_input(void **state)
{
	const char *dir = tree_path(top, "cache");
	struct built b, again;
	struct stat st;

	(void)state;
	build(&b, "~/.aws/credentials");
	assert_int_equal(load(dir, &b.key, &again), -ENOENT);
	dfa_store_done(&again.store);
	assert_int_equal(dfa_cache_store(dir, &b.key, &b.all), 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(load(dir, &b.key, &again), 0);
	assert_int_equal(again.store.row_count, b.store.row_count);
	assert_memory_equal(again.store.rows, b.store.rows,
			    b.store.row_count * sizeof(*b.store.rows));
	assert_int_equal(again.store.set_count, b.store.set_count);
	assert_memory_equal(again.store.sets, b.store.sets,
			    b.store.set_count * sizeof(*b.store.sets));
	assert_int_equal(again.start[0], b.start[0]);
	assert_int_equal(again.loops[0], b.loops[0]);
	drop(&again);
	drop(&b);
}

/* Another pattern, with the same number of nodes. */
static void other_input(void **state)
{
	const char *dir = tree_path(top, "cache");
	struct built b, other, got;

	(void)state;
	build(&b, "~/.aws/credentials");
	build(&other, "~/.aws/credentialz");
	assert_int_equal(b.key.len, other.key.len);
	assert_int_equal(dfa_cache_store(dir, &b.key, &b.all), 0);
	for (unsigned slot = 0; slot < DFA_CACHE_FILES; slot++) { /* as if the slots were one */
		char name[32];

		snprintf(name, sizeof(name), "cache/automata-%u", slot);
		if (access(tree_path(top, name), F_OK) < 0)
			continue;
		for (unsigned to = 0; to < DFA_CACHE_FILES; to++) {
			char copy[32];

			snprintf(copy, sizeof(copy), "cache/automata-%u", to);
			if (to != slot)
				assert_int_equal(link(tree_path(top, name), tree_path(top, copy)),
						 0);
		}
		break;
	}
	assert_int_equal(load(dir, &other.key, &got), -ENOENT);
	drop(&got);
	assert_int_equal(load(dir, &b.key, &got), 0);
	drop(&got);
	drop(&other);
	drop(&b);
}

static char *only_file(void)
{
	char *path = NULL;

	for (unsigned slot = 0; slot < DFA_CACHE_FILES && !path; slot++) {
		char name[32];

		snprintf(name, sizeof(name), "cache/automata-%u", slot);
		if (access(tree_path(top, name), F_OK) == 0)
			path = strdup(tree_path(top, name));
	}
	assert_non_null(path);
	return path;
}

/* Each byte of a small file damaged in turn, and each length. */
static void damaged(void **state)
{
	const char *dir = tree_path(top, "cache");
	_free_ char *file = NULL;
	struct built b, got;
	struct stat st;
	int fd;

	(void)state;
	build(&b, "/x");
	assert_int_equal(dfa_cache_store(dir, &b.key, &b.all), 0);
	file = only_file();
	fd = open(file, O_RDWR);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = 0; at < st.st_size; at += at < 200 ? 1 : 97) {
		char was, now;

		assert_int_equal(pread(fd, &was, 1, at), 1);
		now = (char)(was ^ 0x55);
		assert_int_equal(pwrite(fd, &now, 1, at), 1);
		assert_int_equal(load(dir, &b.key, &got), -ENOENT);
		drop(&got);
		assert_int_equal(pwrite(fd, &was, 1, at), 1);
	}
	assert_int_equal(ftruncate(fd, st.st_size - 1), 0);
	assert_int_equal(load(dir, &b.key, &got), -ENOENT);
	drop(&got);
	close(fd);
	drop(&b);
}

static void not_ours(void **state)
{
	const char *dir = tree_path(top, "cache");
	_free_ char *file = NULL;
	struct built b, got;

	(void)state;
	build(&b, "/x");
	assert_int_equal(dfa_cache_store(dir, &b.key, &b.all), 0);
	file = only_file();
	assert_int_equal(chmod(file, 0622), 0);
	assert_int_equal(load(dir, &b.key, &got), -ENOENT);
	drop(&got);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(load(dir, &b.key, &got), -ENOENT);
	drop(&got);
	assert_int_equal(dfa_cache_store(dir, &b.key, &b.all), -EPERM);
	assert_int_equal(chmod(dir, 0700), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(file, 65534, 65534), 0);
		assert_int_equal(load(dir, &b.key, &got), -ENOENT);
		drop(&got);
		assert_int_equal(chown(file, 0, 0), 0);
	}
	assert_int_equal(load(dir, &b.key, &got), 0);
	drop(&got);
	tree_link(top, "link", dir);
	assert_int_equal(load(tree_path(top, "link"), &b.key, &got), -ENOENT);
	drop(&got);
	assert_int_equal(dfa_cache_store(tree_path(top, "link"), &b.key, &b.all), -EPERM);
	drop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_input, make, clear),
		cmocka_unit_test_setup_teardown(other_input, make, clear),
		cmocka_unit_test_setup_teardown(damaged, make, clear),
		cmocka_unit_test_setup_teardown(not_ours, make, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
