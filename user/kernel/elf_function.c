// SPDX-License-Identifier: GPL-2.0-only
/* elf_function.c - see elf_function.h. The file may be hostile, so every number in it is checked
 * before use. */
#include "kernel/elf_function.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define MOST_SECTIONS 4096
#define MOST_NAME     128
#define MOST_SYMBOLS  (1u << 20)

struct image {
	int fd;
	Elf64_Ehdr head;
	Elf64_Shdr hash;	   /* .gnu.hash; sh_type is SHT_NULL if the file has none */
	Elf64_Shdr symbols, names; /* .dynsym, .dynstr */
};

/* Read n bytes at an offset of the file. */
static int read_at(int fd, void *to, size_t n, uint64_t at)
{
	ssize_t got;

	if (at > INT64_MAX - n)
		return -ENOEXEC;
	do
		got = pread(fd, to, n, (off_t)at);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : (size_t)got == n ? 0 : -ENOEXEC;
}

/* The same, at an offset of a section. */
static int read_in(const struct image *i, const Elf64_Shdr *section, void *to, size_t n,
		   uint64_t at)
{
	if (at > section->sh_size || n > section->sh_size - at ||
	    section->sh_offset > INT64_MAX - at)
		return -ENOEXEC;
	return read_at(i->fd, to, n, section->sh_offset + at);
}

static int section(const struct image *i, uint64_t index, Elf64_Shdr *ret)
{
	if (index >= i->head.e_shnum)
		return -ENOEXEC;
	return read_at(i->fd, ret, sizeof(*ret), i->head.e_shoff + index * sizeof(*ret));
}

static int open_image(struct image *i, int fd)
{
	static const unsigned char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB
										     : ELFDATA2MSB;
	Elf64_Shdr s;
	int err;

	*i = (struct image){ .fd = fd };
	err = read_at(fd, &i->head, sizeof(i->head), 0);
	if (err)
		return err;
	if (memcmp(i->head.e_ident, ELFMAG, SELFMAG) != 0 ||
	    i->head.e_ident[EI_CLASS] != ELFCLASS64 || i->head.e_ident[EI_DATA] != order ||
	    i->head.e_shentsize != sizeof(s) || i->head.e_phentsize != sizeof(Elf64_Phdr) ||
	    i->head.e_shnum > MOST_SECTIONS || i->head.e_shoff > INT64_MAX / 2 ||
	    i->head.e_phoff > INT64_MAX / 2)
		return -ENOEXEC;
	for (unsigned n = 0; n < i->head.e_shnum; n++) {
		err = section(i, n, &s);
		if (err)
			return err;
		if (s.sh_type == SHT_GNU_HASH)
			i->hash = s;
		if (s.sh_type == SHT_DYNSYM) {
			i->symbols = s;
			err = section(i, s.sh_link, &i->names);
			if (err)
				return err;
		}
	}
	return i->symbols.sh_type == SHT_DYNSYM ? 0 : -ENOENT;
}

/* The offset in the file of code with that address. */
static int offset_of(const struct image *i, uint64_t address, uint64_t *ret)
{
	for (unsigned n = 0; n < i->head.e_phnum; n++) {
		Elf64_Phdr p;
		int err = read_at(i->fd, &p, sizeof(p), i->head.e_phoff + n * sizeof(p));

		if (err)
			return err;
		if (p.p_type != PT_LOAD || !(p.p_flags & PF_X) || address < p.p_vaddr ||
		    address - p.p_vaddr >= p.p_filesz)
			continue;
		*ret = address - p.p_vaddr + p.p_offset;
		return 0;
	}
	return -ENOEXEC;
}

/* *ret_address: of symbol `index`, if it is a function of that name that the file defines, else 0.
 */
static int match_symbol(const struct image *i, uint64_t index, const char *name,
			uint64_t *ret_address)
{
	size_t length = strlen(name) + 1;
	char there[MOST_NAME];
	Elf64_Sym symbol;
	int err;

	*ret_address = 0;
	if (length > sizeof(there))
		return -ENAMETOOLONG;
	err = read_in(i, &i->symbols, &symbol, sizeof(symbol), index * sizeof(symbol));
	if (err)
		return err;
	if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF)
		return 0;
	err = read_in(i, &i->names, there, length, symbol.st_name);
	if (err) /* the symbol's name is shorter, and at the very end of the table */
		return 0;
	if (memcmp(there, name, length) == 0)
		*ret_address = symbol.st_value;
	return 0;
}

/* The head of .gnu.hash; behind it: the filter (8 bytes a word), the buckets (4 bytes: the first
 * symbol of each), and the hashes of the symbols from first_symbol on. */
struct hash_head {
	uint32_t buckets, first_symbol, filter_words, filter_shift;
};

/* Both return -ENOENT if the file has no such function. */
static int find_hashed(const struct image *i, const char *name, uint64_t *ret_address)
{
	struct hash_head head;
	uint32_t wanted = 5381, hash, index;
	uint64_t buckets, hashes;
	int err = read_in(i, &i->hash, &head, sizeof(head), 0);

	if (err)
		return err;
	if (!head.buckets)
		return -ENOENT;
	for (const char *c = name; *c; c++)
		wanted = wanted * 33 + (unsigned char)*c;
	buckets = sizeof(head) + head.filter_words * 8ull;
	hashes = buckets + head.buckets * 4ull;
	err = read_in(i, &i->hash, &index, sizeof(index), buckets + wanted % head.buckets * 4ull);
	if (err)
		return err;
	if (index < head.first_symbol)
		return -ENOENT;
	for (unsigned n = 0; n < MOST_SYMBOLS; n++, index++) {
		err = read_in(i, &i->hash, &hash, sizeof(hash),
			      hashes + (index - head.first_symbol) * 4ull);
		if (err)
			return err;
		/* the lowest bit is not part of the hash: it marks the last symbol of a bucket */
		if ((hash | 1) == (wanted | 1)) {
			err = match_symbol(i, index, name, ret_address);
			if (err || *ret_address)
				return err;
		}
		if (hash & 1)
			break;
	}
	return -ENOENT;
}

static int find_one_by_one(const struct image *i, const char *name, uint64_t *ret_address)
{
	uint64_t count = i->symbols.sh_size / sizeof(Elf64_Sym);

	for (uint64_t index = 0; index < count && index < MOST_SYMBOLS; index++) {
		int err = match_symbol(i, index, name, ret_address);

		if (err || *ret_address)
			return err;
	}
	return -ENOENT;
}

int elf_function(int fd, const char *name, uint64_t *ret)
{
	struct image i;
	uint64_t address;
	int err = open_image(&i, fd);

	if (!err)
		err = (i.hash.sh_type == SHT_GNU_HASH ? find_hashed : find_one_by_one)(&i, name,
										       &address);
	return err ?: offset_of(&i, address, ret);
}
