/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * policy.h - the contract on tables between user space and the kernel side: what the rules are
 * compiled into, what decide.h decides by, and the records of sessions and scopes, which hold what
 * is known only at run time (places, identities). Fixed-width types, explicit padding, asserted
 * layout.
 */
#ifndef WORMSIGN_POLICY_H
#define WORMSIGN_POLICY_H

#include <linux/types.h>

#define WS_POLICY_VERSION 1

/* Operations a rule can be "on". Their numbers are part of the records: append only. */
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
	WS_OP_DNS, /* rules may name it; no hook sees it yet, and doctor says so */
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
	WS_OP_OUTLIVE, /* a process of an install script is alive after the command has ended */
	WS_OP_MAX
};

/* Operations on files, as 1 << op. */
#define WS_OPS_ON_FILES                                                                   \
	(1u << WS_OP_READ | 1u << WS_OP_WRITE | 1u << WS_OP_CREATE | 1u << WS_OP_RENAME | \
	 1u << WS_OP_LINK | 1u << WS_OP_UNLINK | 1u << WS_OP_CHMOD)

/* What a task is within its session. */
enum ws_actor {
	WS_ACTOR_NONE = 0,
	WS_ACTOR_JOB,
	WS_ACTOR_MANAGER,
	WS_ACTOR_PROJECT,
	WS_ACTOR_PACKAGE,
	WS_ACTOR_TOOL,	/* a program that lies in a package, and what it starts */
	WS_ACTOR_SHELL, /* a manager's main process that runs scripts of packages itself. Stands in
			   rules and verdicts only: such a task is a WS_ACTOR_MANAGER with
			   WS_T_SHELL */
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

/*
 * Kinds of directories that are known only at run time. An object's places are those of the nearest
 * such directory at or above it, which can be of several kinds: a home that is the project, too.
 * They are a set, WS_PLACE_BIT() of each. A rule's `place` is met if one of them is in it,
 * `unless.place` only if all of them are: the strictest counts.
 */
enum ws_place {
	WS_PLACE_ELSEWHERE = 0,
	WS_PLACE_OWN,	  /* the package's own directory */
	WS_PLACE_PROJECT, /* the directory with the outermost node_modules */
	WS_PLACE_MODULES, /* the outermost node_modules */
	WS_PLACE_HOME,
	WS_PLACE_TMP,
	WS_PLACE_CACHE,
	WS_PLACE_TOOLS,
	WS_PLACE_UNKNOWN, /* the path could not be resolved; never taken for "no rule matches" */
	WS_PLACE_MADE,	  /* created by packages of this name, in this session or an earlier one */
	WS_PLACE_GUARDED, /* the same, and rules guard names in it, see ws_guards_below(): a rule's
			     `place` made is met, its `unless.place` made is not */
	WS_PLACE_MAX
};
#define WS_PLACE_BIT(place) (1u << (place))
#define WS_PLACES_ALL	    (WS_PLACE_BIT(WS_PLACE_MAX) - 1)
/* What packages of this name may change. */
#define WS_PLACES_MADE (WS_PLACE_BIT(WS_PLACE_MADE) | WS_PLACE_BIT(WS_PLACE_GUARDED))
#define WS_PLACES_OURS (WS_PLACE_BIT(WS_PLACE_OWN) | WS_PLACES_MADE)
/* In a session's entry: "~" of patterns stands for the directory. A home has it besides its bit; a
 * temporary directory of the system that is $HOME has it alone, since scripts may write there. */
#define WS_PLACES_TILDE (1u << 15)
#define WS_PLACE_ROOM \
	16 /* a power of two: a masked index needs no check that the verifier follows */

/* Method of an HTTP/1 request with which sent bytes begin: in clear text, or given to a TLS
 * library. */
enum ws_http {
	WS_HTTP_NONE = 0,
	WS_HTTP_GET,
	WS_HTTP_HEAD,
	WS_HTTP_POST,
	WS_HTTP_PUT,
	WS_HTTP_PATCH,
	WS_HTTP_DELETE,
	WS_HTTP_CHANGEABLE, /* what the receiver reads need not be what was sent */
	WS_HTTP_MAX
};

/* When what acts runs: while something is installed (each install script of a package does), or in
 * another script or step. */
/* DEVELOP: the manager has a package install itself where it lies (ws_set.sets_up) */
enum ws_event { WS_EVENT_INSTALL = 0, WS_EVENT_OTHER, WS_EVENT_SETUP, WS_EVENTS };

enum ws_severity { WS_SEV_INFO = 0, WS_SEV_LOW, WS_SEV_MEDIUM, WS_SEV_HIGH, WS_SEV_CRITICAL };

/* A set of rules. The bit number is the rule's index; rules are sorted by action, strongest first.
 */
#define WS_RULES_MAX  256
#define WS_MASK_WORDS (WS_RULES_MAX / 64)
struct ws_mask {
	__u64 w[WS_MASK_WORDS];
};

/* Pseudo rules of the engine itself, reported in place of a rule's index. */
#define WS_RULE_NONE	   0xffffu
#define WS_RULE_UNRESOLVED 0xfffeu /* a package wrote or executed what could not be resolved */
#define WS_RULE_CONDEMNED  0xfffdu /* the scope or session was condemned before this operation */
#define WS_RULE_LINEAGE	   0xfffcu /* a child could not be tracked: its parent was killed */
#define WS_RULE_HELD	   0xfffau /* a script that was held at its exec was continued, and ran */
#define WS_RULE_GUARD	   0xfffbu /* a task of the session acted on a process of wormsign */

#define WS_LABELS_MAX 64
#define WS_LABEL_NONE 0xff

enum ws_count_of { WS_COUNT_NONE = 0, WS_COUNT_TIMES, WS_COUNT_PATHS, WS_COUNT_BYTES };

struct ws_rule {
	__u8 action;   /* enum ws_action */
	__u8 severity; /* enum ws_severity */
	__u8 label;    /* number of the label it sets when it fires, or WS_LABEL_NONE */
	__u8 count_of; /* enum ws_count_of */
	__u32 over;    /* fires only when the count exceeds this */
	__u32 within;  /* milliseconds of one counting window; 0: the scope's whole life */
	__u32 pad;
	__u64 need_scope;   /* label bits that must be set in the scope */
	__u64 need_session; /* ... anywhere in the session */
};

/*
 * Automata. All share one array of rows; state 0 is dead in each of them. A row holds the next
 * state for each class of symbols, and the accept set of its own state.
 *
 * PATH: components from last to first, each followed by WS_SYM_END. "/home/ci/.aws/credentials" is
 * fed as credentials END .aws END ci END home END. At a directory that is a home the transition on
 * WS_SYM_HOME is looked up, not taken; at the root WS_SYM_ROOT is fed. Accept sets are collected
 * after each END (patterns that begin with two asterisks), after HOME and after ROOT. The byte '/'
 * is not END: the name of a memfd may contain one, and must not look like two components.
 *
 * ARGV: the argv as the kernel holds it, each word followed by a NUL. NAME: a package name and a
 * NUL. The accept set is that of the last state.
 */
enum ws_automaton { WS_DFA_PATH = 0, WS_DFA_ARGV, WS_DFA_NAME, WS_DFA_MAX };

#define WS_SYM_HOME 256
#define WS_SYM_ROOT 257
#define WS_SYM_END  258
#define WS_SYMBOLS  260
#define WS_CLASSES  63 /* symbol classes of an automaton; class 0: bytes that no pattern names */

struct ws_row {
	__u32 next[WS_CLASSES];
	__u32 accept; /* index into sets[]; 0: none */
};

#define WS_MANAGER_NPM	1
#define WS_MANAGER_PNPM 2

/* What an accepting state means. Set 0 is all zero. */
struct ws_set {
	struct ws_mask match;	   /* rules whose path / argv / package pattern matched */
	struct ws_mask except;	   /* rules whose unless.path / unless.package matched */
	struct ws_mask exe_match;  /* PATH, when the path is the acting process's own executable:
				      rules with that `exe` */
	struct ws_mask exe_except; /* ... rules with that unless.exe */
	struct ws_mask above; /* PATH: rules with a path pattern for something below; it counts when
				 the path is renamed or removed */
	struct ws_mask except_new; /* PATH: rules whose unless.new_directory matched; it counts when
				      a directory is created */
	__u32 manager; /* ARGV: kind of package manager + 1 (user/policy/managers.h), 0: none;
			  the first are below */
	__u32 shared;  /* PATH: 1: a directory below which programs keep directories of their own
			  (above an unless.new_directory): who creates it does not own what lies
			  there */
	__u32 builds;  /* ARGV: 1 << kind: as a child of such a manager it runs a package's code */
	__u32 sets_up; /* ARGV: 1 << kind: and with it the package installs itself where it lies */
	__u32 shell;   /* ARGV: 1 << kind: such a manager may run scripts of packages itself */
	__u32 pad;
};

/* How a string begins, or all of it: (its bytes & mask) are `bytes`. length 0: nothing does. */
#define WS_BEGIN_WORDS 3
struct ws_begin {
	__u64 bytes[WS_BEGIN_WORDS], mask[WS_BEGIN_WORDS];
	__u32 length;
	__u32 pad;
};

#define WS_MANAGERS_MAX 32

/*
 * What is known of a manager that builds packages by running their code (struct build in
 * user/policy/managers.h). Its index is the kind.
 */
struct ws_builder {
	__u32 builds;	/* it does; what follows is 0 otherwise */
	__u32 members;	/* directories below the project's are its own, but for marked ones */
	char event[32]; /* what a script of its packages is called, zero after its end */
	char setup[32]; /* ... and one that installs its package where it lies */
	struct ws_begin name, version; /* variables by which it tells a package its own */
	struct ws_begin mark;	       /* a file that it has in what it has fetched */
	struct ws_begin holder;	       /* a directory that holds those of packages */
	struct ws_begin output;	       /* a directory that programs of builds lie in */
};

struct ws_policy {
	__u32 version;
	__u32 rule_count;
	__u32 start[WS_DFA_MAX]; /* start state of each automaton */
	__u32 loops[WS_DFA_MAX]; /* states of it from this one on: every byte leads to the state
				    itself, so that what is left of a name can be skipped */
	__u8 class_of[WS_DFA_MAX][WS_SYMBOLS];
	__u32 file_actors; /* 1 << actor: some rule on files is about it */
	struct ws_mask by_op[WS_OP_MAX][WS_ACTOR_MAX]; /* rules on this operation by this actor */
	struct ws_mask by_place[WS_PLACE_ROOM]; /* rules that accept this place; UNKNOWN: rules that
						  name none */
	struct ws_mask any_path;		/* rules without a path condition */
	struct ws_mask any_exe;
	struct ws_mask any_argv;
	struct ws_mask any_package;
	struct ws_mask any_address;
	struct ws_mask any_port;
	struct ws_mask by_http[WS_HTTP_MAX]; /* rules that accept this method; NONE: rules that name
						none */
	struct ws_mask except_place[WS_PLACE_ROOM]; /* rules whose unless.place names it */
	struct ws_mask by_event[WS_EVENTS];	    /* rules that accept this event */
	struct ws_builder builders[WS_MANAGERS_MAX];
};

/* Keys of the LPM tries of addresses. Value: struct ws_mask of the rules that name the address. */
struct ws_lpm4 {
	__u32 prefix;
	__u8 address[4];
};
struct ws_lpm6 {
	__u32 prefix;
	__u8 address[16];
};

/* ---- known only at run time ---- */

/* Identity of an inode as the kernel side computes it (ws_dev_of()); stat(2) differs on overlayfs
 * and btrfs. */
struct ws_id {
	__u64 dev; /* device, and the inode's generation in the upper half */
	__u64 ino;
};

#define WS_NAME_MAX 256 /* of a package */
/*
 * Value of the table `identities`, whose key is struct ws_id: what the rules say of a file under
 * any name, or of a directory and what lies below it. A directory must be in
 * ws_session.place_bloom, too.
 */
struct ws_known {
	struct ws_mask match;  /* rules with a path pattern for it */
	struct ws_mask except; /* rules with an unless.path for it ... */
	__u64 size;	       /* ... while it has this size; WS_ANY_SIZE: of whatever size */
};
#define WS_ANY_SIZE (~0ULL)

struct ws_place_entry {
	struct ws_id id;
	__u32 places; /* WS_PLACE_BIT() of each, WS_PLACES_TILDE */
	__u32 pad;
};

#define WS_PLACES_MAX 48

/* Key of what a session knows by identity. Table `places`; value: as ws_place_entry.places. Table
 * `identities`, a file under any name; value: struct ws_known. */
struct ws_place_key {
	__u64 session;
	struct ws_id id;
};

/* Key of the tables about all packages of one name in a session. */
struct ws_name_key {
	__u64 session;
	char name[WS_NAME_MAX]; /* zero after its end */
};

#define WS_MADE_MAX 32

/* Value of the table `made_before`. */
struct ws_made {
	__u32 count;
	__u32 guarded; /* a bit for each of ids: its place is WS_PLACE_GUARDED */
	struct ws_id ids[WS_MADE_MAX];
};

/* Bit of a value in the table `created`, beside the family: as above. */
#define WS_CREATED_GUARDED (1ULL << 63)

/* Words of a filter over inode numbers: 48 places set at most 48 of its 1,024 bits. */
#define WS_BLOOM_WORDS 16

enum ws_mode { WS_MODE_ENFORCE = 0, WS_MODE_AUDIT };

#define WS_SESSION_CONDEMNED 1u
#define WS_SESSION_ADMITS    2u /* scripts of packages are held until they are admitted */
#define WS_SESSION_HOME_TREE 4u /* a home is the work tree of a repository: git lists all of it */
#define WS_SESSION_TOOLS     8u /* tools are stopped in every script, not only in install events */

struct ws_session {
	__u64 id;
	__u64 cgroup; /* id of its cgroup v2 directory */
	__u64 labels;
	__u32 mode; /* enum ws_mode */
	__u32 flags;
	__u32 watchdog; /* pid (initial namespace) of the process that supervises the session.
			 * Tasks of the session must not signal or trace it or its children, the
			 * command excepted. 0: none */
	__u32 place_count;
	__u64 place_bloom[WS_BLOOM_WORDS]; /* see ws_bloom_add(): rules most directories out */
	__u64 begun;			   /* CLOCK_REALTIME ns */
	__u64 processes;		   /* counters; they only grow */
	__u64 threads;
	__u64 execs;
	__u64 unseen_tls; /* packages that sent TLS and gave nothing to a library that is watched */
	__u64 verdicts[WS_ACTION_MAX]; /* carried out (enforce mode), by action; ALLOW is not
					  counted */
	struct ws_mask enabled;	       /* which of the loaded rules are this session's */
	struct ws_place_entry places[WS_PLACES_MAX];
};

#define WS_SCOPE_CONDEMNED 1u
#define WS_SCOPE_NAMED	   4u  /* its name is that of its directory, which the manager chose */
#define WS_SCOPE_SWEPT	   2u  /* watch: all its processes were sent SIGKILL, see lib/sweep.bpf.h */
#define WS_SCOPE_TLS_SENT  8u  /* encrypted data left */
#define WS_SCOPE_TLS_SEEN  16u /* ... which was given to a library that is watched */
#define WS_SCOPE_AUDIT	   32u /* as in a session of WS_MODE_AUDIT: reported, not carried out */
#define WS_SCOPE_WRITER	   64u /* a tool: runs what the package wrote elsewhere (origin.bpf.h) */

#define WS_VERSION_MAX 64
#define WS_EVENT_MAX   32
#define WS_DIR_MAX     256

#define WS_OPENING 4

/* Commands of a package that are kept; npm itself installs any number, most packages one. */
#define WS_COMMANDS_MAX 16

/*
 * A package in a session, and one of its lifecycle scripts. The record of the package's first
 * script is the package's: labels, condemnation, counters and opens are kept there for all of them,
 * and stay 0 in the others, which only name the event.
 */
struct ws_scope {
	__u64 id;
	__u64 session;
	__u64 labels;
	__u64 condemned_at; /* CLOCK_MONOTONIC ns, 0: not condemned */
	__u64 started; /* start time of its first process, ns; with pid, that process's identity */
	__u64 family;  /* the session's first scope of a package of this name below node_modules, or
			  its own id: they share what they created */
	__u64 earlier; /* the session in which it wrote what is run in this one; 0: none */
	__u64 opening[WS_OPENING]; /* watch: tasks (kernel addresses) inside an open, 0: free */
	__u32 opening_more;  /* watch: number of such tasks for which there was no room above */
	__u32 opening_uring; /* watch: opens submitted to io_uring that have not completed */
	__u32 flags;
	__u32 actor;			    /* WS_ACTOR_PACKAGE, _PROJECT or _TOOL */
	__u32 manager;			    /* kind */
	__u32 pid;			    /* its first process, initial namespace */
	struct ws_id own, project, modules; /* .ino 0: there is none */
	struct ws_id holder; /* the node_modules that holds `own`, .ino 0: it is in none */
	__u32 commands[WS_COMMANDS_MAX]; /* ws_hash_command() of those that its manifest declares,
					    0: no more */
	struct ws_mask package;		 /* rules whose conditions on the package, and on the
					    event, are met */
	__u64 created_bloom[WS_BLOOM_WORDS]; /* inode numbers of what the family that it is the
						first of created outside their directories */
	char name[WS_NAME_MAX];	    /* from the directory below node_modules, else `declared` */
	char declared[WS_NAME_MAX]; /* npm_package_name in the environment of the script's first
				       exec */
	char version[WS_VERSION_MAX];
	char event[WS_EVENT_MAX];
};

/* Bits of a value in the table `written`, beside the number of a scope. */
#define WS_WRITTEN_SHARED  (1ULL << 63) /* where packages may leave programs: a cache */
#define WS_WRITTEN_MODULES (1ULL << 62) /* in a node_modules: as long as it lies there */
#define WS_WRITTEN_TREE	   (1ULL << 61) /* a directory: all that lies below it */
#define WS_WRITTEN_TMP	   (1ULL << 60) /* it was written in a temporary directory */
#define WS_WRITTEN_SCOPE   (WS_WRITTEN_TMP - 1)

/*
 * A file that a package wrote in an earlier session. Value of the table `written_before`, whose key
 * is a struct ws_id: the same for all sessions.
 */
struct ws_earlier {
	__u64 writer; /* key of `earlier_writers`, whose value is a struct ws_scope */
	__u64 until;  /* CLOCK_REALTIME ns: it is the package's if it was not changed since, until
			 the session that runs it began */
};
_Static_assert(sizeof(struct ws_earlier) == 16, "ws_earlier");

#define WS_EARLIER_FILES   65536
#define WS_EARLIER_WRITERS 2048

/* Flags of a task. */
#define WS_T_PENDING 1u /* forked by a manager's main process, without an exec so far */
#define WS_T_MAIN    2u /* a manager's main process: the first exec of a child mints a scope */
#define WS_T_DYING   4u /* SIGKILL was sent for a verdict */
#define WS_T_CLONE                                                                            \
	8u /* below a manager that a manager started in another directory: the clone of a git \
	      dependency */

#define WS_T_INSTALL 32u /* below a project's script of an installation */
#define WS_T_SHIM    64u /* runs a manager's script in .bin: what that executes counts */
#define WS_T_TOOLS                                                                                \
	128u /* below a manager that lies in a package, a tool: which tools it runs is told apart \
	      */

#define WS_T_SHELL \
	256u /* with WS_T_MAIN: installs, and may run scripts of packages in its own process */
#define WS_T_CLONE_CODE                                                                        \
	512u /* what a manager started in the clone of a git dependency runs the clone's code, \
		and all processes below it do */

#define WS_T_STANDS_IN 128u /* none of a session's: see bpf/ahead.bpf.c */

#define WS_T_HELD                                                                     \
	16u /* stopped at its exec until it is admitted, unless it has left the table \
	       `held` */

/*
 * The record of a task, as far as its children inherit it. The kernel side keeps working memory
 * after these fields (struct ws_task in lib/maps.bpf.h). User space writes the record of a
 * session's first task.
 */
#define WS_TASK_FIELDS                                                                             \
	__u64 session;                                                                             \
	__u64 scope; /* its package's record, for all scripts and helpers: labels, condemnation */ \
	__u64 script;  /* the record of its lifecycle script: what it is called in reports */      \
	__u64 started; /* start time of its process, ns */                                         \
	__u64 killed_at;                                                                           \
	__u32 parent; /* thread group that forked its process */                                   \
	__u32 flags;                                                                               \
	__u32 actor;                                                                               \
	__u32 manager; /* kind + 1 of the manager it is or descends from */                        \
	__u32 event;   /* manager: ws_script_hash() of its own environment, 0: none */             \
	__u32 pending; /* watch: operation of the running system call, judged when its inodes      \
			  change */                                                                \
	struct ws_id project; /* working directory of the manager at its exec, or of the manager   \
				 above it */                                                       \
	struct ws_mask exe;   /* rules whose exe conditions the running executable meets */

struct ws_task_fields {
	WS_TASK_FIELDS
};

/*
 * A socket of which a packet was dropped; key: its cookie. Its queued data would be retransmitted
 * once our programs are detached, so user space destroys the socket (SOCK_DESTROY) before it
 * detaches them.
 */
struct ws_dropped {
	__u32 family;
	__u16 from_port, to_port; /* network order */
	__u8 from[16], to[16];
};
_Static_assert(sizeof(struct ws_dropped) == 40, "ws_dropped");

/* Context of the program `change_session`: what is done to a session, and whether it exists. */
enum ws_change {
	WS_CHANGE_CONDEMN,
	WS_CHANGE_PLACE,  /* the directory `id` becomes `places`, too */
	WS_CHANGE_NOTICE, /* `id` is looked up in `identities` for what lies below it */
};

struct ws_session_change {
	__u64 session;
	__u32 ok;
	__u32 what; /* enum ws_change */
	struct ws_id id;
	__u32 places; /* as in struct ws_place_entry */
	__u32 pad;
};

/* Key of the table `homes`: a HOME that an exec in a session has brought. */
#define WS_HOME_MAX 248
struct ws_home_key {
	__u64 session;
	char path[WS_HOME_MAX];
};

/* A process that is held at its exec; key of the table `held`: its pid (initial namespace). */
struct ws_held {
	__u64 session;
	__u64 scope;	 /* its script's record */
	__u64 started;	 /* its start time, ns */
	__u64 env_start; /* its environment: addresses in its memory */
	__u64 env_end;
};

/* Context of the program `judge_ahead` (bpf/ahead.bpf.c): a call that has not begun. */
enum ws_ahead_what {
	WS_AHEAD_FILE,
	WS_AHEAD_DIRECTORY, /* create: it makes a directory ... */
	WS_AHEAD_LINK,	    /* ... or a symbolic link */
	WS_AHEAD_SOURCE,    /* read: it is going to give the file a second name */
	WS_AHEAD_LEAVES,    /* rename: it is what is moved */
};

struct ws_caller {
	__u32 pid; /* 0: nothing is carried out, only the answer counts */
	__u32 tid;
	__u32 uid, gid;
	char comm[16];
};

#define WS_AHEAD_LEAF 256

struct ws_ahead {
	struct ws_task_fields task; /* of the caller */
	struct ws_caller caller;
	__u32 op;	   /* enum ws_op */
	__u32 what;	   /* enum ws_ahead_what */
	__u32 fd;	   /* of the calling process: the file, or the directory of a new name */
	__u32 mode;	   /* as ws_object.mode */
	__u32 leaf_length; /* 0: no new name */
	__s32 answer;	   /* -EPERM or -ENOENT: refuse the call; 0: let it go on */
	__u32 condemned;   /* the caller is, or was before */
	__u32 pad;
	char leaf[WS_AHEAD_LEAF]; /* zero after its end */
};

/* Context of the program `admit`: which process, and whether it was held. */
struct ws_admit {
	__u32 pid;
	__u32 ok;
};

/* Context of the program `identify`: request and answer. */
struct ws_identify {
	__u32 fd;
	__u32 ok; /* fd is a file, and id is its identity */
	struct ws_id id;
	__u32 pid; /* of the calling process, initial pid namespace */
	__u32 pad;
};

/*
 * How long a condemned script's first process is left to end by itself, see ws_first_of_script(): a
 * child of some GB takes the kernel hundreds of ms to tear down, and the shell waits for that.
 */
#define WS_ENDING_MS 1000

/* What the program `list_tasks` writes for each thread group leader of any session. */
struct ws_listed {
	__u64 started, session;
	__u64 scope;  /* its script's record */
	__u64 labels; /* of its package */
	__u32 pid, actor, condemned;
	__u32 ending; /* the first process of a script condemned less than WS_ENDING_MS ago */
	char comm[16];
};

/*
 * Signals that do no harm to wormsign's own processes: a job may well send them to its parent or to
 * its process group, so they are not refused. X is called with each name without SIG.
 */
#define WS_SIGNALS_TAKEN(X) /* read by wormsign; all but CHLD are passed on to the command */ \
	X(CHLD) X(INT) X(QUIT) X(TERM) X(HUP) X(USR1) X(USR2)
#define WS_SIGNALS_BLOCKED(X) X(TSTP) X(TTIN) X(TTOU)
#define WS_SIGNALS_IGNORED(X) X(CONT) X(URG) X(WINCH) /* by default */

/* Key of the table `counters`: one for each scope and rule. */
struct ws_counter_key {
	__u64 scope;
	__u32 rule;
	__u32 pad;
};
struct ws_counter {
	__u64 window_start; /* ns */
	__u64 count;
	__u64 seen[4]; /* WS_COUNT_PATHS: 256-bit filter of the objects that were counted */
};

_Static_assert(sizeof(struct ws_mask) == 32, "ws_mask");
_Static_assert(sizeof(struct ws_rule) == 32, "ws_rule");
_Static_assert(sizeof(struct ws_row) == 256, "ws_row");
_Static_assert(sizeof(struct ws_set) == 216, "ws_set");
_Static_assert(sizeof(struct ws_builder) == 352, "ws_builder");
_Static_assert(WS_EVENT_MAX == 32, "ws_builder.event");
_Static_assert(__builtin_offsetof(struct ws_policy, builders) % 8 == 0, "ws_policy.builders");
_Static_assert(sizeof(struct ws_id) == 16, "ws_id");
_Static_assert(sizeof(struct ws_known) == 72, "ws_known");
_Static_assert(sizeof(struct ws_place_entry) == 24, "ws_place_entry");
_Static_assert(__builtin_offsetof(struct ws_policy, by_op) % 8 == 0, "ws_policy.by_op");
_Static_assert(__builtin_offsetof(struct ws_session, places) % 8 == 0, "ws_session.places");
_Static_assert(__builtin_offsetof(struct ws_scope, name) % 8 == 0, "ws_scope.name");
_Static_assert(sizeof(struct ws_name_key) == 264, "ws_name_key");
_Static_assert(sizeof(struct ws_listed) == 64, "ws_listed");
_Static_assert(sizeof(struct ws_counter_key) == 16, "ws_counter_key");
_Static_assert(sizeof(struct ws_counter) == 48, "ws_counter");

#endif
