/* SPDX-License-Identifier: GPL-2.0-only */
/* grow.h - room for one more item at the end of an array that doubles. */
#ifndef WORMSIGN_GROW_H
#define WORMSIGN_GROW_H

#include <stddef.h>

/*
 * Make sure that the array whose address is in *array (a pointer to a pointer; NULL: none yet) has
 * room for `count` + 1 items of `item` bytes; *size is the number it has room for. New room is not
 * initialised. On -ENOMEM the array and *size are as before.
 */
int grow(void *array, size_t *size, size_t count, size_t item);

#endif
