#!/bin/bash
# R09: a process named Runner.Worker, outside the tree, holds the job's secrets in its memory; every
# way into it is tried.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R09 'the memory of Runner.Worker'
if [ -e /proc/sys/kernel/yama/ptrace_scope ] && [ "$(cat /proc/sys/kernel/yama/ptrace_scope)" \
	-ge 2 ]; then
	echo 'SKIP: Yama refuses ptrace to everybody here'
	exit 77
fi
rt_tool sudo <<-'TOOL'
	#!/bin/sh
	while [ "${1#-}" != "$1" ]; do shift; done
	exec "$@"
TOOL
held=
rt_setup() {
	[ -z "$held" ] || kill -KILL "$held"
	# The runner is no part of what is judged: it does not carry the mark by which survivors are
	# known.
	lab_spawn / env -u WS_LAB_MARK "$RUNNER/memory" hold canary-of-the-runner Runner.Worker \
		>"$LAB/held"
	held=$LAB_SPAWNED
	for _ in {1..50}; do [ -s "$LAB/held" ] && break; sleep 0.1; done
	rt_canary runner-memory canary-of-the-runner
	lab_as_user / perl -e '$q = msgget(0x57530001, 0600 | 01000) // die;
		msgsnd($q, pack("l! a*", 1, "of the job"), 0) or die'
}
RUNNER=$LAB/runner
mkdir "$RUNNER" && cp "$BEHAVE/memory" "$RUNNER/"

ways=(procmem readv attach seize environ getfd)
for way in "${ways[@]}"; do
	rt_package "mem-$way-x" 1.0.0 - postinstall \
		"./bin/memory $way @Runner.Worker $RT_SINK; true" memory
done
if [ -x /usr/bin/python3 ]; then
	ways+=(sudo)
	rt_package mem-sudo-x 1.0.0 memthief postinstall \
		"LAB_THIEF_SINK=$RT_SINK sudo -n python3 - <mem.py; true"
fi
# Known limit: a message queue of the job can be read.
rt_package queue-x 1.0.0 - postinstall "perl -e '\$q = msgget(0x57530001, 0) // die; \
	msgrcv(\$q, \$m, 99, 0, 04000) or die; print substr(\$m, 8)' >queue; true"

rt_control
rt_leaked runner-memory
rt_is 'ways that worked' "$(lab_sink web connections)" "${#ways[@]}"

if rt_guarded; then
	rt_is 'exit status' "$RT_STATUS" 86
	for way in "${ways[@]}"; do
		rt_accused "mem-$way-x" 'memory|ptrace|proc|runner'
	done
	rt_stopped
	rt_is 'known limit: read from a queue' \
		"$(cat "$RT_PROJECT/node_modules/queue-x/queue")" 'of the job'
	state=$(sed -n 's/^State:.//p' "/proc/$held/status" 2>/dev/null)
	rt_ok "the runner lives, and is not left stopped: ${state:-gone}" [ "${state%% *}" = S ]
fi
perl -e 'msgctl(msgget(0x57530001, 0) // exit, 0, 0)'
rt_end
