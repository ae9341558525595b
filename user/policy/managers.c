// SPDX-License-Identifier: GPL-2.0-only
/*
 * managers.c - see managers.h. Taken from the execs of npm 11, pnpm 10 to 12, yarn 1 and 4, bun 1.4
 * and corepack; a new manager is a new row. Patterns begin at the first word, so that `node
 * build.js npm` is not taken for npm.
 */
#include "policy/managers.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"

/*
 * Managers written in JavaScript run as `node SCRIPT ...`, where SCRIPT is a link in PATH or the
 * file it leads to. `#!` also matches the exec of `env node SCRIPT` that precedes it in the same
 * process, the shell scripts of version managers, and binaries of that name. It skips options of
 * node, but not an option whose value is a word of its own: PRELOADED does that, for npm only,
 * because each such pattern costs states, and so time at every start.
 */
#define PRELOADED(script) \
	"node -** -r * -** */" script " **", "node -** --require * -** */" script " **"
#define COREPACK(name)            \
	"#!corepack " name " **", \
		"#!corepack.js " name " **" /* runs the manager in its own process */
/* bun is also a runtime: `bun server.ts` installs nothing and starts no package's scripts. */
#define BUN(command) "bun -** " command " **"

static const char *const npm[] = {
	"#!npm **",	   "#!npm-cli.js **",	    "#!npx **",
	"#!npx-cli.js **", COREPACK("npm"),	    COREPACK("npm@*"),
	PRELOADED("npm"),  PRELOADED("npm-cli.js"), NULL,
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
/* Yarn 2 and later have a shell of their own. The scripts of packages run where these install. */
static const char *const yarn_shell[] = {
	"#!yarn* -**",
	"#!yarn* --cwd * -**",
	"#!yarn* ** install **",
	"#!yarn* ** add **",
	"#!yarn* ** up **",
	"#!yarn* ** remove **",
	"#!yarn* ** workspaces **",
	"#!yarn* ** rebuild **",
	"#!yarn* ** dlx **",
	"#!yarn* ** dedupe **",
	"#!yarn* ** link **",
	"#!yarn* ** unlink **",
	"#!yarn* ** unplug **",
	"#!corepack* yarn* -**",
	COREPACK("yarn* ** install"),
	COREPACK("yarn* ** add"),
	"#!yarn* ** pack **", /* in the clone of a git dependency */
	NULL,
};
static const char *const bun[] = {
	"bunx **",	BUN("install"),	 BUN("i"),  BUN("ci"),	  BUN("add"),	  BUN("a"),
	BUN("update"),	BUN("remove"),	 BUN("rm"), BUN("x"),	  BUN("create"),  BUN("c"),
	BUN("link"),	BUN("unlink"),	 BUN("pm"), BUN("patch"), BUN("publish"), BUN("run"),
	BUN("upgrade"), BUN("outdated"), NULL,
};

static const char *const npm_directory[] = { "-C", "--prefix", NULL };
static const char *const pnpm_directory[] = { "-C", "--dir", "--prefix", NULL };
static const char *const cwd_directory[] = { "--cwd", NULL };

/* Also `python -m pip`: -m is an option, and pip a script. */
static const char *const pip[] = {
	"#!pip **", "#!pip3 **", "#!pip3.* **", "#!__pip-runner__.py **", NULL,
};
/*
 * pyproject_hooks (PEP 517) runs a build backend by this file, whichever frontend has it.
 * Until 25.3 pip executes a setup.py by a text for -c, and nothing else in this way.
 */
static const char *const pip_builds[] = { "#!_in_process.py **", "python* -** -c **", NULL };
/* `pip install -e` without PEP 660, and pip until 23.0 without wheel: setup.py writes into
 * site-packages by itself. */
static const char *const pip_setups[] = {
	"python* -** -c ** develop **",
	"python* -** -c ** install --record **",
	NULL,
};
static const struct build pip_build = {
	.argv = pip_builds,
	.event = "build",
	.sets_up = pip_setups,
	.setup = "setup",
};

/* uv starts a build backend by a text of its own for -c, and asks Python about itself by others. */
static const char *const uv[] = { "#!uv **", "#!uvx **", NULL };
static const char *const uv_builds[] = { "python* -c import?sys??if?sys.path* **", NULL };
static const struct build uv_build = {
	.argv = uv_builds,
	.event = "build",
};
static const char *const poetry[] = { "#!poetry **", NULL };
static const char *const poetry_builds[] = { "#!_in_process.py **", NULL };
static const struct build poetry_build = {
	.argv = poetry_builds,
	.event = "build",
};

static const char *const cargo[] = { "cargo **", NULL };
/* cargo itself names the program: build.rs is linked to build-script-build. */
static const char *const cargo_builds[] = { "build-script-* **", "build_script_* **", NULL };
static const struct build cargo_build = {
	.argv = cargo_builds,
	.event = "build.rs",
	.name = "CARGO_PKG_NAME",
	.version = "CARGO_PKG_VERSION",
	.members = true,
	.mark = ".cargo-", /* -ok: fetched; -checksum.json: vendored */
	.output = "build",
};

static const char *const gem[] = {
	"#!gem **",
	"#!gem3.* **",
	"#!bundle -** install **",
	"#!bundle -** update **",
	"#!bundle -** add **",
	"#!bundle -** pristine **",
	NULL,
};
/* extconf.rb, a Rakefile, configure, make: whatever works in GEM_HOME/gems/NAME-VERSION */
static const struct build gem_build = {
	.event = "extension",
	.holder = "gems",
};

static const char *const no_directory[] = { NULL };
static const char *const cargo_directory[] = { "-C", NULL };
static const char *const uv_directory[] = { "--directory", "--project", NULL };
static const char *const poetry_directory[] = { "-C", "--directory", "-P", "--project", NULL };

const struct manager managers[] = {
	{ "npm", "npm", npm, npm_directory, NULL, NULL },
	{ "pnpm", "npm", pnpm, pnpm_directory, NULL, NULL },
	{ "yarn", "npm", yarn, cwd_directory, yarn_shell, NULL },
	{ "bun", "npm", bun, cwd_directory, NULL, NULL },
	{ "pip", "pypi", pip, no_directory, NULL, &pip_build },
	{ "cargo", "cargo", cargo, cargo_directory, NULL, &cargo_build },
	{ "gem", "gem", gem, no_directory, NULL, &gem_build },
	{ "uv", "pypi", uv, uv_directory, NULL, &uv_build },
	{ "poetry", "pypi", poetry, poetry_directory, NULL, &poetry_build },
};
const size_t manager_count = ARRAY_SIZE(managers);

/* What word says of the project's directory: the directory itself, "" if the next word is it, NULL:
 * nothing. */
static const char *directory_in(const struct manager *m, const char *word)
{
	for (const char *const *option = m->directory; *option; option++) {
		size_t len = strlen(*option);

		if (strncmp(word, *option, len) != 0)
			continue;
		if (!word[len] || word[len] == '=')
			return word + len + (word[len] == '=');
	}
	return NULL;
}

static bool is_global(const char *word)
{
	return strcmp(word, "-g") == 0 || strcmp(word, "--global") == 0 ||
	       strcmp(word, "--location=global") == 0;
}

const char *manager_directory(const struct manager *m, const char *argv, size_t len)
{
	const char *found = NULL, *end = argv + len;
	bool next = false;

	for (const char *word = argv; word < end && memchr(word, 0, end - word);
	     word += strlen(word) + 1) {
		const char *directory = next ? word : directory_in(m, word);

		if (!next && (strcmp(word, "--") == 0 || is_global(word)))
			return strcmp(word, "--") == 0 ? found : NULL;
		next = !next && directory && !directory[0];
		if (directory && directory[0])
			found = directory;
	}
	return found;
}
