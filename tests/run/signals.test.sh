#!/bin/bash
# Signals: sent to wormsign they reach the command, from the terminal both have them, and the
# command's dispositions and mask are the caller's.
. tests/run/lib.sh

# Not run(): the shell would put a process of its own between.
start() { "$WORMSIGN" run -q --log "$work/log" -- sh -c "$1" & pid=$!; }

# sent SIGNAL: what the command caught when wormsign got it
sent() {
	rm -f "$work/ready" "$work/caught"
	start "trap 'echo $1 >$work/caught; exit 9' $1
		: >$work/ready; while :; do sleep 0.02; done"
	wait_for 100 test -e "$work/ready"
	kill -"$1" $pid
	wait $pid
	same "status after $1" 9 $?
	same "the command caught $1" "$1" "$(cat "$work/caught" 2>/dev/null)"
}
set -m # background jobs of a shell without job control ignore SIGINT and SIGQUIT
for s in TERM HUP USR1 USR2 INT QUIT; do sent $s; done
set +m

# The default action ends the command, and the status says so.
start ": >'$work/ready2'; exec sleep 30"
wait_for 100 test -e "$work/ready2"
kill -TERM $pid
wait $pid
same "status after an untrapped TERM" 143 $?

# What the caller ignored stays ignored, what he blocked stays blocked; the rest is default. Signals
# 32 and 33 are the C library's own: it catches them once there is a thread, and no program asks.
masks() {
	local name mask
	while read -r name mask; do
		printf '%s %x ' "$name" $((0x$mask & ~0x180000000))
	done < <(grep -E "^Sig($1)")
}
plain=$(cat /proc/self/status | masks 'Ign|Blk|Cgt')
same "dispositions" "$plain" "$(run -- cat /proc/self/status | masks 'Ign|Blk|Cgt')"
(
	trap '' HUP INT PIPE CHLD USR1 TSTP
	cat /proc/self/status | masks 'Ign|Blk' >"$work/wanted"
	run -- cat /proc/self/status | masks 'Ign|Blk' >"$work/got"
)
same "ignored signals" "$(cat "$work/wanted")" "$(cat "$work/got")"
if command -v env >/dev/null && env --block-signal=TERM true 2>/dev/null; then
	same "blocked signals" "$(env --block-signal=TERM,USR2 grep SigBlk /proc/self/status)" \
		"$(env --block-signal=TERM,USR2 "$WORMSIGN" run -q --log "$work/log" \
		-- grep SigBlk /proc/self/status)"
fi
(trap '' CHLD; run -- sh -c 'exit 6'; echo $? >"$work/got")
same "status with SIGCHLD ignored" 6 "$(cat "$work/got")"

# Same process group and session: the terminal reaches the command by itself.
same "process group and session" "$(ps -o pgid=,sid= -p $$ | xargs)" \
	"$(run -- sh -c 'ps -o pgid=,sid= -p $$' | xargs)"

if ! command -v script >/dev/null; then
	echo "script(1) is not here: no terminal tests"
	done_testing
fi
# typed KEY: as soon as the command runs. Typed before, it ends wormsign, as it should: hence the
# patience on a machine that is busy, and a word when it has come to an end.
typed() {
	wait_for 100 test -e "$work/ready" ||
		echo "the command has not started in 100 seconds; typing all the same" >&2
	sleep 0.2
	printf "$1"
	sleep 1
}
# script(1) starts $SHELL, which may wait for its command and be ended by the key itself: hence each
# exec.
ws="$WORMSIGN run -q --log $work/log --"

rm -f "$work/ready"
# on_terminal KEY SCRIPT: what sh -c SCRIPT prints in a terminal where KEY is typed when it is ready
on_terminal() {
	typed "$1" | script -qec "exec $ws sh -c '$2'" /dev/null
	echo "status ${PIPESTATUS[1]}"
}
out=$(on_terminal '\003' ": >$work/ready; exec sleep 20")
has "Ctrl-C ends the command" "status 130" "$out"
rm -f "$work/ready"
out=$(on_terminal '\003' \
	"trap \"echo caught; exit 4\" INT; : >$work/ready; while :; do sleep 0.02; done")
has "Ctrl-C is the command's to handle" caught "$out"
has "... and so is the status" "status 4" "$out"
rm -f "$work/ready"
out=$(on_terminal '\034' "ulimit -c 0; : >$work/ready; exec sleep 20")
has "Ctrl-\\ ends the command" "status 131" "$out"
# A shell that waits for wormsign stops at Ctrl-C, as it does when it waits for the command.
rm -f "$work/ready" "$work/went-on"
script="$ws sh -c \": >$work/ready; exec sleep 20\"; : >$work/went-on"
typed '\003' | script -qec "exec bash -c '$script'" /dev/null >/dev/null
same "Ctrl-C ends the calling script too" no "$([ -e "$work/went-on" ] && echo yes || echo no)"

# Ctrl-Z and fg.
# wormsign
stopped() { grep -q "^State:.T" "/proc/$(ps -o ppid= -p "$(cat "$work/ready")" | xargs)/status"; }
rm -f "$work/ready" "$work/over"
out=$({
	sleep 0.5
	echo "$ws sh -c 'echo \$\$ >$work/ready; sleep 1; echo went on'"
	wait_for 100 test -s "$work/ready"
	sleep 0.2
	printf '\032'
	wait_for 100 stopped
	sleep 0.5
	echo 'jobs'
	echo "fg; echo status=\$?; : >$work/over"
	wait_for 100 test -e "$work/over"
	echo exit
} | PS1='' script -qec "exec bash --norc --noprofile -i" /dev/null | tr -d '\r')
has "Ctrl-Z stops" "Stopped" "$out"
has "fg goes on" "
went on" "$out"
has "status after fg" "
status=0" "$out"
done_testing
