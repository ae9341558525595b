/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cleanup.h - attributes of local variables that release what they own at the end of the scope, and
 * macros that move the ownership out of it.
 */
#ifndef WORMSIGN_CLEANUP_H
#define WORMSIGN_CLEANUP_H

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define _free_	    CLEANUP(cleanup_free)
#define _close_	    CLEANUP(cleanup_close)
#define _fclose_    CLEANUP(cleanup_fclose)
#define _closedir_  CLEANUP(cleanup_closedir)
#define _json_	    CLEANUP(cleanup_json)

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_closedir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static inline void cleanup_json(json_t **j)
{
	json_decref(*j);
}

/* Return the value of p (fd) and set it to NULL (-1), so that the scope does not release it. */
#define TAKE_PTR(p)                         \
	({                                  \
		__typeof__(p) *__pp = &(p); \
		__typeof__(p) __v = *__pp;  \
		*__pp = NULL;               \
		__v;                        \
	})
#define TAKE_FD(fd)                \
	({                         \
		int *__pf = &(fd); \
		int __f = *__pf;   \
		*__pf = -1;        \
		__f;               \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
