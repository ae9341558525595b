/* SPDX-License-Identifier: GPL-2.0-only */
/* in_child.h - checks in a process of their own, for what cannot be taken back: a changed user,
 * capabilities, the signal mask. */
#ifndef TESTS_IN_CHILD_H
#define TESTS_IN_CHILD_H

/* Fork, call fn there, and fail the test unless it returns 0: it returns the line of the check that
 * failed (see CHECK). */
void in_child(int (*fn)(void));

/* Within fn: return this line unless `what` holds. An exit status has 8 bits, so lines are counted
 * modulo 255. */
#define CHECK(what)                                \
	do {                                       \
		if (!(what))                       \
			return __LINE__ % 255 + 1; \
	} while (0)

#endif
