#!/bin/bash
# The session reaches for wormsign itself, as root: deny refuses, watch lets the session die with
# it. And what an honest job sends to its parent or its process group goes on to mean what it means
# without wormsign.
. tests/run/lib.sh
needs jq
[ "$(id -u)" = 0 ] || { echo 'SKIP: only root may signal what root runs'; exit 77; }
BEHAVE=${BEHAVE:-$PWD/.output/behave}
[ -x "$BEHAVE/tamper" ] || { echo 'SKIP: no truth binaries: make behave'; exit 77; }

guarded() { rm -f "$work/log"; run "$@"; } # the log is appended to
guards() {
	events 'select(.rule.id == "engine-guard") |
		"\(.wormsign.operation) \(.wormsign.verdict) \(.wormsign.effect)"'
}
no_cgroup() { [ -z "$(cgroup_of "$1")" ]; }
dead() { ! kill -0 "$1" 2>/dev/null || [ "$(ps -o stat= -p "$1" | cut -c1)" = Z ]; }

run -- true
backend=$(events 'select(.event.action == "session-start") | .wormsign.backend')
echo "backend: $backend"

# What is meant for the command reaches it, whoever sends it.
guarded -- bash -c 'trap "exit 7" TERM; kill -TERM $PPID; for i in {1..100}; do sleep 0.05; done'
same "SIGTERM to its parent comes back to the command" 7 $?
same "... and nothing is reported" '' "$(guards)"
guarded -- bash -c 'trap "exit 8" HUP
	kill -0 $PPID && kill -HUP $PPID; for i in {1..100}; do sleep 0.05; done'
same "SIGHUP, too" 8 $?

if [ "$backend" = deny ]; then
	guarded -- bash -c \
		'kill -KILL $PPID; kill -STOP $PPID; kill -SEGV $PPID; sleep 0.2; exit 5' \
		2>"$work/err"
	same "signals that would end or stop wormsign are refused" 5 $?
	same "... and counted" $'signal hide refused\nsignal hide refused\nsignal hide refused' \
		"$(guards)"
	guarded -- bash -c 'for p in $(until pgrep -P $PPID -x wormsign-watchd; do
			sleep 0.05
		done); do
		kill -KILL $p && exit 9
		exit 6
	done' 2>"$work/err"
	same "so are those to its watchdog" 6 $?
	same "... and counted" 'signal hide refused' "$(guards)"
	guarded -- bash -c "exec $BEHAVE/tamper ptrace \$PPID" >"$work/out"
	has "it cannot be traced" 'REFUSED ptrace: EPERM' "$(cat "$work/out")"
	same "... and that is counted" 'ptrace hide refused' "$(guards)"
	guarded -- bash -c 'dd if=/proc/$PPID/mem of=/dev/null bs=1 count=1' 2>"$work/out"
	same "nor its memory opened" 1 $?
	has "... with the reason" 'ermi' "$(cat "$work/out")"
	same "... and that is counted" 'ptrace hide refused' "$(guards)"

	# a job that ends its whole process group, which is wormsign's
	set -m
	"$WORMSIGN" run -q --log "$work/log" -- bash -c 'kill -KILL 0' &
	pid=$!
	set +m
	wait $pid
	same "kill -KILL 0 ends the command, not wormsign" 137 $?
	same "... which still ends its session" '' "$(cgroup_of $pid)"
	has "... and writes its log to the end" session-end "$(jq -r .event.action "$work/log")"
	"$WORMSIGN" run --log "$work/log" -- bash -c 'kill -KILL $PPID; exit 0' 2>"$work/err"
	same "none of this is an accusation" 0 $?
	has "the summary counts it" 'engine-guard (1)' "$(cat "$work/err")"
else
	# the watchdog gives itself its name, maybe after the command has begun
	for victim in '$PPID' \
		'$(until pgrep -P $PPID -x wormsign-watchd; do sleep 0.05; done)'; do
		rm -f "$work/cmd"
		"$WORMSIGN" run -q --log "$work/log" \
			-- bash -c "echo \$\$ >$work/cmd; kill -KILL $victim; sleep 20" \
			2>"$work/err" &
		pid=$!
		wait $pid
		status=$?
		case $victim in
		*watchd*) same "its watchdog is killed: 125" 125 $status ;;
		*) same "it is killed: 128 + 9" 137 $status ;;
		esac
		same "the command dies with it" yes "$(wait_for 5 dead "$(cat "$work/cmd")" &&
			echo yes || echo no)"
		same "the cgroup is removed" yes "$(wait_for 5 no_cgroup $pid && echo yes ||
			echo no)"
	done
fi
done_testing
