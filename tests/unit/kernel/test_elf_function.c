// SPDX-License-Identifier: GPL-2.0-only
/* test_elf_function.c - functions found in real libraries, and files that are none or contradict
 * themselves. */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "kernel/elf_function.h"

static int open_libc(void)
{
	Dl_info info;

	assert_true(dladdr((void *)getenv, &info));
	return open(info.dli_fname, O_RDONLY | O_CLOEXEC);
}

/* The code in the file, at the place found, is the code that this process runs. */
static void test_found(void **state)
{
	static const char *const names[] = { "qsort", "getenv", "strtol", "setenv", "fopen" };
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
	char longest[400] = { 0 };

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
	_close_ int empty = memory("", 0), text = memory("#!/bin/sh\nexec node \"$@\"\n", 24),
		    null = open("/dev/null", O_RDONLY);
	_close_ int directory = open("/", O_RDONLY | O_DIRECTORY);
	uint64_t offset;

	(void)state;
	assert_int_equal(elf_function(empty, "SSL_write", &offset), -ENOEXEC);
	assert_int_equal(elf_function(text, "SSL_write", &offset), -ENOEXEC);
	assert_int_equal(elf_function(null, "SSL_write", &offset), -ENOEXEC);
	assert_int_equal(elf_function(directory, "SSL_write", &offset), -EISDIR);
	assert_int_equal(elf_function(-1, "SSL_write", &offset), -EBADF);
}

/* A real library cut short anywhere, or with any of its head's bytes changed, is an error or finds
 * nothing wrong. */
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

/* ---- small files, made byte by byte ---- */

enum { SYMBOLS = 5, CODE = 0x1000, DATA = 0x2000 };

struct tiny {
	Elf64_Ehdr head;
	Elf64_Phdr segments[2];
	Elf64_Shdr sections[4];
	Elf64_Sym symbols[SYMBOLS];
	uint32_t hash[6 + SYMBOLS]; /* of one bucket, and one word of the filter */
	char names[32];
};

static uint32_t gnu_hash(const char *name)
{
	uint32_t h = 5381;

	while (*name)
		h = h * 33 + (unsigned char)*name++;
	return h;
}

/* Functions `first`, `undefined` (elsewhere), `data` (no code) and `last`, whose name ends the
 * table. */
static void make(struct tiny *t, bool hashed)
{
	static const char *const names[SYMBOLS] = { "", "first", "undefined", "data", "last" };
	size_t at = 1;

	*t = (struct tiny){ 0 };
	memcpy(t->head.e_ident, ELFMAG, SELFMAG);
	t->head.e_ident[EI_CLASS] = ELFCLASS64;
	t->head.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB
									     : ELFDATA2MSB;
	t->head.e_phentsize = sizeof(t->segments[0]);
	t->head.e_phnum = 2;
	t->head.e_phoff = offsetof(struct tiny, segments);
	t->head.e_shentsize = sizeof(t->sections[0]);
	t->head.e_shnum = hashed ? 4 : 3;
	t->head.e_shoff = offsetof(struct tiny, sections);
	t->segments[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
				       .p_flags = PF_R | PF_W,
				       .p_vaddr = DATA,
				       .p_filesz = 0x100,
				       .p_offset = 0x300 };
	t->segments[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
				       .p_flags = PF_R | PF_X,
				       .p_vaddr = CODE,
				       .p_filesz = 0x100,
				       .p_offset = 0x200 };
	t->sections[1] = (Elf64_Shdr){ .sh_type = SHT_DYNSYM,
				       .sh_link = 2,
				       .sh_offset = offsetof(struct tiny, symbols),
				       .sh_size = sizeof(t->symbols) };
	for (size_t i = 1; i < SYMBOLS; i++) {
		t->symbols[i] = (Elf64_Sym){ .st_name = at,
					     .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
					     .st_shndx = i == 2 ? SHN_UNDEF : 1,
					     .st_value = i == 3 ? DATA : CODE + i };
		strcpy(t->names + at, names[i]);
		at += strlen(names[i]) + 1;
	}
	t->sections[2] = (Elf64_Shdr){ .sh_type = SHT_STRTAB,
				       .sh_offset = offsetof(struct tiny, names),
				       .sh_size = at };
	t->sections[3] = (Elf64_Shdr){ .sh_type = SHT_GNU_HASH,
				       .sh_offset = offsetof(struct tiny, hash),
				       .sh_size = sizeof(t->hash) };
	t->hash[0] = 1; /* bucket */
	t->hash[1] = 1; /* first symbol */
	t->hash[2] = 1; /* word of the filter, 8 bytes */
	/* the bucket is behind head and filter: words 4 and 5, then 6 */
	t->hash[6] = 1;
	for (size_t i = 1; i < SYMBOLS; i++)
		t->hash[6 + i] = (gnu_hash(names[i]) & ~1u) | (i == SYMBOLS - 1);
}

static int find(const struct tiny *t, const char *name, uint64_t *ret)
{
	_close_ int fd = memory(t, sizeof(*t));

	*ret = 0;
	return elf_function(fd, name, ret);
}

static void test_tiny(void **state)
{
	uint64_t offset;
	struct tiny t;

	(void)state;
	for (int hashed = 0; hashed < 2; hashed++) {
		make(&t, hashed);
		assert_int_equal(find(&t, "first", &offset), 0);
		assert_int_equal(offset, 0x200 + 1);
		assert_int_equal(find(&t, "last", &offset), 0);
		assert_int_equal(offset, 0x200 + 4);
		assert_int_equal(find(&t, "undefined", &offset), -ENOENT);
		assert_int_equal(find(&t, "fir", &offset), -ENOENT);
		assert_int_equal(find(&t, "last one", &offset), -ENOENT);
		assert_int_equal(find(&t, "data", &offset), -ENOEXEC); /* in no code */
		assert_int_equal(offset, 0);

		/* the end of a segment is not in it, and what is not loaded is not code */
		t.symbols[1].st_value = CODE + 0xff;
		assert_int_equal(find(&t, "first", &offset), 0);
		assert_int_equal(offset, 0x2ff);
		t.symbols[1].st_value = CODE + 0x100;
		assert_int_equal(find(&t, "first", &offset), -ENOEXEC);
		t.symbols[1].st_value = CODE + 1;
		t.segments[1].p_type = PT_NOTE;
		assert_int_equal(find(&t, "first", &offset), -ENOEXEC);
		t.segments[1].p_type = PT_LOAD;

		/* an object is no function; a file without symbols has none */
		t.symbols[1].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
		assert_int_equal(find(&t, "first", &offset), -ENOENT);
		t.sections[1].sh_type = SHT_SYMTAB;
		assert_int_equal(find(&t, "last", &offset), -ENOENT);
		t.sections[1].sh_type = SHT_DYNSYM;
		t.sections[1].sh_link = 99;
		assert_int_equal(find(&t, "last", &offset), -ENOEXEC);
	}
}

/* A hash table that leads nowhere: outside of itself, round and round, or before its first symbol.
 */
static void test_tiny_hash_lies(void **state)
{
	uint64_t offset;
	struct tiny t;

	(void)state;
	make(&t, true);
	t.hash[0] = 0;
	assert_int_equal(find(&t, "last", &offset), -ENOENT);
	t.hash[0] = UINT32_MAX;
	assert_int_equal(find(&t, "last", &offset), -ENOEXEC);
	make(&t, true);
	t.hash[2] = UINT32_MAX;
	assert_int_equal(find(&t, "last", &offset), -ENOEXEC);
	make(&t, true);
	t.hash[6] = 0;
	assert_int_equal(find(&t, "last", &offset), -ENOENT);
	t.hash[6] = UINT32_MAX;
	assert_int_equal(find(&t, "last", &offset), -ENOEXEC);
	make(&t, true);
	t.hash[6 + SYMBOLS - 1] &= ~1u; /* no end */
	assert_int_equal(find(&t, "none", &offset), -ENOEXEC);
	make(&t, true);
	t.hash[6 + 1] = gnu_hash("first") | 1; /* ends before `last` */
	assert_int_equal(find(&t, "first", &offset), 0);
	assert_int_equal(find(&t, "last", &offset), -ENOENT);
	make(&t, true);
	t.symbols[4].st_name = UINT32_MAX;
	assert_int_equal(find(&t, "last", &offset), -ENOENT);
	t.sections[1].sh_size = 4 * sizeof(t.symbols[0]); /* the hash goes beyond the symbols */
	assert_int_equal(find(&t, "last", &offset), -ENOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),	cmocka_unit_test(test_absent),
		cmocka_unit_test(test_not_elf), cmocka_unit_test(test_broken),
		cmocka_unit_test(test_tiny),	cmocka_unit_test(test_tiny_hash_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
