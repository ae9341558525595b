/* SPDX-License-Identifier: GPL-2.0-only */
/* findings.h - what a session's verdicts and connections come to: one entry a script and rule, for
 * the summary. */
#ifndef WORMSIGN_FINDINGS_H
#define WORMSIGN_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

#define FINDINGS_MOST	  2048 /* entries; more are counted in `left_out` */
#define DESTINATIONS_MOST 1024

struct finding {
	uint64_t scope;
	uint32_t actor;
	uint32_t rule; /* as in the record, or FINDING_OUTLIVE */
	uint32_t action;
	uint32_t mode;
	uint64_t count;
	char *tried; /* the first one: "read ~/.aws/credentials"; redacted, not escaped */
	bool stops;  /* the script is killed for it (audit: would be) */
};

/* What it means to people, worst first. */
enum finding_kind { FINDING_STOPPED = 0, FINDING_REFUSED, FINDING_ALERT, FINDING_HIDDEN };
enum finding_kind finding_kind(const struct finding *f);

#define FINDING_OUTLIVE 0x10000u

struct destination {
	uint64_t scope;
	uint32_t actor;
	char *text; /* "203.0.113.9:443" */
};

struct findings {
	struct finding *at;
	size_t count, room;
	struct destination *to;
	size_t to_count, to_room;
	uint64_t left_out, to_left_out;
};

void findings_free(struct findings *f);
/* Count one; tried is copied when it is the first of its scope and rule. */
void findings_add(struct findings *f, const struct finding *one);
void findings_connect(struct findings *f, uint64_t scope, uint32_t actor, const char *text);

#endif
