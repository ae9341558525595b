#!/bin/bash
# M02: a git dependency: npm clones it, installs its devDependencies in the clone and runs its
# `prepare` there.
# vm: no (git)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh
command -v git >/dev/null || { echo 'SKIP: git is not installed'; exit 77; }

rt_begin M02 'a worm in a git dependency'
RT_SCRIPTED=()
# A repository beside the project, as the user's own git would find it on a server.
# repository NAME VERSION SCRIPTS [DEVDEPENDENCIES]: the JSON of its package.json's fields
repository() {
	local dir=$RT_HOME/src/$1
	mkdir -p "$dir"
	cp tests/redteam/packages/kit.js tests/redteam/packages/classic/collect.js "$dir/"
	cp "$LAB/packages/lab-helper-x/lab.json" "$dir/"
	jq -n --arg n "$1" --arg v "$2" --argjson s "$3" --argjson d "${4:-{\}}" \
		'{name: $n, version: $v, scripts: $s, devDependencies: $d}' >"$dir/package.json"
	chown -R "$LAB_UID:$LAB_GID" "$RT_HOME/src"
	lab_as_user "$dir" sh -c 'git init -q -b main && git config user.email ci@localhost &&
		git config user.name ci && git add -A && git commit -qm first'
}
rt_package lab-helper-x 1.0.0 - - -
RT_DEPENDENCIES=()

depend() { # SPEC: the project depends on it
	jq --arg d "$1" '.optionalDependencies["git-worm-x"] = $d' "$RT_PROJECT/package.json" \
		>"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
}
judge() {
	rt_is 'exit status' "$RT_STATUS" 86
	rt_accused git-worm-x 'secret|credential|aws'
	rt_no_innocent_accused
	rt_silent
	rt_no_survivors
}

RT_ATTACKERS=('git-worm-x 2.0.0-beta.3 prepare')
rt_setup() {
	repository git-worm-x 2.0.0-beta.3 '{"prepare": "node collect.js"}'
	depend "git+file://$RT_HOME/src/git-worm-x"
}
rt_control prepare
rt_leaked .aws/credentials
rt_guarded prepare && judge

# The project's own postinstall installs a second tree, where a git dependency has a postinstall,
# too: the same event. And npm's cache, where it clones, is inside the project, so that a clone
# could be taken for the project's own code.
RT_ATTACKERS=('git-worm-x 2.0.0-beta.3 postinstall')
RT_ENV=("npm_config_cache=$RT_HOME/work/app/.npm")
rt_setup() {
	repository git-worm-x 2.0.0-beta.3 '{"postinstall": "node collect.js"}'
	mkdir "$RT_PROJECT/sub"
	depend "git+file://$RT_HOME/src/git-worm-x"
	mv "$RT_PROJECT/package.json" "$RT_PROJECT/sub/"
	echo '{"name":"app","version":"1.0.0","scripts":{"postinstall":"cd sub && npm install"}}' \
		>"$RT_PROJECT/package.json"
	chown -R "$LAB_UID:$LAB_GID" "$RT_PROJECT"
}
rt_control second-tree
rt_leaked .aws/credentials
rt_guarded second-tree && judge

# It says itself what it is called: an exception for packages of that name is not for it.
RT_ENV=() RT_ATTACKERS=('husky 9.1.7 prepare')
rt_setup() {
	local hook=$RT_PROJECT/.git/hooks/pre-commit
	repository husky 9.1.7 "{\"prepare\": \"echo evil >$hook; true\"}"
	lab_as_user "$RT_PROJECT" git init -q
	mkdir -p "$RT_PROJECT/.git/hooks" && chown "$LAB_UID:$LAB_GID" "$RT_PROJECT/.git/hooks"
	depend "git+file://$RT_HOME/src/husky"
}
rt_control name
rt_is 'a hook' "$(cat "$RT_PROJECT/.git/hooks/pre-commit")" evil
if rt_guarded name; then
	rt_accused husky '^git-hooks-write$'
	rt_ok 'the report says that nobody vouches for the name' \
		grep -qF 'STOPPED  husky@9.1.7 (prepare) [a git clone; the name is its own claim]' \
		"$LAB/out.$RT_LANE"
fi

# An honest one, built by its prepare with a devDependency that has a script of its own.
RT_ENV=()
rt_setup() {
	local prepare='mkdir -p lib && cp src.js lib/index.js && '
	prepare+='node -e \"require(String.fromCharCode(109,115))\"'
	repository git-honest 1.2.3 "{\"prepare\": \"$prepare\"}" '{"ms": "*", "core-js": "2"}'
	echo 'module.exports = 7;' >"$RT_HOME/src/git-honest/src.js"
	lab_as_user "$RT_HOME/src/git-honest" sh -c 'git add -A && git commit -qm source'
	jq --arg d "git+file://$RT_HOME/src/git-honest" '.dependencies["git-honest"] = $d' \
		"$RT_PROJECT/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
}
if rt_guarded honest; then
	rt_peaceful
	rt_is 'what its prepare built' "$(cat "$RT_PROJECT/node_modules/git-honest/lib/index.js")" \
		'module.exports = 7;'
	rt_ok 'its prepare is a script of git-honest@1.2.3' rt_events event.action=scope \
		package.name=git-honest package.version=1.2.3 wormsign.event=prepare \
		wormsign.actor=package
	rt_ok "so is its devDependency's script" rt_events event.action=scope package.name=core-js \
		wormsign.actor=package
fi
rt_end
