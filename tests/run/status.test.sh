#!/bin/bash
# The exit status of `run` is the command's, in the words of a shell where there is none.
. tests/run/lib.sh

status() {
	local wanted=$1 got
	shift
	run -- "$@" >"$work/out" 2>"$work/err"
	got=$?
	same "status of $*" "$wanted" $got
}

status 0 true
status 1 false
status 7 sh -c 'exit 7'
status 255 sh -c 'exit 255'
status 143 sh -c 'kill -TERM $$'
status 137 sh -c 'kill -KILL $$'
status 130 sh -c 'kill -INT $$'
status 139 sh -c 'ulimit -c 0; kill -SEGV $$'

status 127 no-such-program-here
same "words for a name that is not found" "wormsign: no-such-program-here: command not found" \
	"$(cat "$work/err")"
status 127 ./no-such-program-here
same "words for a path that is not there" \
	"wormsign: ./no-such-program-here: No such file or directory" "$(cat "$work/err")"
status 127 /etc/passwd/x
status 127 ""
status 126 "$work"
same "words for a directory" "wormsign: $work: Is a directory" "$(cat "$work/err")"
echo 'exit 3' >"$work/plain"
status 126 "$work/plain"
same "words for what is no program" "wormsign: $work/plain: Permission denied" "$(cat "$work/err")"
chmod 755 "$work/plain"
status 3 "$work/plain" # no #!: a shell runs it with sh, and so does execvp(3)
printf '#!%s/no-interpreter\n' "$work" >"$work/bad"
chmod 755 "$work/bad"
status 127 "$work/bad"
same "words for a missing interpreter" "wormsign: $work/bad: No such file or directory" \
	"$(cat "$work/err")"
printf '\177ELF' >"$work/cut"
chmod 755 "$work/cut"
run -- "$work/cut" 2>/dev/null
same "status of a broken ELF file is one of sh's" yes \
	"$(case $? in 126|127|2) echo yes ;; *) echo no ;; esac)"

# PATH is the caller's: its order, its relative entries, names found but not executable.
mkdir "$work/a" "$work/b"
printf '#!/bin/sh\nexit 5\n' >"$work/b/prog"
cp "$work/b/prog" "$work/a/prog"
chmod 755 "$work/b/prog"
PATH=$work/a:$work/b:$PATH status 5 prog
PATH=$work/a:/nowhere status 126 prog
cd "$work" && PATH=b:$PATH status 5 prog

# Options: what follows the command is the command's.
same "the command's own options" "-v --help" "$(run echo -v --help)"
same "-- ends options" "--" "$(run -- echo --)"
for bad in "--no-such-option" "--mode=no" "--grace=-1" "--grace=x" "--log" ""; do
	"$WORMSIGN" run $bad >"$work/out" 2>"$work/err"
	same "status of run $bad" 125 $?
	has "run $bad says where help is" "Try 'wormsign run --help'." "$(cat "$work/err")"
	same "run $bad prints nothing to stdout" "" "$(cat "$work/out")"
done
"$WORMSIGN" run --help >"$work/out" 2>&1
same "status of run --help" 0 $?
has "run --help" "Exit status" "$(cat "$work/out")"

# wormsign itself: its commands, and where its help goes.
"$WORMSIGN" no-such-command -- true >"$work/out" 2>"$work/err"
same "status of a command that does not exist" 125 $?
has "words for it" "there is no command 'no-such-command'" "$(cat "$work/err")"
"$WORMSIGN" --no-such-option run -- true >>"$work/out" 2>"$work/err"
same "status of an option that does not exist" 125 $?
has "words for it" "Try 'wormsign --help'." "$(cat "$work/err")"
"$WORMSIGN" >>"$work/out" 2>"$work/err"
same "status without a command" 125 $?
has "help without a command" "Usage: wormsign COMMAND" "$(cat "$work/err")"
same "errors go to stderr alone" "" "$(cat "$work/out")"
help=$("$WORMSIGN" --help)
same "status of --help" 0 $?
for command in run doctor rules; do has "--help" "  $command " "$help"; done
has "--version" "wormsign 0." "$("$WORMSIGN" --version)"

# What would be ignored is refused: words that nothing is done with, and options that contradict
# or have no use there.
while read -r bad; do
	# shellcheck disable=SC2086 # words
	"$WORMSIGN" $bad >"$work/out" 2>"$work/err" </dev/null
	same "status of $bad" 125 $?
	same "$bad: nothing on stdout" '' "$(cat "$work/out")"
	has "$bad: words on stderr" ' ' "$(cat "$work/err")"
done <<'END'
--version extra
--version --json extra
--version run -- true
run --version true
run --socket a --no-agent true
run --flush 1s true
doctor extra
status extra
stop
stop 1 2
reload extra
config check a b
config list
agent extra
rules check --rules
rules list nothing-of-this-name extra
rules test --no-such-option
ci start extra
ci start --clean
spool status a b
spool status --since 1h
spool status --flush 1s
spool verify --sink x
spool export --config x
spool forget
spool status --listen x
spool status --spool a b
END
done_testing
