/* SPDX-License-Identifier: GPL-2.0-only */
/* admitted.h - the reports of the admitter (admitter.h). */
#ifndef WORMSIGN_ADMITTED_H
#define WORMSIGN_ADMITTED_H

#include <stdint.h>

#include "wire.h"

#define ADMITTED_MAX 4096

/* What it did for one script. */
struct admitted {
	uint64_t scope;	 /* the script's record */
	uint32_t failed; /* errno: the script was killed; 0: it runs */
	uint32_t len;	 /* of the names, or of the record */
	uint32_t is_refusal;
	uint32_t unguarded; /* errno: its calls are not guarded (call_guard.h); 0: they are */
	union {
		char names[ADMITTED_MAX];      /* the variables that it emptied, each with a NUL */
		struct ws_rec_verdict refusal; /* it refused to open a file (refusal.h) */
	};
};

/* Send one. Never waits: if nobody reads, it is lost. */
void admitted_send(int socket, const struct admitted *r);
/* The next one from struct admitter.socket; -EAGAIN: none so far; -EPIPE: the admitter is dead. */
int admitted_read(int socket, struct admitted *ret);

#endif
