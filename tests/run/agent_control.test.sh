#!/bin/bash
# Asking an agent that runs: what it watches, who sees what of it, and who may end what; and new
# rules for an agent whose sessions run on with the old ones.
. tests/run/lib.sh
needs jq setpriv python3

chmod 711 "$work"
socket=$work/run/agent.sock
agent=
trap 'kill "$agent" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/run" "$work/rules"
jq -n --arg rules "$work/rules" '{rules: [$rules]}' >"$work/config"
declare -A uid=([one]=54321 [two]=54322)
for u in one two; do
	mkdir "$work/$u"
	chown "${uid[$u]}:${uid[$u]}" "$work/$u"
done
start_agent() { # [PROGRAM]
	rm -f "$work/agent.out" # what an earlier one has said
	# as systemd says it, if there is a watchdog
	sh -c 'export WATCHDOG_PID=$$; exec "$@"' - "${1:-$WORMSIGN}" agent --socket "$socket" \
		--config "$work/config" >"$work/agent.out" 2>&1 &
	agent=$!
	wait_for 60 grep -qs listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }
}
as() { # USER COMMAND...
	local user=$1
	shift
	(cd "$work/$user" && exec env HOME="$work/$user" \
		setpriv --reuid "${uid[$user]}" --regid "${uid[$user]}" --clear-groups "$@")
}
# begin USER NAME [COMMAND]: a session that waits; its client's pid is in $client
begin() {
	local user=$1 name=$2
	as "$user" "$WORMSIGN" run -q --socket "$socket" --log "$work/$user/$name.log" -- \
		sh -c "echo \$\$ >$name.pid; ${3:-exec sleep 300}" 2>"$work/$name.err" & client=$!
	wait_for 20 test -s "$work/$user/$name.pid" || missing "$name did not begin"
}
session_of() { jq -r .wormsign.session "$work/$1.log" | head -n 1; } # USER/NAME
status_of() { # USER FILTER
	if [ "$1" = root ]; then
		"$WORMSIGN" status --json --socket "$socket"
	else
		as "$1" "$WORMSIGN" status --json --socket "$socket"
	fi | jq -r "$2"
}
stop() { # USER SESSION
	if [ "$1" = root ]; then
		"$WORMSIGN" stop --socket "$socket" "$2"
	else
		as "$1" "$WORMSIGN" stop --socket "$socket" "$2"
	fi 2>"$work/err"
}
servers() { pgrep -x wormsign-server -P "$agent"; } # each with a kernel side
server_count() { servers | wc -l; }
one_server() { [ "$(server_count)" = 1 ]; }
reload() { "$WORMSIGN" reload --socket "$socket" 2>"$work/err"; }
yes_if() { "$@" && echo yes || echo no; }
lives() { kill -0 "$(cat "$work/$1")" 2>/dev/null; }

"$WORMSIGN" status --socket "$socket" 2>"$work/err"
same "status without an agent" 125 $?
has "... says so" "cannot be reached" "$(cat "$work/err")"
"$WORMSIGN" stop --socket "$socket" 1 2>"$work/err"
same "stop without an agent" 125 $?
reload
same "reload without an agent" 125 $?
start_agent

# What runs, and who sees it.
same "no session so far" 0 "$(status_of root '.sessions | length')"
same "its rules are loaded" yes "$(yes_if [ "$(status_of root '.parts[0].rules')" -gt 10 ])"
begin one a
a=$client
begin two b
b=$client
one=$(session_of one/a) two=$(session_of two/b)
same "root sees both" "$(sort <<<"$one"$'\n'"$two")" \
	"$(status_of root '.sessions[].session' | sort)"
same "a user sees his own" "$one" "$(status_of one '.sessions[].session')"
same "... and the other his" "$two" "$(status_of two '.sessions[].session')"
same "what is said of it" "54321 null enforce null 0" \
	"$(status_of one '.sessions[0] | "\(.uid) \(.ended) \(.mode) \(.stopped_by) \(.lost)"')"
# the client that it names is the one that watches: the parent of the command
same "the client" "$(ps -o ppid= -p "$(cat "$work/one/a.pid")" | tr -d ' ')" \
	"$(status_of one '.sessions[0].client')"
text=$("$WORMSIGN" status --socket "$socket")
has "for people" "$one" "$text"
has "... how many" "2 sessions run, 0 that ended are remembered" "$text"
has "... as a user" "1 session runs" "$(as two "$WORMSIGN" status --socket "$socket")"

# Verdicts are counted while it runs.
begin two c 'cp /bin/true /dev/shm/x 2>/dev/null; exec sleep 300'
c=$client
three=$(session_of two/c)

# Who may end what.
stop one "$two"
same "another user's session" 1 $?
has "... is as if it were not there" "no session $two of yours" "$(cat "$work/err")"
stop one 17
same "a session that is not there" 1 $?
same "... and it lives on" yes "$(yes_if lives two/b.pid)"
stop one x
same "what is no number" 125 $?
stop one "$one"
same "his own" 0 $?
gone() { ! lives "$1"; } # and its parent knows
same "... is over" yes "$(yes_if wait_for 10 gone one/a.pid)"
wait "$a"
same "... and its status is that of a killed command" 137 $?
has "... of which it says why" 'ended by `wormsign stop`' "$(cat "$work/a.err")"
same "... as does status" "user yes" \
	"$(status_of one '.sessions[0] | "\(.stopped_by) \(if .ended then "yes" else "no" end)"')"
stop one "$one"
same "twice" 1 $?
stop root "$two"
same "root any" 0 $?
wait "$b"
same "... whose status" 137 $?
has "... says by whom" 'ended by `wormsign stop` of root' "$(cat "$work/b.err")"
same "a third is not touched" yes "$(yes_if lives two/c.pid)"

# A session whose worker does not listen is ended all the same.
worker=$(pgrep -x wormsign-worker -P "$(servers)")
kill -STOP "$worker"
stop two "$three" & stopper=$!
same "a session whose worker is stopped is killed" yes "$(yes_if wait_for 10 gone two/c.pid)"
kill -CONT "$worker"
wait $stopper
same "... and whoever waits for it is told" 0 $?
wait "$c"
same "... as is its client" 137 $?

# What outlives the command is ended, too.
begin one d 'setsid sleep 300 & echo $! >left.pid; exec sleep 300'
d=$client
stop one "$(session_of one/d)"
same "a process in a session of its own (setsid)" yes "$(yes_if wait_for 10 gone one/left.pid)"
wait "$d"
same "all that ended is remembered" 4 "$(status_of root '.sessions | map(select(.ended)) | length')"

# Silent and cut clients cost nobody else anything.
silent() {
	as one python3 -c "
import os, socket, time
s = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(300)]
for x in s:
    x.connect('$socket')
print(os.getpid(), flush=True)
time.sleep(300)"
}
silent >"$work/silent" & mute=$!
wait_for 20 test -s "$work/silent"
as one "$WORMSIGN" status --socket "$socket" >/dev/null 2>"$work/err"
same "who has many silent clients gets no more" 125 $?
has "... is told why" "clients that say nothing" "$(cat "$work/err")"
as two "$WORMSIGN" run -q --socket "$socket" --log "$work/two/log" -- sh -c 'exit 7'
same "another user is served" 7 $?
stop root 17
same "root is served" 1 $?
can_ask() { as one "$WORMSIGN" status --socket "$socket" >/dev/null 2>&1; }
same "they are let go after some seconds" yes "$(yes_if wait_for 15 can_ask)"
kill "$(cat "$work/silent")"
wait $mute
# ---- reload ----
# A rule that reports who reads $work/NAME, for NAME.json.
rule() {
	jq -n --arg id "$1" --arg path "$work/$1" '{id: $id, title: "Somebody reads a file",
		severity: "low", on: ["read"], actor: ["job"], path: [$path], action: "alert",
		attack: ["T1005"], references: ["https://attack.mitre.org/techniques/T1005/"],
		why: "It is a test.", remedy: "Nothing is to be done.",
		tests: {fires: [{op: "read", actor: "job", path: $path}],
			quiet: [{op: "read", actor: "package", path: $path}]}}' \
		>"$work/rules/$1.json"
	echo x >"$work/$1"
}
# reads NAME: a command that reads both files when $work/go is there, and then waits
waits="while [ ! -e $work/go ]; do sleep 0.1; done"
reads="cat $work/first $work/second >/dev/null 2>&1; echo x >\$HOME/done; $waits; \
	cat $work/first $work/second >/dev/null; echo x >\$HOME/read; exec sleep 300"
alerts() { status_of root ".sessions[] | select(.session == \"$1\") | .verdicts.alert"; }
rule first
before=$(servers)
reload
same "a reload" 0 $?
has "... which the agent says, too" "reloaded" "$(cat "$work/agent.out")"
same "without sessions the old server is gone" yes "$(yes_if wait_for 10 one_server)"
same "... and another is there" yes "$(yes_if [ "$(servers)" != "$before" ])"
as one "$WORMSIGN" reload --socket "$socket" 2>"$work/err"
same "a user may not" 1 $?
has "... and is told" "only root" "$(cat "$work/err")"

begin one e "$reads"
e=$client old=$(session_of one/e)
wait_for 10 test -e "$work/one/done"
same "a rule that a reload brought is in force" 1 "$(alerts "$old")"
rule second
reload
same "a reload while a session runs" 0 $?
same "two servers" 2 "$(server_count)"
begin two f "$reads"
f=$client new=$(session_of two/f)
same "the new session has both rules" 2 "$(wait_for 10 test -e "$work/two/done"
	alerts "$new")"
echo >"$work/go"
wait_for 10 test -e "$work/one/read"
wait_for 10 test -e "$work/two/read"
rm -f "$work/go"
same "the old one has what it began with" 2 "$(alerts "$old")"
same "... beside the new one" 4 "$(alerts "$new")"
same "status names both" "false true" "$(status_of root '[.parts[].draining] | join(" ")')"
same "a user sees his own of the old server" "$old" \
	"$(status_of one '.sessions[] | select(.ended | not) | .session')"
stop two "$old"
same "another's session of the old server" 1 $?
stop one "$old"
same "his own of the old server" 0 $?
wait "$e"
same "... whose status" 137 $?
same "the old server ends with it" yes "$(yes_if wait_for 10 one_server)"

# What is wrong changes nothing.
current=$(servers)
echo '{"id": "second", "title": 7}' >"$work/rules/bad.json"
reload
same "a bad rule" 1 $?
has "... is named, and where" "$work/rules/bad.json" "$(cat "$work/err")"
same "... and nothing has changed" "$current" "$(servers)"
rm "$work/rules/bad.json"
cp "$work/config" "$work/config.good"
echo '{"rulse": [], "limits": {"sessions": 0}}' >"$work/config"
reload
same "a bad configuration" 1 $?
has "... is named" 'do you mean "rules"?' "$(cat "$work/err")"
has "... and so is the next error" "/limits/sessions" "$(cat "$work/err")"
echo '{"group": "root"}' >"$work/config"
reload
same "what cannot change" 1 $?
has "... is named" '"group"' "$(cat "$work/err")"
cp "$work/config.good" "$work/config"
chmod 666 "$work/rules/first.json"
reload
same "a rule that others can write" 1 $?
has "... is named" "$work/rules/first.json can be written" "$(cat "$work/err")"
chmod 644 "$work/rules/first.json"
same "nothing has changed by all that" "$current" "$(servers)"
same "... and the session runs on" yes "$(yes_if lives two/f.pid)"

# SIGHUP.
kill -HUP "$agent"
two_servers() { [ "$(server_count)" = 2 ]; }
not_reloading() { [ "$(status_of root '.parts | length')" = 2 ]; }
same "SIGHUP reloads" yes "$(yes_if wait_for 60 not_reloading)"
stop root "$new"
wait "$f"
same "one server is left" yes "$(yes_if wait_for 10 one_server)"

# Sessions of a server that a reload has replaced count in their user's limit.
jq '.limits = {sessions_per_user: 2}' "$work/config.good" >"$work/config"
reload
begin one i
i=$client
reload
begin one j
j=$client
same "two servers with a session each" 2 "$(server_count)"
as one "$WORMSIGN" run -q --socket "$socket" --log "$work/one/log" -- true 2>"$work/err"
same "a third session, where two are the limit" 125 $?
has "... says so" "limit for a user" "$(cat "$work/err")"
as two "$WORMSIGN" run -q --socket "$socket" --log "$work/two/log" -- sh -c 'exit 7'
same "... is another user's first" 7 $?
stop one "$(session_of one/i)"
wait "$i"
wait_for 10 one_server
as one "$WORMSIGN" run -q --socket "$socket" --log "$work/one/log" -- sh -c 'exit 7'
same "when the old one's is over there is room" 7 $?
stop one "$(session_of one/j)"
wait "$j"
cp "$work/config.good" "$work/config"
reload
wait_for 10 one_server

# Its new server is killed while it starts: nothing has changed.
current=$(servers)
reload & reloader=$!
wait_for 20 two_servers
kill -9 "$(servers | grep -vx "$current")"
wait $reloader
same "a new server that is killed" 1 $?
has "... says so" "killed by signal 9" "$(cat "$work/err")"
same "... and the old one goes on" "$current" "$(servers)"
as two "$WORMSIGN" run -q --socket "$socket" --log "$work/two/log" -- sh -c 'exit 7'
same "... with new sessions" 7 $?

# Two at once: one of them is told to wait.
reload & reloader=$!
wait_for 20 two_servers
"$WORMSIGN" reload --socket "$socket" 2>"$work/err2"
same "a second reload at once" 1 $?
has "... is told why" "under way" "$(cat "$work/err2")"
wait $reloader
same "... and the first is done" 0 $?
wait_for 10 one_server

# Twenty sessions begin, run and end while reloads come and go, one of them with a bad rule. None is
# lost, none is unwatched: each has its verdict in its log.
stream() { # NUMBER
	local i
	for ((i = 0; i < 5; i++)); do
		as one "$WORMSIGN" run -q --socket "$socket" --log "$work/one/s$1.$i.log" -- \
			sh -c "cat $work/first >/dev/null; sleep 0.5; exit 9" 2>>"$work/s.err"
		echo $?
	done
}
streams=()
for i in 1 2 3 4; do
	stream $i >"$work/statuses$i" & streams+=($!)
done
reload
same "a reload between twenty sessions" 0 $?
echo '{' >"$work/rules/bad.json"
reload
same "a bad one" 1 $?
rm "$work/rules/bad.json"
reload
same "a good one" 0 $?
wait "${streams[@]}"
same "all have ended as they should" "20 9" "$(cat "$work"/statuses? | sort | uniq -c | xargs)"
for i in 1 2 3 4; do
	for j in 0 1 2 3 4; do
		same "session $i.$j was watched" first "$(events 'select(.rule.id) | .rule.id' \
			"$work/one/s$i.$j.log" | sort -u)"
	done
done
[ ! -s "$work/s.err" ] || head -n 5 "$work/s.err"
same "one server is left of all" yes "$(yes_if wait_for 20 one_server)"

# A server that hangs does not take clients with old rules when it wakes up: it is killed.
begin one g
g=$client
hung=$(servers)
kill -STOP "$hung"
kill -HUP "$agent"
no_hung() { ! kill -0 "$hung" 2>/dev/null; }
same "a server that hangs at a reload is killed" yes "$(yes_if wait_for 60 no_hung)"
wait "$g"
same "... and its session ends closed" 125 $?
same "... which is over" yes "$(yes_if wait_for 10 gone one/g.pid)"
as two "$WORMSIGN" run -q --socket "$socket" --log "$work/two/log" -- sh -c 'exit 7'
same "the new server serves" 7 $?

# Sessions of two servers end when the agent does, and say so.
begin one g
g=$client
reload
begin two h
h=$client
all=$(servers)
kill -9 "$agent"
wait "$g"
same "a session of the old server when the agent is killed" 125 $?
wait "$h"
same "... of the new one" 125 $?
for u in one/g two/h; do
	same "... is over: $u" yes "$(yes_if wait_for 10 gone $u.pid)"
done
no_server() { local s; for s in $all; do ! kill -0 "$s" 2>/dev/null || return 1; done; }
same "no server outlives it" yes "$(yes_if wait_for 10 no_server)"
start_agent
begin one i
i=$client
kill -9 "$(servers)"
wait "$i"
same "a session of a server that is killed" 125 $?
wait "$agent"
same "the agent ends with it, for its manager to restart it" 125 $?
# What the service manager is told, and a new version: a copy of the program, replaced by another
# that says it is version 9 (as many characters), while a session runs.
mkdir -p "$work/tree/.output"
cp -r rules "$work/tree/"
cp "$WORMSIGN" "$work/tree/.output/wormsign"
version=$("$WORMSIGN" --version | cut -d ' ' -f 2)
newer=$(tr 0-9 9 <<<"$version")
python3 - "$WORMSIGN" "$version" "$newer" "$work/newer" <<-'PY'
	import re, sys
	old, new = (v.encode() for v in sys.argv[2:4])
	program = open(sys.argv[1], "rb").read()
	# not the versions of symbols: LIBBPF_0.1.0
	program = re.sub(rb"(?<![\w.])" + re.escape(old) + rb"(?![\w.])", new, program)
	open(sys.argv[4], "wb").write(program)
PY
chmod 755 "$work/newer" "$work/tree" "$work/tree/.output"
python3 -c "
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('$work/notify')
print('bound', flush=True)
while True:
    print(s.recv(4096).decode().replace('\\n', ' '), flush=True)" >"$work/told" & manager=$!
wait_for 10 grep -qs bound "$work/told"
told() { grep -c "^$1" "$work/told"; }
export NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=400000
start_agent "$work/tree/.output/wormsign"
unset NOTIFY_SOCKET WATCHDOG_USEC
wait_for 10 grep -q READY=1 "$work/told"
same "it says that it is ready, once" 1 "$(told READY=1)"
alive() { [ "$(told WATCHDOG=1)" -gt "$1" ]; }
same "... and from time to time that it is alive" yes "$(yes_if wait_for 10 alive 3)"
begin one j
j=$client
mv "$work/newer" "$work/tree/.output/wormsign" # as an installation does
newer_run() {
	as two "$work/tree/.output/wormsign" run -q --socket "$socket" --log "$work/two/log" -- \
		sh -c 'exit 7' 2>"$work/err"
}
newer_run
same "a client that is newer than the agent" 125 $?
has "... is told what to do" 'wormsign reload' "$(cat "$work/err")"
"$work/tree/.output/wormsign" reload --socket "$socket"
same "a reload takes the new version" 0 $?
told_both() { [ "$(told RELOADING=1) $(told READY=1)" = "1 2" ]; }
wait_for 10 told_both # what it is sent, it prints a moment later
same "... and the manager is told" "1 2" "$(told RELOADING=1) $(told READY=1)"
newer_run
same "... which serves new clients" 7 $?
same "... while the old one's session runs on" yes "$(yes_if lives one/j.pid)"
count=$(told WATCHDOG=1)
same "... and the new one is alive" yes "$(yes_if wait_for 10 alive $((count + 3)))"
new_server=$(servers | while read -r s; do
	[ ! "/proc/$s/exe" -ef "$work/tree/.output/wormsign" ] || echo "$s"; done)
kill -STOP "$new_server"
count=$(told WATCHDOG=1)
same "a server that hangs is not said to be alive" no "$(yes_if wait_for 2 alive $((count + 1)))"
kill -CONT "$new_server"
kill $manager
wait $manager
kill -TERM "$agent"
wait "$agent"
same "SIGTERM ends all" 0 $?
wait "$j"
same "... with the sessions of a server that was replaced" 125 $?
done_testing
