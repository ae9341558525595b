#!/bin/bash
# The end of a session: no process of it is left, whichever dies first, and nothing of wormsign is
# either.
. tests/run/lib.sh
needs npm timeout

# Not run(): the shell would put a process of its own between.
start() { "$WORMSIGN" run -q --log "$work/log" --grace "${grace:-200}" -- sh -c "$1" & pid=$!; }
alive() { kill -0 "$1" 2>/dev/null && [ "$(ps -o stat= -p "$1" | cut -c1)" != Z ]; }
dead() { ! alive "$1"; }
no_cgroup() { [ -z "$(cgroup_of "$1")" ]; }
# it gives itself its name, maybe after the command has begun
watchdog_of() { wait_for 20 pgrep -P "$1" -x wormsign-watchd; }

# What outlives the command, in every way to get away.
start "sleep 100 & echo \$! >$work/a
	setsid sleep 100 & echo \$! >$work/b
	(setsid sh -c 'trap \"\" TERM HUP INT; sleep 100 & echo \$! >$work/c; wait' &)
	nohup sleep 100 >/dev/null 2>&1 & echo \$! >$work/d
	while [ ! -s $work/c ]; do sleep 0.02; done; exit 5"
wait $pid
same "status with leftovers" 5 $?
for f in a b c d; do
	same "leftover $f is dead" yes "$(dead "$(cat "$work/$f")" && echo yes || echo no)"
done
same "no cgroup" "" "$(cgroup_of $pid)"
same "no watchdog" "" "$(pgrep -x wormsign-watchd -P $pid)"

# Grace: what ends by itself may.
grace=3000 start "(sleep 0.5; echo end >$work/graced) & exit 0"
wait $pid
same "status with grace" 0 $?
same "what ends within the grace ends by itself" end "$(cat "$work/graced" 2>/dev/null)"
"$WORMSIGN" run --log "$work/log" -- sh -c 'sleep 100 & exit 0' 2>"$work/err"
has "leftovers are reported" "1 process outlived sh and was killed: sleep" "$(cat "$work/err")"

# A fork bomb that outlives its parent.
cat >"$work/bomb" <<'X'
n=$1
[ "$n" -gt 0 ] || exec sleep 100
sh "$0" $((n - 1)) & sh "$0" $((n - 1)) &
[ "$n" = 6 ] || wait
X
start "sh $work/bomb 6; sleep 0.1"
before=$(cgroup_of $pid)
wait $pid
same "status of a command that leaves a tree" 0 $?
same "no process of the tree" "" "$(pgrep -f "$work/bomb")"
same "no cgroup after the tree ($before)" "" "$(cgroup_of $pid)"

# wormsign is killed: the session dies at once, and its cgroup goes.
start "echo \$\$ >$work/cmd; setsid sleep 100 & echo \$! >$work/child; wait"
wait_for 20 test -s "$work/child"
same "the session has a cgroup" 1 "$(cgroup_of $pid | wc -l)"
same "a watchdog is there" 1 "$(watchdog_of $pid | wc -l)"
kill -KILL $pid
wait $pid 2>/dev/null
same "the command dies with wormsign" yes "$(wait_for 5 dead "$(cat "$work/cmd")" && echo yes ||
	echo no)"
same "so does what it detached" yes "$(wait_for 5 dead "$(cat "$work/child")" && echo yes ||
	echo no)"
same "the cgroup is removed" yes "$(wait_for 5 no_cgroup $pid && echo yes || echo no)"

# ... with its whole process group.
rm -f "$work/child"
set -m
start "echo \$\$ >$work/cmd; setsid sleep 100 & echo \$! >$work/child; wait"
set +m
wait_for 20 test -s "$work/child"
kill -KILL -- -$pid
wait $pid 2>/dev/null
same "killed with its group, nothing lives" yes "$(wait_for 5 dead "$(cat "$work/child")" &&
	echo yes || echo no)"
same "... and no cgroup is left" yes "$(wait_for 5 no_cgroup $pid && echo yes || echo no)"

# The watchdog is killed: wormsign ends the session, and says so.
rm -f "$work/child"
"$WORMSIGN" run --log "$work/log" \
	-- sh -c "echo \$\$ >$work/cmd; setsid sleep 100 & echo \$! >$work/child; wait" \
	2>"$work/err" &
pid=$!
wait_for 20 test -s "$work/child"
kill -KILL "$(watchdog_of $pid)"
wait $pid
same "status when the watchdog is killed" 125 $?
has "words when the watchdog is killed" "its watchdog process was killed" "$(cat "$work/err")"
same "the command dies with the watchdog" yes "$(dead "$(cat "$work/cmd")" && echo yes || echo no)"
same "so does what was detached" yes "$(dead "$(cat "$work/child")" && echo yes || echo no)"
same "no cgroup without a watchdog" "" "$(cgroup_of $pid)"

# The watchdog ignores signals that can be ignored.
rm -f "$work/child"
start "setsid sleep 2 & echo \$! >$work/child; wait; exit 3"
wait_for 20 test -s "$work/child"
watchdog=$(watchdog_of $pid)
for s in TERM HUP INT QUIT USR1 TSTP; do kill -$s "$watchdog"; done
wait $pid
same "the watchdog ignores what can be ignored" 3 $?

# Stopped, wormsign still protects: continued, it ends as if nothing had been.
rm -f "$work/child"
start "echo x >$work/child; sleep 0.5; exit 4"
wait_for 20 test -s "$work/child"
kill -STOP $pid
sleep 1
kill -CONT $pid
wait $pid
same "status after SIGSTOP and SIGCONT" 4 $?

# Two at once, and one in the other.
"$WORMSIGN" run -q --log "$work/log1" -- sh -c 'sleep 1; exit 11' & one=$!
"$WORMSIGN" run -q --log "$work/log2" -- sh -c 'sleep 1; exit 12' & two=$!
wait $one
same "status of one of two" 11 $?
wait $two
same "status of the other" 12 $?
"$WORMSIGN" run -q --log "$work/log1" -- "$WORMSIGN" run -q --log "$work/log2" \
	-- sh -c "cat /proc/self/cgroup >$work/cgroup; exit 13"
same "status of a session in a session" 13 $?
same "its cgroup is below the outer one's" yes "$(grep -q 'wormsign-.*/wormsign-' "$work/cgroup" &&
	echo yes || echo no)"
"$WORMSIGN" run -q --log "$work/log1" -- sh -c "
	$WORMSIGN run -q --log $work/log2 -- sh -c 'echo \$\$ >$work/inner; sleep 100' &
	while [ ! -s $work/inner ]; do sleep 0.05; done
	exit 14" & pid=$!
wait $pid
same "status when the inner session is left over" 14 $?
same "the inner session is dead" yes "$(wait_for 5 dead "$(cat "$work/inner")" && echo yes ||
	echo no)"
same "no cgroup of either" "" "$(cgroup_of $pid)"
# A script is stopped; its first process, which is left to end by itself, goes on without a system
# call at which it would die.
mkdir -p "$work/home/.aws" "$work/app/node_modules/spin"
echo '[default] aws_secret_access_key = none' >"$work/home/.aws/credentials"
echo '{"name":"app","version":"1.0.0","dependencies":{"spin":"1.0.0"}}' >"$work/app/package.json"
echo '{"name":"spin","version":"1.0.0","scripts":{"postinstall":
	"cat ~/.aws/credentials; while :; do :; done"}}' >"$work/app/node_modules/spin/package.json"
(cd "$work/app" && HOME=$work/home timeout -s KILL 30 "$WORMSIGN" run -q --log "$work/log" \
	-- npm rebuild --offline >/dev/null 2>&1)
same "a script's first process does not outlive its verdict for long" 86 $?

done_testing
