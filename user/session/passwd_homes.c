// SPDX-License-Identifier: GPL-2.0-only
/* passwd_homes.c - read the file by fgetpwent(3). */
#include "session/passwd_homes.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "session/path_below.h"

/* Debian's man, mail and backup have their "homes" there. Others are left out by places.c. */
static bool is_system_directory(const char *home)
{
	static const char *const system[] = { "/var/cache",   "/var/mail", "/var/spool",
					      "/var/backups", "/var/log",  "/run" };

	for (size_t i = 0; i < ARRAY_SIZE(system); i++)
		if (path_below(home, system[i]))
			return true;
	return false;
}

static bool is_new_home(const struct strings *known, const char *home)
{
	struct stat st;

	if (is_system_directory(home))
		return false;
	if (home[0] != '/' || (!strchr(home + 1, '/') && strcmp(home, "/root") != 0))
		return false;
	for (size_t i = 0; i < known->count; i++)
		if (strcmp(known->at[i], home) == 0)
			return false;
	return stat(home, &st) == 0 && S_ISDIR(st.st_mode);
}

int passwd_homes_read(struct strings *ret, const char *file)
{
	_fclose_ FILE *f = fopen(file, "re");
	const struct passwd *p;
	int r = 0;

	while (f && r == 0 && ret->count < PASSWD_HOMES_MOST && (p = fgetpwent(f)))
		if (is_new_home(ret, p->pw_dir))
			r = strings_add(ret, p->pw_dir);
	return r;
}
