#!/bin/bash
# Descriptors reach the command as the caller gave them: nothing is added, changed, or held open.
. tests/run/lib.sh

head -c 1000000 /dev/urandom >"$work/in"
run -- cat <"$work/in" >"$work/out"
same "bytes from stdin to stdout" "$(md5sum <"$work/in")" "$(md5sum <"$work/out")"
run -- sh -c 'cat >&2' <"$work/in" 2>"$work/err"
same "bytes from stdin to stderr" "$(md5sum <"$work/in")" "$(md5sum <"$work/err")"
same "a pipe stays a pipe" "$(head -c 100000 "$work/in" | md5sum)" \
	"$(cat "$work/in" | run -- head -c 100000 | md5sum)"

# What the command inherits is what this shell would give it. ls opens one more.
exec 7<"$work/in" 8>"$work/eight"
same "descriptors of the command" "$(ls /proc/self/fd | sort -n | xargs)" \
	"$(run -- ls /proc/self/fd | sort -n | xargs)"
same "an inherited descriptor works" "$(head -c 100 "$work/in" | md5sum)" \
	"$(run -- head -c 100 /proc/self/fd/7 | md5sum)"
run -- sh -c 'echo written >&8'
same "an inherited descriptor is written to" written "$(cat "$work/eight")"
same "no descriptor of wormsign's" "" \
	"$(run -- ls -l /proc/self/fd | grep -E 'anon_inode|bpf|cgroup')"
exec 7<&- 8>&-

# Closed ones stay closed, and no descriptor of wormsign's takes their place.
for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
	rm -f "$work/fds"
	eval "run -- sh -c 'ls -l /proc/\$\$/fd >$work/fds' $closed"
	same "status with $closed" 0 $?
	eval "sh -c 'ls -l /proc/\$\$/fd >$work/wanted' $closed"
	same "descriptors with $closed" "$(awk '{ print $9 }' "$work/wanted" | xargs)" \
		"$(awk '{ print $9 }' "$work/fds" | xargs)"
done

# The reader sees the end when the command closes its output, not when wormsign ends. (Not run():
# that is a process of this shell's more, which would hold the pipe.)
"$WORMSIGN" run -q --log "$work/log" --grace 0 \
	-- sh -c 'echo one; exec >&-; sleep 2; : >'"$work/slept" |
	{ cat >/dev/null; [ -e "$work/slept" ]; echo $? >"$work/early"; }
same "the end of output is seen while the command runs" 1 "$(cat "$work/early")"
# The writer gets SIGPIPE.
{ yes; echo $? >"$work/yes"; } 2>/dev/null |
	"$WORMSIGN" run -q --log "$work/log" -- sh -c "exec <&-
		for i in 1 2 3 4 5 6 7 8; do sleep 0.5; test -s $work/yes && exit 0; done; exit 1"
same "the writer gets SIGPIPE while the command runs" 0 $?
same "... as from a pipe" 141 "$(cat "$work/yes" 2>/dev/null)"

# A terminal stays the command's.
if command -v script >/dev/null; then
	terminals="sh -c 'for i in 0 1 2; do test -t \$i && echo \$i; done'"
	out=$(script -qec "$WORMSIGN run -q --log $work/log -- $terminals" /dev/null </dev/null)
	same "stdin is the terminal" "0 1 2" "$(tr -d '\r' <<<"$out" | xargs)"
fi
done_testing
