// SPDX-License-Identifier: GPL-2.0-only
/*
 * managers.c - see managers.h. Patterns are anchored at the front, so that `node build.js npm` is
 * no manager. Read from the execs of npm 11, pnpm 10 to 12, yarn 1 and 4, bun 1.4 and corepack; a
 * new manager is a new row.
 */
#include "managers.h"

#include "cleanup.h"

/*
 * Managers written in JavaScript run as `node SCRIPT ...`, SCRIPT being the link in PATH that was
 * called or the file itself; `#!` also takes the `env node SCRIPT` before it (same process), the
 * shell scripts of version managers, and binaries of that name. An option of node with its value in
 * a word of its own is looked past for npm and PRELOADED only: each such pattern costs states, and time at every start.
 */
#define PRELOADED(script)                          \
	"node -** -r * -** */" script " **",         \
		"node -** --require * -** */" script " **"
#define COREPACK(name)            \
	"#!corepack " name " **", \
		"#!corepack.js " name " **" /* loads the manager into its own process */
/* bun is also a runtime: `bun server.ts` installs nothing and starts no package's scripts. */
#define BUN(command) "bun -** " command " **"

static const char *const npm[] = {
	"#!npm **",	 "#!npm-cli.js **", "#!npx **", "#!npx-cli.js **",
	COREPACK("npm"), COREPACK("npm@*"), PRELOADED("npm"), PRELOADED("npm-cli.js"),
	NULL,
};
static const char *const pnpm[] = {
	/* 12 is a binary, as is the standalone build of earlier ones; pn and pnx are short names of
	   11 and later */
	"#!pnpm **",	  "#!pnpm.?js **",    "#!pnpm.js **",	"#!pnpx **",
	"#!pnpx.?js **",  "#!pnpx.js **",     "#!pn **",	"#!pnx **",
	COREPACK("pnpm"), COREPACK("pnpm@*"), COREPACK("pnpx"), NULL,
};
static const char *const yarn[] = {
	"#!yarn **",
	"#!yarnpkg **",
	"#!yarn.js **",
	"#!yarnpkg.js **",
	"#!yarn.cjs **",
	/* what yarnPath names: .yarn/releases/yarn-4.18.1.cjs */
	"#!yarn-*.cjs **",
	"#!yarn-*.js **",
	COREPACK("yarn"),
	COREPACK("yarn@*"),
	COREPACK("yarnpkg"),
	NULL,
};
static const char *const bun[] = {
	"bunx **",	BUN("install"),	 BUN("i"),  BUN("ci"),	  BUN("add"),	  BUN("a"),
	BUN("update"),	BUN("remove"),	 BUN("rm"), BUN("x"),	  BUN("create"),  BUN("c"),
	BUN("link"),	BUN("unlink"),	 BUN("pm"), BUN("patch"), BUN("publish"), BUN("run"),
	BUN("upgrade"), BUN("outdated"), NULL,
};

const struct manager managers[] = {
	{ "npm", "npm", npm },
	{ "pnpm", "npm", pnpm },
	{ "yarn", "npm", yarn },
	{ "bun", "npm", bun },
};
const size_t manager_count = ARRAY_SIZE(managers);
