/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wire.h - the contract on records: what the kernel programs put into two rings, and user space
 * decodes. Fixed-width types, explicit padding, asserted layout, a version in every header. If a
 * field could not be read the record is sent all the same, with a WS_F_ flag. A record may end
 * after its last valid byte. Times are CLOCK_MONOTONIC nanoseconds.
 *
 * Ring `alerts`: VERDICT, DEATH, SCOPE, HOME. Ring `telemetry`: EXEC, EXIT, NET, MADE. A full ring
 * loses
 * records of its own only; they are counted by kind in the table `lost`, and no verdict changes.
 */
#ifndef WORMSIGN_WIRE_H
#define WORMSIGN_WIRE_H

#include "policy.h"

#define WS_WIRE_VERSION 1

enum ws_kind {
	WS_REC_NONE = 0,
	WS_REC_EXEC,	/* struct ws_rec_exec */
	WS_REC_EXIT,	/* struct ws_rec_exit */
	WS_REC_SCOPE,	/* struct ws_rec_scope: an install script began */
	WS_REC_VERDICT, /* struct ws_rec_verdict */
	WS_REC_NET,	/* struct ws_rec_net: a scope used a destination for the first time */
	WS_REC_DEATH,	/* struct ws_rec_exit: a condemned process died */
	WS_REC_HOME,	/* struct ws_rec_home: an exec brought a HOME for the first time */
	WS_REC_MADE,	/* struct ws_rec_made: a package created something in a home or project */
	WS_REC_MAX
};

/*
 * Verdicts of WS_DENY and above are all reported. Of those below, each class of operation has a
 * budget of its own, so that nothing that comes first can hide what comes later: by rule, script,
 * operation, place, the patterns that the object matches (an object that some rule names is of
 * another class than one that none does), and its directory or address. The directory is left out
 * once a rule and script have had WS_REPORT_FINE_MAX such classes. Past its budget a class gets
 * reports of objects that have not been reported before, WS_REPORT_OBJECTS_MAX for each rule and
 * script; then a coarse class is sampled. All are counted in the table `reports`.
 */
#define WS_REPORTS_MAX	      32 /* of one class */
#define WS_REPORT_FINE_MAX    16
#define WS_REPORT_OBJECTS_MAX 256
#define WS_REPORT_COARSE      1u /* bit of a class's number: without directory or address */
/* Numbers that are no class: of a rule and script, how many fine classes and (`reported`) objects
 * past a budget there were; and with this bit in `rule`, an object that was reported. */
#define WS_REPORT_TOTAL	 0u
#define WS_REPORT_OBJECT 0x80000000u

/* Key of the table `reports`. */
struct ws_report_key {
	__u64 session;
	__u64 scope; /* as in struct ws_head */
	__u32 rule;
	__u32 class; /* a hash, or see above */
};

struct ws_report {
	__u64 count;
	__u64 reported; /* records sent, or lost in a full ring */
};

/* An entry of the table, for user space. */
struct ws_reported {
	struct ws_report_key key;
	struct ws_report report;
};

/* Header flags. */
#define WS_F_PATH_CUT	   0x0001u /* the path did not fit: the last components are there */
#define WS_F_PATH_UNREAD   0x0002u /* the path could not be resolved */
#define WS_F_ARGV_CUT	   0x0004u
#define WS_F_ARGV_UNREAD   0x0008u
#define WS_F_NAME_FROM_DIR 0x0010u /* the package name is that of its directory */
#define WS_F_NAME_UNREAD   0x0020u
#define WS_F_ENV_CUT	   0x0040u /* the environment was not read to its end */
#define WS_F_LEXICAL \
	0x0080u /* watch: the path is the caller's string, which it can change meanwhile */
#define WS_F_IDENTITY	 0x0100u /* the file is protected by its inode, whatever its name */
#define WS_F_IO_URING	 0x0200u
#define WS_F_REPORTED	 0x0400u /* of a tool that is not stopped in this script: WS_SCOPE_AUDIT */
#define WS_F_WAS_STOPPED 0x0800u /* the target was stopped before the operation */

/* What happened to the operation; the rule's action may ask for more than a backend can do. */
enum ws_effect {
	WS_EFFECT_NONE = 0,	 /* it went on (alert, or audit mode) */
	WS_EFFECT_REFUSED,	 /* it failed with an error and had no effect */
	WS_EFFECT_KILLED_BEFORE, /* it happened, but its caller died before it could use it (watch:
				    an open) */
	WS_EFFECT_KILLED_AFTER,	 /* it happened; the process was killed after it (watch: unlink,
				    rename, truncate) */
	WS_EFFECT_DROPPED,	 /* the packet was dropped */
	WS_EFFECT_UNAVAILABLE,	 /* this backend cannot carry the action out (hide on watch) */
	WS_EFFECT_MAX
};

/* What was changed of another process; in place of a signal's number, which is at most 64. */
enum ws_touch {
	WS_TOUCH_LIMITS = 256,
	WS_TOUCH_PRIORITY,
	WS_TOUCH_SCHEDULING,
	WS_TOUCH_IO_PRIORITY,
	WS_TOUCH_CONTROL,  /* a file below /proc/PID was opened for writing */
	WS_TOUCH_RELEASE,  /* process_mrelease() */
	WS_TOUCH_TERMINAL, /* input was put into a terminal, for whoever reads it: TIOCSTI */
	WS_TOUCH_MAX
};

/* What was read, in place of a process's memory. */
enum ws_memory { WS_MEMORY_PROCESS = 0, WS_MEMORY_KEY };

struct ws_head {
	__u32 size; /* of the whole record */
	__u16 version;
	__u16 kind;  /* enum ws_kind */
	__u32 flags; /* WS_F_ */
	__u32 pid;   /* thread group, initial namespace */
	__u32 tid;
	__u32 parent; /* thread group that forked this process, as seen at the fork */
	__u64 time;
	__u64 session;
	__u64 scope;   /* 0: none */
	__u64 started; /* start time of the process, ns; with pid it is unique */
	__u32 uid;
	__u32 gid;
	__u8 actor;   /* enum ws_actor */
	__u8 backend; /* enum ws_backend */
	__u8 pad[6];
	char comm[16];
};

enum ws_backend { WS_BACKEND_NONE = 0, WS_BACKEND_DENY, WS_BACKEND_WATCH };

/*
 * A path, as a walk finds it: components from last to first, each followed by '/'.
 * "credentials/.aws/ci/home/" is /home/ci/.aws/credentials.
 */
#define WS_PATH_BYTES 4096
#define WS_PATH_ROOM \
	(WS_PATH_BYTES + 256) /* the last component that begins within WS_PATH_BYTES fits whole */

struct ws_path {
	__u32 len; /* valid bytes of `bytes` */
	__u32 pad;
	char bytes[WS_PATH_ROOM];
};

#define WS_ARGV_BYTES 1024

struct ws_argv {     /* words, each followed by a NUL, as the kernel holds them */
	__u32 len;   /* valid bytes of `bytes` */
	__u32 total; /* bytes the argv has in the process */
	char bytes[WS_ARGV_BYTES];
};

struct ws_rec_exec {
	struct ws_head head;
	__u32 manager; /* kind of package manager + 1 this exec started, 0: none */
	__u32 clone;   /* 1: below a manager that a manager started elsewhere: WS_T_CLONE */
	struct ws_argv argv;
	__u32 exe_len;
	__u32 pad2;
	char exe[1024]; /* like ws_path, cut at 768 */
};

struct ws_rec_exit {
	struct ws_head head;
	__u64 condemned_at; /* 0: not condemned; the process died head.time - condemned_at ns later
			     */
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

struct ws_rec_made {
	struct ws_head head;
	struct ws_id id;
	char name[WS_NAME_MAX]; /* of the package */
	__u32 path_len;
	__u32 guarded;	 /* its place is WS_PLACE_GUARDED */
	char path[1024]; /* like ws_path, cut at 768 */
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
	__u32 op;     /* enum ws_op */
	__u32 rule;   /* index or WS_RULE_ pseudo rule */
	__u32 action; /* enum ws_action of the rule */
	__u32 effect; /* enum ws_effect */
	__u32 place;  /* enum ws_place */
	__u32 mode;   /* enum ws_mode */
	__u64 labels; /* of the scope, this verdict's included */
	__u64 session_labels;
	struct ws_mask fired;
	__u32 target_pid;     /* memory, ptrace, signal: the process that it was done to */
	__u32 amount;	      /* send: bytes; signal: the signal's number, or enum ws_touch */
	struct ws_address to; /* connect, send */
	__u32 argv_valid;
	__u32 path2_valid;
	__u32 class; /* as in struct ws_report_key */
	__u32 pad;
	struct ws_argv argv; /* of the acting process (exec: of the new program) */
	struct ws_path path;
	struct ws_path path2; /* rename, link: the other name */
};

/* Not of a package's processes. A longer HOME is not reported. */
struct ws_rec_home {
	struct ws_head head;
	char path[WS_HOME_MAX];
};

/*
 * The start of a CI job (bpf/job.bpf.c): an exec of a process whose parent runs the runner's
 * program, or has it as ancestor with only programs between that let it through. There are up to 32
 * kinds of starts.
 */
#define WS_JOB_PROGRAMS_MAX 128
#define WS_JOB_NAME_MAX	    32

struct ws_job_name { /* of a program's file, filled up with NULs */
	char bytes[WS_JOB_NAME_MAX];
};

struct ws_job_program {
	__u32 runner_of;  /* the starts of which it is the runner, as bits */
	__u32 through_of; /* ... and those that it lets through */
};

/* A process that was stopped there. */
struct ws_job_exec {
	__u64 started; /* as in struct ws_head */
	__u32 runner;  /* thread group of the runner, initial namespace */
	__u32 starts;  /* those that it can be, as bits */
	__u32 taken;   /* user space looks at it */
	__u32 pad;
};

/* What was lost; index of the table `lost`. */
enum ws_lost {
	WS_LOST_ALERT = 0, /* alerts ring full */
	WS_LOST_EXEC,
	WS_LOST_EXIT,
	WS_LOST_NET,
	WS_LOST_SCOPE_RECORD,
	WS_LOST_TASK,  /* no task storage for a new task (its parent was killed) */
	WS_LOST_SCOPE, /* the table of scopes was full (the script was killed) */
	WS_LOST_COUNTER,
	WS_LOST_SOCKET, /* a socket could not be tied to its scope */
	WS_LOST_MADE,
	WS_LOST_MAX
};

/*
 * Calls of BPF helpers after whose errors the programs go on (lib/try.bpf.h). X is called with
 * the place's number, its name, and the helper. Errors that decide about an operation, or that a
 * record's flags or the `lost` counters show, are not among them.
 */
#define WS_ERROR_PLACES(X)                                                          \
	X(ARGV, "argv of an exec", "bpf_probe_read_user")                           \
	X(CLONE3, "flags of clone3", "bpf_probe_read_user")                         \
	X(OWNER, "who gets a file's signals", "bpf_probe_read_user")                \
	X(SOCKETCALL, "arguments of socketcall", "bpf_probe_read_user")             \
	X(TLS, "buffer given to a TLS library", "bpf_probe_read_user")              \
	X(ENVIRONMENT, "variable of an exec", "bpf_probe_read_kernel_str")          \
	X(PACKAGE_NAME, "name of a package", "bpf_probe_read_kernel_str")           \
	X(COMM, "command name of a task", "bpf_probe_read_kernel")                  \
	X(DESCRIPTOR, "file of a descriptor", "bpf_probe_read_kernel")              \
	X(DUE, "call of the program that judges", "bpf_tail_call")                  \
	X(DIRECTORY_NAME, "name of a directory", "bpf_probe_read_kernel_str")       \
	X(PROC_FILE, "name of a file below /proc", "bpf_probe_read_kernel_str")     \
	X(ANON_INODE, "name of an anonymous inode", "bpf_probe_read_kernel_str")    \
	X(LEAF, "last component of a new name", "bpf_probe_read_kernel")            \
	X(SCOPE_RECORD, "record of a script", "bpf_probe_read_kernel")              \
	X(SOCKADDR, "address given to a socket call", "bpf_probe_read_kernel")      \
	X(SOCKET_ADDRESS, "address of a socket", "bpf_core_read")                   \
	X(LISTENER, "listener of a script", "bpf_map_update_elem")                  \
	X(TASK_STATE, "state of a task inside an open", "bpf_core_read")            \
	X(PACKET, "header of a packet", "bpf_skb_load_bytes")                       \
	X(COUNTER, "counter of a rule", "bpf_map_update_elem")                      \
	X(CREATED, "what a package created", "bpf_map_update_elem")                 \
	X(LINK, "link to a package's program", "bpf_map_update_elem")               \
	X(WRITTEN, "file that a package wrote", "bpf_map_update_elem")              \
	X(TAKEN, "process that runs a package's file", "bpf_map_update_elem")       \
	X(FAMILY, "packages of one name", "bpf_map_update_elem")                    \
	X(PLACE, "place of a running session", "bpf_map_update_elem")               \
	X(HOME, "home of an exec", "bpf_map_update_elem")                           \
	X(REPORT_COUNTER, "counter of a rule's reports", "bpf_map_update_elem")     \
	X(PROCESS, "process of a script", "bpf_map_update_elem")                    \
	X(STARTED, "script that a manager started last", "bpf_map_update_elem")     \
	X(PROCESS_END, "end of a process of a script", "bpf_map_delete_elem")       \
	X(SCOPE_OF_DIR, "script of a package's directory", "bpf_map_update_elem")   \
	X(RING_OPEN, "open handed to io_uring", "bpf_map_update_elem")              \
	X(RING_NAME, "request by name to io_uring", "bpf_map_update_elem")          \
	X(RING_OPEN_END, "end of an open of io_uring", "bpf_map_delete_elem")       \
	X(KILL, "kill of a condemned task", "bpf_send_signal")                      \
	X(KILL_NO_SCOPE, "kill of a script without a scope", "bpf_send_signal")     \
	X(HOLD, "stop of a script until it is admitted", "bpf_send_signal")         \
	X(KILL_NOT_HELD, "kill of a script that cannot be held", "bpf_send_signal") \
	X(KILL_NO_TASK, "kill of the forker of an untracked task", "bpf_send_signal")

enum ws_error_place {
#define WS_ERROR_PLACE(number, name, helper) WS_AT_##number,
	WS_ERROR_PLACES(WS_ERROR_PLACE)
#undef WS_ERROR_PLACE
		WS_AT_MAX
};

/* What user space shows of the table `errors`. */
struct ws_error {
	__u32 place; /* enum ws_error_place */
	__u32 error; /* errno, positive */
	__u64 count;
};

/* Key of the per-CPU table `errors`; value: __u64, how often. */
struct ws_error_key {
	__u32 place; /* enum ws_error_place */
	__u32 error; /* errno, positive */
};

_Static_assert(sizeof(struct ws_head) == 88, "ws_head");
_Static_assert(sizeof(struct ws_path) == 8 + WS_PATH_ROOM, "ws_path");
_Static_assert(sizeof(struct ws_argv) == 8 + WS_ARGV_BYTES, "ws_argv");
_Static_assert(sizeof(struct ws_address) == 24, "ws_address");
_Static_assert(sizeof(struct ws_rec_exit) == 104, "ws_rec_exit");
_Static_assert(sizeof(struct ws_rec_verdict) % 8 == 0, "ws_rec_verdict");
_Static_assert(__builtin_offsetof(struct ws_rec_verdict, argv) % 8 == 0, "ws_rec_verdict.argv");

#endif
