/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * admitters.h - one process for each session of an agent that admits its scripts and guards its
 * files (admitter.h), started when the session's first script is held. So a session whose scripts,
 * opens or file systems keep it busy makes none wait but its own.
 *
 * If one dies, its session is condemned; what waits for it waits until that is done. If this
 * process dies, the agent ends all sessions.
 */
#ifndef WORMSIGN_ADMITTERS_H
#define WORMSIGN_ADMITTERS_H

#include <stdint.h>

#include "kernel/admission.h"
#include "kernel/loader.h"

struct admitters {
	struct loader *loader;
	struct admission *admission;
	int reports; /* to the agent; its end is ours */
	/*
	 * In a process of its own: admit what is held of that session, until reports ends, the
	 * session being condemned then. bell: readable when something is (an eventfd); group: of
	 * fanotify. Never returns.
	 */
	void (*serve)(void *arg, uint64_t session, int bell, int group);
	void *arg;
	struct admitters_one *first; /* NULL */
};

/* Start them as they are needed, and end them with their sessions. Never returns. */
void __attribute__((noreturn)) admitters_run(struct admitters *a);

#endif
