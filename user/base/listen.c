// SPDX-License-Identifier: GPL-2.0-only
/* listen.c - make the socket, with its rights. */
#include "base/listen.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/trusted.h"
#include "base/cleanup.h"

#define BACKLOG 128
#define TRIES	20 /* of 0.1 s: one that was killed listens until the kernel has closed its files */

static int make_directory(const char *path, struct error *e)
{
	char dir[PATH_MAX];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = 0;
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return error_set(e, -errno, "%s: %s", dir, strerror(errno));
	return trusted_path(dir, e);
}

static bool is_listened_at(const struct sockaddr_un *at, int type)
{
	_close_ int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd >= 0 &&
	       (connect(fd, (const struct sockaddr *)at, sizeof(*at)) == 0 || errno == EAGAIN);
}

/* Members of a group may give it their files without CAP_CHOWN. */
static int bind_as(int fd, const struct sockaddr_un *at, const struct group *who)
{
	gid_t own = getegid();
	int err = 0;

	if (who && setegid(who->gr_gid) < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 ||
	    (who && chown(at->sun_path, -1, who->gr_gid) < 0))
		err = -errno;
	if (who && setegid(own) < 0)
		err = err ?: -errno;
	return err;
}

int listen_at(int *ret, const char *path, int type, unsigned mode, const char *group,
	      struct error *e)
{
	_close_ int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct group *who = NULL;
	int err;

	if (strlen(path) >= sizeof(at.sun_path))
		return error_set(e, -ENAMETOOLONG, "%s is too long for a socket", path);
	strcpy(at.sun_path, path);
	if (group && !(who = getgrnam(group)))
		return error_set(e, -EINVAL, "there is no group %s, whose members may connect",
				 group);
	err = make_directory(path, e);
	if (err < 0)
		return err;
	for (int tries = 1; is_listened_at(&at, type); tries++) {
		if (tries == TRIES)
			return error_set(e, -EADDRINUSE, "another process listens at %s", path);
		usleep(100000);
	}
	unlink(path);
	err = fd < 0 ? -errno : bind_as(fd, &at, who);
	if (err == 0 && (chmod(path, who ? 0660 : mode) < 0 || listen(fd, BACKLOG) < 0))
		err = -errno;
	if (err < 0)
		return error_set(e, err, "%s: %s", path, strerror(-err));
	*ret = TAKE_FD(fd);
	return 0;
}
