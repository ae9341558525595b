#!/bin/bash
# Where the kernel side cannot refuse an open (watch), the agent refuses to packages the files that
# hold tokens, for each session by a process of its own: ordinary users, real opens. If a part of
# the agent is killed while a script tries, the script gets nothing.
. tests/run/lib.sh
needs npm jq setpriv python3 git

chmod 711 "$work"
socket=$work/run/agent.sock
mkdir "$work/run"
start_agent() {
	rm -f "$work/agent.out"
	"$WORMSIGN" agent --socket "$socket" >"$work/agent.out" 2>&1 & agent=$!
	wait_for 60 grep -qs listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }
}
stop_agent() { kill "$agent" 2>/dev/null; wait "$agent" 2>/dev/null; }
trap 'stop_agent; kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT
server() { pgrep -x wormsign-server -P "$agent"; }
admitter() { pgrep -x wormsign-admit -P "$(server)"; }
guards() { pgrep -x wormsign-admit -P "$(admitter)"; }

declare -A uids=([one]=54341 [two]=54342)
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
for u in one two; do
	app=$work/$u/app
	mkdir -p "$app/node_modules/thief" "$work/$u/tmp"
	echo "//registry.example/:_authToken=$token" >"$work/$u/.npmrc"
	echo "//registry.example/:_authToken=$token" >"$app/.npmrc"
	echo "npmAuthToken: \"\${NPM_TOKEN}\"" >"$app/.yarnrc.yml"
	ln "$work/$u/.npmrc" "$app/notes"
	echo '{"name":"app","version":"1.0.0","dependencies":{"thief":"*"}}' >"$app/package.json"
	jq -n '{name: "thief", version: "6.6.6", scripts: {postinstall: "sh ./steal"}}' \
		>"$app/node_modules/thief/package.json"
	chmod -R go-rwx "$work/$u"
	chown -R "${uids[$u]}:${uids[$u]}" "$work/$u"
done
as() { # USER COMMAND...
	local user=$1
	shift
	(cd "$work/$user/app" && exec env HOME="$work/$user" TMPDIR="$work/$user/tmp" \
		npm_config_update_notifier=false npm_config_cache="$work/$user/.npm" \
		setpriv --reuid "${uids[$user]}" --regid "${uids[$user]}" --clear-groups "$@")
}
watched() { # USER COMMAND...
	local user=$1
	shift
	rm -f "$work/$user/log"
	as "$user" "$WORMSIGN" run -q --socket "$socket" --log "$work/$user/log" -- "$@"
}
script() { # USER: what the package runs, from stdin; what it gets hold of goes to loot
	rm -f "$work/$1/app/node_modules/thief/loot"* "$work/$1/app/node_modules/thief/began"
	cat >"$work/$1/app/node_modules/thief/steal"
}
loot() { cat "$work/$1/app/node_modules/thief/loot"*; }
stolen() { loot "$1" 2>/dev/null | grep -c "$token"; }
refused() {
	events 'select(.wormsign.verdict == "hide" and .wormsign.effect == "refused") |
		"\(.package.name) \(.rule.id)"' "$1" | sort -u
}
accused() { events 'select(.wormsign.verdict == "kill") | .rule.id' "$1"; }

start_agent
watched one true
if [ "$(events 'select(.wormsign.event == "session-start") | .wormsign.backend' \
	"$work/one/log")" = deny ]; then
	echo "SKIP: this kernel refuses opens by itself"
	exit 77
fi
ways() {
	cat <<-'SH'
		cat ~/.npmrc ../../.npmrc ../../notes /proc/self/root$HOME/.npmrc >loot 2>loot.err
		node -e 'for (const p of [process.env.HOME, process.env.INIT_CWD])
			try { console.log(fs.readFileSync(p + "/.npmrc", "utf8")) } catch {}' \
			>loot.node
		python3 -c 'import os, threading, pathlib
		f = lambda: print(os.read(os.open(pathlib.Path.home() / ".npmrc", os.O_RDWR), 99))
		t = threading.Thread(target=f); t.start(); t.join()' >loot.py 2>loot.py.err
		cp ../../.yarnrc.yml loot.yarnrc
		exit 0
	SH
}
ways | script one
as one npm rebuild >/dev/null 2>&1
same "control: the package steals" 7 "$(stolen one)"
ways | script one
watched one npm rebuild >"$work/out" 2>&1
same "the install goes on" 0 $?
same "nothing is stolen" 0 "$(stolen one)"
same "to it they are empty" '' "$(cat "$work/one/app/node_modules/thief/loot")"
has "a file with a reference it may read" 'NPM_TOKEN' "$(loot one)"
same "it is told" 'thief npmrc-hidden' "$(refused "$work/one/log")"
same "nobody is accused" '' "$(accused "$work/one/log")"
same "the log does not say that files were open" '' \
	"$(events 'select(.wormsign.withheld) | .wormsign.withheld.files_open // empty' \
	"$work/one/log")"

# A guard that has nothing to do takes no time.
script one <<-'SH'
	: >began
	n=0
	while [ $n -lt 400 ] && ! [ -e loot.end ]; do sleep 0.05; n=$((n + 1)); done
SH
watched one npm rebuild >"$work/out" 2>&1 & one=$!
wait_for 30 [ -e "$work/one/app/node_modules/thief/began" ]
ticks() { awk '{ print $14 + $15 }' "/proc/$(guards)/stat"; }
before=$(ticks)
sleep 1
same "an idle guard is idle" yes "$([ $(($(ticks) - before)) -lt 10 ] && echo yes)"
: >"$work/one/app/node_modules/thief/loot.end"
wait "$one"

# What the job does with its own files while a script of its session runs.
script one <<-'SH'
	: >began
	n=0
	while [ $n -lt 400 ] && ! [ -e loot.end ]; do
		cat ~/.npmrc >>loot 2>/dev/null
		n=$((n + 1))
	done
SH
cat >"$work/one/job" <<-SH
	npm rebuild & npm=\$!
	n=0
	while [ \$n -lt 600 ] && ! [ -e node_modules/thief/began ]; do
		sleep 0.05
		n=\$((n + 1))
	done
	grep -c $token ~/.npmrc
	npm config set init-author-name=me && grep -c $token ~/.npmrc
	sed -i s/me/you/ ~/.npmrc && grep -c $token ~/.npmrc
	cp ~/.npmrc ~/new && mv ~/new ~/.npmrc && grep -c $token ~/.npmrc
	rm ~/.npmrc && echo '//registry.example/:_authToken=$token' >~/.npmrc
	grep -c $token ~/.npmrc
	: >node_modules/thief/loot.end
	wait \$npm
SH
watched one sh "$work/one/job" >"$work/out" 2>&1
same "the job reads, edits and replaces its file" '1 1 1 1 1' \
	"$(grep -x '[0-9][0-9]*' "$work/out" | tr '\n' ' ' | sed 's/ $//')"
same "and nothing is stolen meanwhile" '0 thief npmrc-hidden' \
	"$(stolen one) $(refused "$work/one/log")"

# The checkout's token in git's configuration: git works below a package, without it; the job's git
# has it, before, during and after. So it is with `run` alone.
basic=$(printf 'x-access-token:%s' "$token" | base64 -w0)
git_of_one() { as one git "$@"; }
git_of_one init -q . && git_of_one -c user.name=x -c user.email=x@x commit -q --allow-empty -m x
git_of_one config http.https://git.invalid/.extraheader "AUTHORIZATION: basic $basic"
git_of_one remote add origin "https://x:$token@git.invalid/x.git"
git_script() {
	script one <<-'SH'
		cd ../..
		loot=node_modules/thief/loot
		head=$(git rev-parse HEAD)
		git config -l >$loot 2>&1
		git config --get-urlmatch http https://git.invalid/ >>$loot 2>&1
		git remote -v >>$loot 2>&1
		git -c alias.x='!git config -l' x >>$loot 2>&1
		GIT_TRACE_CURL=1 GIT_TRACE_REDACT=0 git ls-remote >>$loot 2>&1
		cp .git/config $loot.copy
		cat linked >$loot.linked
		git worktree list >>$loot 2>&1
		node -e 'console.log(fs.readFileSync(".git/config", "utf8"))' \
			>$loot.node 2>/dev/null
		echo "$head $(git describe --always --dirty)" \
			"$(git status -s | wc -l)" >$loot.works
		exit 0
	SH
}
# what the job's own git sees, meanwhile changing the file as git does
cat >"$work/one/git-job" <<-SH
	git config -l | grep -c "$basic"
	git config a.b c
	ln -f .git/config linked
	npm rebuild
	git config -l | grep -c "$basic"
	git remote -v | grep -c "$token"
SH
git_script
as one sh "$work/one/git-job" >"$work/out" 2>&1
same "control: git shows the token" yes \
	"$([ "$(loot one | grep -c "$basic")" -gt 2 ] && echo yes)"
works=$(cat "$work/one/app/node_modules/thief/loot.works")
for way in agent alone; do
	git_script
	rm -f "$work/one/log"
	if [ $way = agent ]; then
		watched one sh "$work/one/git-job" >"$work/out" 2>&1
	else
		(cd "$work/one/app" && SUDO_UID=${uids[one]} SUDO_GID=${uids[one]} SUDO_USER=one \
			HOME=$work/one TMPDIR=$work/one/tmp npm_config_update_notifier=false \
			npm_config_cache=$work/one/.npm "$WORMSIGN" run -q --no-agent \
			--log "$work/one/log" -- sh "$work/one/git-job") >"$work/out" 2>&1
	fi
	same "$way: git: status" 0 $?
	same "$way: no token" 0 "$(loot one | grep -c -e "$basic" -e "$token")"
	same "$way: git works for the script" "$works" \
		"$(cat "$work/one/app/node_modules/thief/loot.works")"
	same "$way: the job's git has it" '1 1 2' \
		"$(grep -x '[0-9][0-9]*' "$work/out" | tr '\n' ' ' | sed 's/ $//')"
	same "$way: it is told" 'thief git-token-hidden' "$(refused "$work/one/log")"
	same "$way: nobody is accused of it" '' "$(accused "$work/one/log")"
done
rm -rf "$work/one/app/.git" "$work/one/app/linked"

# Two users at once: each has a guard of his own, and is told of his own packages alone. One of them
# opens the file as fast as he can.
for u in one two; do
	script "$u" <<-'SH'
		: >began
		for i in 1 2 3 4 5 6; do
			(n=0; while [ $n -lt 9000 ] && ! [ -e loot.end ]; do
				true <~/.npmrc; n=$((n + 1)); done) 2>/dev/null &
		done
		cat ~/.npmrc >loot 2>/dev/null
		wait
		exit 0
	SH
done
script two <<-'SH'
	: >began
	n=0
	while [ $n -lt 100 ] && ! [ -e loot.end ]; do
		cat ~/.npmrc >>loot 2>/dev/null
		sleep 0.05
		n=$((n + 1))
	done
SH
watched two npm rebuild >"$work/out" 2>&1 & two=$!
wait_for 30 [ -e "$work/two/app/node_modules/thief/began" ]
of_two=$(guards)
# ... and names files of others, which all programs open
NETRC=/etc/passwd NPM_CONFIG_GLOBALCONFIG=$work/two/.npmrc YARN_RC_FILENAME=/etc/hosts \
	watched one npm rebuild >"$work/out" 2>&1 & one=$!
wait_for 30 [ -e "$work/one/app/node_modules/thief/began" ]
same "each session has a guard" 2 "$(guards | wc -l)"
# the guard of one stands still: his opens wait, and nobody else's
of_one=$(guards | grep -vx "$of_two") # numbers of processes begin again at some time
kill -STOP "$of_one"
as two timeout 30 grep -q "$token" "$work/two/.npmrc"
same "another user's file is read while one's guard stands still" 0 $?
timeout 30 cat /etc/passwd /etc/hosts >/dev/null
same "so are files of others that one has named" 0 $?
echo x >"$work/one/app/node_modules/thief/loot.other"
timeout 30 cat "$work/one/app/node_modules/thief/loot.other" >/dev/null
same "so is another file of one's" 0 $?
timeout 0.5 cat "$work/one/.npmrc" >/dev/null
same "control: his own waits" 124 $?
kill -CONT "$of_one"
: >"$work/one/app/node_modules/thief/loot.end"
: >"$work/two/app/node_modules/thief/loot.end"
wait "$two"
same "two's install goes on" 0 $?
wait "$one"
same "one's, too" 0 $?
for u in one two; do
	same "nothing of $u is stolen" 0 "$(stolen "$u")"
	same "$u is told of his own" 'thief npmrc-hidden' "$(refused "$work/$u/log")"
done
for _ in $(seq 100); do [ -z "$(guards)" ] || sleep 0.05; done
same "the guards end with their sessions" '' "$(guards)"
timeout 30 grep -q "$token" "$work/one/.npmrc"
same "nobody waits any more" 0 $?

# A part of the agent is killed while the script tries.
dies() { # WHAT: prints the pid of what is killed
	script one <<-'SH'
		: >began
		while :; do cat ~/.npmrc ../../.npmrc; done >loot 2>/dev/null
	SH
	watched one npm rebuild >"$work/out" 2>&1 & one=$!
	wait_for 30 [ -e "$work/one/app/node_modules/thief/began" ]
	sleep 0.$((RANDOM % 5))
	kill -KILL "$($1)"
	wait "$one"
	status=$?
	same "$1 is killed: the session fails" yes "$([ $status != 0 ] && echo yes || echo no)"
	same "$1 is killed: nothing is stolen" 0 "$(stolen one)"
	same "$1 is killed: nothing lives on" '' "$(pgrep -u "${uids[one]}" -x sh)"
}
for _ in 1 2 3 4; do dies guards; done
same "the agent goes on" yes "$(kill -0 "$agent" && echo yes)"
ln -f "$work/one/.npmrc" "$work/one/app/notes" # the job has put another file in its place
ways | script one
watched one npm rebuild >"$work/out" 2>&1
same "a new session has a new guard" '0 thief npmrc-hidden' \
	"$(stolen one) $(refused "$work/one/log")"
for part in admitter server; do
	dies $part
	stop_agent
	start_agent
done
done_testing
