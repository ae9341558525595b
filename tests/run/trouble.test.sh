#!/bin/bash
# wormsign runs the command watched or not at all (125), and says in one line what is missing and
# what to do.
. tests/run/lib.sh

# fails WHAT WORDS COMMAND...: 125, one line with these words, and the command did not run
fails() {
	local what=$1 words=$2
	shift 2
	rm -f "$work/ran"
	"$@" >"$work/out" 2>"$work/err"
	same "status: $what" 125 $?
	has "words: $what" "$words" "$(cat "$work/err")"
	same "lines: $what" 1 "$(wc -l <"$work/err")"
	same "nothing on stdout: $what" "" "$(cat "$work/out")"
	same "not run: $what" no "$([ -e "$work/ran" ] && echo yes || echo no)"
}
ws="$WORMSIGN run --log $work/log"
touch=$work/touch
printf '#!/bin/sh\n: >%s\n' "$work/ran" >"$touch"
chmod 755 "$touch"

# Privileges.
chmod 777 "$work"
fails "an ordinary user" "CAP_BPF" setpriv --reuid 65534 --regid 65534 --clear-groups $ws -- $touch
has "... sees what to do" "sudo" "$(cat "$work/err")"
fails "root without some capabilities" "CAP_PERFMON" setpriv --bounding-set=-perfmon,-sys_admin \
	$ws -- $touch
fails "a seccomp filter without bpf(2)" "EPERM" python3 tests/run/no_bpf.py $ws -- $touch
lacks "... is no old kernel" "too old" "$work/err"
fails "root who may not become the user" "CAP_SETUID" env SUDO_UID=65534 SUDO_GID=65534 \
	setpriv --bounding-set=-setuid $ws -- $touch
if unshare -Ur true 2>/dev/null; then
	fails "root of a user namespace" "user namespace" unshare -Ur $ws -- $touch
fi
chmod 755 "$work"

# cgroup v2.
cgroup2=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
fails "no cgroup v2" "mount -t cgroup2" \
	unshare -m sh -c "umount -l '$cgroup2' && exec $ws -- $touch"
fails "a read-only cgroup v2" "read-only" unshare -m sh -c "mount --bind '$cgroup2' '$cgroup2' &&
	mount -o remount,bind,ro '$cgroup2' && exec $ws -- $touch"

# The log.
fails "a log in a directory that is not there" "$work/none/log" "$WORMSIGN" run \
	--log "$work/none/log" -- $touch
fails "a log that is a directory" "$work" "$WORMSIGN" run --log "$work" -- $touch
mkdir "$work/full"
if mount -t tmpfs -o size=16k none "$work/full" 2>/dev/null; then
	cat /dev/zero >"$work/full/zeros" 2>/dev/null
	fails "a log on a full file system" "No space left" "$WORMSIGN" run --log "$work/full/log" \
		-- $touch
	# Full in the middle: the session goes on, and its status is 125.
	rm -f "$work/full/zeros" "$work/full/log"
	fill="cat /dev/zero >$work/full/zeros 2>/dev/null"
	# each is a line of a verbose log
	more='for i in 1 2 3 4 5 6 7 8; do env env env env true; done'
	"$WORMSIGN" run -v --log "$work/full/log" -- sh -c "$fill; $more; exit 0" 2>"$work/err"
	same "status when the log was lost and the command succeeded" 125 $?
	has "words when the log was lost" "No space left" "$(cat "$work/err")"
	rm -f "$work/full/zeros" "$work/full/log"
	"$WORMSIGN" run -v --log "$work/full/log" -- sh -c "$fill; $more; exit 9" 2>/dev/null
	same "status when the log was lost and the command failed" 9 $?
	umount "$work/full"
else
	echo "no tmpfs can be mounted: nothing about full file systems is tested"
fi

# Rules.
mkdir "$work/rules"
fails "a directory of rules that is not there" "$work/norules" $ws --rules "$work/norules" -- $touch
echo '{ "id": "x" ' >"$work/rules/test-x.json"
fails "a rule that is no JSON" "test-x.json" $ws --rules "$work/rules" -- $touch
echo '{ "id": "x", "no-such-key": 1 }' >"$work/rules/test-x.json"
fails "a rule with a wrong key" "test-x.json" $ws --rules "$work/rules" -- $touch

# Directories that are named and not there.
fails "a cache that is mistyped" "--cache=/typo: No such file or directory" \
	$ws --cache=/typo -- $touch
fails "a directory for temporary files that is mistyped" \
	"--tmp=$work/typo: No such file" $ws --tmp "$work/typo" -- $touch
fails "a cache that is a file" "Not a directory" $ws --cache "$touch" -- $touch
HOME=$work run --cache "$work/made/cache" -- true
same "a cache below the home is made" "0 yes" "$? $([ -d "$work/made/cache" ] && echo yes)"

# No /dev/null.
if unshare -m true 2>/dev/null; then
	fails "no /dev/null" "/dev/null cannot be opened" \
		unshare -m sh -c "mount -t tmpfs none /dev && exec $ws -- $touch"
fi

# A tuning that has expired is no trouble: its rule holds again, and that is said.
tuning() { printf '{ "tune": "cloud-credentials", "action": "alert", "reason": "r",
	"expires": "%s" }' "$(date -u -d "$1 days" +%F)"; }
mkdir "$work/tunings"
tuning -1 >"$work/tunings/t.json"
run --rules "$work/tunings" -- "$touch" 2>"$work/err"
same "a tuning that has expired: status" 0 $?
has "... is reported, even with --quiet" "expired on" "$(cat "$work/err")"
same "... and the command was run" yes "$([ -e "$work/ran" ] && echo yes)"
tuning 5 >"$work/tunings/t.json"
"$WORMSIGN" run --log "$work/log" --rules "$work/tunings" -- true 2>"$work/err"
same "a tuning that will expire: status" 0 $?
has "... is reported" "expires in 5 days" "$(cat "$work/err")"

# sudo has replaced PATH: here a shell of that name.
cp "$(type -P bash)" "$work/sudo"
PATH=$work/nvm:$PATH "$work/sudo" -c "PATH=/usr/bin:/bin SUDO_UID=65534 SUDO_GID=65534 \
	'$WORMSIGN' run -- true; exit" 2>"$work/err"
has "another PATH under sudo is reported" \
	'sudo -E env "PATH=$PATH" wormsign run' "$(cat "$work/err")"
PATH=$work/nvm:$PATH "$work/sudo" -c "SUDO_UID=65534 SUDO_GID=65534 \
	'$WORMSIGN' run -- true; exit" 2>"$work/err"
same "the same PATH under sudo is not" '' "$(grep 'replaced your PATH' "$work/err")"

# 126 and 127 come first: they need no privileges.
setpriv --reuid 65534 --regid 65534 --clear-groups $ws -- no-such-program-here 2>"$work/err"
same "status of a command that is not found, as an ordinary user" 127 $?

# 86: a rule of the job's own, as no install script is at hand here.
cat >"$work/rules/test-x.json" <<'X'
{ "id": "test-x", "title": "A forbidden tool is run", "severity": "high", "on": ["exec"],
  "actor": ["job"], "path": ["/**/forbidden-tool"], "action": "deny", "why": "The test says so.",
  "remedy": "None is needed." }
X
cp "$(type -P true)" "$work/forbidden-tool"
run --rules "$work/rules" -- sh -c "$work/forbidden-tool; exit 0" 2>"$work/err"
same "status when a verdict fired and the command succeeded" 86 $?
has "the verdict is reported" "test-x" "$(cat "$work/err")"
run --rules "$work/rules" -- sh -c "$work/forbidden-tool; exit 3" 2>/dev/null
same "status when a verdict fired and the command failed" 86 $?
run --rules "$work/rules" -- "$work/forbidden-tool" 2>/dev/null
same "status when the command itself is refused" 86 $?
run --mode audit --rules "$work/rules" -- sh -c "$work/forbidden-tool && exit 4" 2>"$work/err"
same "audit refuses nothing and returns the command's status" 4 $?
has "... and reports the verdict" "test-x" "$(cat "$work/err")"
run --rules "$work/rules" -- sh -c 'exit 6'
same "status when no verdict fired" 6 $?

# stop: the whole session dies, what is detached included.
sed -i 's/"deny"/"stop"/' "$work/rules/test-x.json"
run --rules "$work/rules" -- sh -c "setsid sleep 100 & echo \$! >$work/bg
	$work/forbidden-tool; sleep 0.2; sleep 5; echo x >$work/went-on" 2>/dev/null
same "status after a stop" 86 $?
same "the session went no further" no "$([ -s "$work/went-on" ] && echo yes || echo no)"
same "what was detached is dead" no "$(kill -0 "$(cat "$work/bg")" 2>/dev/null && echo yes ||
	echo no)"

# The default log: owner's alone.
"$WORMSIGN" run -- true 2>"$work/err"
log=$(sed -n 's/^ *log *//p' "$work/err")
same "the summary names a log" yes "$([ -f "$log" ] && echo yes || echo no)"
same "the log is its owner's alone" 600 "$(stat -c %a "$log")"
rm -f "$log"
done_testing
