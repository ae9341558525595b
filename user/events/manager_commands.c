// SPDX-License-Identifier: GPL-2.0-only
/* manager_commands.c - see manager_commands.h. */
#include "events/manager_commands.h"

#include <string.h>

#include "base/cleanup.h"
#include "policy/managers.h"

static const struct manager_commands all[] = {
	{ "npm", "npm uninstall", "--ignore-scripts", "npm ls", "npm install --ignore-scripts",
	  "rm -rf node_modules && npm ci --ignore-scripts", false, NULL },
	/* pnpm remove has no --ignore-scripts: an unknown option, and nothing happens */
	{ "pnpm", "pnpm remove", "--config.ignore-scripts=true", "pnpm why",
	  "pnpm install --ignore-scripts", "rm -rf node_modules && pnpm install --ignore-scripts",
	  false, NULL },
	/* yarn 4 refuses this one, and so runs no script by it */
	{ "yarn", "yarn remove", "--ignore-scripts", "yarn why", "yarn install --ignore-scripts",
	  "rm -rf node_modules && yarn install --ignore-scripts", true, NULL },
	{ "bun", "bun remove", "--ignore-scripts", "bun why", "bun install --ignore-scripts",
	  "rm -rf node_modules && bun install --ignore-scripts", false, NULL },
	/* pip does not say what requires a package that it has not built; only wheels run no code
	 */
	{ "pip", "pip uninstall -y", "", "pip show", "pip install --only-binary :all:",
	  "pip install --force-reinstall --only-binary :all:", false,
	  "Take it, or what requires it, out of your requirements. If it was installed: pip "
	  "uninstall -y NAME. Without code of packages: pip install --only-binary :all: ..." },
	/* fetching is all that cargo does without building */
	{ "cargo", "cargo remove", "", "cargo tree -i", "cargo fetch", "cargo clean && cargo fetch",
	  false,
	  "See what brings it in: cargo tree -i NAME. Remove that dependency: cargo remove "
	  "DEPENDENCY. Neither builds anything." },
	{ "gem", "gem uninstall", "", "gem dependency -R", "gem fetch", "gem fetch", false,
	  "Take it, or what depends on it, out of your Gemfile, or do not install it. If it was "
	  "installed: gem uninstall NAME." },
	{ "uv", "uv pip uninstall", "", "uv pip tree --invert --package",
	  "uv pip install --only-binary :all:", "uv sync --no-build", false,
	  "See what brings it in: uv tree --invert --package NAME. Take it, or what requires it, "
	  "out of your requirements. Without code of packages: uv sync --no-build." },
	{ "poetry", "poetry remove", "", "poetry show --why",
	  "poetry config installer.only-binary :all: && poetry install",
	  "poetry config installer.only-binary :all: && poetry install", false,
	  "See what brings it in: poetry show --why NAME. Remove that dependency: poetry remove "
	  "DEPENDENCY. Without code of packages: poetry config installer.only-binary :all:" },
};
static const struct manager_commands berry = {
	"yarn",
	"yarn remove",
	"--mode=skip-build",
	"yarn why",
	"yarn install --mode=skip-build",
	"rm -rf node_modules && yarn install --mode=skip-build",
	false,
	NULL,
};

const struct manager_commands *manager_commands(unsigned manager, bool yarn_berry)
{
	const char *name = manager < manager_count ? managers[manager].name : "npm";

	if (yarn_berry && strcmp(name, berry.name) == 0)
		return &berry;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (strcmp(all[i].name, name) == 0)
			return &all[i];
	return &all[0];
}
