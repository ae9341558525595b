// SPDX-License-Identifier: GPL-2.0-only
/* run_as.c - find that user, act with his rights on files, and become him. */
#include "session/run_as.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

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

void run_as_name(struct run_as *w, const struct passwd *user)
{
	if (user)
		w->name = strdup(user->pw_name);
	else if (asprintf(&w->name, "%u", (unsigned)w->uid) < 0)
		w->name = NULL;
	if (user && user->pw_dir && user->pw_dir[0] == '/')
		w->home = strdup(user->pw_dir);
}

static int find_groups(struct run_as *w, struct error *e)
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

static char *login_uid(void)
{
	_fclose_ FILE *f = fopen("/proc/self/loginuid", "re");
	char text[32];

	if (!f || !fgets(text, sizeof(text), f))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return strdup(text);
}

/* The real user of a process, which no set-user-ID program changes by being started. */
static int real_uid(pid_t pid, uint32_t *ret)
{
	_fclose_ FILE *f = NULL;
	char path[40], line[256];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Uid: %u", ret) == 1)
			return 0;
	return -EBADMSG;
}

enum run_as_claim run_as_claim(uint32_t claimed, pid_t parent, uint32_t parents_uid,
			       const char *login)
{
	uint32_t uid;
	/* parse_id() refuses (uint32_t)-1, which means: not logged in, as in a service */
	bool logged_in = login && parse_id(login, &uid) == 0;

	if (parents_uid != 0)
		return parents_uid == claimed ? RUN_AS_PROVED : RUN_AS_FALSE;
	if (logged_in && uid == claimed)
		return RUN_AS_UNPROVED;
	if (logged_in && uid != 0 && (claimed == 0 || parent <= 1))
		return RUN_AS_FALSE;
	return RUN_AS_UNPROVED;
}

static int check_claim(uint32_t claimed, enum run_as_claim *ret, struct error *e)
{
	_free_ char *login = login_uid();
	pid_t parent = getppid(); /* 0: outside of this pid namespace */
	uint32_t parents_uid = 0;
	int r = parent ? real_uid(parent, &parents_uid) : 0;

	if (r < 0 && r != -ENOENT) /* with hidepid root sees all, too */
		return error_set(e, r, "who called cannot be found in /proc/%d/status: %s",
				 (int)parent, strerror(-r));
	*ret = run_as_claim(claimed, parent, parents_uid, login);
	if (*ret != RUN_AS_FALSE)
		return 0;
	if (parents_uid)
		return error_set(e, -EPERM,
				 "SUDO_UID is %u, but user %u called; unset SUDO_UID (env -u "
				 "SUDO_UID) if the command is to run as root",
				 (unsigned)claimed, (unsigned)parents_uid);
	return error_set(e, -EPERM,
			 "SUDO_UID is %u, but user %.16s has logged in; unset SUDO_UID (env -u "
			 "SUDO_UID) if the command is to run as root",
			 (unsigned)claimed, login);
}

/* Not by getgrouplist(): it lists whatever group it is given, too. */
static bool in_database(const struct passwd *p, gid_t gid)
{
	struct group *g = getgrgid(gid);

	for (char **member = g ? g->gr_mem : NULL; member && *member; member++)
		if (strcmp(*member, p->pw_name) == 0)
			return true;
	return false;
}

static int find(struct run_as *w, uid_t euid, struct error *e)
{
	const char *sudo_uid = getenv("SUDO_UID"), *sudo_gid = getenv("SUDO_GID");
	const char *sudo_user = getenv("SUDO_USER");
	struct passwd *p = NULL;
	enum run_as_claim claim = RUN_AS_UNPROVED;
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
		r = check_claim(uid, &claim, e);
		if (r < 0)
			return r;
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
	run_as_name(w, p);
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
	if (claim == RUN_AS_PROVED && sudo_gid && p && gid != p->pw_gid && !in_database(p, gid))
		return error_set(e, -EPERM, "SUDO_GID is %u, a group that user %s is not in",
				 (unsigned)gid, w->name);
	return 0;
}

int run_as_find(struct run_as *ret, uid_t euid, struct error *e)
{
	struct run_as w = { 0 };
	int r = find(&w, euid, e);

	if (r < 0) {
		run_as_free(&w);
		return r;
	}
	*ret = w;
	return 0;
}

void run_as_free(struct run_as *w)
{
	free(w->groups);
	free(w->name);
	free(w->home);
	*w = (struct run_as){ 0 };
}

static int give_back(const char *name, const char *roots, const char *users)
{
	const char *now = getenv(name);

	if (!users || (now && strcmp(now, roots) != 0))
		return 0;
	return setenv(name, users, 1) < 0 ? -errno : 0;
}

int run_as_set_environment(const struct run_as *w)
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

/* ---- files ---- */

static int get_caps(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &head, data) < 0 ? -errno : 0;
}

static int set_effective(uint64_t caps)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int r = get_caps(data);

	data[0].effective = (uint32_t)caps;
	data[1].effective = (uint32_t)(caps >> 32);
	return r < 0 || syscall(SYS_capset, &head, data) == 0 ? r : -errno;
}

/* Of this thread alone: the C library's setgroups() changes those of all threads. */
static int set_groups(int count, const gid_t *groups)
{
#ifdef SYS_setgroups32
	return (int)syscall(SYS_setgroups32, count, groups);
#else
	return (int)syscall(SYS_setgroups, count, groups);
#endif
}

int run_as_files_begin(struct run_as_files *ret, const struct run_as *w)
{
	static const uint64_t over_files = 1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_DAC_READ_SEARCH |
					   1ULL << CAP_FOWNER | 1ULL << CAP_CHOWN;
	struct __user_cap_data_struct caps[2];
	struct run_as_files f = { 0 };
	int r;

	if (!w->drop && geteuid() == 0) { /* root's own command */
		*ret = f;
		return 0;
	}
	r = get_caps(caps);
	if (r < 0)
		return r;
	f.caps = caps[0].effective | (uint64_t)caps[1].effective << 32;
	f.group_count = getgroups(0, NULL);
	f.groups = calloc(f.group_count + 1, sizeof(*f.groups));
	if (!f.groups)
		return -ENOMEM;
	f.group_count = getgroups(f.group_count, f.groups);
	f.changed = true;
	if (f.group_count < 0 || (w->drop && set_groups(w->group_count, w->groups) < 0)) {
		r = -errno;
		free(f.groups);
		return r;
	}
	if (w->drop) {
		setfsgid(w->gid);
		setfsuid(w->uid);
	}
	r = set_effective(f.caps & ~over_files);
	/* these two return no error: their result is the previous id, so call them once more */
	if (r == 0 && w->drop && ((uid_t)setfsuid(-1) != w->uid || (gid_t)setfsgid(-1) != w->gid))
		r = -EPERM;
	*ret = f;
	if (r < 0)
		run_as_files_end(ret);
	return r;
}

void run_as_files_end(struct run_as_files *f)
{
	if (f->changed) {
		setfsuid(geteuid());
		setfsgid(getegid());
		/* an ordinary user with capabilities has not changed his groups, and may not */
		if ((geteuid() == 0 && set_groups(f->group_count, f->groups) < 0) ||
		    set_effective(f->caps) < 0 || (uid_t)setfsuid(-1) != geteuid() ||
		    (gid_t)setfsgid(-1) != getegid())
			abort();
	}
	free(f->groups);
	*f = (struct run_as_files){ 0 };
}

int run_as_become(const struct run_as *w)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	/* Ambient capabilities are kept by exec: those that wormsign was given to watch must not
	 * get to the command, which could stop it by them. */
	if (geteuid() != 0 || w->drop)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (!w->drop)
		return 0;
	if (setgroups(w->group_count, w->groups) < 0 || setresgid(w->gid, w->gid, w->gid) < 0 ||
	    setresuid(w->uid, w->uid, w->uid) < 0)
		return -errno;
	if (syscall(SYS_capset, &head, data) < 0)
		return -errno;
	/* Check the result: the command must not run as root by mistake. */
	if (getuid() != w->uid || geteuid() != w->uid || setuid(0) == 0)
		return -EPERM;
	return 0;
}
