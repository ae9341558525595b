/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * npm DIR COUNT COMMAND... - a package manager reduced to what wormsign goes by: a process that is
 * called npm, and starts COMMAND COUNT times with npm's variables in the environment, each time in
 * a package directory of its own (DIR-0, DIR-1 ..., which it makes; DIR is .../node_modules/NAME),
 * and so in a scope of its own. npm itself needs 20 to 100 ms for one, this needs one. The figure
 * is how many were killed.
 */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

int main(int argc, char **argv)
{
	char event[] = "npm_lifecycle_event=install", name[] = "npm_package_name=race";
	char version[] = "npm_package_version=1.0.0", path[] = "PATH=/usr/bin:/bin";
	char *env[] = { event, name, version, path, NULL };
	long count, killed = 0, beside = 2;

	if (argc < 4)
		die("usage: npm DIR COUNT COMMAND...");
	count = number(argv[2]);
	for (long i = 0, running = 0; i < count || running > 0;) {
		int status;

		if (i < count && running < beside) {
			char dir[4096];
			pid_t pid;

			snprintf(dir, sizeof(dir), "%s-%ld", argv[1], i);
			if (mkdir(dir, 0755) < 0 && errno != EEXIST)
				die("%s", dir);
			pid = fork();
			if (pid < 0)
				die("fork");
			if (pid == 0) {
				if (chdir(dir) < 0)
					die("%s", dir);
				execve(argv[3], argv + 3, env);
				die("%s", argv[3]);
			}
			i++;
			running++;
			continue;
		}
		if (wait(&status) < 0)
			die("wait");
		running--;
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
			killed++;
	}
	result((double)killed);
	return 0;
}
