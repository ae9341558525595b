#!/bin/bash
# The agent: users without any privilege run commands by it, each in a session of his own, with the
# verdicts, streams and statuses of a lone `run`; what clients do to it costs nobody else anything.
# Real users, by number: one and two have no more than other users have.
. tests/run/lib.sh
needs npm jq setpriv python3

chmod 711 "$work"
socket=$work/run/agent.sock
start_agent() {
	rm -f "$work/agent.out" # what an earlier one has said
	"$WORMSIGN" agent --socket "$socket" "$@" >"$work/agent.out" 2>&1 & agent=$!
	wait_for 60 grep -qs listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }
}
yes_if() { "$@" && echo yes || echo no; }
server() { pgrep -x wormsign-server -P "$agent"; } # which holds the kernel side
workers() { pgrep -x wormsign-worker -P "$(server)"; }
agents() { workers | wc -l; }
idle() { [ "$(agents)" = 0 ]; }
trap 'kill "$agent" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/run"
uid_one=54321 uid_two=54322
for u in one two; do
	uid=uid_$u
	mkdir -p "$work/$u/.aws" "$work/$u/app/node_modules/evil" "$work/$u/tmp"
	echo "aws_secret_access_key = AKIA$u" >"$work/$u/.aws/credentials"
	echo '{"name":"app","version":"1.0.0","dependencies":{"evil":"*"}}' \
		>"$work/$u/app/package.json"
	jq -n '{name: "evil", version: "6.6.6", scripts: {postinstall: "sh ./steal"}}' \
		>"$work/$u/app/node_modules/evil/package.json"
	echo "cat $work/$u/.aws/credentials >loot; :" \
		>"$work/$u/app/node_modules/evil/steal"
	chmod -R go-rwx "$work/$u"
	chown -R "${!uid}:${!uid}" "$work/$u"
done

# as USER COMMAND...: as that user, at home, with a log of his own
as() {
	local user=$1 uid=uid_$1
	shift
	(cd "$work/$user/app" && exec env HOME="$work/$user" TMPDIR="$work/$user/tmp" \
		npm_config_update_notifier=false npm_config_cache="$work/$user/.npm" \
		setpriv --reuid "${!uid}" --regid "${!uid}" --clear-groups "$@")
}
watched() { # USER [OPTION...] -- COMMAND...
	local user=$1
	shift
	as "$user" "$WORMSIGN" run --socket "$socket" --log "$work/$user/log" "$@"
}
verdicts() {
	events 'select(.wormsign.verdict and .rule.id) |
		"\(.package.name) \(.rule.id) \(.wormsign.verdict)"' "$1" | sort -u
}

watched one -q -- true 2>"$work/err"
same "control: without an agent a user cannot watch" 125 $?
has "... and learns which socket" "$socket cannot be reached" "$(cat "$work/err")"
as one "$WORMSIGN" run --no-agent --log "$work/one/log" -q -- true 2>"$work/err"
same "... nor by himself" 125 $?
has "... and learns what is missing" "missing: " "$(cat "$work/err")"
"$WORMSIGN" run -q --socket "$work/typo" --log "$work/log" -- touch "$work/ran" 2>"$work/err"
same "root and a socket that is not there" "125 no" "$? $(yes_if test -e "$work/ran")"
has "... names it" "--socket=$work/typo" "$(cat "$work/err")"
as one npm rebuild >/dev/null 2>&1
loot=app/node_modules/evil/loot
same "control: the package steals" "aws_secret_access_key = AKIAone" "$(cat "$work/one/$loot")"
rm -f "$work/one/$loot"
start_agent

# The same statuses, streams, directory, environment, limits as with `run` alone.
for want in 0 7; do
	watched one -q -- sh -c "exit $want"
	same "status $want" $want $?
done
watched one -q -- /nowhere 2>/dev/null
same "status of what is not found" 127 $?
watched one -q -- /etc/passwd 2>/dev/null
same "status of what cannot be executed" 126 $?
watched one -q -- sh -c 'kill -9 $$'
same "status of what a signal ended" 137 $?
same "streams" "in out" "$(echo in | watched one -q -- sh -c 'read -r x; echo $x out')"
for what in 'pwd' 'id' 'ulimit -n' 'umask' 'env | grep -v ^_= | sort' 'cat /proc/self/limits' \
	'grep -E "^(Cap|NoNewPrivs|Seccomp|SigBlk|SigIgn)" /proc/self/status' 'ls /proc/self/fd'; do
	same "as without: $what" "$(as one sh -c "$what")" "$(watched one -q -- sh -c "$what")"
done
same "a signal to the client goes to the command" 9 "$(
	watched one -q -- sh -c 'trap "exit 9" TERM; echo $PPID >'"$work/one/pid"'; while :; do
		sleep 0.05; done' & wait_for 20 test -s "$work/one/pid"
	kill "$(cat "$work/one/pid")"
	wait $!
	echo $?)"
watched one -q -- sh -c "setsid sleep 100 & echo \$! >$work/one/left; exit 3"
same "status with a leftover" 3 $?
lives() { kill -0 "$(cat "$work/$1")" 2>/dev/null; }
gone() { ! lives "$1"; }
same "the leftover is dead" yes "$(yes_if wait_for 20 gone one/left)"

rm -f "$work"/*/log
pids=()
# Attacks by two users at once: each is stopped, and each log has its own alone.
for u in one two; do
	watched $u -- npm rebuild >"$work/$u.out" 2>&1 &
	pids[${#pids[@]}]=$!
done
wait "${pids[0]}"
same "status of the one" 86 $?
wait "${pids[1]}"
same "status of the other" 86 $?
for u in one two; do
	same "nothing is stolen from $u" "" "$(cat "$work/$u/$loot")"
	same "verdicts of $u" "evil cloud-credentials kill" "$(verdicts "$work/$u/log")"
	same "sessions in the log of $u" 1 "$(events .wormsign.session "$work/$u/log" |
		sort -u | wc -l)"
	has "$u sees the block" "evil@6.6.6" "$(cat "$work/$u.out")"
	has "$u sees the summary" "cloud-credentials" "$(cat "$work/$u.out")"
	same "owner of the log of $u" "$(stat -c %u "$work/$u")" "$(stat -c %u "$work/$u/log")"
done

# A tool that keeps a directory of its own in the home, installed twice.
mkdir -p "$work/one/app/node_modules/tool"
jq -n '{name: "tool", version: "1.0.0", scripts: {postinstall: "sh ./keep"}}' \
	>"$work/one/app/node_modules/tool/package.json"
echo 'mkdir -p "$HOME/.tool" && cd "$HOME/.tool" && echo "$$" >new && mv new state' \
	>"$work/one/app/node_modules/tool/keep"
chown -R "$uid_one:$uid_one" "$work/one/app/node_modules/tool"
for run in first second; do
	watched one -q -- npm rebuild tool >/dev/null 2>"$work/err"
	same "a tool that keeps what it made: $run run" 0 $?
done
lacks "what the log of one knows of two" "$work/two" "$work/one/log"

# Scripts get no secret of the environment, and the summary says which.
echo "env >env; :" >"$work/one/app/node_modules/evil/steal"
MY_SECRET_TOKEN=gh1234567890abcdefgh watched one -- npm rebuild >"$work/one.out" 2>&1
lacks "the secret in the script's environment" gh1234567890 "$work/one/app/node_modules/evil/env"
has "... is named in the summary" MY_SECRET_TOKEN "$(cat "$work/one.out")"

# What it protects of the log: the packages of a session do not write theirs.
steal=node_modules/evil/steal
echo "echo x >>$work/one/log; :" >"$work/one/app/$steal"
watched one -q -- npm rebuild >/dev/null 2>&1
same "a package that writes the log" 86 $?
echo "kill -9 \$(cat $work/one/client)" >"$work/one/app/$steal"
as one sh -c "echo \$\$ >$work/one/client
	exec $WORMSIGN run -q --socket $socket --log $work/one/log -- npm rebuild" >/dev/null 2>&1
status=$?
case $status in 86 | 137) status=closed ;; esac
same "a package that kills the client does not get away with 0" closed $status
same "... and its session is over" yes "$(yes_if wait_for 10 idle)"

# What a user may not ask for.
watched one -q --mode audit -- true 2>"$work/err"
same "audit mode" 125 $?
has "... says why" '"audit": true' "$(cat "$work/err")"
watched one -q --rules rules -- true 2>"$work/err"
same "rules of his own" 125 $?
has "... says what to do" "--no-agent" "$(cat "$work/err")"
watched one -q --backend watch -- true 2>"$work/err"
same "another backend" 125 $?
mkdir -p "$work/one/.ssh"
echo fake >"$work/one/.ssh/id_ed25519"
chown -R $uid_one "$work/one/.ssh"
echo "cat $work/one/.ssh/id_ed25519 >$work/one/loot; :" >"$work/one/app/$steal"
watched one -q --cache "$work/one" --tmp "$work/one/.ssh" -- npm rebuild >/dev/null 2>&1
same "a home that is a cache protects what it did" 86 $?
"$WORMSIGN" run -q --log "$work/log" -- true
same "root runs without it" 0 $?
"$WORMSIGN" run -q --socket "$socket" --log "$work/log" -- true 2>"$work/err"
same "... and cannot ask for it" 125 $?
has "... says so" "does not use the agent" "$(cat "$work/err")"

# Inside a session.
watched one -q -- "$WORMSIGN" run -q --socket "$socket" --log "$work/one/log2" -- true \
	2>"$work/err"
same "a session in a session of the same agent" 125 $?
has "... says why" "watched already" "$(cat "$work/err")"

# The client dies: nothing of its session lives on.
as one sh -c "exec $WORMSIGN run -q --socket $socket --log $work/one/log -- sh -c '
	setsid sleep 100 & echo \$! >$work/one/child; echo \$\$ >$work/one/cmd; wait'" & client=$!
wait_for 20 test -s "$work/one/cmd"
kill -9 "$(ps -o ppid= -p "$(cat "$work/one/cmd")" | tr -d ' ')" # the command is its child
wait $client 2>/dev/null
for f in cmd child; do
	same "$f dies with the client" yes "$(yes_if wait_for 10 gone one/$f)"
done
same "no worker is left" yes "$(yes_if wait_for 10 idle)"

# A worker is killed: its session ends, others go on.
watched two -q -- sh -c "echo x >$work/two/here; sleep 4; exit 5" & other=$!
wait_for 20 test -s "$work/two/here"
survivor=$(workers)
watched one -q -- sh -c "echo \$\$ >$work/one/cmd2; exec sleep 100" 2>"$work/err" & client=$!
wait_for 20 test -s "$work/one/cmd2"
kill -9 "$(workers | grep -vx "$survivor")"
wait $client
same "status when the worker is killed" 125 $?
has "... says so" "the agent has died" "$(cat "$work/err")"
same "the command is dead" yes "$(yes_if wait_for 20 gone one/cmd2)"
wait $other
same "the other session's status" 5 $?

# Malicious clients.
python3 tests/run/agent_clients.py "$socket" $uid_one $uid_two >"$work/clients" 2>&1
same "malicious clients" 0 $?
[ "$wrong" = 0 ] || cat "$work/clients"
checks=$((checks + $(grep -c '^ok ' "$work/clients")))
watched two -q -- sh -c 'exit 6'
same "after all of them another user is served" 6 $?

# Many at once, and what they leave.
many() {
	local i all=()
	for ((i = 0; i < $1; i++)); do
		watched two -q --log "$work/two/many$i" -- true & all+=($!)
	done
	for i in "${all[@]}"; do
		wait "$i" || failed_check "one of many sessions" 0 $?
	done
}
wait_for 10 idle
sleep 1.5
descriptors() { find "/proc/$agent/fd" "/proc/$(server)/fd" -mindepth 1 2>/dev/null | wc -l; }
before=$(descriptors)
many "${SESSIONS:-20}"
same "no worker is left after many" yes "$(yes_if wait_for 20 idle)"
sleep 1.5
same "descriptors after many sessions" "$before" "$(descriptors)"
same "cgroups after many sessions" "" "$(cgroup_of "$(server)")"
# entries MAP...: how many each of these maps of the agent has
entries() {
	python3 - "$(server)" "$@" <<-'PY'
	import json, os, subprocess, sys
	maps, tool = {}, os.environ.get("BPFTOOL", "bpftool")
	for fd in os.listdir(f"/proc/{sys.argv[1]}/fdinfo"):
	    for line in open(f"/proc/{sys.argv[1]}/fdinfo/{fd}"):
	        if line.startswith("map_id:"):
	            m = line.split()[1]
	            maps[json.loads(subprocess.check_output([tool, "-j", "map", "show", "id", m]))
	                 .get("name")] = m
	for name in sys.argv[2:]:
	    dump = subprocess.check_output([tool, "-j", "map", "dump", "id", maps[name]])
	    print(name, len(json.loads(dump)))
	PY
}
tables='sessions scopes places identities created scope_of_dir counters linked reports held'
# shellcheck disable=SC2086
same "entries of the tables after all" "$(printf '%s 0\n' $tables)" "$(entries $tables)"

# Limits of a user.
printf '{"limits": {"sessions_per_user": 2}, "allow": {"audit": true}}' >"$work/config"
kill "$agent"
wait "$agent"
same "the agent ends by SIGTERM" 0 $?
same "its socket is gone" no "$(yes_if test -e "$socket")"
start_agent --config "$work/config"
for i in 1 2; do
	watched one -q --log "$work/one/l$i" -- sh -c "echo >$work/one/here$i; exec sleep 100" \
		2>/dev/null &
done
wait_for 20 test -e "$work/one/here1"
wait_for 20 test -e "$work/one/here2"
watched one -q -- true 2>"$work/err"
same "one session too many" 125 $?
has "... says so" "limit for a user" "$(cat "$work/err")"
watched two -q --mode audit -- true
same "another user, and audit mode where it is allowed" 0 $?

# The agent dies: sessions end, and say so.
watched two -q -- sh -c "echo \$\$ >$work/two/cmd; exec sleep 100" 2>"$work/err" & client=$!
wait_for 20 test -s "$work/two/cmd"
mapfile -t parts < <(server; workers; pgrep -x wormsign-admit -P "$(server)")
same "its parts: a server, three workers, one that admits scripts" 5 ${#parts[@]}
kill -9 "$agent"
wait $client
same "status when the agent is killed" 125 $?
same "the command is dead" yes "$(yes_if wait_for 20 gone two/cmd)"
no_part() { ! ps -p "$(IFS=, && echo "${parts[*]}")" >/dev/null; }
same "no part outlives the agent" yes "$(yes_if wait_for 10 no_part)"
watched two -q -- true 2>"$work/err"
same "a socket without an agent" 125 $?
has "... says so" "cannot be reached" "$(cat "$work/err")"
start_agent --config "$work/config"
watched two -q -- sh -c 'exit 4'
same "a new agent takes the socket" 4 $?

# Configuration.
printf '{"sockt": "/x", "allow": {"audit": "yes"}, "limits": {"sessions": 0}}' >"$work/bad"
"$WORMSIGN" config check "$work/bad" 2>"$work/err"
same "a bad configuration" 1 $?
has "... a misspelt key" "/sockt: there is no such member; do you mean \"socket\"?" \
	"$(cat "$work/err")"
has "... and the next" "/allow/audit: must be true or false" "$(cat "$work/err")"
has "... and the last" "/limits/sessions: must be" "$(cat "$work/err")"
same "what is in force" 2 "$("$WORMSIGN" config show "$work/config" |
	jq .limits.sessions_per_user)"
chmod 666 "$work/config"
"$WORMSIGN" agent --socket "$work/run/other.sock" --config "$work/config" 2>"$work/err"
same "a configuration that others can write" 125 $?
has "... says which" "$work/config can be written" "$(cat "$work/err")"
kill "$agent"
wait "$agent" 2>/dev/null
done_testing
