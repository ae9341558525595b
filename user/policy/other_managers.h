/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * other_managers.h - package managers whose packages' scripts are not recognised (those that are:
 * managers.h), and the commands of theirs that run code of packages. From
 * rules/data/other-managers.json.
 */
#ifndef WORMSIGN_OTHER_MANAGERS_H
#define WORMSIGN_OTHER_MANAGERS_H

#include <stddef.h>

struct other_manager {
	const char *const *programs; /* NULL-ended, as is: */
	const char *const *commands; /* none: each */
};

extern const struct other_manager other_managers[];
extern const size_t other_manager_count;

/*
 * What argv (words that each end with a NUL) runs of it: the program's name, "pip", and in
 * *ret_command the command, "install" or "". NULL: nothing.
 *
 * The program is the first word's last component, or, where that is an interpreter (python, ruby,
 * env ...), one of the next three words'. A version at its end (pip3.12) and an extension are left
 * out. The command is any of the eight words that follow.
 */
const char *other_manager_of(const char *argv, size_t len, const char **ret_command);

#endif
