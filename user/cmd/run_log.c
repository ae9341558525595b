// SPDX-License-Identifier: GPL-2.0-only
/* run_log.c - a name made of the time and a random number. */
#include "cmd/run_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

char *run_log_path(const char *dir, const struct run_as *as, bool *ret_roots)
{
	struct tm utc;
	struct stat st;
	time_t now = time(NULL);
	unsigned random = 0;
	char stamp[32], *path;

	mkdir(dir, 0700);
	*ret_roots = stat(dir, &st) == 0 && S_ISDIR(st.st_mode) && access(dir, W_OK | X_OK) == 0;
	/* the user may open his log by its name, but not list the directory */
	if (*ret_roots && as->drop && !(st.st_mode & 0011))
		chmod(dir, st.st_mode | 0011);
	if (!*ret_roots)
		dir = getenv("TMPDIR") ?: "/tmp";
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
	if (getrandom(&random, sizeof(random), 0) < 0)
		return NULL;
	return asprintf(&path, "%s/wormsign-%s-%08x.jsonl", dir, stamp, random) < 0 ? NULL : path;
}
