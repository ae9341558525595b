#!/bin/bash
# Asking an agent that runs: what it watches, who sees what of it, and who may end what.
. tests/run/lib.sh
needs jq setpriv python3

chmod 711 "$work"
socket=$work/run/agent.sock
agent=
trap 'kill "$agent" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/run"
declare -A uid=([one]=54321 [two]=54322)
for u in one two; do
	mkdir "$work/$u"
	chown "${uid[$u]}:${uid[$u]}" "$work/$u"
done
start_agent() {
	"$WORMSIGN" agent --socket "$socket" >"$work/agent.out" 2>&1 & agent=$!
	wait_for 60 grep -q listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }
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
yes_if() { "$@" && echo yes || echo no; }
lives() { kill -0 "$(cat "$work/$1")" 2>/dev/null; }

"$WORMSIGN" status --socket "$socket" 2>"$work/err"
same "status without an agent" 125 $?
has "... says so" "cannot be reached" "$(cat "$work/err")"
"$WORMSIGN" stop --socket "$socket" 1 2>"$work/err"
same "stop without an agent" 125 $?
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
same "... is over at once" no "$(yes_if lives one/a.pid)"
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
worker=$(pgrep -x wormsign-worker -P "$(pgrep -x wormsign-server -P "$agent" || echo "$agent")")
kill -STOP "$worker"
stop two "$three" & stopper=$!
gone() { ! lives "$1"; }
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
same "a process in a session of its own (setsid)" no "$(yes_if lives one/left.pid)"
wait "$d"
same "all that ended is remembered" 4 "$(status_of root '[.sessions[] | select(.ended)] | length')"

# Silent and cut clients cost nobody else anything.
silent() {
	as one python3 -c "
import socket, sys, time
s = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(300)]
for x in s:
    x.connect('$socket')
print('connected', flush=True)
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
kill $mute
wait $mute 2>/dev/null
done_testing
