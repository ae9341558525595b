/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * loader.h - the life of the kernel side: open, fill the tables, load, attach the hooks this kernel can carry,
 * enter sessions and tasks, read counters. Detaches everything when freed (links are descriptors, nothing is pinned).
 */
#ifndef WORMSIGN_LOADER_H
#define WORMSIGN_LOADER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "compile.h"
#include "error.h"
#include "policy.h"
#include "wire.h"

struct loader;

struct loader_options {
	enum ws_backend backend; /* WS_BACKEND_NONE: the strongest that probing finds */
	bool debug;		 /* let libbpf speak on stderr */
};

/*
 * Load t into a new instance of the kernel side and attach all but the cgroup hooks.
 * -EPERM: a capability is missing; -EOPNOTSUPP: the kernel lacks what no backend can do without; e says which and what to do.
 */
int loader_open(struct loader **ret, const struct tables *t, const struct loader_options *o, struct error *e);
void loader_free(struct loader *l);
static inline void loader_freep(struct loader **l)
{
	loader_free(*l);
}

enum ws_backend loader_backend(const struct loader *l);

/* Make s (id chosen by the caller, unique on this instance) known and attach the network hooks to its cgroup. */
int loader_session_begin(struct loader *l, const struct ws_session *s, int cgroup_fd, struct error *e);
/* Copy the live record (labels, counters, flags). */
int loader_session_read(struct loader *l, uint64_t id, struct ws_session *ret);
/* Condemn: every task of it dies at its next hook. */
int loader_session_condemn(struct loader *l, uint64_t id);
int loader_session_end(struct loader *l, uint64_t id);

/* Enter the task behind pidfd (and what it forks) in session id, as actor `job`. Call before it runs anything of the user's. */
int loader_enter(struct loader *l, int pidfd, uint64_t session);

/*
 * Look at what is given to the TLS library in `file` (an executable, or a library's soname) before it is encrypted.
 * Returns how many functions were found there; 0 is no error: not every file has one.
 */
int loader_watch_tls(struct loader *l, const char *file);

/* Identity of what fd refers to, as the kernel's hooks will see it (stat(2) differs on overlayfs and btrfs). */
int loader_identify(struct loader *l, int fd, struct ws_id *ret);
/* Our own pid in the first pid namespace, where the hooks know processes by. */
int loader_own_pid(struct loader *l, uint32_t *ret);
/* Enter a protected inode: rules in mask apply to it under any name. */
int loader_protect(struct loader *l, const struct ws_id *id, const struct ws_mask *mask);

int loader_scope_read(struct loader *l, uint64_t scope, struct ws_scope *ret);

/* Tasks that belong to a session now, as the kernel knows them (bpf task iterator). Calls each once a thread group. */
struct loader_task {
	uint32_t pid;
	uint64_t started, session, scope;
	uint32_t actor;
	bool condemned; /* its scope or session is */
	char comm[16];
};
int loader_tasks(struct loader *l, uint64_t session, int (*each)(void *arg, const struct loader_task *t), void *arg);

/*
 * Destroy the TCP sockets of which packets were dropped (sockets.h). Call when a scope was condemned, and before the
 * session ends. Returns how many could not be, or -errno.
 */
int loader_destroy_sockets(struct loader *l);

/* Descriptors of the two ring maps, for ring.h. */
int loader_alerts_fd(const struct loader *l);
int loader_telemetry_fd(const struct loader *l);
/* Counters of what was lost, by enum ws_lost (WS_LOST_MAX entries), and hooks' missed runs (recursion), summed. */
int loader_lost(struct loader *l, uint64_t ret[WS_LOST_MAX], uint64_t *ret_missed);

/* One row a hook: what doctor and the summary tell. */
struct hook_state {
	const char *name;	 /* "file_open" */
	uint32_t ops;		 /* bits of enum ws_op it serves */
	enum ws_backend backend; /* how it is attached; NONE: not at all */
	const char *program;	 /* "fmod_ret/security_file_open", "lsm/file_open" */
	char lsm[96];		 /* what program points to when it was loaded as an LSM program */
	char why[128];		 /* when NONE or weaker: the reason */
};
size_t loader_hooks(const struct loader *l, const struct hook_state **ret);

/* What an operation's verdict can be on this instance: refused for real, or only killed after / before use. */
enum op_power { POWER_BLIND = 0, POWER_WATCH, POWER_KILL_AFTER, POWER_KILL_BEFORE, POWER_DENY };
enum op_power loader_power(const struct loader *l, enum ws_op op);

#endif
