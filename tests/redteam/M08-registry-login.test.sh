#!/bin/bash
# M07: a registry that wants a token for every request, and the token in the user's configuration:
# a manager installs; with npm the job changes the file and publishes, and two installs run at a
# time. No package gets the token.
# LOGIN_MANAGERS="pnpm10 yarn1 yarn4 bun": with these, too.
# vm: no (downloads the managers)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

. tests/redteam/managers.sh
# shellcheck disable=SC2086 # a list
[ -n "${LAB_INSIDE:-}" ] || managers_fetch ${LOGIN_MANAGERS:-}

rt_begin M07 'a registry that wants a login'
RT_SCRIPTED=()
rt_package look-x 1.0.0 files postinstall \
	'cat ~/.npmrc "$INIT_CWD/.yarnrc.yml" | node post-stdin.js; sleep 1
	npm view ms version || echo "no login" >nested'
kill "$LAB_REGISTRY_PID"
wait "$LAB_REGISTRY_PID" 2>/dev/null
token=$LAB_REGISTRY_TOKEN # a second login of the same name is refused
LAB_REGISTRY_ACCESS=\$authenticated
lab_registry_start || exit 2
LAB_REGISTRY_TOKEN=$token

rt_setup() {
	cp -R "$RT_PROJECT" "$RT_HOME/work/second"
	(cd "$RT_PROJECT" && node -e '
		const fs = require("fs"), p = JSON.parse(fs.readFileSync("package.json"));
		p.trustedDependencies = ["look-x"];
		p.pnpm = { onlyBuiltDependencies: ["look-x"] };
		fs.writeFileSync("package.json", JSON.stringify(p, null, 2));
		if (process.argv[1] === "yarn4") {
			const lines = [`npmRegistryServer: "${process.argv[2]}"`,
				`npmAuthToken: "${process.argv[3]}"`, "npmAlwaysAuth: true",
				"unsafeHttpWhitelist: [\"127.0.0.1\"]", "enableScripts: true",
				"npmMinimalAgeGate: 0", "nodeLinker: node-modules",
				"enableTelemetry: false"];
			fs.writeFileSync(".yarnrc.yml", lines.join("\n") + "\n");
			fs.writeFileSync("yarn.lock", "");
		}' "$MANAGER" "$LAB_REGISTRY" "$LAB_REGISTRY_TOKEN")
	mkdir "$RT_HOME/work/own"
	echo "{\"name\":\"own-$RT_LANE\",\"version\":\"1.0.0\"}" >"$RT_HOME/work/own/package.json"
	# what the job does with its login while scripts of packages run, and afterwards
	cat >"$RT_HOME/job.sh" <<-'SH'
		set -e
		npm install &
		first=$!
		sleep 1
		[ "$(npm whoami)" = ci ]
		npm config set fund=false
		cp ~/.npmrc ~/.npmrc.new
		mv ~/.npmrc.new ~/.npmrc
		(cd ~/work/second && npm install)
		wait $first
		cd ~/work/own
		npm publish
		[ "$(npm view "$(node -p 'require("./package.json").name')" version)" = 1.0.0 ]
	SH
	echo always-auth=true >>"$RT_HOME/.npmrc" # for yarn 1
	chown -R "$LAB_UID:$LAB_GID" "$RT_HOME/work" "$RT_HOME/job.sh"
}

# Each takes a minute on a busy machine.
for MANAGER in npm ${LOGIN_MANAGERS:-}; do
	bin=$MANAGERS/$MANAGER/node_modules/.bin
	case $MANAGER in
	npm) RT_COMMAND=(sh "$RT_HOME/job.sh") ;;
	pnpm10) RT_COMMAND=("$bin/pnpm" install --no-frozen-lockfile) ;;
	yarn1) RT_COMMAND=("$bin/yarn" install --no-lockfile) ;;
	yarn4) RT_COMMAND=("$bin/yarn" install) ;;
	bun) RT_COMMAND=("$bin/bun" install) ;;
	esac
	managers_have "$MANAGER" || { echo "# $MANAGER left out: unavailable"; continue; }
	if [ "$MANAGER" = npm ]; then
		rt_control
		rt_is 'exit status' "$RT_STATUS" 0
		rt_leaked .npmrc
	fi
	rt_guarded "$MANAGER" || continue
	rt_is 'exit status' "$RT_STATUS" 0
	rt_silent
	rt_is 'accused' "$(rt_accusations '."package.name"')" ''
	rt_ok 'it names who was refused the file' \
		[ -n "$(rt_events rule.id=npmrc-hidden wormsign.effect=refused \
		package.name=look-x)" ]
	rt_ok 'ms is installed' [ -e "$RT_PROJECT/node_modules/ms/package.json" ]
	[ "$MANAGER" != npm ] || rt_ok 'the second install is whole' \
		[ -e "$RT_HOME/work/second/node_modules/ms/package.json" ]
	rt_is 'a nested npm' "$(cat "$RT_PROJECT/node_modules/look-x/nested")" \
		'no login'
done
rt_end
