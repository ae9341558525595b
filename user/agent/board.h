/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * board.h - what the servers of an agent have counted, in memory that they share with the master
 * and with the process that shows it as metrics. It outlives each server, so counts go on over a
 * reload. A server adds to it; nothing there decides about an operation, but for the number of
 * sessions that a user has, which counts for all servers.
 */
#ifndef WORMSIGN_BOARD_H
#define WORMSIGN_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "policy.h"
#include "wire.h"

#define BOARD_SERVERS  8    /* at once */
#define BOARD_SESSIONS 1024 /* of one server */
#define BOARD_RULES    1024 /* names of rules that have fired since the start */
#define BOARD_HOOKS    512  /* names of programs */
#define BOARD_NAME     64   /* bytes, with the NUL */

struct board_row {
	uint32_t state; /* 0: free, 1: being named, 2: named */
	uint32_t pad;
	char name[BOARD_NAME];
	uint64_t n[WS_ACTION_MAX]; /* of a rule: by enum ws_action; of a program: runs, ns */
};
enum { BOARD_RUNS, BOARD_NS };

struct board_server { /* all 0: there is none */
	uint32_t pid;
	uint32_t sessions;	       /* that run */
	uint32_t uids[BOARD_SESSIONS]; /* of each */
	uint64_t resident, maps;       /* bytes: of the process, and of the kernel's tables */
	uint64_t descriptors;
};

struct board {
	uint64_t magic;
	uint64_t since;		   /* CLOCK_REALTIME, ns */
	uint64_t started, refused; /* sessions */
	uint64_t reloads, failed_reloads;
	uint64_t missed;
	uint64_t lost[WS_LOST_MAX];
	struct board_server servers[BOARD_SERVERS];
	struct board_row rules[BOARD_RULES];
	struct board_row hooks[BOARD_HOOKS];
};

/* A new one, in memory that *ret_fd stands for. Both are the caller's, for as long as it lives.
 * -errno. */
int board_make(struct board **ret, int *ret_fd);
/* That of another process. -EBADMSG: it is none of this build's. */
int board_attach(struct board **ret, int fd, bool write);
void board_detach(const struct board *b);

static inline void board_add(uint64_t *at, uint64_t n)
{
	__atomic_fetch_add(at, n, __ATOMIC_RELAXED);
}

/* The row of that name, made if need be; the part of a name that does not fit is left out. NULL:
 * all rows are taken. */
struct board_row *board_row(struct board_row *rows, size_t count, const char *name);

/* How many sessions all servers have, of that user or, with -1, of all. */
unsigned board_sessions(const struct board *b, uid_t uid);

#endif
