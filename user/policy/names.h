/* SPDX-License-Identifier: GPL-2.0-only */
/* names.h - the names that rules and people use for the enumerations of policy.h. */
#ifndef WORMSIGN_NAMES_H
#define WORMSIGN_NAMES_H

/* "read", "package", "kill", "high", "home", "POST", "install"; NULL for a number without a name.
 */
const char *op_name(unsigned op);
const char *actor_name(unsigned actor);
const char *action_name(unsigned action);
const char *severity_name(unsigned severity);
const char *place_name(unsigned place);
const char *http_name(unsigned method);
const char *event_name(unsigned event);

/* The number that one of the functions above names so, -ENOENT: there is none. */
int name_number(const char *(*name)(unsigned n), const char *text);

#endif
