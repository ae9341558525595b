/* SPDX-License-Identifier: GPL-2.0-only */
/* findings.h - a session's verdicts by script and rule, and its connections by script, for the
 * summary. */
#ifndef WORMSIGN_FINDINGS_H
#define WORMSIGN_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

/* Entries kept; others are counted in left_out and to_left_out. */
#define FINDINGS_MAX	 2048
#define DESTINATIONS_MAX 1024

/* Samples and classes that are kept of each finding. */
#define FINDING_SAMPLES 64
#define FINDING_CLASSES 256

/* The verdicts of one rule about one script, from one actor in one mode. */
struct finding {
	uint64_t scope;
	uint32_t actor;
	uint32_t rule; /* as in the record, or FINDING_OUTLIVE: a process outlived the command */
	uint32_t action;
	uint32_t mode;
	uint32_t effect; /* of the first one */
	uint64_t count;	 /* those that the kernel only counted included */
	uint64_t folded; /* ... and these */
	/* given to findings_add(): what this one was about, NULL: nothing; class as in the record
	 */
	const char *sample;
	uint32_t class;
	struct finding_sample { /* the first different ones, and how often */
		char *text;
		uint64_t count;
	} * samples;
	struct finding_class { /* which sample belongs to each class of the kernel's */
		uint32_t class;
		uint32_t sample;
	} * classes;
	size_t sample_count, sample_room, class_count, class_room;
	uint64_t samples_more; /* about others */
	char *tried;   /* by the first one: "read ~/.aws/credentials"; redacted, not escaped */
	bool stops;    /* one of them kills the script (in audit mode: would) */
	bool reported; /* by a tool in a script in which it is not stopped */
};

/* How people are shown it, worst first. */
enum finding_kind { FINDING_STOPPED = 0, FINDING_REFUSED, FINDING_ALERT, FINDING_HIDDEN };
enum finding_kind finding_kind(const struct finding *f);

#define FINDING_OUTLIVE 0x10000u
#define FINDING_SEARCH	0x10001u
#define FINDING_SHADOW	0x10002u

struct destination {
	uint64_t scope;
	uint32_t actor;
	char *text; /* "203.0.113.9:443" */
};

/* Zero before the first call. */
struct findings {
	struct finding *at;
	size_t count, room;
	struct destination *to;
	size_t to_count, to_room;
	uint64_t left_out, to_left_out;
};

void findings_free(struct findings *f);
/* Count one verdict; the strings are copied. */
void findings_add(struct findings *f, const struct finding *one);
/*
 * Count `count` more that the kernel reported no record of, by the class of an earlier one. Returns
 * the finding, and in *ret_sample its sample for them ("~/Documents"; NULL: about different
 * things); NULL if there was no earlier one.
 */
const struct finding *findings_fold(struct findings *f, const struct ws_report_key *key,
				    uint64_t count, const char **ret_sample);
/* Enter a destination, once for each scope. */
void findings_connect(struct findings *f, uint64_t scope, uint32_t actor, const char *text);

#endif
