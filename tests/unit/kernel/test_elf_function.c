// SPDX-License-Identifier: GPL-2.0-only
/* test_elf_function.c - functions found in real libraries, and files that are none or contradict themselves. */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cleanup.h"
#include "cmocka_all.h"
#include "elf_function.h"

static int open_libc(void)
{
	Dl_info info;

	assert_true(dladdr((void *)getenv, &info));
	return open(info.dli_fname, O_RDONLY | O_CLOEXEC);
}

/* The code in the file, at the place found, is the code that this process runs. */
static void test_found(void **state)
{
	static const char *const names[] = {"qsort", "getenv", "strtol", "setenv", "fopen"};
	_close_ int fd = open_libc();

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const void *here = dlsym(RTLD_DEFAULT, names[i]);
		unsigned char code[32];
		uint64_t offset = 0;

		assert_int_equal(elf_function(fd, names[i], &offset), 0);
		assert_int_equal(pread(fd, code, sizeof(code), offset), sizeof(code));
		/* with sanitizers some names are the sanitizer's own here */
#ifndef __SANITIZE_ADDRESS__
		assert_memory_equal(code, here, sizeof(code));
#else
		assert_non_null(here);
#endif
	}
}

static void test_absent(void **state)
{
	_close_ int fd = open_libc();
	uint64_t offset;
	char longest[400] = {0};

	(void)state;
	assert_int_equal(elf_function(fd, "SSL_write", &offset), -ENOENT);
	assert_int_equal(elf_function(fd, "", &offset), -ENOENT);
	memset(longest, 'x', sizeof(longest) - 1);
	assert_int_equal(elf_function(fd, longest, &offset), -ENOENT);
	assert_int_equal(elf_function(fd, "environ", &offset), -ENOENT); /* a variable */
}

static int memory(const void *bytes, size_t n)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	return fd;
}

static void test_not_elf(void **state)
{
	_close_ int empty = memory("", 0), text = memory("#!/bin/sh\nexec node \"$@\"\n", 24), null = open("/dev/null", O_RDONLY);
	_close_ int directory = open("/", O_RDONLY | O_DIRECTORY);
	uint64_t offset;

	(void)state;
	assert_int_equal(elf_function(empty, "SSL_write", &offset), -ENOEXEC);
	assert_int_equal(elf_function(text, "SSL_write", &offset), -ENOEXEC);
	assert_int_equal(elf_function(null, "SSL_write", &offset), -ENOEXEC);
	assert_int_equal(elf_function(directory, "SSL_write", &offset), -EISDIR);
	assert_int_equal(elf_function(-1, "SSL_write", &offset), -EBADF);
}

/* A real library cut short anywhere, or with any of its head's bytes changed, is an error or finds nothing wrong. */
static void test_broken(void **state)
{
	_close_ int fd = open_libc();
	off_t size = lseek(fd, 0, SEEK_END);
	char *all = malloc(size);
	uint64_t offset;

	(void)state;
	assert_non_null(all);
	assert_int_equal(pread(fd, all, size, 0), size);
	for (off_t cut = 1; cut < size; cut = cut * 3 + 7) {
		_close_ int part = memory(all, cut);

		assert_true(elf_function(part, "qsort", &offset) < 0);
	}
	{
		_close_ int whole = memory(all, size);

		for (size_t at = 0; at < sizeof(Elf64_Ehdr); at++) {
			char byte = ~all[at];

			assert_int_equal(pwrite(whole, &byte, 1, at), 1);
			if (elf_function(whole, "qsort", &offset) == 0)
				assert_true(offset < (uint64_t)size);
			assert_int_equal(pwrite(whole, &all[at], 1, at), 1);
		}
		assert_int_equal(elf_function(whole, "qsort", &offset), 0);
	}
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_not_elf),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
