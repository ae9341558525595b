#!/bin/bash
# M07: dependencies without any install script, whose programs steal when the project, or npx, runs
# them. While something is installed they are stopped, and named; in other scripts they are
# reported, or stopped with --tools=enforce. Honest tools do their work.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin M07 'programs of dependencies'
RT_HONEST=(ms) RT_SCRIPTED=()

# tool NAME COMMAND FILE [LINE]: a package with this command, which takes a file of the home.
tool() {
	local dir=$LAB/packages/$1 take="$RT_HOME/work/app/node_modules/$1/take.js"
	rt_package "$1" 1.0.0 files - -
	printf '#!/bin/sh\n%s\n' "${4:-node $take $3}" >"$dir/tool"
	chmod 755 "$dir/tool"
	jq --arg c "$2" '.version = "1.0.1" | .bin = {($c): "tool"}' "$dir/package.json" \
		>"$LAB/p.json" && cat "$LAB/p.json" >"$dir/package.json"
	lab_publish "$dir"
}
# by its name; below npm run; by npx; as an argument of node; in the package's directory; by the
# loader; as a program called pnpm; by a copy of node that looks like npm
tool named-x build-it .aws/credentials
tool nested-x nested-it .kube/config
tool fetched-x fetched-it .vault-token
tool loaded-x loaded-it .ssh/id_ed25519
tool manager-x pnpm .netrc
tool copy-x copy-it .git-credentials "cp \"\$(command -v node)\" /tmp/${LAB##*/}-npm-cli.js
/tmp/${LAB##*/}-npm-cli.js $RT_HOME/work/app/node_modules/copy-x/take.js .git-credentials"
tool inside-x inside-it .bash_history
tool program-x program-it .zsh_history
cp /bin/cat "$LAB/packages/program-x/program"
jq '.version = "1.0.2"' "$LAB/packages/program-x/package.json" >"$LAB/p.json" &&
	cat "$LAB/p.json" >"$LAB/packages/program-x/package.json"
lab_publish "$LAB/packages/program-x"
family=(named-x nested-x fetched-x loaded-x manager-x copy-x inside-x program-x)
loot=(.aws/credentials .kube/config .vault-token .ssh/id_ed25519 .netrc .git-credentials
	.bash_history)
load='node node_modules/loaded-x/take.js .ssh/id_ed25519; '
load+='(cd node_modules/inside-x && node take.js .bash_history); '
load+="$(readelf -p .interp /bin/cat | grep -o '/.*') node_modules/program-x/program "
load+="$RT_HOME/.zsh_history >/dev/null"
all="build-it; npm run nested; npx --no-install fetched-it; $load; pnpm install; copy-it; true"
scripts() { # EVENT
	jq --arg event "$1" --arg all "$all" '.scripts = {nested: "nested-it", ($event): $all}' \
		"$RT_PROJECT/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
}
rt_setup() { scripts prepare; }

rt_control
rt_leaked "${loot[@]}"

if rt_guarded; then
	rt_is 'exit status' "$RT_STATUS" 86
	for name in "${family[@]}"; do
		rt_ok "$name is accused, as a tool of the script" rt_events \
			wormsign.actor=tool package.name="$name" wormsign.verdict=kill \
			'wormsign.effect~killed|refused'
	done
	rt_silent
	rt_no_survivors
	rt_ok 'the block names it' grep -q 'STOPPED  named-x.* (tool of prepare)' \
		"$LAB/out.$RT_LANE"
fi

# ---- In another script the same is reported, and nothing is stopped.
rt_setup() {
	lab_as_user "$RT_PROJECT" npm install --ignore-scripts >/dev/null 2>&1
	scripts deploy
}
RT_COMMAND=(npm run deploy)
if rt_guarded deploy; then
	rt_is 'exit status' "$RT_STATUS" 0
	rt_leaked "${loot[@]}"
	for name in "${family[@]}"; do
		rt_ok "$name is reported" rt_events package.name="$name" wormsign.mode=audit \
			wormsign.flags=only-reported wormsign.verdict=kill
	done
	rt_ok 'the summary says so' grep -q \
		'alert .*named-x.* (tool of deploy): cloud-credentials' "$LAB/out.$RT_LANE"
fi
LAB_WORMSIGN_ARGS=--tools=enforce
if rt_guarded deploy-enforced; then
	rt_is 'exit status' "$RT_STATUS" 86
	rt_silent
	rt_no_survivors
fi
LAB_WORMSIGN_ARGS=
rm -f "/tmp/${LAB##*/}-npm-cli.js"

# ---- Honest: a tool that sets git up, patches a dependency, reads .env, and starts npm.
RT_DEPENDENCIES=() RT_ATTACKERS=() RT_COMMAND=(npm install)
tool honest-x honest-it '' 'git config core.hooksPath .husky/_ && mkdir -p .husky/_ &&
echo true >.husky/_/pre-commit && echo "// patched" >>node_modules/ms/index.js && cat .env &&
cat "$HOME/.npmrc" >/dev/null && npm run --silent generate && mkdir -p "$HOME/.cache" &&
touch "$HOME/.cache/honest"'
rt_setup() {
	jq '.scripts = {prepare: "honest-it", generate: "echo x >generated"}' \
		"$RT_PROJECT/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
	lab_as_user "$RT_PROJECT" sh -c 'git init -q . && echo A=b >.env'
}
if rt_guarded honest; then
	rt_peaceful
	rt_ok 'it did its work' lab_as_user "$RT_PROJECT" sh -c 'grep -q patched \
		node_modules/ms/index.js && [ -s generated ] && [ -s .husky/_/pre-commit ] &&
		[ "$(git config core.hooksPath)" = .husky/_ ]'
	rt_ok 'and is named' rt_events event.action=exec wormsign.actor=tool package.name=honest-x
fi
rt_end
