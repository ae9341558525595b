// SPDX-License-Identifier: GPL-2.0-only
/* rules.c - read, check, compile, and make the image that clients get. */
#include "agent/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/trusted.h"
#include "base/cleanup.h"
#include "policy/compile.h"
#include "policy/ruleset_image.h"

static int make_image(struct agent_rules *r, struct error *e)
{
	_buf_ struct buf image = BUF_INIT;

	ruleset_image(&image, r->set);
	r->image = memfd_create("wormsign-rules", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (image.failed || r->image < 0 ||
	    pwrite(r->image, image.at, image.len, 0) != (ssize_t)image.len ||
	    fcntl(r->image, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) <
		    0)
		return error_set(e, -ENOMEM, "no memory for the image of the rules");
	return 0;
}

int agent_rules_read(struct agent_rules *ret, const struct config *config, struct error *e)
{
	_free_ const char **extra = calloc(config->rules.count + 1, sizeof(*extra));
	const struct rule *log;
	int err;

	ret->image = ret->session_log = -1;
	if (!extra)
		return error_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < config->rules.count; i++)
		extra[i] = config->rules.at[i];
	err = rule_dirs_find(&ret->dirs, extra, e);
	for (size_t i = 0; err == 0 && i < ret->dirs.list.count; i++)
		err = trusted_tree(ret->dirs.list.at[i], e);
	err = err
		      ?: ruleset_load(&ret->set, (const char *const *)ret->dirs.list.at,
				      ret->dirs.list.count, e);
	err = err ?: compile(&ret->tables, ret->set, COMPILE_CACHE, e);
	err = err ?: make_image(ret, e);
	if (err < 0)
		return err;
	log = ruleset_find(ret->set, "session-log");
	ret->session_log = log ? (int)(log - ret->set->rules) : -1;
	return 0;
}

void agent_rules_free(struct agent_rules *r)
{
	if (r->image >= 0)
		close(TAKE_FD(r->image));
	tables_free(r->tables);
	ruleset_free(r->set);
	rule_dirs_done(&r->dirs);
}
