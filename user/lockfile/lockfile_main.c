// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockfile_main.c - wormsign-lockfile NAME <FILE: the checksums that a lockfile of this name
 * (pnpm-lock.yaml, yarn.lock) states, as JSON. A program of its own, since packages may have
 * written the file: it may read and write what is open, and nothing else.
 */
#include <errno.h>
#include <jansson.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/exit_status.h"
#include "lockfile/lock_list.h"

#define MOST_FILE   (64L << 20)
#define MOST_MEMORY (1L << 30)

static int confine(void)
{
	static const int allowed[] = {
		SCMP_SYS(read),	     SCMP_SYS(write),	   SCMP_SYS(brk),     SCMP_SYS(mmap),
		SCMP_SYS(munmap),    SCMP_SYS(mremap),	   SCMP_SYS(madvise), SCMP_SYS(futex),
		SCMP_SYS(fstat),     SCMP_SYS(newfstatat), SCMP_SYS(exit),    SCMP_SYS(exit_group),
		SCMP_SYS(getrandom),
	};
	struct rlimit memory = { MOST_MEMORY, MOST_MEMORY };
	scmp_filter_ctx c;
	int err;

	setrlimit(RLIMIT_AS, &memory);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	err = c ? 0 : -ENOMEM;
	for (size_t i = 0; err == 0 && i < ARRAY_SIZE(allowed); i++)
		err = seccomp_rule_add(c, SCMP_ACT_ALLOW, allowed[i], 0);
	err = err ?: seccomp_load(c);
	if (c)
		seccomp_release(c);
	return err;
}

static int read_all(struct buf *text)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0) {
		buf_add(text, chunk, (size_t)n);
		if (text->failed || text->len > MOST_FILE)
			return -EFBIG;
	}
	return n < 0 ? -EIO : 0;
}

static bool print(const char *bytes, size_t len)
{
	ssize_t n = 1;

	for (; len && n > 0; bytes += n, len -= (size_t)n)
		n = write(STDOUT_FILENO, bytes, len);
	return !len;
}

int main(int argc, char **argv)
{
	static const char *const names[] = {
		[LOCK_PNPM] = "pnpm-lock.yaml", [LOCK_YARN] = "yarn.lock"
	};
	_buf_ struct buf text = BUF_INIT;
	_json_ json_t *list = NULL;
	_free_ char *out = NULL;
	struct error e = { 0 };
	size_t format = 0;

	while (format < ARRAY_SIZE(names) && (argc != 2 || strcmp(argv[1], names[format]) != 0))
		format++;
	if (format == ARRAY_SIZE(names)) {
		fputs("wormsign-lockfile is started by wormsign: wormsign-lockfile "
		      "pnpm-lock.yaml|yarn.lock <FILE\n",
		      stderr);
		return STATUS_TROUBLE;
	}
	json_object_seed(0); /* from a file, now */
	if (confine() < 0 || read_all(&text) < 0) {
		fprintf(stderr, "wormsign: %s: cannot be read, or is larger than 64 MiB\n",
			names[format]);
		return STATUS_TROUBLE;
	}
	if (lock_list(&list, (enum lock_format)format, text.at ?: "", text.len, &e) < 0) {
		fprintf(stderr, "wormsign: %s: %s\n", names[format], e.text);
		return STATUS_TROUBLE;
	}
	out = json_dumps(list, JSON_COMPACT);
	return out && print(out, strlen(out)) ? 0 : STATUS_TROUBLE;
}
