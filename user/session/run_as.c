// SPDX-License-Identifier: GPL-2.0-only
/* who.c - who the command runs as, and becoming that. */
#include "who.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cleanup.h"

/* A user or group number in text: digits only, and not -1, which means "leave as it is" to
 * setresuid(). */
static int parse_id(const char *text, uint32_t *ret)
{
	unsigned long n;
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return -EINVAL;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || *end || n >= UINT32_MAX)
		return -EINVAL;
	*ret = n;
	return 0;
}

static int find_groups(struct who *w, struct error *e)
{
	int room = 64;

	for (;;) {
		gid_t *groups = reallocarray(w->groups, room, sizeof(*groups));

		if (!groups)
			return error_set(e, -ENOMEM, "out of memory");
		w->groups = groups;
		w->group_count = room;
		if (getgrouplist(w->name, w->gid, w->groups, &w->group_count) >= 0)
			return 0;
		if (w->group_count <= room)
			return error_set(e, -EIO, "the groups of user %s cannot be found", w->name);
		room = w->group_count;
	}
}

static int find(struct who *w, uid_t euid, struct error *e)
{
	const char *sudo_uid = getenv("SUDO_UID"), *sudo_gid = getenv("SUDO_GID");
	const char *sudo_user = getenv("SUDO_USER");
	struct passwd *p = NULL;
	uint32_t uid, gid;
	int r;

	w->uid = euid;
	w->gid = getegid();
	if (euid == 0 && sudo_uid) {
		if (parse_id(sudo_uid, &uid) < 0)
			return error_set(
				e, -EINVAL,
				"SUDO_UID is '%.32s', which is no user number; it says who the "
				"command runs as (unset it to run as root)",
				sudo_uid);
		w->uid = uid;
		w->drop = uid != 0;
	}
	/* Several names may share a number: the one that called sudo goes first. */
	if (w->drop && sudo_user) {
		p = getpwnam(sudo_user);
		if (p && p->pw_uid != w->uid)
			p = NULL;
	}
	if (!p)
		p = getpwuid(w->uid);
	if (p) {
		w->name = strdup(p->pw_name);
		w->home = p->pw_dir && p->pw_dir[0] == '/' ? strdup(p->pw_dir) : NULL;
	} else if (asprintf(&w->name, "%u", (unsigned)w->uid) < 0) {
		w->name = NULL;
	}
	if (!w->name)
		return error_set(e, -ENOMEM, "out of memory");
	if (!w->drop)
		return 0;
	if (sudo_gid && parse_id(sudo_gid, &gid) < 0)
		return error_set(e, -EINVAL, "SUDO_GID is '%.32s', which is no group number",
				 sudo_gid);
	if (!sudo_gid && !p)
		return error_set(
			e, -EINVAL,
			"SUDO_UID is %u, a user that does not exist here, and SUDO_GID is not set",
			(unsigned)w->uid);
	w->gid = sudo_gid ? gid : p->pw_gid;
	if (p) {
		r = find_groups(w, e);
		if (r < 0)
			return r;
	}
	return 0;
}

int who_find(struct who *ret, uid_t euid, struct error *e)
{
	struct who w = { 0 };
	int r = find(&w, euid, e);

	if (r < 0) {
		who_free(&w);
		return r;
	}
	*ret = w;
	return 0;
}

void who_free(struct who *w)
{
	free(w->groups);
	free(w->name);
	free(w->home);
	*w = (struct who){ 0 };
}

static int give_back(const char *name, const char *roots, const char *users)
{
	const char *now = getenv(name);

	if (!users || (now && strcmp(now, roots) != 0))
		return 0;
	return setenv(name, users, 1) < 0 ? -errno : 0;
}

int who_set_environment(const struct who *w)
{
	_free_ char *roots_home = NULL;
	struct passwd *root;
	int r;

	if (!w->drop)
		return 0;
	root = getpwuid(0);
	roots_home = strdup(root && root->pw_dir ? root->pw_dir : "/root");
	if (!roots_home)
		return -ENOMEM;
	r = give_back("HOME", roots_home, w->home);
	r = r ?: give_back("USER", "root", w->name);
	return r ?: give_back("LOGNAME", "root", w->name);
}

int who_become(const struct who *w)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	/* Ambient ones would outlive exec: what lets wormsign watch must not let the command stop
	 * it. */
	if (geteuid() != 0 || w->drop)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (!w->drop)
		return 0;
	if (setgroups(w->group_count, w->groups) < 0 || setresgid(w->gid, w->gid, w->gid) < 0 ||
	    setresuid(w->uid, w->uid, w->uid) < 0)
		return -errno;
	if (syscall(SYS_capset, &head, data) < 0)
		return -errno;
	/* Never run as root what was meant not to: look, do not trust. */
	if (getuid() != w->uid || geteuid() != w->uid || setuid(0) == 0)
		return -EPERM;
	return 0;
}
