/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor_print.h - doctor's report for people. */
#ifndef WORMSIGN_DOCTOR_PRINT_H
#define WORMSIGN_DOCTOR_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* report: from doctor_examine(). What is missing in it is left out, or "unknown". */
void doctor_print(FILE *to, const json_t *report);

#endif
