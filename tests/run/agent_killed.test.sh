#!/bin/bash
# The agent is killed at a system call of its own, at points spread over a whole session: at each
# the client says so, nothing of the session lives on, and the next agent serves. POINTS says at how
# many (8). Half of the time only the process that makes the call dies, else all of them at once,
# as when a service manager kills what hangs. And one that is stopped: the client waits no longer
# than a minute.
# vm: no (kills processes of wormsign, whatever the kernel)
. tests/run/lib.sh
needs jq setpriv
: "${BEHAVE:?has the program that kills}"
chmod 711 "$work"
uid=54321
mkdir "$work/home" "$work/run"
chown $uid "$work/home"
trap 'kill -9 "${agents[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
agents=()
# start_agent SOCKET: sets agent, server
start_agent() {
	rm -f "$1.out"
	"$WORMSIGN" agent --socket "$1" >"$1.out" 2>&1 & agent=$!
	agents+=("$agent")
	wait_for 120 grep -qs listens "$1.out" || { cat "$1.out"; exit 1; }
	server=$(pgrep -x wormsign-server -P "$agent")
}
# of_agent AGENT SERVER: all its processes
of_agent() {
	local one
	for one in $(pgrep -P "$2"); do echo "$one"; pgrep -P "$one"; done
	echo "$1"
	echo "$2"
}
watched() { # SOCKET COMMAND
	(cd "$work/home" && exec env HOME="$work/home" setpriv --reuid $uid --regid $uid \
		--clear-groups "$WORMSIGN" run -q --socket "$1" --log "$1.log" -- sh -c "$2")
}
session='setsid sleep 1000 & echo $! >left; echo $$ >command; sleep 0.1; exit 3'
lives() { kill -0 "$1" 2>/dev/null && ! grep -qs '^State:.Z' "/proc/$1/status"; }
all_dead() {
	local pid
	for pid; do ! lives "$pid" || return 1; done
}
no_cgroup() { [ -z "$(cgroup_of "$1")" ]; }
yes_if() { "$@" && echo yes || echo no; }
tracer= # kill_at, which counts in the background
count_from() { # N SIGNAL SERVER [OTHER...]
	rm -f "$work/at"
	"$BEHAVE/kill_at" "$@" >"$work/at" & tracer=$!
	wait_for 20 grep -qs ready "$work/at" || missing 'nothing is counted'
}

# ---- One that is stopped: looked at in the end ----
stopped=$work/run/stopped.sock
install -o $uid /dev/null "$stopped.log"
start_agent "$stopped"
stopped_agent=$agent stopped_server=$server
begun=$SECONDS
watched "$stopped" 'setsid sleep 1000 & echo $! >stopped.left; sleep 2; exit 3' \
	2>"$work/stopped.err" & stopped_client=$!
wait_for 60 test -s "$work/home/stopped.left"
worker=$(pgrep -x wormsign-worker -P "$server")
kill -STOP "$worker"

# ---- At how many calls can it be killed ----
socket=$work/run/agent.sock
install -o $uid /dev/null "$socket.log"
start_agent "$socket"
watched "$socket" 'exit 4'
same 'control: the agent serves' 4 $?
count_from 0 9 "$server"
watched "$socket" "$session"
same 'control: a session while calls are counted' 3 $?
sleep 0.3
kill "$tracer"
wait "$tracer"
calls=$(tail -n 1 "$work/at")
same "control: a session has many calls ($calls)" yes "$(yes_if test "$calls" -gt 200)"

points=${POINTS:-8} late=0
for ((i = 0; i < points; i++)); do
	n=$((1 + i * (calls - 1) / (points - 1)))
	mapfile -t parts < <(of_agent "$agent" "$server")
	rm -f "$work/home"/{left,command}
	: >"$socket.log"
	if [ $((i % 2)) = 0 ]; then
		count_from $n 9 "$server"
	else
		count_from $n 9 "$server" "${parts[@]}"
	fi
	watched "$socket" "$session" 2>"$work/err"
	status=$?
	kill "$tracer" 2>/dev/null
	wait "$tracer"
	if grep -qx '[0-9]*' "$work/at"; then # no two sessions have equally many
		late=$((late + 1))
		continue
	fi
	where="call $n ($(grep -v ready "$work/at" | tail -n 1))"
	[ "${V:-0}" = 0 ] || echo "$where: $status"
	if [ $status = 3 ]; then
		late=$((late + 1))
		same "$where: its end was said" session-end \
			"$(events '.event.action' "$socket.log" | tail -n 1)"
	else
		same "$where: status" 125 $status
	fi
	mapfile -t of_session < <(cat "$work/home"/{left,command} 2>/dev/null)
	if grep -q wormsign-server "$work/at" || [ $((i % 2)) = 1 ]; then
		same "$where: nothing lives on" yes "$(yes_if wait_for 20 all_dead "${parts[@]}" \
			"${of_session[@]}")"
		wait "$agent" 2>/dev/null
		old=$server
		start_agent "$socket"
		same "$where: no cgroup is left" '' "$(cgroup_of "$old")"
	else
		same "$where: nothing lives on" yes \
			"$(yes_if wait_for 20 all_dead "${of_session[@]}")"
		wait_for 20 no_cgroup "$server"
		same "$where: no cgroup is left" '' "$(cgroup_of "$server")"
	fi
	watched "$socket" 'exit 4'
	same "$where: the next one serves" 4 $?
done
same "most points are before the end ($late are not)" yes \
	"$(yes_if test $((late * 3)) -lt "$points")"

# Client and agent are killed together: the next agent ends what is left.
rm -f "$work/home/left"
watched "$socket" 'setsid sleep 1000 & echo $! >left; wait' 2>/dev/null & client=$!
wait_for 20 test -s "$work/home/left"
client_is=$(pgrep -P $client -x wormsign || echo $client)
mapfile -t parts < <(echo "$client_is"; of_agent "$agent" "$server")
kill -STOP "${parts[@]}" # none of them sees that another dies
kill -9 "${parts[@]}"
wait $client "$agent" 2>/dev/null
left=$(cat "$work/home/left") old=$server
same 'control: client and agent are killed, and something is left' yes "$(yes_if lives "$left")"
start_agent "$socket"
same '... until the next agent starts' yes "$(yes_if wait_for 10 all_dead "$left")"
has '... which says so' 'in 1 session of an agent that was killed' "$(cat "$socket.out")"
same '... and leaves no cgroup' '' "$(cgroup_of "$old")"

wait $stopped_client
same 'a stopped worker: status' 125 $?
same '... after a minute' yes "$(yes_if test $((SECONDS - begun)) -lt 150)"
has '... says so' 'the agent has died' "$(cat "$work/stopped.err")"
same '... and nothing lives on' yes \
	"$(yes_if wait_for 10 all_dead "$(cat "$work/home/stopped.left")")"
kill -9 "$worker"
watched "$stopped" 'exit 4'
same '... and others are served' 4 $?
rm -f "$work/home/command"
watched "$socket" 'echo $$ >command; exec sleep 1000' 2>"$work/err" & client=$!
wait_for 20 test -s "$work/home/command"
kill "$stopped_agent" "$agent"
wait $client
same 'the agent is stopped in order: status of a session' 125 $?
has '... says so' 'the agent was stopped' "$(cat "$work/err")"
wait "$stopped_agent" "$agent"
same 'no process is left' yes "$(yes_if all_dead "$stopped_server" "$server")"
done_testing
