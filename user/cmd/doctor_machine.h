/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor_machine.h - what can be read about this machine without loading anything. */
#ifndef WORMSIGN_DOCTOR_MACHINE_H
#define WORMSIGN_DOCTOR_MACHINE_H

#include <jansson.h>

/*
 * The member "kernel" of doctor's report; the caller's. Members whose value is not known are null
 * or missing; for some, X_unknown says why.
 */
json_t *doctor_machine(void);

/*
 * The first line of a file that the file system `fs` (of this magic number, mounted at `mount`)
 * shows: {"value": LINE}; {"value": false}: this kernel has no such file; {"unknown": REASON}.
 */
json_t *doctor_fact(const char *file, const char *mount, long magic, const char *fs);

#endif
