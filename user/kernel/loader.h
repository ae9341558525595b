/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loader.h - an instance of the kernel side: load the programs, fill the tables, attach the hooks
 * that this kernel supports; then identities, tasks and counters. Nothing is pinned: when the
 * instance is freed, or its process dies, everything is detached. It is started by start.h; its
 * sessions are in sessions.h. Unless they say otherwise, functions return 0 or a negative errno.
 */
#ifndef WORMSIGN_LOADER_H
#define WORMSIGN_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "kernel/power.h"
#include "policy.h"
#include "policy/tables.h"
#include "wire.h"

struct loader;

struct loader_options {
	enum ws_backend backend; /* WS_BACKEND_NONE: the strongest that probing finds */
	bool jobs;		 /* job_starts.h is to be used */
	bool debug;		 /* let libbpf print to stderr; so does WORMSIGN_DEBUG */
};

/*
 * Begin to load a new instance: a thread looks at what the kernel can do, and makes the maps.
 * Meanwhile the caller reads and compiles the rules; it must not fork. 0 and an owned *ret, to be
 * freed with loader_free(), or -ENOMEM; other errors are those of loader_load().
 */
int loader_begin(struct loader **ret, const struct loader_options *o, struct error *e);
/*
 * Wait for that, load t, and attach all hooks but those of cgroups. -EPERM: a capability is
 * missing; -EOPNOTSUPP: the kernel lacks what the backend cannot do without; or what the kernel
 * said. e says what is missing and what to do. After an error l can only be freed.
 */
int loader_load(struct loader *l, const struct tables *t, struct error *e);
/* Ends its sessions and detaches everything. l may be NULL. */
void loader_free(struct loader *l);
static inline void loader_freep(struct loader **l)
{
	loader_free(*l);
}

/*
 * While there is no session: detach the hooks that run at each system call of the machine (the
 * others cost processes outside of sessions next to nothing). loader_wake() attaches them again;
 * call it before a session begins. 0, or -errno with e: nothing may be started then.
 */
void loader_rest(struct loader *l);
int loader_wake(struct loader *l, struct error *e);

enum ws_backend loader_backend(const struct loader *l);

/*
 * Look at what programs hand to the TLS functions in `file` (an executable or a library), before it
 * is encrypted. Returns how many functions were found there; 0 is not an error.
 */
int loader_watch_tls(struct loader *l, const char *file);
/* Begin to detach from them: no process that is to be seen is left. loader_free() waits for it. */
void loader_unwatch_tls(struct loader *l);

/* Identity of the file behind fd, as the hooks will see it (stat(2) differs on overlayfs and
 * btrfs). -EBADF. */
int loader_identify(struct loader *l, int fd, struct ws_id *ret);
/* Pid of the calling process in the initial pid namespace, by which the hooks know processes. */
int loader_own_pid(struct loader *l, uint32_t *ret);
/* Protect a file by its inode from a session: the rules in mask apply to it under any name. Adds to
 * what the session has. */
int loader_protect(struct loader *l, uint64_t session, const struct ws_id *id,
		   const struct ws_mask *mask);
/* The same, with exceptions. A directory counts for what lies below it if its inode number is in
 * the session's place_bloom. */
int loader_know(struct loader *l, uint64_t session, const struct ws_id *id,
		const struct ws_known *known);

/* Copy the record of a scope. -ENOENT. */
int loader_scope_read(struct loader *l, uint64_t scope, struct ws_scope *ret);

/* A process of a session. */
struct loader_task {
	uint32_t pid;	  /* in the initial pid namespace */
	uint64_t started; /* ns since boot */
	uint64_t session, scope;
	uint64_t labels; /* of its package */
	uint32_t actor;	 /* enum ws_actor */
	bool condemned;	 /* its scope or its session is */
	bool ending;	 /* a condemned script's first process: to be left to end by itself */
	char comm[16];
};
/*
 * Call each() for every process that belongs to the session now, as the kernel lists them (BPF task
 * iterator). Stops at the first result other than 0, and returns it.
 */
int loader_tasks(struct loader *l, uint64_t session,
		 int (*each)(void *arg, const struct loader_task *t), void *arg);

/* Descriptors of the two ring maps, for ring.h; owned by l. */
int loader_alerts_fd(const struct loader *l);
int loader_telemetry_fd(const struct loader *l);
/* Counters of what was lost, by enum ws_lost; and how often the kernel skipped one of our programs
 * (recursion), over all programs. */
int loader_lost(struct loader *l, uint64_t ret[WS_LOST_MAX], uint64_t *ret_missed);
/*
 * Errors of BPF helpers after which the programs went on, by place and errno. Fills at most `room`
 * of ret, and returns how many there are, or a negative errno.
 */
int loader_errors(struct loader *l, struct ws_error *ret, size_t room);

/* The states of all hooks, owned by l; returns how many there are. */
size_t loader_hooks(const struct loader *l, const struct hook_state **ret);
/* The strongest that this instance can do to the operation. */
enum op_power loader_power(const struct loader *l, enum ws_op op);

/* Of the library that this program runs with: "1.1". */
const char *loader_libbpf_version(void);

#endif
