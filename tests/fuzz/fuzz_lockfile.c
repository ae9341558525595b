// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_lockfile.c - any bytes as a package-lock.json or bun.lock: no name or checksum is found, or
 * names that are strings and a checksum that is one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "events/dependents.h"
#include "events/lockfile.h"
#include "events/remedy.h"

/* A command made of what was found holds nothing that a shell interprets but `&&` of our own. */
static void check(const struct dependents *d)
{
	for (unsigned manager = 0; manager < 4; manager++) {
		_buf_ struct buf out = BUF_INIT;

		remedy_remove(&out, "evil", d, manager_commands(manager, d->yarn_berry));
		if (out.len > REMEDY_MAX || strpbrk(out.at, "$`;|<>\\\n\"'*?~#"))
			abort();
	}
}

static void check_sum(const char *sum)
{
	size_t name = strcspn(sum, "-");

	if (strnlen(sum, LOCKFILE_CHECKSUM) == LOCKFILE_CHECKSUM || strncmp(sum, "sha", 3) != 0 ||
	    sum[name + strspn(sum + name, "-+/=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "abcdefghijklmnopqrstuvwxyz")])
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *lock = json_loadb((const char *)data, size, 0, NULL);
	char sum[LOCKFILE_CHECKSUM] = "";
	struct dependents d = { 0 };

	if (!lock)
		return 0;
	if (lockfile_npm_checksum(sum, lock, "node_modules/evil", "1.0.0") ||
	    lockfile_bun_checksum(sum, lock, "node_modules/evil", "1.0.0"))
		check_sum(sum);
	dependents_in_lock(&d, lock, "node_modules/evil");
	for (size_t i = 0; i < d.found && i < DEPENDENTS_MAX; i++)
		if (strnlen(d.names[i], DEPENDENTS_NAME) == DEPENDENTS_NAME)
			abort();
	check(&d);
	d.lock = true;
	check(&d);
	json_decref(lock);
	return 0;
}
