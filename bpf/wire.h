/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wire.h - the one record contract: what the kernel programs put into the two rings and user space decodes.
 * Fixed-width types, explicit padding, asserted layout, a version in every header. A record is sent even when a
 * field of it could not be read: then a WS_F_ flag says so. Times are CLOCK_MONOTONIC nanoseconds.
 *
 * Two rings: `alerts` (VERDICT, DEATH, SCOPE) and `telemetry` (EXEC, EXIT, NET). Losing telemetry never loses
 * an alert; losing either is counted by kind in `lost` and changes no verdict.
 */
#ifndef WORMSIGN_WIRE_H
#define WORMSIGN_WIRE_H

#include "policy.h"

#define WS_WIRE_VERSION 1

enum ws_kind {
	WS_REC_NONE = 0,
	WS_REC_EXEC,	/* struct ws_rec_exec */
	WS_REC_EXIT,	/* struct ws_rec_exit */
	WS_REC_SCOPE,	/* struct ws_rec_scope: a scope was minted */
	WS_REC_VERDICT, /* struct ws_rec_verdict */
	WS_REC_NET,	/* struct ws_rec_net: a destination of a package or project scope, first use of (address, port) */
	WS_REC_DEATH,	/* struct ws_rec_exit: a condemned process died */
	WS_REC_MAX
};

/* Alerts and hidden files of one rule and scope: so many are told, what follows is not. */
#define WS_TELL_MOST 32

/* Header flags. */
#define WS_F_PATH_CUT	  0x0001u /* the path did not fit and is its tail (the last components) */
#define WS_F_PATH_UNREAD  0x0002u /* ... could not be resolved */
#define WS_F_ARGV_CUT	  0x0004u
#define WS_F_ARGV_UNREAD  0x0008u
#define WS_F_NAME_FROM_DIR 0x0010u /* package name is the directory's */
#define WS_F_NAME_UNREAD  0x0020u
#define WS_F_ENV_CUT	  0x0040u /* environment larger than the reader follows */
#define WS_F_LEXICAL	  0x0080u /* watch: the path was resolved from the caller's string, which it can change */
#define WS_F_IDENTITY	  0x0100u /* matched by inode, not (only) by name */
#define WS_F_NESTED	  0x0200u
#define WS_F_IO_URING	  0x0400u

/* What happened to the operation: the effect, not the rule's wish. */
enum ws_effect {
	WS_EFFECT_NONE = 0,	/* nothing was done to it (alert, or audit mode) */
	WS_EFFECT_REFUSED,	/* it failed with an error, nothing of it happened */
	WS_EFFECT_KILLED_BEFORE,/* it happened, but its caller died before it could use it (watch: an open) */
	WS_EFFECT_KILLED_AFTER, /* it happened; the process was killed after it (watch: unlink, rename, truncate) */
	WS_EFFECT_DROPPED,	/* the packet was dropped */
	WS_EFFECT_UNAVAILABLE,	/* the verdict exists, this backend cannot carry it out (hide on watch) */
	WS_EFFECT_MAX
};

struct ws_head {
	__u32 size;	/* of the whole record */
	__u16 version;
	__u16 kind;	/* enum ws_kind */
	__u32 flags;	/* WS_F_ */
	__u32 pid;	/* thread group, initial namespace */
	__u32 tid;
	__u32 parent;	/* thread group that forked this process, as seen at the fork */
	__u64 time;
	__u64 session;
	__u64 scope;	/* 0: none */
	__u64 started;	/* start time of the process: with pid, its name for ever */
	__u32 uid;
	__u32 gid;
	__u8 actor;	/* enum ws_actor */
	__u8 backend;	/* enum ws_backend */
	__u8 pad[6];
	char comm[16];
};

enum ws_backend { WS_BACKEND_NONE = 0, WS_BACKEND_DENY, WS_BACKEND_WATCH };

/*
 * Paths travel as the walk finds them: components from last to first, each followed by '/':
 * "credentials/.aws/ci/home/" is /home/ci/.aws/credentials. `len` bytes are valid.
 */
#define WS_PATH_BYTES 4096
#define WS_PATH_ROOM  (WS_PATH_BYTES + 256) /* a component is copied whole, then the length decides */

struct ws_path {
	__u32 len;
	__u32 pad;
	char bytes[WS_PATH_ROOM];
};

#define WS_ARGV_BYTES 1024

struct ws_argv { /* words each followed by NUL, as the kernel holds them */
	__u32 len;   /* valid bytes of `bytes` */
	__u32 total; /* bytes the argv has in the process */
	char bytes[WS_ARGV_BYTES];
};

struct ws_rec_exec {
	struct ws_head head;
	__u64 argv_id; /* reserved, 0 */
	__u32 cwd_place;
	__u32 manager; /* kind of package manager + 1 this exec started, 0: none */
	struct ws_argv argv;
	__u32 exe_len;
	__u32 pad;
	char exe[1024]; /* like ws_path, cut at 768 */
};

struct ws_rec_exit {
	struct ws_head head;
	__u64 condemned_at; /* ns; 0: not condemned. head.time - condemned_at is the time from hook to death */
	__s32 code;	    /* wait status as in wait(2) */
	__u32 pad;
};

struct ws_rec_scope {
	struct ws_head head;
	struct ws_scope scope;
	__u32 dir_len;
	__u32 pad;
	char dir[1024]; /* like ws_path, cut at 768 */
};

struct ws_address {
	__u16 family; /* AF_INET or AF_INET6; a v4-mapped address is given as AF_INET */
	__u16 port;   /* host order */
	__u32 protocol;
	__u8 address[16];
};

struct ws_rec_net {
	struct ws_head head;
	struct ws_address to;
	__u64 bytes;
};

struct ws_rec_verdict {
	struct ws_head head;
	__u32 op;      /* enum ws_op */
	__u32 rule;    /* index or WS_RULE_ pseudo rule */
	__u32 action;  /* enum ws_action: the rule's */
	__u32 effect;  /* enum ws_effect */
	__u32 place;   /* enum ws_place */
	__u32 mode;    /* enum ws_mode */
	__u64 labels;  /* of the scope, after this verdict */
	__u64 session_labels;
	struct ws_mask fired;
	__u32 target_pid; /* memory, ptrace, signal: whose */
	__u32 amount;	  /* send: bytes; signal: its number */
	struct ws_address to; /* connect, send */
	__u32 argv_valid;
	__u32 path2_valid;
	struct ws_argv argv; /* of the acting process (exec: of the new program) */
	struct ws_path path;
	struct ws_path path2; /* rename, link: the other name */
};

/* Reasons for which a record or a fact was lost; index into the `lost` map. */
enum ws_lost {
	WS_LOST_ALERT = 0,   /* alerts ring full */
	WS_LOST_EXEC,
	WS_LOST_EXIT,
	WS_LOST_NET,
	WS_LOST_SCOPE_RECORD,
	WS_LOST_TASK,	     /* task storage could not be made at a fork (the forker was killed) */
	WS_LOST_SCOPE,	     /* scope table full (the script was killed) */
	WS_LOST_COUNTER,
	WS_LOST_SOCKET,	     /* a socket could not be tied to its scope */
	WS_LOST_IDENTITY,
	WS_LOST_MAX
};

_Static_assert(sizeof(struct ws_head) == 88, "ws_head");
_Static_assert(sizeof(struct ws_path) == 8 + WS_PATH_ROOM, "ws_path");
_Static_assert(sizeof(struct ws_argv) == 8 + WS_ARGV_BYTES, "ws_argv");
_Static_assert(sizeof(struct ws_address) == 24, "ws_address");
_Static_assert(sizeof(struct ws_rec_exit) == 104, "ws_rec_exit");
_Static_assert(sizeof(struct ws_rec_verdict) % 8 == 0, "ws_rec_verdict");
_Static_assert(__builtin_offsetof(struct ws_rec_verdict, argv) % 8 == 0, "ws_rec_verdict.argv");

#endif
