/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * elf_function.h - find a function in an executable or library by name. Goes through the file's own
 * hash table, so it reads a few hundred bytes: node has 75,000 symbols in 100 MB.
 */
#ifndef WORMSIGN_ELF_FUNCTION_H
#define WORMSIGN_ELF_FUNCTION_H

#include <stdint.h>

/*
 * Offset in the file of the function that fd, a 64-bit ELF file, exports by that name. -ENOENT: it
 * exports none; -ENOEXEC: it is not such a file, or contradicts itself; other -errno: it cannot be
 * read.
 */
int elf_function(int fd, const char *name, uint64_t *ret);

#endif
