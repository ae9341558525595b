/* SPDX-License-Identifier: GPL-2.0-only */
/* loader_internal.h - the fields of an instance of the kernel side, for loader.c and sessions.c
 * only.
 */
#ifndef WORMSIGN_LOADER_INTERNAL_H
#define WORMSIGN_LOADER_INTERNAL_H

#include <bpf/libbpf.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/features.h"
#include "kernel/hooks.h"
#include "kernel/loader.h"
#include "kernel/power.h"
#include "kernel/uprobes.h"
#include "policy.h"
#include "wormsign.skel.h"

struct session_links { /* what a session is attached by */
	uint64_t id;
	struct bpf_link **links;
	size_t count;
	struct session_links *next;
};

/* What loader_begin() has started. */
struct beginning {
	struct loader_options options;
	pthread_t thread;
	bool running; /* thread is */
	int err;      /* of the thread; and what it says */
	struct error why;
};

struct loader {
	struct beginning begun;
	struct features features;
	struct wormsign_bpf *skel;
	struct wormsign_bpf *second; /* the programs of hook_is_second(), with the maps of skel */
	enum ws_backend backend;
	struct bpf_link **links;   /* one for each row of hooks[], NULL: not attached */
	struct hook_state *states; /* the same */
	struct bpf_link *tasks;	   /* the task iterator */
	int identify;		   /* descriptor of that program */
	struct session_links *sessions;
	struct uprobes tls;
	struct wormsign_bpf__bss *globals; /* of both objects, as the programs see them */
	struct ws_mask any_exe;		   /* rules without an exe condition */
	uint32_t ops;			   /* bits of enum ws_op that some rule is about */
};

/* The program of row h, NULL if this build has none. */
static inline struct bpf_program *loader_program(const struct loader *l, const struct hook *h)
{
	return bpf_object__find_program_by_name(hook_is_second(h) ? l->second->obj : l->skel->obj,
						h->function);
}

#endif
