/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * elf_function.h - where in an executable or library a function stands, by name. Reads a few hundred bytes through the
 * file's own hash table: node has 75,000 symbols in 100 MB, of which nothing else is looked at.
 */
#ifndef WORMSIGN_ELF_FUNCTION_H
#define WORMSIGN_ELF_FUNCTION_H

#include <stddef.h>
#include <stdint.h>

/*
 * File offset of the function that fd, a 64-bit ELF file, exports by that name. -ENOENT: it has none; -ENOEXEC: no such
 * file, or one that contradicts itself; or what reading it said.
 */
int elf_function(int fd, const char *name, uint64_t *ret);

#endif
