#!/bin/bash
# M01: the same theft under each package manager: whoever starts the script, the package is named
# and stopped.
# vm: no (downloads the managers)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

. tests/redteam/managers.sh
if [ -z "${LAB_INSIDE:-}" ]; then
	managers_fetch npm10 pnpm10 yarn1 yarn4 bun
	# corepack keeps the managers that it loads into its own process
	if [ ! -e "$MANAGERS/corepack/ready" ] && mkdir -p "$MANAGERS/corepack"; then
		(cd "$MANAGERS" && registry=$(npm config get registry) &&
			COREPACK_HOME=$MANAGERS/corepack COREPACK_NPM_REGISTRY=${registry%/} \
			COREPACK_INTEGRITY_KEYS=0 \
				COREPACK_ENABLE_DOWNLOAD_PROMPT=0 corepack install -g pnpm@10) \
				>/dev/null 2>&1 &&
			touch "$MANAGERS/corepack/ready" ||
			echo "# no corepack, or the registry does not answer"
	fi
	chmod -R go+rX "$MANAGERS"
fi

rt_begin M01 'every manager, one thief'
RT_SCRIPTED=(core-js@2)
# One that the kernel takes hundreds of ms to tear down: the shell waits for it, and the manager for
# the shell. pnpm takes a shell that was killed for its own end.
rt_package @lab/thief 1.0.0-rc.1 classic postinstall \
	"node -e \"process.env.FAT && (fat = Buffer.alloc(2e9, 1)); require('./collect.js')\""
RT_DEPENDENCIES=('?@lab/thief@1.0.0-rc.1') # for yarn 1 `*` does not match a prerelease

# The settings that each manager needs to run scripts of dependencies, and to use a registry without
# TLS.
rt_setup() {
	(cd "$RT_PROJECT" && node -e '
		const fs = require("fs"), p = JSON.parse(fs.readFileSync("package.json"));
		p.trustedDependencies = ["@lab/thief", "core-js"];
		p.pnpm = { onlyBuiltDependencies: ["@lab/thief", "core-js"] };
		p.scripts = { postinstall: "mkdir -p .github/workflows && " +
			"echo on: push > .github/workflows/own.yml" };
		if (process.argv[1] === "yarn4") p.packageManager = undefined;
		fs.writeFileSync("package.json", JSON.stringify(p, null, 2));
		if (process.argv[1] === "yarn4") {
			const lines = [`npmRegistryServer: "${process.argv[2]}"`,
				"unsafeHttpWhitelist: [\"127.0.0.1\"]", "enableScripts: true",
				"npmMinimalAgeGate: 0", "nodeLinker: node-modules",
				"enableTelemetry: false"];
			fs.writeFileSync(".yarnrc.yml", lines.join("\n") + "\n");
			fs.writeFileSync("yarn.lock", "");
		}' "$MANAGER" "$LAB_REGISTRY")
	if [ "$MANAGER" = corepack ]; then
		mkdir -p "$RT_HOME/.cache/node" &&
			cp -R "$MANAGERS/corepack" "$RT_HOME/.cache/node/"
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
	rt_ok "the project's own script may write its workflow" \
		[ -e "$RT_PROJECT/.github/workflows/own.yml" ]
}

for MANAGER in npm pnpm10 corepack yarn1 yarn4 bun npm10; do
	bin=$MANAGERS/$MANAGER/node_modules/.bin
	case $MANAGER in
	npm) RT_COMMAND=(npm install) ;;
	npm10) RT_COMMAND=("$bin/npm" install) ;;
	corepack) RT_COMMAND=(env COREPACK_ENABLE_NETWORK=0 corepack pnpm install
		--no-frozen-lockfile) ;;
	pnpm10) RT_COMMAND=("$bin/pnpm" install --no-frozen-lockfile) ;;
	yarn1) RT_COMMAND=("$bin/yarn" install --no-lockfile) ;;
	yarn4) RT_COMMAND=("$bin/yarn" install) ;;
	bun) RT_COMMAND=("$bin/bun" install) ;;
	esac
	if [ "$MANAGER" != npm ] && [ ! -e "$MANAGERS/$MANAGER/ready" ]; then
		echo "# $MANAGER left out: unavailable"
		continue
	fi
	[ -z "${QUICK:-}" ] || [ "$MANAGER" != npm10 ] || continue
	RT_ENV=()
	rt_control "$MANAGER"
	rt_leaked .aws/credentials
	[ "$MANAGER" != pnpm10 ] || RT_ENV=(FAT=1)
	rt_guarded "$MANAGER" && judge
done
rt_end
