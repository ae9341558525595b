/* SPDX-License-Identifier: GPL-2.0-only */
/* cmocka_all.h - cmocka and what it wants included before it. */
#ifndef TESTS_CMOCKA_ALL_H
#define TESTS_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
