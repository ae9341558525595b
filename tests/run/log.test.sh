#!/bin/bash
# The session log is the session's account, not the package's: who removes, replaces, moves or
# edits it is stopped, and a log that is not what wormsign wrote is reported loudly and is no
# success. It is opened with the caller's rights.
. tests/run/lib.sh
command -v jq >/dev/null || { echo 'SKIP: jq is not installed'; exit 77; }
[ "$(id -u)" = 0 ] || { echo 'SKIP: needs root'; exit 77; }
project=$work/project home=$work/home
mkdir -p "$project/node_modules/evil" "$home"

# The manager is a shell script of its name; its package is harmless.
cat >"$work/npm" <<'SH'
#!/bin/sh
(cd node_modules/evil && npm_lifecycle_event=postinstall npm_package_name=evil \
	npm_package_version=6.6.6 exec sh -c "$SCRIPT")
true
SH
chmod 755 "$work/npm"
log=$project/session.jsonl
package() { # package SCRIPT [OPTION...]: status in $status
	rm -f "$log"
	local script=$1
	shift
	(cd "$project" && HOME=$home SCRIPT=$script "$WORMSIGN" run --log session.jsonl \
		"$@" -- "$work/npm" ci) >"$work/out" 2>"$work/err"
	status=$?
}
for script in 'rm ../../session.jsonl' ': >../../session.jsonl' \
	'echo "{}" >x; mv x ../../session.jsonl' \
	'mv ../../session.jsonl ../../other.jsonl' \
	'echo "{}" >>../../session.jsonl' 'chmod 666 ../../session.jsonl' \
	'ln ../../session.jsonl mine; echo x >mine' 'truncate -s 100 ../../session.jsonl' \
	'dd if=/dev/zero of=../../session.jsonl conv=notrunc bs=1 count=1 2>/dev/null' \
	'sed -i s/a/b/ ../../session.jsonl'; do
	package "$script; sleep 1"
	same "status: $script" 86 "$status"
	has "rule: $script" session-log "$(cat "$work/err")"
	rm -f "$project/other.jsonl" "$project/node_modules/evil/"*
done
package 'cat ../../session.jsonl >/dev/null'
same "reading it is no harm" 0 "$status"

# What the rules cannot prevent is found at the end: nothing protects it in audit mode.
for script in 'rm ../../session.jsonl' 'rm ../../session.jsonl; echo "{}" >../../session.jsonl' \
	'cp ../../session.jsonl x; mv x ../../session.jsonl' \
	'mv ../../session.jsonl ../../other.jsonl'; do
	package "$script" --mode audit
	same "audit, status: $script" 125 "$status"
	has "audit, words: $script" "session.jsonl is lost: it was " "$(cat "$work/err")"
	same "audit, no log is named: $script" '' \
		"$(grep '^  log ' "$work/err" | grep -v STOP | tail -n 1 | grep -A1 backend)"
	rm -f "$project/other.jsonl"
done
package ': >../../session.jsonl' --mode audit
same "audit, emptied: status" 125 "$status"
has "audit, emptied: words" 'lines are missing' "$(cat "$work/err")"
package 'sed s/session-start/session-xxxxx/ ../../session.jsonl >x; cat x >../../session.jsonl' \
	--mode audit -q
same "audit, rewritten in place: status" 125 "$status"
has "audit, rewritten in place: words" 'lines are missing' "$(cat "$work/err")"
package 'head -n 1 ../../session.jsonl >>../../session.jsonl' --mode audit -q
same "audit, a line of this session is added: status" 125 "$status"
has "audit, a line of this session is added: words" 'not written by wormsign' "$(cat "$work/err")"
package 'exit 0' --mode audit
same "audit, left alone" 0 "$status"
# What the job does to it is found; and sessions may share a log.
(cd "$project" && "$WORMSIGN" run -q --log session.jsonl -- \
	sh -c 'rm session.jsonl; exit 0') 2>"$work/err"
same "the job removes it: status" 125 $?
has "the job removes it: words" 'session.jsonl is lost: it was removed' "$(cat "$work/err")"
(cd "$project" && "$WORMSIGN" run -q --log session.jsonl -- \
	sh -c 'rm session.jsonl; exit 4') 2>/dev/null
same "the job removes it and fails" 4 $?
rm -f "$log"
for i in 1 2 3; do "$WORMSIGN" run -q --log "$log" -- sh -c 'sleep 0.5' & pids[i]=$!; done
for i in 1 2 3; do wait "${pids[i]}"; same "sessions that share a log: status of $i" 0 $?; done

# A limit of the file's size ends nothing silently.
(ulimit -f 0; "$WORMSIGN" run --log "$work/limited" -- true 2>&1) | cat >"$work/err"
has "no room for the log: said" "session log $work/limited: File too large" "$(cat "$work/err")"
(ulimit -f 2; "$WORMSIGN" run -q -v --log "$work/limited" -- \
	sh -c 'for i in 1 2 3 4 5 6 7 8; do env true; done' 2>&1
	echo "status $?") | cat >"$work/err"
has "no more room for the log: said" 'is lost: ' "$(cat "$work/err")"
has "no more room for the log: status" 'status 125' "$(cat "$work/err")"

# Under sudo the log is opened with the rights of the user who called it.
as_user() { SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody "$@"; }
mkdir -m 700 "$work/roots"
mkdir -m 777 "$work/shared"
chmod 755 "$work"
as_user "$WORMSIGN" run --log "$work/roots/log" -- true 2>"$work/err"
same "a log where the user may not write: status" 125 $?
has "... and why" 'Permission denied' "$(cat "$work/err")"
same "... none is made" '' "$(ls "$work/roots")"
ln -s "$work/roots" "$work/shared/link"
as_user "$WORMSIGN" run --log "$work/shared/link/log" -- true 2>/dev/null
same "... nor through his link" "125 " "$? $(ls "$work/roots")"
echo mine >"$work/roots/file"
chmod 600 "$work/roots/file"
ln "$work/roots/file" "$work/shared/hard" 2>/dev/null
as_user "$WORMSIGN" run --log "$work/shared/hard" -- true 2>/dev/null
same "... nor appended to root's file" "125 mine" "$? $(cat "$work/roots/file")"
as_user "$WORMSIGN" run -q --log "$work/shared/log" -- true
same "a log where he may write" "0 65534 600" "$? $(stat -c '%u %a' "$work/shared/log")"
as_user "$WORMSIGN" run --log "$work/shared/log" -- true 2>/dev/null
same "... to which he may add" 0 $?
# ... and so are rules, which error messages quote
mkdir -m 700 "$work/roots/rules"
echo '{ "secret-word": ' >"$work/roots/rules/x.json"
for command in "run -q --log $work/shared/log --rules $work/roots/rules true" \
	"doctor --rules $work/roots/rules" \
	"rules check $work/roots/rules" "rules --rules $work/roots/rules list"; do
	as_user "$WORMSIGN" $command >"$work/out" 2>&1
	has "$command: refused" 'Permission denied' "$(cat "$work/out")"
	same "$command: nothing is quoted" '' "$(grep secret-word "$work/out")"
done
# The default log is root's, and the user may read it.
default=$(as_user "$WORMSIGN" run -- true 2>&1 | sed -n 's/^ *log *//p')
same "the default log is root's" "0" "$(stat -c %u "$default")"
setpriv --reuid=65534 --regid=65534 --clear-groups cat "$default" >"$work/copy" 2>/dev/null
same "... the user can read it" yes "$(cmp -s "$default" "$work/copy" && echo yes)"
setpriv --reuid=65534 --regid=65534 --clear-groups sh -c ': >>"$0"' "$default" 2>/dev/null
same "... and not write it" 2 $?
setpriv --reuid=1234 --regid=1234 --clear-groups cat "$default" >/dev/null 2>&1
same "... nor can others read it" 1 $?
rm -f "$default"
done_testing
