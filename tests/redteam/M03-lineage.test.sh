#!/bin/bash
# M03: scripts that hide which package they belong to, a dependency with a bin called `sh`, and ways
# to start npm.
# vm: no (minutes of emulated npm)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin M03 'whose script it is'
RT_SCRIPTED=()

# ---- One install, many ways to leave one's process tree. Each steals another file and is still
# named.
take() { # NAME FILE SCRIPT, in which TAKE is the theft
	rt_package "$1" 1.0.0 files postinstall "${3//TAKE/node take.js $2}"
	family+=("$1")
	loot+=("$2")
}
family=() loot=()
forged='npm_package_name=ms npm_package_version=9.9.9 npm_lifecycle_event=test npm_package_json=/x'
take forge-env-x .aws/credentials "$forged TAKE"
take own-session-x .vault-token 'setsid -w env -i HOME="$HOME" PATH="$PATH" sh -c "(TAKE)"'
take nested-npm-x .kube/config 'npm exec --yes -c "TAKE"'
take other-binary-x .netrc 'cp "$(command -v node)" ./npm-cli.js && ./npm-cli.js take.js .netrc'
take user-namespace-x .docker/config.json 'unshare -U true; TAKE'
# The rest of a string that is longer than the buffer must not be taken for a variable.
dir=$LAB/packages/long-config-x
take long-config-x .pypirc 'TAKE'
jq '.version = "1.0.1" |
	.config.x = "x" * (1023 - ("npm_package_config_x=" | length)) +
		"npm_package_version=9.9.9"' \
	"$dir/package.json" >"$LAB/p.json" && cat "$LAB/p.json" >"$dir/package.json" &&
	lab_publish "$dir"
RT_ATTACKERS[-1]='long-config-x 1.0.1 postinstall'

rt_control family
rt_leaked "${loot[@]}"
if rt_guarded family; then
	rt_is 'exit status' "$RT_STATUS" 86
	for name in "${family[@]}"; do
		rt_accused "$name" 'secret|credential|token|config'
	done
	rt_no_innocent_accused
	rt_silent
	rt_no_survivors
fi

# ---- A dependency whose bin is called `sh`: npm runs it for every other package's script.
RT_DEPENDENCIES=() RT_ATTACKERS=()
rt_package hijack-x 1.0.0 files - -
dir=$LAB/packages/hijack-x hijacked=/tmp/${LAB##*/}.hijacked
cat >"$dir/hijack" <<SH
#!/bin/sh
echo "\$npm_package_name" >>"$hijacked"
node "$RT_HOME/work/app/node_modules/hijack-x/take.js" .aws/credentials
exec /bin/sh "\$@"
SH
jq '.version = "1.0.1" | .bin = {sh: "hijack"}' "$dir/package.json" >"$LAB/p.json" &&
	cat "$LAB/p.json" >"$dir/package.json"
chmod 755 "$dir/hijack"
lab_publish "$dir"
rt_package bystander-x 1.0.0 - postinstall 'true'
# whose script it is; the record names the file that ran
RT_ATTACKERS=('bystander-x 1.0.0 postinstall')
rt_control hijack
rt_leaked .aws/credentials
rt_is 'whose script the other package ran' "$(cat "$hijacked")" bystander-x
rm -f "$hijacked"
if rt_guarded hijack; then
	rt_is 'exit status' "$RT_STATUS" 86
	rt_accused bystander-x 'secret|credential'
	program='process.args,process.command_line,process.executable'
	rt_ok 'the log shows the hijacker' rt_events "$program~(hijack-x|node_modules/\.bin/sh)"
	rt_silent
	rt_no_survivors
fi
rm -f "$hijacked"

# ... and for the project's own: as a tool of its package.
RT_DEPENDENCIES=('?hijack-x') RT_ATTACKERS=('hijack-x 1.0.1 prepare')
rt_setup() {
	jq '.scripts.prepare = "true honest"' "$RT_PROJECT/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
}
if rt_guarded shadow; then
	rt_ok "an alert names the bin's package" rt_events rule.id=system-program-shadowed \
		event.kind=alert package.name=hijack-x
	rt_ok 'so does the summary' grep -q \
		"(tool of prepare): system-program-shadowed, run sh of hijack-x in place of the" \
		"$LAB/out.$RT_LANE"
	rt_is 'exit status' "$RT_STATUS" 86
	rt_ok 'it is stopped, under its name' grep -q 'STOPPED  hijack-x.* (tool of prepare)' \
		"$LAB/out.$RT_LANE"
	rt_silent
fi
unset -f rt_setup

# ---- The ways to start npm, and its commands.
RT_DEPENDENCIES=() RT_ATTACKERS=()
rt_package @lab/thief 1.0.0 classic postinstall 'node collect.js'
npm=$(realpath "$(command -v npm)")
# lock file and tree, before the run
prepared() { lab_as_user "$RT_PROJECT" npm install --ignore-scripts >/dev/null 2>&1; }
started() { # LANE COMMAND...
	local lane=$1
	shift
	RT_COMMAND=("$@")
	rt_guarded "$lane" || return
	rt_is 'exit status' "$RT_STATUS" 86
	rt_accused @lab/thief 'secret|credential'
	rt_silent
}
rt_setup() { prepared; }
RT_COMMAND=(npm rebuild)
rt_control rebuild
rt_leaked .aws/credentials
started ci npm ci
started rebuild npm rebuild
rt_setup() {
	: >"$RT_PROJECT/hook.js"
	ln -sf "$npm" "$RT_TOOLS/npm"
}
started preload node -r ./hook.js "$npm" install
started require node --require=./hook.js --no-warnings "$npm" install
started link "$RT_TOOLS/npm" install
started exec npm exec --yes --package=@lab/thief -- true
started npx npx --yes --package=@lab/thief -- true
rt_setup() { # a workspace
	mkdir -p "$RT_PROJECT/packages/a"
	jq '.name = "a"' "$RT_PROJECT/package.json" >"$RT_PROJECT/packages/a/package.json"
	echo '{"name":"root","version":"1.0.0","private":true,"workspaces":["packages/*"]}' \
		>"$RT_PROJECT/package.json"
	chown -R "$LAB_UID:$LAB_GID" "$RT_PROJECT"
}
rm -f "$RT_TOOLS/npm"
started workspace npm install
rt_end
