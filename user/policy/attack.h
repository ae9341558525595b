/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * attack.h - tactics and techniques of MITRE ATT&CK, by their ids ("TA0006", "T1552.001"). From
 * rules/data/attack.json.
 */
#ifndef WORMSIGN_ATTACK_H
#define WORMSIGN_ATTACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct attack_tactic {
	const char *id, *name;
};
struct attack_technique {
	const char *id, *name;
	uint32_t tactics; /* a bit for each of attack_tactics */
};

extern const char attack_version[]; /* of ATT&CK */
extern const struct attack_tactic attack_tactics[];
extern const size_t attack_tactic_count;

/* The technique, or NULL: there is none with this id. */
const struct attack_technique *attack_find(const char *id);

/* The technique that t is a part of (T1552 of T1552.001); t itself if it is none. */
const struct attack_technique *attack_parent(const struct attack_technique *t);

/* Append "T1552.001 Unsecured Credentials: Credentials In Files (Credential Access)". */
void attack_text(struct buf *out, const char *id);

#endif
