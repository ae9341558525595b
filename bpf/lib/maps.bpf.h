/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * maps.bpf.h - every map, once. Each program object defines them weakly and the linker folds them into one.
 * Sizes marked "at load" are set by user space before loading.
 */
#ifndef WORMSIGN_MAPS_BPF_H
#define WORMSIGN_MAPS_BPF_H

#include "compat.bpf.h"
#include "decide.h"
#include "wire.h"

/* ---- tables: written once before attaching, read only afterwards ---- */

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

/* System call number -> enum ws_syscall; [512..1023] are the 32-bit ABI's. Filled from the headers (user/syscalls.c). */
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

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_id);
	__type(value, struct ws_mask);
} identities SEC(".maps") __weak;

/* ---- lineage ---- */

/*
 * Working memory of the path hooks: too much for the 512 bytes of a program's stack, and per task rather than per CPU,
 * because a hook of the deny backend can be preempted by another task's on the same CPU.
 */
#define WS_CHUNK 64

struct ws_chunk {
	char bytes[WS_CHUNK];
};

struct ws_walk {
	struct ws_mask match, except;	      /* of the path as an object */
	u32 place;
	u32 done;
	struct ws_id dir; /* of what gets a second name: where the first one stands */
	struct ws_mask exe_match, exe_except; /* of the path as an executable */
	struct dentry *dentry;
	struct mount *mount;
	const unsigned char *name;
	u32 left; /* bytes of the component still to be fed */
	u32 state;
	u32 in_name;
	u32 pad;
	struct ws_chunk chunk;
};

/*
 * What a walk found for a file at the moment when a package first gave it a second name: by that it is judged when a
 * package writes to it, whatever name it takes then and whoever gave it that one. Only in the directory that it was linked
 * from it is its owner's still. Key: the file. The beginning of struct ws_walk.
 */
struct ws_linked {
	struct ws_mask match, except;
	u32 place;
	u32 done;
	struct ws_id dir;
};
_Static_assert(__builtin_offsetof(struct ws_walk, except) == __builtin_offsetof(struct ws_linked, except), "ws_linked");
_Static_assert(__builtin_offsetof(struct ws_walk, place) == __builtin_offsetof(struct ws_linked, place), "ws_linked");
_Static_assert(__builtin_offsetof(struct ws_walk, dir) == __builtin_offsetof(struct ws_linked, dir), "ws_linked");
_Static_assert(__builtin_offsetof(struct ws_walk, exe_match) == sizeof(struct ws_linked), "ws_linked");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_id);
	__type(value, struct ws_linked);
} linked SEC(".maps") __weak;

struct ws_loop {
	struct ws_mask left;
	struct ws_facts facts;
	struct ws_outcome out;
	u64 scope;
	u32 again; /* see struct ws_object */
	u32 pad;
};

/* What an operation is done to; what does not apply is 0. */
struct ws_object {
	struct vfsmount *mnt, *mnt2;
	struct dentry *dentry, *dentry2;
	u32 leaf;      /* length of a name below dentry that does not exist yet, in the task's working memory */
	u32 http;      /* enum ws_http */
	u32 target_pid;
	u32 amount;
	u32 place;
	u32 flags;
	u32 in_caller; /* the acting task is the running one: its argv can be read, a signal reaches it */
	u32 has_to;    /* the destination is in the task's working memory */
	u32 again;     /* it will be judged again, packet by packet: only refuse, neither count nor report */
	u32 linking;   /* it is about to get a second name */
};

#define WS_LEAF_MAX 256

struct ws_task {
	WS_TASK_FIELDS
	struct ws_walk walk;
	struct ws_loop loop;
	struct ws_object object;
	struct ws_address to;
	u64 new_name;		/* watch: the caller's string for the name that the running system call makes */
	u64 made[3];		/* watch: inodes that the running system call gives a name, or that an open truncates */
	u64 made_mark[3];	/* ... and which they are: such memory may be another inode's when the call returns */
	u32 told;		/* watch: that name was judged already, and a rule fired */
	u32 opening;		/* watch: its place in ws_scope.opening + 1, WS_OPENING + 1: counted in opening_more, 0: none */
	char leaf[WS_LEAF_MAX]; /* its last component */
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
 * More scopes than any install has, and more processes than a runner can hold. The buckets are there from the start, 16
 * bytes each: a million of them, three times over, cost 25 ms at every start.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 18);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, struct ws_scope);
} scopes SEC(".maps") __weak;

/* Processes that run in a scope, by thread group: whose memory is one's own scope's. */
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

/* (session, own directory) -> the scope last minted there: yarn 4 starts every command of one script by itself. */
struct ws_own_key {
	u64 session;
	struct ws_id own;
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

/* Destinations told once, by scope. Apart from the counters: who makes many must not take the rules' counters away. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct ws_counter_key);
	__type(value, u32);
} destinations SEC(".maps") __weak;

/*
 * Watch: requests of io_uring that are opens and not through yet (kernel addresses), and the scope that
 * handed them in, which counts them in ws_scope.opening_uring.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, u64);
	__type(value, u64);
} ring_opens SEC(".maps") __weak;

/*
 * A socket made by a package or project scope: its packets are judged by it, whoever sends them. A connection that is
 * accepted inherits it from the listening socket.
 */
struct ws_socket {
	u64 session;
	u64 scope;
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

/* ---- what goes to user space ---- */

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

/* Next scope number; one counter for the instance. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} serial SEC(".maps") __weak;

/* Scratch of the exec hook, which runs with preemption off. */
#define WS_SCRATCH_STRING 1024
#define WS_JSON_END	  64

/* Where an exec happens: one walk from its working directory upwards. */
struct ws_dirs {
	struct dentry *d, *child, *grandchild;
	struct mount *m;
	struct dentry *name, *name2;	/* below the innermost node_modules: NAME, or @SCOPE and NAME */
	struct dentry *modules;		/* outermost node_modules */
	struct ws_id project;		/* the manager's project, if known */
	struct ws_place_key key;
	u32 inside;			/* at or below the manager's project */
	u32 aside;			/* ... but in a cache, or a directory for temporary files: a clone */
	char word[16];
};

struct ws_scratch {
	struct ws_scope scope;
	struct ws_dirs dirs;
	char string[WS_SCRATCH_STRING];
	char json[WS_JSON_END]; /* last bytes of npm_package_json */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct ws_scratch);
} scratch SEC(".maps") __weak;

static __always_inline void ws_lose(u32 kind)
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
