/* SPDX-License-Identifier: GPL-2.0-only */
/* wire_names.h - the words for wire.h's enumerations in logs and messages; NULL for what is out of
 * range. */
#ifndef WORMSIGN_WIRE_NAMES_H
#define WORMSIGN_WIRE_NAMES_H

#include <stddef.h>
#include <stdint.h>

const char *effect_name(unsigned effect);   /* "refused" */
const char *backend_name(unsigned backend); /* "deny" */
const char *mode_name(unsigned mode);	    /* "enforce" */
const char *lost_name(unsigned lost);	    /* "exec" */
const char *lost_meaning(unsigned lost);    /* "records of programs started" */

/* One name a WS_F_ bit. */
struct flag_name {
	uint32_t bit;
	const char *name;
};
extern const struct flag_name flag_names[];
extern const size_t flag_name_count;

#endif
