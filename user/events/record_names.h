/* SPDX-License-Identifier: GPL-2.0-only */
/* record_names.h - names for the enumerations of wire.h, in logs and messages; NULL if out of
 * range. */
#ifndef WORMSIGN_RECORD_NAMES_H
#define WORMSIGN_RECORD_NAMES_H

#include <stddef.h>
#include <stdint.h>

const char *effect_name(unsigned effect);   /* "refused" */
const char *backend_name(unsigned backend); /* "deny" */
const char *mode_name(unsigned mode);	    /* "enforce" */
const char *lost_name(unsigned lost);	    /* "exec" */
const char *lost_meaning(unsigned lost);    /* "records of programs started", after a number */
const char *touch_name(unsigned touch);	    /* "limits": enum ws_touch */
const char *error_place(unsigned place);    /* "argv of an exec" */
const char *error_helper(unsigned place);   /* "bpf_probe_read_user" */

/* The name of each WS_F_ bit. */
struct flag_name {
	uint32_t bit;
	const char *name;
};
extern const struct flag_name flag_names[];
extern const size_t flag_name_count;

#endif
