/* SPDX-License-Identifier: GPL-2.0-only */
/* supervise_alone.h - supervise a session whose command, ring and observer are this process's. */
#ifndef WORMSIGN_SUPERVISE_ALONE_H
#define WORMSIGN_SUPERVISE_ALONE_H

#include "kernel/ring.h"
#include "session/attend.h"
#include "session/observer.h"
#include "session/supervise.h"

struct supervise_alone {
	struct supervise supervise; /* all but `ways` is set by the caller */
	struct attend attend;	    /* launch, watchdog, admitter and signals are */
	struct observer *observer;
	ring_fn look; /* sees each record first (late_looks.h); NULL: none */
	void *look_arg;
	struct ring *ring; /* delivers to supervise_record() */
};

/* As supervise(). */
int supervise_alone(struct supervise_alone *s, struct error *e);

#endif
