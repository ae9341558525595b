// SPDX-License-Identifier: GPL-2.0-only
/*
 * managers.c - see managers.h. Patterns are anchored at the front, so that `node build.js npm` is no manager. Each form
 * was read from /proc/PID/cmdline of the manager itself; a new manager is a new row.
 */
#include "managers.h"

#include "cleanup.h"

/* A JavaScript manager runs as `node [-options] SCRIPT ...`; `#!/usr/bin/env node` shows as `env node SCRIPT` first. */
#define NODE(script) "node* -** " script " **", "env node " script " **"

static const char *const npm[] = {
	NODE("npm"), NODE("npm-cli.js"), NODE("npx"), NODE("npx-cli.js"), NULL,
};
static const char *const pnpm[] = {
	NODE("pnpm"), NODE("pnpm.cjs"), NODE("pnpm.mjs"), NODE("pnpx"), NODE("pnpx.cjs"), "pnpm **", "pnpx **", NULL,
};
static const char *const yarn[] = {
	NODE("yarn"), NODE("yarnpkg"), NODE("yarn.js"), NODE("yarn.cjs"), NODE("yarn-*.cjs"), NODE("yarn-*.js"), NULL,
};
static const char *const bun[] = {
	"bun install **", "bunx **", NULL,
};

const struct manager managers[] = {
	{ "npm", "npm", npm },
	{ "pnpm", "npm", pnpm },
	{ "yarn", "npm", yarn },
	{ "bun", "npm", bun },
};
const size_t manager_count = ARRAY_SIZE(managers);
