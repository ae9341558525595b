// SPDX-License-Identifier: GPL-2.0-only
/* log_file.c - set its access control list, and enter its identity. */
#include "session/log_file.h"

#include <endian.h>
#include <errno.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Entries must be in this order. */
static int set_acl(int fd, uid_t reader)
{
	const struct {
		struct posix_acl_xattr_header head;
		struct posix_acl_xattr_entry at[5];
	} acl = { { htole32(POSIX_ACL_XATTR_VERSION) },
		  { { htole16(ACL_USER_OBJ), htole16(ACL_READ | ACL_WRITE),
		      htole32((uint32_t)ACL_UNDEFINED_ID) },
		    { htole16(ACL_USER), htole16(ACL_READ), htole32(reader) },
		    { htole16(ACL_GROUP_OBJ), 0, htole32((uint32_t)ACL_UNDEFINED_ID) },
		    { htole16(ACL_MASK), htole16(ACL_READ), htole32((uint32_t)ACL_UNDEFINED_ID) },
		    { htole16(ACL_OTHER), 0, htole32((uint32_t)ACL_UNDEFINED_ID) } } };

	return fsetxattr(fd, "system.posix_acl_access", &acl, sizeof(acl), 0) < 0 ? -errno : 0;
}

int log_file_share(int fd, const struct run_as *w)
{
	if (!w->drop || set_acl(fd, w->uid) == 0)
		return 0;
	if (fchown(fd, -1, w->gid) < 0 || fchmod(fd, 0640) < 0)
		return -errno;
	return 0;
}

int log_file_guard(int fd, struct loader *l, uint64_t session, const struct ruleset *rules,
		   struct error *e)
{
	const struct rule *rule = ruleset_find(rules, "session-log");
	size_t n = rule ? (size_t)(rule - rules->rules) : 0;
	struct ws_mask mask = { 0 };
	struct ws_id id;
	int err;

	if (fd < 0 || !rule)
		return 0;
	mask.w[n / 64] |= 1ULL << (n % 64);
	err = loader_identify(l, fd, &id);
	err = err ?: loader_protect(l, session, &id, &mask);
	return err ? error_set(e, err, "the session log cannot be protected: %s", strerror(-err))
		   : 0;
}
