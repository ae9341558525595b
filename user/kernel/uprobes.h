/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * uprobes.h - one program attached to functions of executables and libraries, for every process
 * that runs them. The kernel takes 20 to 150 ms to detach a probe, because it waits until no CPU
 * runs the program; so all are detached at the same time, in threads.
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
	bool multi; /* one link for all functions of a file (since 6.6); set it before the program
		       is loaded */
	struct uprobe {
		int fd;		       /* the link, with multi */
		struct bpf_link *link; /* the same, without */
		pthread_t thread;      /* that detaches it */
		bool detaching;	       /* thread is running */
	} at[UPROBES_MOST];
	size_t count;
	size_t detached; /* so many of them are, or will be in a moment */
};

/* Whether this kernel takes many functions of a file in one link. */
bool uprobes_multi(void);
/* Tell libbpf what p will be attached as; before p is loaded. */
void uprobes_prepare(const struct uprobes *u, struct bpf_program *p);
/* Attach p to those of `count` functions that file has. Returns how many; 0 also after an error. */
int uprobes_attach(struct uprobes *u, struct bpf_program *p, const char *file,
		   const char *const *functions, size_t count);
/* Start to detach all; wait until all are detached. Other work fits between the two. */
void uprobes_detach(struct uprobes *u);
void uprobes_wait_detached(struct uprobes *u);

#endif
