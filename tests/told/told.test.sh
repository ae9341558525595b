#!/bin/bash
# What a real session tells people and its log: blocks, summary, ECS events, and neither a secret nor a byte that does
# something. The package manager is a shell script of that name; its packages are harmless.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/run/lib.sh
command -v jq >/dev/null || { echo 'SKIP: jq is not installed'; exit 77; }
"$WORMSIGN" doctor --json >"$work/doctor" 2>/dev/null
[ "$(jq -r '.enforcement' "$work/doctor")" != no ] || { echo "SKIP: $(jq -r .error "$work/doctor")"; exit 77; }

home=$work/home project=$work/project
mkdir -p "$home/.aws" "$home/bin" "$project/node_modules/@acme/evil" "$project/node_modules/honest"
echo 'not a real key' >"$home/.aws/credentials"
token=ghp_0123456789abcdefghijABCDEFGHIJ0123
bad=$'esc\033[2J\n::error::x'

# install.sh PACKAGE VERSION SCRIPT, as npm would run it
cat >"$work/npm" <<'SH'
#!/bin/sh
one() { (cd "$PWD/node_modules/$1" && npm_lifecycle_event=postinstall npm_package_name=$1 npm_package_version=$2 exec sh -c "$3"); }
one honest 1.0.0 "true --password hunter2 https://me:hunter3@host/x"
one @acme/evil 6.6.6 "$SCRIPT"
true
SH
chmod 755 "$work/npm"
session() { # session NAME [OPTION...]
	local name=$1
	shift
	(cd "$project" && HOME=$home SCRIPT="$SCRIPT" "$WORMSIGN" run --log="$work/$name.log" "$@" -- "$work/npm" ci "$token" "$bad") \
		>"$work/$name.out" 2>"$work/$name.err"
	status=$?
}
# so many events have this
count() { jq -c "select($2)" "$work/$1.log" | wc -l; }
# neither secrets nor bytes that do something, in log and terminal; every line of the log is an event, none is missing
clean() {
	local secret
	for secret in "$token" hunter2 hunter3 'not a real key'; do
		same "$1: no '$secret'" '' "$(grep -lF "$secret" "$work/$1.log" "$work/$1.err")"
	done
	same "$1: no control bytes in the log" 0 "$(LC_ALL=C tr -d '\n\040-\176' <"$work/$1.log" | wc -c)"
	same "$1: no escapes on stderr" 0 "$(LC_ALL=C tr -cd '\033' <"$work/$1.err" | wc -c)"
	same "$1: no workflow command on stderr" '' "$(grep -E '^[[:space:]]*::|##\[' "$work/$1.err")"
	same "$1: sequence" "$(seq "$(wc -l <"$work/$1.log")" | tr '\n' ' ')" "$(jq -r .event.sequence "$work/$1.log" | tr '\n' ' ')"
	same "$1: nothing on stdout" '' "$(cat "$work/$1.out")"
}

# A quiet session.
SCRIPT=true session quiet -v
same 'all well: status' 0 "$status"
clean quiet
same 'all well: no block' '' "$(grep -E 'STOPPED|ALERT' "$work/quiet.err")"
has 'all well: summary' 'wormsign: nothing stopped' "$(cat "$work/quiet.err")"
same 'start, end' 2 "$(count quiet '.event.action == "session-start" or .event.action == "session-end"')"
same 'scopes' 2 "$(count quiet '.event.action == "scope" and .package.version')"
same 'the name of a scoped package' 1 "$(count quiet '.event.action == "scope" and .package.name == "@acme/evil" and .wormsign.purl == "pkg:npm/%40acme/evil@6.6.6" and .wormsign.event == "postinstall"')"
has 'words of the script stay' 'true --password [redacted] https://me:[redacted]@host/x' "$(jq -r '.process.command_line // ""' "$work/quiet.log")"
has 'bytes are kept' 'esc\u001B[2J' "$(head -n 1 "$work/quiet.log")"

# A theft.
SCRIPT="cat $home/.aws/credentials; touch $work/went-on" session theft
same 'theft: status' 86 "$status"
same 'theft: ended there' '' "$(ls "$work/went-on" 2>/dev/null)"
clean theft
has 'theft: block' 'wormsign: STOPPED  @acme/evil@6.6.6 (postinstall)' "$(cat "$work/theft.err")"
has 'theft: what' 'tried    read ~/.aws/credentials' "$(cat "$work/theft.err")"
has 'theft: lineage' "> cat $home/.aws/credentials [pid " "$(grep '  process ' "$work/theft.err")"
has 'theft: time' 'ms after the hook' "$(grep '  verdict ' "$work/theft.err")"
has 'theft: exact command' 'npm uninstall @acme/evil' "$(grep '  next ' "$work/theft.err")"
has 'theft: summary' '1 script STOPPED in ' "$(cat "$work/theft.err")"
same 'theft: verdict' 1 "$(count theft '.event.action == "verdict" and .wormsign.verdict == "kill" and .package.name == "@acme/evil" and (.wormsign.effect == "refused" or .wormsign.effect == "killed-before") and .threat.technique.id and .file.path == "'"$home"'/.aws/credentials"')"
same 'theft: deaths' true "$([ "$(count theft '.event.action == "death" and .wormsign.ms_to_kill >= 0')" -ge 1 ] && echo true)"
same 'theft: complete lineage' 0 "$(count theft '.wormsign.lineage_incomplete')"
same 'theft: nothing lost' 1 "$(count theft '.event.action == "session-end" and .wormsign.lost == {} and .wormsign.strongest == "kill"')"
same 'log is private' 600 "$(stat -c %a "$work/theft.log")"

# Audit: told, not done.
SCRIPT="cat $home/.aws/credentials >/dev/null; touch $work/went-on" session audit --mode=audit
same 'audit: status' 0 "$status"
same 'audit: went on' "$work/went-on" "$(ls "$work/went-on" 2>/dev/null)"
clean audit
has 'audit: block' 'wormsign: WOULD STOP  @acme/evil@6.6.6 (postinstall)' "$(cat "$work/audit.err")"
same 'audit: effect' 0 "$(count audit '.wormsign.verdict == "kill" and .wormsign.effect != "none"')"

# A survivor.
SCRIPT='setsid sleep 300 >/dev/null 2>&1 </dev/null & exit 0' session survivor
same 'survivor: status' 86 "$status"
clean survivor
has 'survivor: block' 'outlive the command' "$(cat "$work/survivor.err")"
same 'survivor: event' 1 "$(count survivor '.event.action == "leftover" and .package.name == "@acme/evil" and .rule.id')"

# In audit mode it is killed all the same (a session ends with nothing alive), but accuses nobody.
SCRIPT='setsid sleep 300 >/dev/null 2>&1 </dev/null & exit 0' session left --mode=audit
same 'survivor in audit mode: status' 0 "$status"
clean left
has 'survivor in audit mode: killed' 'killed when the command had ended, as in any mode' "$(cat "$work/left.err")"

# A log that cannot be made: nothing is run.
mkdir "$work/taken.log"
SCRIPT="touch $work/ran" session taken
same 'no log: status' 125 "$status"
same 'no log: not run' '' "$(ls "$work/ran" 2>/dev/null)"

# A terminal that nobody reads any more ends nothing.
SCRIPT=true
(cd "$project" && HOME=$home SCRIPT=true "$WORMSIGN" run --log="$work/deaf.log" -- "$work/npm" ci) 2> >(exec true) >/dev/null
same 'nobody reads: status' 0 $?

# Nor does one that does not read: the block is late or lost, the verdict is not.
mkfifo "$work/stuck"
exec 9<>"$work/stuck"
head -c 65536 /dev/zero >&9
(cd "$project" && HOME=$home SCRIPT="cat $home/.aws/credentials" timeout 60 "$WORMSIGN" run --log="$work/stuck.log" -- sh -c 'exec "$0" ci 2>/dev/null' "$work/npm") 2>&9 >/dev/null 9>&-
same 'stuck reader: status' 86 $?
exec 9>&-
done_testing
