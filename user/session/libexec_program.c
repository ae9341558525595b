// SPDX-License-Identifier: GPL-2.0-only
/* libexec_program.c - see libexec_program.h. */
#include "session/libexec_program.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int libexec_program(char *ret, size_t room, const char *name, struct error *e)
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
		snprintf(ret, room, "%s%s", exe, name);
		top[strlen("/.output/")] = 0;
		if (access(ret, X_OK) < 0) /* a program of the tests */
			snprintf(ret, room, "%s%s", exe, name);
	} else {
		snprintf(ret, room, "%s/%s", WORMSIGN_LIBEXEC_DIR, name);
	}
	if (access(ret, X_OK) < 0)
		return error_set(e, -errno, "%s, a part of wormsign: %s", ret, strerror(errno));
	return 0;
}
