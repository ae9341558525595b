/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policy.h - the one table contract between user space and the kernel: what the rules are compiled into, and
 * what decide.h decides by. Fixed-width types, explicit padding, asserted layout. Nothing here is a path of a
 * job: what is known only at run time (places, identities) lives in the session and scope records below.
 */
#ifndef WORMSIGN_POLICY_H
#define WORMSIGN_POLICY_H

#include <linux/types.h>

#define WS_POLICY_VERSION 1

/* Operations a rule can be "on". Order is wire format: append only. */
enum ws_op {
	WS_OP_NONE = 0,
	WS_OP_EXEC,
	WS_OP_READ,
	WS_OP_WRITE,
	WS_OP_CREATE,
	WS_OP_RENAME,
	WS_OP_LINK,
	WS_OP_UNLINK,
	WS_OP_CHMOD,
	WS_OP_CONNECT,
	WS_OP_SEND,
	WS_OP_DNS,
	WS_OP_LISTEN,
	WS_OP_UNIX,
	WS_OP_PTRACE,
	WS_OP_MEMORY,
	WS_OP_SIGNAL,
	WS_OP_MOUNT,
	WS_OP_NAMESPACE,
	WS_OP_PRIVILEGE,
	WS_OP_BPF,
	WS_OP_MODULE,
	WS_OP_IO_URING,
	WS_OP_OUTLIVE, /* a package script's process is alive after the command ended */
	WS_OP_MAX
};

/* What a process is within the session. */
enum ws_actor {
	WS_ACTOR_NONE = 0,
	WS_ACTOR_JOB,
	WS_ACTOR_MANAGER,
	WS_ACTOR_PROJECT,
	WS_ACTOR_PACKAGE,
	WS_ACTOR_MAX
};

/* Verdicts, weakest first: comparing numbers compares strength. */
enum ws_action {
	WS_ALLOW = 0,
	WS_ALERT,
	WS_HIDE, /* the operation fails with ENOENT */
	WS_DENY, /* ... with EPERM */
	WS_KILL, /* deny, and the scope dies */
	WS_STOP, /* deny, and the session dies */
	WS_ACTION_MAX
};

/* A directory known only at run time; the nearest one above an object is the object's place. */
enum ws_place {
	WS_PLACE_ELSEWHERE = 0,
	WS_PLACE_OWN,	  /* the package's own directory */
	WS_PLACE_PROJECT, /* what holds the outermost node_modules */
	WS_PLACE_MODULES, /* that outermost node_modules */
	WS_PLACE_HOME,
	WS_PLACE_TMP,
	WS_PLACE_CACHE,
	WS_PLACE_TOOLS,
	WS_PLACE_UNKNOWN, /* the path could not be resolved: never "no match" */
	WS_PLACE_MAX
};

/* What a scope sends, when its first bytes are an HTTP/1 request: in the clear, or given to a TLS library. */
enum ws_http {
	WS_HTTP_NONE = 0,
	WS_HTTP_GET,
	WS_HTTP_HEAD,
	WS_HTTP_POST,
	WS_HTTP_PUT,
	WS_HTTP_PATCH,
	WS_HTTP_DELETE,
	WS_HTTP_MAX
};

enum ws_severity { WS_SEV_INFO = 0, WS_SEV_LOW, WS_SEV_MEDIUM, WS_SEV_HIGH, WS_SEV_CRITICAL };

/* A set of rules, one bit a rule; bit number is the rule's index, strongest action first. */
#define WS_RULES_MAX  256
#define WS_MASK_WORDS (WS_RULES_MAX / 64)
struct ws_mask {
	__u64 w[WS_MASK_WORDS];
};

/* Pseudo rules of the engine itself, reported in place of a rule's index. */
#define WS_RULE_NONE	   0xffffu
#define WS_RULE_UNRESOLVED 0xfffeu /* a package scope wrote or executed what could not be resolved */
#define WS_RULE_CONDEMNED  0xfffdu /* the scope or session was condemned before this operation */
#define WS_RULE_LINEAGE	   0xfffcu /* a child could not be entered in the lineage: forking refused */
#define WS_RULE_GUARD	   0xfffbu /* something of the session reached for one of wormsign's own processes */

#define WS_LABELS_MAX 64
#define WS_LABEL_NONE 0xff

enum ws_count_of { WS_COUNT_NONE = 0, WS_COUNT_TIMES, WS_COUNT_PATHS, WS_COUNT_BYTES };

struct ws_rule {
	__u8 action;	/* enum ws_action */
	__u8 severity;	/* enum ws_severity */
	__u8 label;	/* number of the label it sets when it fires, or WS_LABEL_NONE */
	__u8 count_of;	/* enum ws_count_of */
	__u32 over;	/* fires only when the count exceeds this */
	__u32 within;	/* milliseconds of one counting window; 0: the scope's whole life */
	__u32 pad;
	__u64 need_scope;   /* label bits that must be set in the scope */
	__u64 need_session; /* ... anywhere in the session */
};

/*
 * Automata. All share one array of rows; state 0 is dead, in every automaton. A row holds the next state for
 * each class of symbols and the accept set reached *at this state*.
 *   PATH  components from last to first, each followed by WS_SYM_END: "/home/ci/.aws/credentials" is fed as
 *         credentials END .aws END ci END home END ; at a directory that is a home, the transition on WS_SYM_HOME
 *         is probed (not taken); at the root of the walk, WS_SYM_ROOT is fed. Accept sets are collected after every
 *         END (patterns with a leading / ** /), after a HOME probe and after ROOT. The byte '/' is no END: the name
 *         of a memfd may hold one, and must not look like two components.
 *   ARGV  the argv as the kernel holds it, each word followed by a NUL; accept collected at the end only.
 *   NAME  a package name, then a NUL; accept collected at the end only.
 */
enum ws_automaton { WS_DFA_PATH = 0, WS_DFA_ARGV, WS_DFA_NAME, WS_DFA_MAX };

#define WS_SYM_HOME 256
#define WS_SYM_ROOT 257
#define WS_SYM_END  258
#define WS_SYMBOLS  260
#define WS_CLASSES  63 /* symbol classes an automaton may have; class 0 is "any byte no pattern names" */

struct ws_row {
	__u32 next[WS_CLASSES];
	__u32 accept; /* index into sets[]; 0: none */
};

/* What an accepting state means. Index 0 is all zero. */
struct ws_set {
	struct ws_mask match;	   /* rules whose path / argv / package pattern matched */
	struct ws_mask except;	   /* rules whose unless.path / unless.package matched */
	struct ws_mask exe_match;  /* PATH, when the path is the acting process's own executable: rules with that `exe` */
	struct ws_mask exe_except; /* ... rules with that unless.exe */
	__u32 manager;		   /* ARGV: kind of package manager + 1 (enum in user/managers.h), 0: none */
	__u32 pad;
};

struct ws_policy {
	__u32 version;
	__u32 rule_count;
	__u32 start[WS_DFA_MAX]; /* start state of each automaton */
	__u32 pad;
	__u8 class_of[WS_DFA_MAX][WS_SYMBOLS];
	__u8 pad2[4];
	struct ws_mask by_op[WS_OP_MAX][WS_ACTOR_MAX]; /* rules on this operation by this actor */
	struct ws_mask by_place[WS_PLACE_MAX];	       /* rules that accept this place (UNKNOWN: those that name no place) */
	struct ws_mask any_path;    /* rules without a path condition */
	struct ws_mask any_exe;
	struct ws_mask any_argv;
	struct ws_mask any_package;
	struct ws_mask any_address;
	struct ws_mask any_port;
	struct ws_mask by_http[WS_HTTP_MAX]; /* rules that accept this method; NONE: those that name none */
	struct ws_mask except_place[WS_PLACE_MAX]; /* rules whose unless.place names it */
};

/* Addresses: two LPM tries (IPv4, IPv6) whose value is the mask of the rules that name the address. */
struct ws_lpm4 {
	__u32 prefix;
	__u8 address[4];
};
struct ws_lpm6 {
	__u32 prefix;
	__u8 address[16];
};

/* ---- what is known only at run time ---- */

struct ws_id { /* identity of an inode as the kernel sees it (not stat's: they differ on overlayfs, btrfs) */
	__u64 dev; /* device, and the inode's generation in the upper half */
	__u64 ino;
};

/* Key of the identity table: a protected file by its inode, whatever name leads to it. Value: struct ws_mask. */

struct ws_place_entry {
	struct ws_id id;
	__u32 place;
	__u32 pad;
};

#define WS_PLACES_MAX 48

/* Key of the table of places; value: enum ws_place. */
struct ws_place_key {
	__u64 session;
	struct ws_id id;
};

enum ws_mode { WS_MODE_ENFORCE = 0, WS_MODE_AUDIT };

#define WS_SESSION_CONDEMNED 1u

struct ws_session {
	__u64 id;
	__u64 cgroup;  /* id of its cgroup v2 directory */
	__u64 labels;
	__u32 mode;    /* enum ws_mode */
	__u32 flags;
	__u32 keeper;  /* pid (initial namespace) of the process that supervises it: it and its children, but for the command,
			* are not the session's to signal or trace; 0: none */
	__u32 place_count;
	__u64 place_bloom; /* bit (ino & 63) of every place: most directories are ruled out by it */
	__u64 processes;   /* counters, only ever added to */
	__u64 threads;
	__u64 execs;
	__u64 verdicts;
	__u64 killed;
	__u64 pad;
	struct ws_mask enabled; /* which of the loaded rules are this session's */
	struct ws_place_entry places[WS_PLACES_MAX];
};

#define WS_SCOPE_CONDEMNED 1u

#define WS_NAME_MAX    256
#define WS_VERSION_MAX 64
#define WS_EVENT_MAX   32
#define WS_DIR_MAX     256

#define WS_OPENING 4

struct ws_scope {
	__u64 id;
	__u64 session;
	__u64 labels;
	__u64 condemned_at; /* CLOCK_MONOTONIC ns, 0: not */
	__u64 bytes_out;    /* payload bytes its sockets tried to send */
	__u64 started;	    /* when the process it was minted for began, ns: with pid, who that is */
	__u64 opening[WS_OPENING]; /* watch: tasks (kernel addresses) inside an open now, 0: free */
	__u32 opening_more;	       /* watch: those that found no place above */
	__u32 opening_uring;	       /* watch: opens handed to io_uring that are not through yet */
	__u32 flags;
	__u32 actor;	    /* WS_ACTOR_PACKAGE or WS_ACTOR_PROJECT */
	__u32 manager;	    /* kind */
	__u32 pid;	    /* the process it was minted for */
	struct ws_id own, project, modules; /* .ino 0: there is none */
	struct ws_mask package; /* rules whose package conditions this scope's name meets */
	char name[WS_NAME_MAX];	      /* from the directory under node_modules, else from the environment */
	char declared[WS_NAME_MAX];   /* npm_package_name of the manager's own exec */
	char version[WS_VERSION_MAX];
	char event[WS_EVENT_MAX];
};

/* Flags of a task. */
#define WS_T_PENDING 1u /* forked by a manager's main process, has not exec'd yet */
#define WS_T_MAIN    2u /* a manager's main process: its children's first exec mints scopes */
#define WS_T_DYING   4u /* SIGKILL was sent for a verdict */
#define WS_T_CLONE   8u /* under a manager that a manager started in another directory: in the clone of a git dependency */

/*
 * What a task is: all that its children inherit. The kernel keeps working memory behind these fields (maps.bpf.h);
 * user space writes them once, for the first task of a session.
 */
#define WS_TASK_FIELDS                                                                                      \
	__u64 session;                                                                                      \
	__u64 scope;                                                                                        \
	__u64 started; /* start time of its process, ns */                                                  \
	__u64 killed_at;                                                                                    \
	__u32 parent;  /* thread group that forked its process */                                           \
	__u32 flags;                                                                                        \
	__u32 actor;                                                                                        \
	__u32 manager; /* kind + 1 of the manager it is or descends from */                                 \
	__u32 event;   /* hash of the script's facts in the manager's own environment, which its helpers inherit */ \
	__u32 pending; /* watch: operation of the running system call, judged when its inodes change */     \
	struct ws_id project; /* MANAGER: its working directory at its exec, or that of the manager above it */ \
	struct ws_mask exe;   /* rules whose exe conditions the running executable meets */

struct ws_task_fields {
	WS_TASK_FIELDS
};

/*
 * A TCP socket of which a packet was dropped, by its cookie: what it still holds would be sent again, by the kernel,
 * when nobody drops any more. User space destroys it before it lets go.
 */
struct ws_dropped {
	__u32 family;
	__u16 from_port, to_port; /* network order */
	__u8 from[16], to[16];
};
_Static_assert(sizeof(struct ws_dropped) == 40, "ws_dropped");

/* What user space asks the program `identify`, in its own context, and what it answers. */
struct ws_identify {
	__u32 fd;
	__u32 ok; /* fd is a file, and id is its */
	struct ws_id id;
	__u32 pid; /* of the calling process itself, in the first pid namespace */
	__u32 pad;
};

/* Per rule and scope counting. */
struct ws_counter_key {
	__u64 scope;
	__u32 rule;
	__u32 pad;
};
struct ws_counter {
	__u64 window_start; /* ns */
	__u64 count;
	__u64 seen[4]; /* 256-bit filter of what was counted already (WS_COUNT_PATHS) */
};

_Static_assert(sizeof(struct ws_mask) == 32, "ws_mask");
_Static_assert(sizeof(struct ws_rule) == 32, "ws_rule");
_Static_assert(sizeof(struct ws_row) == 256, "ws_row");
_Static_assert(sizeof(struct ws_set) == 136, "ws_set");
_Static_assert(sizeof(struct ws_id) == 16, "ws_id");
_Static_assert(sizeof(struct ws_place_entry) == 24, "ws_place_entry");
_Static_assert(__builtin_offsetof(struct ws_policy, by_op) % 8 == 0, "ws_policy.by_op");
_Static_assert(__builtin_offsetof(struct ws_session, places) % 8 == 0, "ws_session.places");
_Static_assert(__builtin_offsetof(struct ws_scope, name) % 8 == 0, "ws_scope.name");
_Static_assert(sizeof(struct ws_counter_key) == 16, "ws_counter_key");
_Static_assert(sizeof(struct ws_counter) == 48, "ws_counter");

#endif
