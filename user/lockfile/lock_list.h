/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lock_list.h - the checksums that pnpm-lock.yaml (versions 5, 6 and 9) and yarn.lock (of Yarn 1,
 * and of later ones, which is YAML) state, whoever wrote the file.
 */
#ifndef WORMSIGN_LOCK_LIST_H
#define WORMSIGN_LOCK_LIST_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

enum lock_format { LOCK_PNPM, LOCK_YARN };

/*
 * {"NAME@VERSION": "CHECKSUM"}, as the file has it; null where it states two. A new reference.
 * -errno with e, which names the line: it is no such file; then nothing is taken from it.
 */
int lock_list(json_t **ret, enum lock_format format, const char *text, size_t len, struct error *e);

#endif
