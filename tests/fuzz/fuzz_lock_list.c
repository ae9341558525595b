// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_lock_list.c - any bytes as a pnpm-lock.yaml or yarn.lock: an error that says where, or a
 * list of texts from which a package gets one checksum or none.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "events/lockfile.h"
#include "lockfile/lock_list.h"

static void check(enum lock_format format, const char *text, size_t len)
{
	char sum[LOCKFILE_CHECKSUM] = "";
	_json_ json_t *list = NULL;
	struct error e = { 0 };
	const char *key;
	json_t *v;

	if (lock_list(&list, format, text, len, &e) < 0) {
		if (list || strncmp(e.text, "line ", 5) != 0)
			abort();
		return;
	}
	json_object_foreach(list, key, v)
		if (!strchr(key + 1, '@') || !(json_is_string(v) || json_is_null(v)))
			abort();
	if (lockfile_listed_checksum(sum, list, "/p/node_modules/evil", "1.0.0") &&
	    strnlen(sum, sizeof(sum)) == sizeof(sum))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(LOCK_PNPM, (const char *)data, size);
	check(LOCK_YARN, (const char *)data, size);
	return 0;
}
