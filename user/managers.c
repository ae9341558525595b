// SPDX-License-Identifier: GPL-2.0-only
/*
 * managers.c - see managers.h. Patterns are anchored at the front, so that `node build.js npm` is no manager. Read from
 * the execs of npm 11, pnpm 10 to 12, yarn 1 and 4, bun 1.4 and corepack; a new manager is a new row.
 */
#include "managers.h"

#include "cleanup.h"

/*
 * A manager written in JavaScript runs as `node [-options] SCRIPT ...`, SCRIPT being the link in PATH that was called or
 * the file itself. Its `#!/usr/bin/env node` shows as `env node SCRIPT ...` in the exec before, same process. An option
 * of node whose value is a word of its own (-r FILE) is not looked past: that would make every word a maybe.
 */
#define NODE(script) "node* -** " script " **", "env node " script " **"
/* Run by corepack, which loads it into its own process. */
#define COREPACK(name) NODE("corepack " name), NODE("corepack.js " name)
/* bun is also a runtime: `bun server.ts` installs nothing and starts no package's scripts. */
#define BUN(command) "bun -** " command " **"

static const char *const npm[] = {
	NODE("npm"), NODE("npm-cli.js"), NODE("npx"), NODE("npx-cli.js"), COREPACK("npm"),
	COREPACK("npm@*"), NULL,
};
static const char *const pnpm[] = {
	NODE("pnpm"), NODE("pnpm.?js"), NODE("pnpm.js"), NODE("pnpx"), NODE("pnpx.?js"), NODE("pnpx.js"),
	NODE("pn"), NODE("pnx"), COREPACK("pnpm"), COREPACK("pnpm@*"), COREPACK("pnpx"),
	/* pnpm 12, and the standalone build of earlier ones */
	"pnpm **", "pnpx **", "pn **", "pnx **", NULL,
};
static const char *const yarn[] = {
	NODE("yarn"), NODE("yarnpkg"), NODE("yarn.js"), NODE("yarnpkg.js"), NODE("yarn.cjs"),
	/* what yarnPath names: .yarn/releases/yarn-4.18.1.cjs */
	NODE("yarn-*.cjs"), NODE("yarn-*.js"), COREPACK("yarn"), COREPACK("yarn@*"), COREPACK("yarnpkg"), NULL,
};
static const char *const bun[] = {
	"bunx **",   BUN("install"), BUN("i"),	    BUN("ci"),	   BUN("add"),	 BUN("a"),	 BUN("update"),
	BUN("remove"), BUN("rm"),    BUN("x"),	    BUN("create"), BUN("c"),	 BUN("link"),	 BUN("unlink"),
	BUN("pm"),   BUN("patch"),   BUN("publish"), BUN("run"),   BUN("upgrade"), BUN("outdated"), NULL,
};

const struct manager managers[] = {
	{ "npm", "npm", npm },
	{ "pnpm", "npm", pnpm },
	{ "yarn", "npm", yarn },
	{ "bun", "npm", bun },
};
const size_t manager_count = ARRAY_SIZE(managers);
