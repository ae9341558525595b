// SPDX-License-Identifier: GPL-2.0-only
/* delivery_program.c - see delivery_program.h. */
#include "session/delivery_program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NAME "wormsign-deliver"

int delivery_program(char *ret, size_t room, struct error *e)
{
	char exe[PATH_MAX], *top;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (n < 0)
		return error_set(e, -errno, "/proc/self/exe: %s", strerror(errno));
	exe[n] = 0;
	slash = strrchr(exe, '/');
	top = strstr(exe, "/.output/");
	if (slash && top) {
		slash[1] = 0;
		snprintf(ret, room, "%s" NAME, exe);
		top[strlen("/.output/")] = 0;
		if (access(ret, X_OK) < 0) /* a program of the tests */
			snprintf(ret, room, "%s" NAME, exe);
	} else {
		snprintf(ret, room, "%s/" NAME, WORMSIGN_LIBEXEC_DIR);
	}
	if (access(ret, X_OK) < 0)
		return error_set(e, -errno, "%s, which delivers events: %s", ret, strerror(errno));
	return 0;
}
