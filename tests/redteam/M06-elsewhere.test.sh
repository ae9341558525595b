#!/bin/bash
# M06: the manager is started in another directory and told where the project is. The project's
# scripts are its own there, and those of a dependency, or of a git dependency's clone below the
# project, are not.
# vm: no (downloads the managers)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh
. tests/redteam/managers.sh
[ -n "${LAB_INSIDE:-}" ] || managers_fetch pnpm10 yarn1 bun

rt_begin M06 'a project elsewhere'
RT_HONEST=() RT_SCRIPTED=()
rt_package lab-helper-x 1.0.0 - - -
rt_package @lab/thief 1.0.0 classic postinstall 'node collect.js'
RT_ATTACKERS=('@lab/thief 1.0.0 postinstall' 'git-worm-x 1.0.0 prepare')

login="const fs = require('fs'); fs.readFileSync(process.env.HOME + '/.aws/credentials');"
login+="fs.writeFileSync('done', '')"
rt_setup() {
	ELSEWHERE=$RT_HOME/elsewhere
	mkdir -p "$ELSEWHERE" "$RT_PROJECT/packages/a"
	echo "$login" >"$RT_PROJECT/login.js"
	cp "$RT_PROJECT/login.js" "$RT_PROJECT/packages/a/"
	jq '.scripts.preinstall = "node login.js" | .workspaces = ["packages/*"] |
		.pnpm = {onlyBuiltDependencies: ["@lab/thief"]}' \
		"$RT_PROJECT/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
	printf 'packages:\n  - packages/*\n' >"$RT_PROJECT/pnpm-workspace.yaml"
	jq -n '{name: "a", version: "1.0.0", scripts: {postinstall: "node login.js"}}' \
		>"$RT_PROJECT/packages/a/package.json"
	chown -R "$LAB_UID:$LAB_GID" "$RT_HOME"
}

# told LANE COMMAND..., in which PROJECT is the project
told() {
	local lane=$1 project
	shift
	[ -x "${WORMSIGN:-}" ] || return 0
	RT_LANE=wormsign-$lane RT_LOG=$LAB/log.$lane
	rt_fresh
	lab_under_wormsign "$ELSEWHERE" "$RT_LOG" "${@//PROJECT/$RT_PROJECT}" \
		>"$LAB/out.$RT_LANE" 2>&1
	RT_STATUS=$?
	project=$RT_PROJECT
	rt_ok "the project's own script is not stopped" [ -e "$project/done" ]
	rt_ok "nor that of a member" [ -e "$project/packages/a/done" ]
	rt_no_innocent_accused
}
stopped() { # THIEF...
	local name
	rt_is 'exit status' "$RT_STATUS" 86
	for name; do
		rt_accused "$name" 'secret|credential'
	done
	rt_silent
}

told npm sh -c 'npm -C PROJECT install' && stopped @lab/thief
told npm-prefix npm --prefix=../work/app install && stopped @lab/thief
pnpm=$MANAGERS/pnpm10/node_modules/.bin/pnpm
if managers_have pnpm10; then
	told pnpm "$pnpm" -C PROJECT install --no-frozen-lockfile && stopped @lab/thief
	told pnpm-dir sh -c "$pnpm --dir=PROJECT install --no-frozen-lockfile" &&
		stopped @lab/thief
fi
! managers_have yarn1 ||
	{ told yarn1 "$MANAGERS/yarn1/node_modules/.bin/yarn" --cwd PROJECT install &&
		stopped @lab/thief; }
# A clone below the directory that npm names.
RT_ENV=("npm_config_cache=$RT_HOME/work/app/.npm")
eval "project_$(declare -f rt_setup)"
rt_setup() {
	local dir=$RT_HOME/src/git-worm-x
	project_rt_setup
	mkdir -p "$dir"
	cp tests/redteam/packages/kit.js tests/redteam/packages/classic/collect.js \
		"$LAB/packages/lab-helper-x/lab.json" "$dir/"
	jq -n '{name: "git-worm-x", version: "1.0.0", scripts: {prepare: "node collect.js"}}' \
		>"$dir/package.json"
	jq --arg d "git+file://$dir" '.optionalDependencies["git-worm-x"] = $d' \
		"$RT_PROJECT/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
	chown -R "$LAB_UID:$LAB_GID" "$RT_HOME/src"
	lab_as_user "$dir" sh -c 'git init -q -b main && git config user.email ci@localhost &&
		git config user.name ci && git add -A && git commit -qm first'
}
told npm-clone npm -C PROJECT install && stopped git-worm-x
# bun gives up when any script fails
if managers_have bun; then
	RT_DEPENDENCIES=() RT_ENV=()
	eval "$(declare -f project_rt_setup | sed '1s/project_//')"
	told bun "$MANAGERS/bun/node_modules/.bin/bun" --cwd=PROJECT install &&
		rt_is 'exit status' "$RT_STATUS" 0
fi
rt_end
