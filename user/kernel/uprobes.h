/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uprobes.h - a program attached to functions of executables and libraries, whoever runs them. Taking a probe out makes
 * the kernel wait until no program can be running, 20 to 150 ms, so they all go at once.
 */
#ifndef WORMSIGN_UPROBES_H
#define WORMSIGN_UPROBES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct bpf_link;
struct bpf_program;

#define UPROBES_MOST 16

struct uprobes {
	bool multi; /* one link for all the functions of a file (6.6); to be set before the program is loaded */
	struct uprobe {
		int fd;		       /* with multi */
		struct bpf_link *link; /* without */
		pthread_t going;
		bool goes;
	} at[UPROBES_MOST];
	size_t count;
};

/* Can this kernel take many functions of a file in one link? */
bool uprobes_multi(void);
/* Before p is loaded: what it will be attached as. */
void uprobes_prepare(const struct uprobes *u, struct bpf_program *p);
/* Attach to those of the functions that file has. Returns how many. */
int uprobes_attach(struct uprobes *u, struct bpf_program *p, const char *file, const char *const *functions,
		   size_t count);
/* Start to take all out, and wait until they are out; other work fits between the two. */
void uprobes_let_go(struct uprobes *u);
void uprobes_wait_gone(struct uprobes *u);

#endif
