/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * maps.bpf.h - every map, and the structs that only the kernel side knows. Each object defines the
 * maps weakly, and the linker merges them. Sizes marked "at load" are set by the loader.
 */
#ifndef WORMSIGN_MAPS_BPF_H
#define WORMSIGN_MAPS_BPF_H

#include "lib/compat.bpf.h"
#include "decide.h"
#include "http.h"
#include "wire.h"

/* ---- tables: written before the programs are attached, then only read ---- */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct ws_policy);
} policy SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WS_RULES_MAX);
	__type(key, u32);
	__type(value, struct ws_rule);
} rules SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* at load */
	__type(key, u32);
	__type(value, struct ws_row);
} rows SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* at load */
	__type(key, u32);
	__type(value, struct ws_set);
} sets SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_lpm4);
	__type(value, struct ws_mask);
} lpm4 SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_lpm6);
	__type(value, struct ws_mask);
} lpm6 SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct ws_mask);
} ports SEC(".maps") __weak;

/* System call number -> enum ws_syscall; [512..1023] are the 32-bit ABI's. Filled from the headers
 * (user/kernel/syscall_numbers.c). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, u32);
} syscalls SEC(".maps") __weak;

/* ---- places and protected files, by identity ---- */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_place_key);
	__type(value, u32);
} places SEC(".maps") __weak;

/*
 * What packages created outside their directories, in the session or (directories below a home) in
 * an earlier one; value: ws_scope.family of the package. It is place WS_PLACE_MADE for all scopes
 * of that family. If the table is full the object keeps the place where it lies.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_place_key);
	__type(value, u64);
} created SEC(".maps") __weak;

/* The first scope of each package name in a session. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_name_key);
	__type(value, u64);
} families SEC(".maps") __weak;

/* What packages of a name created in earlier sessions. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_name_key);
	__type(value, struct ws_made);
} made_before SEC(".maps") __weak;

/*
 * Files that packages wrote outside of their own directories, and directories that they moved
 * there; value: the number of the package's scope, and WS_WRITTEN_ bits (policy.h). If there is no
 * room in it, packages may not write any more.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 18);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_place_key);
	__type(value, u64);
} written SEC(".maps") __weak;

/* Files that tools wrote outside of their own directories while something was installed; value: the
 * number of the tool's scope. What finds no room counts as nobody's, and as an error. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 18);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_place_key);
	__type(value, u64);
} tool_written SEC(".maps") __weak;

__u32 ws_tool_files __weak;    /* there was something in it */
__u32 ws_written_files __weak; /* there was something in it ... */
__u64 ws_moved_dirs __weak;    /* ... also directories: a bit for each number of an inode */

/* The same of earlier sessions, entered by user space; what finds no room counts as nobody's. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WS_EARLIER_FILES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_id);
	__type(value, struct ws_earlier);
} written_before SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WS_EARLIER_WRITERS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct ws_scope);
} earlier_writers SEC(".maps") __weak;

__u32 ws_earlier_files __weak; /* there is something in it */
__u64 ws_earlier_list __weak;  /* for user space: which version of the list was entered */

/* The scope of such a package in a session. */
struct ws_earlier_key {
	u64 session;
	u64 writer;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_earlier_key);
	__type(value, u64);
} earlier_scopes SEC(".maps") __weak;

/* Processes that have run such a file: thread group to what its threads are from then on. */
struct ws_taken {
	u64 session, scope, script;
	u32 actor, pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct ws_taken);
} taken_processes SEC(".maps") __weak;

__u64 ws_taken_count __weak; /* how often one was entered, after it was */

/* The scope of what a package wrote and a script of the project runs. */
struct ws_writer_key {
	u64 writer; /* the package's scope */
	u64 script; /* 0: the job, a manager */
	u64 audit;  /* it is only reported */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_writer_key);
	__type(value, u64);
} writer_scopes SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_place_key);
	__type(value, struct ws_known);
} identities SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_home_key);
	__type(value, u32);
} homes SEC(".maps") __weak;

/* ---- lineage ---- */

/*
 * The working memory of hooks is part of the task's record: it exceeds the 512 bytes of a program's
 * stack, and a hook of the deny backend can be preempted by another task's hook on the same CPU.
 */
#define WS_CHUNK 64

struct ws_chunk {
	union {
		char bytes[WS_CHUNK];
		u64 words[WS_CHUNK / 8];
	};
};

/*
 * The end of a walk, from a directory up to the root, and what it found there (path.bpf.c). A later
 * walk that finds the same names on the same inodes has the same result: each is read again, so
 * that a rename, a mount or a link changes what is found at once.
 */
#define WS_TRAIL_STEPS 20
#define WS_TRAIL_WORDS 3 /* of a name: 24 bytes */

enum ws_trail_kind { WS_TRAIL_NAME = 0, WS_TRAIL_MOUNT, WS_TRAIL_ROOT, WS_TRAIL_STOP };

struct ws_trail_step {
	u64 ino;
	u64 dev; /* ws_dev_of(); 0: no table was asked for this ino, it does not matter */
	u64 name[WS_TRAIL_WORDS], mask[WS_TRAIL_WORDS]; /* bytes of the name; mask: which count */
	u32 length;					/* of the name */
	u32 kind;					/* enum ws_trail_kind: what the walk does */
};

struct ws_trail_key {
	u64 session, scope;
	u64 version; /* ws_places_version */
	u32 state;   /* of the automaton, at the directory */
	u32 placed;  /* the object's place was known there */
};

struct ws_trail {
	struct ws_trail_key key;
	u32 count; /* steps; 0: no walk is kept here */
	u32 found; /* some of `masks` are not empty */
	u32 places, shared;
	struct ws_mask masks[6]; /* see WS_WALK_MASKS() */
	struct ws_trail_step steps[WS_TRAIL_STEPS];
};

#define WS_TRAIL_BITS 5

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1 << WS_TRAIL_BITS);
	__type(key, u32);
	__type(value, struct ws_trail);
} trails SEC(".maps") __weak;

/* Counts the changes of `places`, `created` and `identities` and of their filters, each after it
 * was made, but for those about sessions and scopes that have no task yet. */
__u64 ws_places_version __weak;

struct ws_walk {
	struct ws_mask match, except; /* of the path as an object */
	u32 places;		      /* WS_PLACE_BIT() of each */
	u32 done;
	struct ws_id dir; /* when a file is linked: the directory of its first name */
	struct ws_mask exe_match, exe_except; /* of the path as an executable */
	struct ws_mask above, except_new;     /* see struct ws_set ... */
	u32 shared, pad;		      /* ... and this */
	struct ws_id object; /* the inode at the path's end; ino 0: it does not exist yet */
	struct dentry *dentry;
	struct mount *mount;
	const unsigned char *name;
	u32 left; /* bytes of the component that the automaton has not been fed */
	u32 state;
	u32 in_name;
	u32 in_modules;	 /* in a directory called node_modules, of no known place so far */
	u32 length;	 /* bytes of the component */
	u32 follows;	 /* look for a trail at the second step */
	u32 kept, trail; /* number + 1 of the trail that was begun, and is still written, 0: none */
	struct ws_id at; /* the directory that was last looked up; dev 0: by its ino alone */
	struct ws_chunk chunk;
};

/*
 * Match sets and places of a file when a package created its first hard link. Writes to the file by
 * a package are judged by these, unless the file's owner writes to it in the original directory.
 * Layout: the first members of struct ws_walk.
 */
struct ws_linked {
	struct ws_mask match, except;
	u32 places;
	u32 done;
	struct ws_id dir;
};
_Static_assert(__builtin_offsetof(struct ws_walk, except) ==
		       __builtin_offsetof(struct ws_linked, except),
	       "ws_linked");
_Static_assert(__builtin_offsetof(struct ws_walk, places) ==
		       __builtin_offsetof(struct ws_linked, places),
	       "ws_linked");
_Static_assert(__builtin_offsetof(struct ws_walk, dir) == __builtin_offsetof(struct ws_linked, dir),
	       "ws_linked");
_Static_assert(__builtin_offsetof(struct ws_walk, exe_match) == sizeof(struct ws_linked),
	       "ws_linked");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_place_key);
	__type(value, struct ws_linked);
} linked SEC(".maps") __weak;

struct ws_decision {
	struct ws_candidates candidates;
	struct ws_facts facts;
	struct ws_outcome out;
	u64 scope;
	u32 only_refuse; /* enum ws_action: only rules of that or more, and none that counts; 0: all
			  */
	u32 pad;
};

/* The object of an operation; what does not apply is 0. */
struct ws_object {
	struct vfsmount *mnt, *mnt2;
	struct dentry *dentry, *dentry2;
	struct file *file; /* an open one, for ws_look_at_file() */
	u32 leaf;	   /* length of ws_task.leaf: a name below dentry that does not exist yet */
	u32 methods;	   /* set of 1 << enum ws_http */
	u32 target_pid;
	u32 amount;	 /* as in struct ws_rec_verdict */
	u32 places;	 /* as ws_walk.places; the judge sets it */
	u32 flags;	 /* WS_F_ */
	u32 in_caller;	 /* the acting task is the running one: its argv can be read, and a signal
			    kills it */
	u32 has_to;	 /* the destination is ws_task.to */
	u32 only_refuse; /* the same bytes are judged again as packets: neither count nor report */
	u32 linking;	 /* the file is about to get a second name */
	u32 f_mode;	 /* of an open file */
	u32 in_proc;	 /* an open file of a proc file system */
	u32 nameless;	 /* only a descriptor leads to it: as ws_is_deleted(), or a pipe */
	u32 ahead;	 /* the call has not begun: only a refusal counts (ahead.bpf.c) */
	u32 leaves;	 /* deny, rename: it is what is moved, and judged by what it is */
	u32 by_name;	 /* the operation gives it a name or takes one: it is no place of its own */
	u32 new_directory; /* it is a directory that is being created ... */
	u32 new_link;	   /* ... or a symbolic link */
	u32 guarded;	   /* create: as WS_PLACE_GUARDED */
	u32 returned;	   /* watch: it is what a call that has returned has made or moved */
	u32 judged;	   /* this operation on it has been judged: only remember what it created */
	u32 told; /* rename: index + 1 of the rule that has fired on this name in the same call */
	u32 mode; /* chmod: the new mode; create: that of a directory that is to be made; with
		     the type, 0: not known, or other attributes change */
	u32 own_command;     /* see ws_is_own_command() */
	const char *link_to; /* deny, create: what a symbolic link that is to be made holds */
	u32 argv_set;	     /* of an exec: index of the set that its argv leads to */
	u32 class;	     /* as in struct ws_rec_verdict */
};

/* A name in a directory. */
#define WS_COMMAND_LEAF 64

struct ws_command_key {
	u64 session;
	struct ws_id dir;
	char leaf[WS_COMMAND_LEAF]; /* zero after its end */
};

/* Links that managers made to packages' programs (links.bpf.h); value: the package's name. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_command_key);
	__type(value, char[WS_NAME_MAX]);
} links SEC(".maps") __weak;

#define WS_COMMAND_TEXT 512

/* Working memory of links.bpf.c. */
struct ws_command_link {
	struct ws_command_key key;
	char owner[WS_NAME_MAX];
	char text[WS_COMMAND_TEXT]; /* where a link leads to */
	u32 from;		    /* of the package's name in text; 0: not found */
	u32 matched, slashes;	    /* while it is looked for */
	u32 component;		    /* its last four bytes ... */
	u32 in_lib;		    /* ... the one before it is "lib" */
	u32 installed;		    /* the first node_modules is a prefix's lib/node_modules */
};

/*
 * How far a link's text has been read (command.bpf.c). Not on the stack: before 6.7 the verifier
 * looks at the callback of a bpf_loop() once, takes what it finds on the stack for constant, and
 * removes the branches for other values.
 */
struct ws_link {
	u32 inside; /* "../NAME/" has been read */
	u32 dots; /* bytes of this component if it is nothing but dots, at most 3; 3: another one */
	u32 own;  /* the text has ended inside */
	/* of an absolute path, until it is inside */
	u32 absolute;
	u32 matched; /* bytes of this component that "node_modules" begins with, too */
	u32 name_at; /* where a package's name begins; 0: not here */
};

/* A file that packages wrote, while it is opened (origin.bpf.c); not on the stack: see ws_link. */
struct ws_opened {
	char name[64], stem[64], word[64]; /* zero after their ends; stem: without .js */
	u64 at, end;			   /* the next word of argv, and where they end */
	u32 length, stem_length;	   /* 0: no such stem */
	u32 named;			   /* a word of argv ends with it ... */
	u32 first;			   /* ... the first that is no option */
	u32 words;			   /* so many were no options */
	u32 code, data;			   /* by its name: JavaScript; JSON */
	u32 in_modules;			   /* it lies below a node_modules */
	u32 in_project;			   /* ... and that in the project */
	/* inside.bpf.c: the next directory, those that it was reached by, the node_modules, and the
	 * package's in that, NULL: none */
	struct dentry *dir, *below, *below2, *modules, *own;
};

#define WS_LEAF_MAX 256
#define WS_MOVED    4	 /* one is moved, one replaced; either directory can be below the other */
#define WS_PATH_MAX 4096 /* the kernel's limit for a path that it is given, NUL included */

struct ws_task {
	WS_TASK_FIELDS
	struct ws_walk walk;
	struct ws_decision decision;
	struct ws_object object;
	struct ws_address to;
	struct ws_link link;
	u64 not_condemned;   /* watch: ws_condemnations + 1 when it was seen not to be condemned, 0:
				not known */
	u64 taken_seen;	     /* ws_taken_count when its process was looked up */
	u64 writer;	     /* who wrote the file that it runs: as the value of `written` ... */
	u64 earlier;	     /* ... or, in an earlier session: as ws_earlier.writer */
	struct ws_id source; /* what it links, or (deny) moves ... */
	u32 source_own, source_type; /* ... whether that lies in its package's directory, and S_IFMT
				      */
	u32 awaits; /* a process's first thread: node was told to run a file, and has opened none */
	struct ws_opened opened;
	/* watch, for the running system call: */
	u64 new_name;		 /* user address of the path that it creates */
	u64 gone_name;		 /* user address of the path that it removes */
	struct dentry *gone_dir; /* overlayfs: the directory that it was in, see ws_end_gone() */
	u32 gone_leaf;		 /* length of its name, which is in leaf */
	u64 link_target;	 /* ... of where a symbolic link leads to, 0: it creates none */
	u32 new_directory;	 /* it creates a directory ... */
	u32 new_link;		 /* ... or a symbolic link */
	u64 request; /* of a worker of io_uring: the request (kernel address) that the fields
			here are about, and when it was submitted; new_name is a kernel address */
	u64 submitted;
	u64 made[3]; /* inodes (kernel addresses) to which it gives a name, or that an open
			truncates */
	u32 made_generation[3]; /* of those that had a name before; 0: not known */
	u32 due;		/* enum ws_due: what watch_judge() is called for */
	u64 made_mark[3]; /* ws_mark_of() them: the memory may hold another inode when it returns */
	u64 socket;	  /* AF_UNIX: the socket that it is about (kernel address) ... */
	u64 socket_ino;	  /* ... and its inode's number */
	u32 socket_call;  /* enum ws_syscall: what it does to that */
	u32 named;	  /* the kernel has looked for the name that it connects to */
	u64 changed[4];	  /* inodes (kernel addresses) that it has changed so far: see
			     ws_judge_lost() */
	u64 fired_dir[2]; /* inodes of directories in which rules fired on the names fired_leaf
			     during this call, 0: none did */
	u64 mode_of;	  /* fchmod: the inode (kernel address) that had mode_before, 0: unknown */
	u32 mode_before;  /* with the file's type */
	u32 sets_mode;	  /* it is a chmod, not another change of attributes */
	u32 opening;	  /* an open: index in ws_scope.opening + 1; WS_OPENING + 1: counted in
			     opening_more;      0: none */
	/* names that a rename may be moving or replacing: see ws_keep_moved() */
	struct dentry *moved[WS_MOVED];
	struct dentry *moved_dir[WS_MOVED]; /* ... where they were ... */
	u64 moved_inode[WS_MOVED];	    /* ... of which inode (kernel address) */
	u64 moved_mark[WS_MOVED];	    /* ... as made_mark */
	u32 moved_generation[WS_MOVED];
	u32 moved_judged[WS_MOVED]; /* that it goes has been judged */
	u32 moved_is[WS_MOVED];	    /* enum ws_moved_is */
	u32 any_gone;
	struct hlist_node *lost_alias; /* for ws_judge_lost(): a name of the inode ... */
	struct inode *lost_dir;
	u32 lost_op;
	u32 lost_keep;		/* do not judge yet, see ws_keep_moved() */
	u64 moved_more[2];	/* inodes with more such names ... */
	u64 moved_more_mark[2]; /* ... as moved_mark */
	u32 new_leaf;		/* length of new_name's last component, see new_leaf_name */
	/* deny: the name that it creates next, if it is not a file's */
	u64 creating; /* dentry (kernel address) */
	struct vfsmount *creating_mnt;
	u32 creating_places;  /* as ws_walk.places ... */
	u32 creating_guarded; /* ... and ws_object.guarded */
	u32 creating_hash;    /* hash of the dentry's name and directory */
	u32 creating_length;  /* ... and its length */
	struct ws_command_link command_link;
	char leaf[WS_LEAF_MAX];			/* last component of new_name */
	char fired_leaf[2][WS_LEAF_MAX];	/* see fired_dir */
	u32 fired_rule[2];			/* index + 1 */
	char moved_leaf[WS_MOVED][WS_LEAF_MAX]; /* names of `moved` before */
	char new_leaf_name[WS_LEAF_MAX];	/* rename: as the caller gave it */
	struct ws_caller caller;		/* WS_T_STANDS_IN: for whom */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct ws_task);
} tasks SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct ws_session);
} sessions SEC(".maps") __weak;

/*
 * Room for more scopes than an install has, and more processes than a runner can hold. No more than
 * that, because the buckets (16 bytes each) are allocated at load: a million in each of three
 * tables cost 25 ms at every start.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 18);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct ws_scope);
} scopes SEC(".maps") __weak;

/* Key: thread group of a process that belongs to a scope. A scope may access its own memory. */
struct ws_process {
	u64 session;
	u64 scope;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 18);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct ws_process);
} processes SEC(".maps") __weak;

/* Key: tgid of a manager that runs scripts itself (WS_T_SHELL). The latest script that it started.
 */
struct ws_started {
	u64 session;
	u64 scope, script;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 14);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct ws_started);
} started_last SEC(".maps") __weak;

/* The record of the script of a package's directory and event; event 0: the package's own record,
 * which is its first script's. yarn 4 starts each command of a script as a script of its own. */
struct ws_own_key {
	u64 session;
	struct ws_id own;
	u64 event; /* hash of the lifecycle event's name, 0: see above */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 18);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_own_key);
	__type(value, u64);
} scope_of_dir SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 18);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_counter_key);
	__type(value, struct ws_counter);
} counters SEC(".maps") __weak;

/* How often which class of verdict was reported. A separate table, so that many classes cannot
 * exhaust the rule counters. User space reads it when a session ends. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 17);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_report_key);
	__type(value, struct ws_report);
} reports SEC(".maps") __weak;

struct ws_destination_key {
	u64 scope;
	struct ws_address to;
};

/* Destinations that have been reported, by scope. A separate table, so that a flood of destinations
 * cannot exhaust the rule counters. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_destination_key);
	__type(value, u32);
} destinations SEC(".maps") __weak;

/*
 * Watch: opens submitted to io_uring that have not completed. Key: the request's kernel address;
 * value: the scope that submitted it, which counts them in ws_scope.opening_uring.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, u64);
} ring_opens SEC(".maps") __weak;

/* Watch: requests by name that were submitted to io_uring. Key: the request's kernel address;
 * value: when. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, u64);
} ring_names SEC(".maps") __weak;

/*
 * The scope that created a socket, or first used it: its packets are judged as that scope's,
 * whoever sends them. An accepted connection inherits it from the listening socket (BPF_F_CLONE).
 */
struct ws_socket {
	u64 session;
	u64 scope;
	u64 script;		    /* as in struct ws_task */
	struct ws_http_stream http; /* TCP: what it sends */
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct ws_socket);
} sockets SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct ws_dropped);
} dropped SEC(".maps") __weak;

/* Processes that are held at their exec. A script for which there is no room is killed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u32);
	__type(value, struct ws_held);
} held SEC(".maps") __weak;

struct ws_tls_key {
	u64 connection; /* address of the library's object in the process */
	u32 tgid;
	u32 pad;
};

/*
 * What was given to a TLS library for one connection. A write that the library could not carry out
 * is repeated with the same bytes, and whether it could is not seen: so the bytes are followed
 * twice, with repetitions and without.
 */
struct ws_tls {
	struct ws_http_stream all;  /* every write counts */
	struct ws_http_stream once; /* of equal ones, one after the other, only the last one does */
	struct ws_http_stream before; /* `once` before the last write */
	u64 first, last;	      /* its first and last eight bytes */
	u64 length;		      /* ... and its length */
};

/* Until the connection is freed. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_tls_key);
	__type(value, struct ws_tls);
} tls_connections SEC(".maps") __weak;

/*
 * UNIX sockets on which scopes listen, or to which they are bound. Keys: the kernel address of the
 * name that a listener shares with its connections (stamp: process that called listen()); of the
 * bound socket (stamp: its inode's number); or a hash of the name (stamp: address of the socket).
 * What is not in it, or does not fit in any more, belongs to somebody else.
 */
struct ws_listener {
	u64 session;
	u64 scope;
	u64 stamp;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct ws_listener);
} listeners SEC(".maps") __weak;

/* ---- what goes to user space ---- */

/* Wakes the admitter: there is a new entry in `held`. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} admissions SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} alerts SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} telemetry SEC(".maps") __weak;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, WS_LOST_MAX);
	__type(key, u32);
	__type(value, u64);
} lost SEC(".maps") __weak;

/* See lib/try.bpf.h. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 256);
	__type(key, struct ws_error_key);
	__type(value, u64);
} errors SEC(".maps") __weak;

/* The number of the last scope that was minted. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} serial SEC(".maps") __weak;

/* Scratch of hooks that run with preemption off: tracepoints. */
#define WS_SCRATCH_STRING 1024
#define WS_JSON_END	  64

/* What a walk from the working directory of an exec up to the root finds. */
struct ws_dirs {
	struct dentry *d, *child, *grandchild;
	struct mount *m;
	struct dentry *name,
		*name2;		 /* below the innermost node_modules: NAME, or @SCOPE and NAME */
	struct dentry *modules;	 /* outermost node_modules */
	struct ws_id project;	 /* the manager's project, if known */
	struct ws_id manager_at; /* its working directory: pnpm -C DIR has gone there */
	struct ws_place_key key;
	u32 inside; /* the directory is the manager's project, or below it */
	u32 level;  /* how many directories up the walk has come */
	u32 aside;  /* below the project, but in a cache or a temporary directory, which is so many
		       levels up, less one: a clone */
	u32 below;  /* how many levels the directory is below the project that npm or pnpm names,
		       plus one */
	u32 installed; /* it lies in a toolchain, and that in no project */
	char word[16];
};

/* What is looked for at an exec (tool.bpf.c); not on the stack: see struct ws_link. */
struct ws_tool {
	struct callback_head *work; /* the rest of the task's list */
	struct file *script;	    /* the first script that was executed, NULL: none */
	struct vfsmount *mnt; /* with ws_dirs.name: the package's directory, NULL: not known */
	u64 at, end;	      /* the next word of argv, and where they end */
	u32 found;
	u32 any;   /* look at all words of argv */
	u32 shell; /* the interpreter is a shell */
	u32 here;  /* it is to run a file below the working directory */
	u32 loads; /* an option names what node runs before that */
};

/* What is looked for when a manager builds a package (build.bpf.c); not on the stack: see ws_link.
 */
struct ws_build {
	struct dentry *d, *child;
	struct dentry *package; /* the directory below a holder, NULL: there is none */
	u64 entry, last;	/* of the names in a directory: the next one, and the list's head */
	u64 word[WS_BEGIN_WORDS];
	u32 marked; /* a file with the manager's mark was found, or not all were seen */
	u32 event;  /* enum ws_event */
	u32 salt;   /* tells the package from others in a directory of the same number */
};

/* Key of the table `tool_scopes`. */
struct ws_tool_key {
	struct ws_name_key name;
	u64 event; /* hash of the script's event, and whether that is one of an installation */
};

/* How far an environment has been read (env.bpf.c); not on the stack: see struct ws_link. */
struct ws_env_read {
	u32 found;   /* WS_ENV_ */
	u32 within;  /* inside a string longer than the buffer, not at the beginning of one */
	u32 manager; /* the variable by which this one names the project is read, too; as
			ws_set.manager */
	u32 pad;
};

struct ws_scratch {
	struct ws_scope scope;
	struct ws_dirs dirs;
	struct ws_env_read env;
	char string[WS_SCRATCH_STRING];
	char path[WS_PATH_MAX + WS_LEAF_MAX]; /* the caller's, and room to read a last component */
	struct ws_chunk command;
	struct ws_home_key home;
	char json[WS_JSON_END]; /* last bytes of npm_package_json, the path of package.json */
	/* empty: unset, or too long */
	char manifest[WS_SCRATCH_STRING]; /* all of it */
	char prefix[WS_SCRATCH_STRING];	  /* the project's directory, as npm or pnpm names it */
	struct ws_name_key name_key;
	struct ws_tool tool;
	struct ws_tool_key tool_key;
	struct ws_build build;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct ws_scratch);
} scratch SEC(".maps") __weak;

/* The scope of a package's programs below a script of the project. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_tool_key);
	__type(value, u64);
} tool_scopes SEC(".maps") __weak;

/* ws_http_take(), in http.bpf.c. */
int ws_http_step(struct ws_http_stream *s, u32 c);

/* kind: enum ws_lost */
static __always_inline void ws_count_lost(u32 kind)
{
	u64 *n = bpf_map_lookup_elem(&lost, &kind);

	if (n)
		__sync_fetch_and_add(n, 1);
}

static __always_inline struct ws_policy *ws_policy(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&policy, &zero);
}

#endif
