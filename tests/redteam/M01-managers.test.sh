#!/bin/bash
# M01: the same theft under each package manager: whoever starts the script, the package is named and stopped.
# vm: no (downloads the managers)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

# The real programs, from the machine's own registry, kept beside the lab's.
MANAGERS=${XDG_CACHE_HOME:-$HOME/.cache}/wormsign/managers
manager() { # DIR SPEC: 0 when it is there
	local dir=$MANAGERS/$1
	[ -e "$dir/ready" ] && return
	rm -rf "$dir" && mkdir -p "$dir" && (cd "$dir" && npm init -y && npm install --no-audit --no-fund "$2") >/dev/null 2>&1 &&
		touch "$dir/ready"
}
if [ -z "${LAB_INSIDE:-}" ]; then
	for m in 'npm10 npm@10' 'pnpm10 pnpm@10' 'yarn1 yarn@1' 'yarn4 @yarnpkg/cli-dist@4' 'bun bun@1'; do
		# shellcheck disable=SC2086
		manager $m || echo "# no $m: the registry does not answer"
	done
	# corepack keeps the managers that it loads into its own process
	if [ ! -e "$MANAGERS/corepack/ready" ] && mkdir -p "$MANAGERS/corepack"; then
		(cd "$MANAGERS" && registry=$(npm config get registry) &&
			COREPACK_HOME=$MANAGERS/corepack COREPACK_NPM_REGISTRY=${registry%/} COREPACK_INTEGRITY_KEYS=0 \
				COREPACK_ENABLE_DOWNLOAD_PROMPT=0 corepack install -g pnpm@10) >/dev/null 2>&1 &&
			touch "$MANAGERS/corepack/ready" || echo "# no corepack, or the registry does not answer"
	fi
	chmod -R go+rX "$MANAGERS"
	chmod go+x "$HOME" 2>/dev/null # no secret: only the way to a cache below it
fi
export MANAGERS

rt_begin M01 'every manager, one thief'
RT_SCRIPTED=(core-js@2)
rt_package @lab/thief 1.0.0-rc.1 classic postinstall 'node collect.js'
RT_DEPENDENCIES=('?@lab/thief@1.0.0-rc.1') # for yarn 1 a prerelease is no `*`

# What each manager wants to be told before it runs the scripts of dependencies, from a registry without TLS.
rt_setup() {
	(cd "$RT_PROJECT" && node -e '
		const fs = require("fs"), p = JSON.parse(fs.readFileSync("package.json"));
		p.trustedDependencies = ["@lab/thief", "core-js"];
		p.pnpm = { onlyBuiltDependencies: ["@lab/thief", "core-js"] };
		p.scripts = { postinstall: "mkdir -p .github/workflows && echo on: push > .github/workflows/own.yml" };
		if (process.argv[1] === "yarn4") p.packageManager = undefined;
		fs.writeFileSync("package.json", JSON.stringify(p, null, 2));
		if (process.argv[1] === "yarn4") {
			fs.writeFileSync(".yarnrc.yml", `npmRegistryServer: "${process.argv[2]}"\nunsafeHttpWhitelist: ["127.0.0.1"]\n` +
				"enableScripts: true\nnpmMinimalAgeGate: 0\nnodeLinker: node-modules\nenableTelemetry: false\n");
			fs.writeFileSync("yarn.lock", "");
		}' "$MANAGER" "$LAB_REGISTRY")
	if [ "$MANAGER" = corepack ]; then
		mkdir -p "$RT_HOME/.cache/node" && cp -R "$MANAGERS/corepack" "$RT_HOME/.cache/node/"
		chown -R "$LAB_UID:$LAB_GID" "$RT_HOME/.cache"
	fi
	chown -R "$LAB_UID:$LAB_GID" "$RT_PROJECT"
}

judge() {
	rt_is 'exit status' "$RT_STATUS" 86
	rt_accused @lab/thief 'secret|credential|aws'
	rt_no_innocent_accused
	rt_silent
	rt_no_survivors
	[ "$MANAGER" != bun ] || return 0 # bun gives up when any script fails, an optional one too
	rt_ok 'core-js is installed' [ -d "$RT_PROJECT/node_modules/core-js" ]
	rt_ok "the project's own script may write its workflow" [ -e "$RT_PROJECT/.github/workflows/own.yml" ]
}

for MANAGER in npm pnpm10 corepack yarn1 yarn4 bun npm10; do
	bin=$MANAGERS/$MANAGER/node_modules/.bin
	case $MANAGER in
	npm) RT_COMMAND=(npm install) ;;
	npm10) RT_COMMAND=("$bin/npm" install) ;;
	corepack) RT_COMMAND=(env COREPACK_ENABLE_NETWORK=0 corepack pnpm install --no-frozen-lockfile) ;;
	pnpm10) RT_COMMAND=("$bin/pnpm" install --no-frozen-lockfile) ;;
	yarn1) RT_COMMAND=("$bin/yarn" install --no-lockfile) ;;
	yarn4) RT_COMMAND=("$bin/yarn" install) ;;
	bun) RT_COMMAND=("$bin/bun" install) ;;
	esac
	if [ "$MANAGER" != npm ] && [ ! -e "$MANAGERS/$MANAGER/ready" ]; then
		echo "# $MANAGER left out: not to be had"
		continue
	fi
	[ -z "${QUICK:-}" ] || [ "$MANAGER" != npm10 ] || continue
	rt_control "$MANAGER"
	rt_leaked .aws/credentials
	rt_guarded "$MANAGER" && judge
done
rt_end
