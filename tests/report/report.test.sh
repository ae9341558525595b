#!/bin/bash
# What a real session tells people and its log: blocks, summary, ECS events, and neither a secret
# nor a byte that does something. The package manager is a shell script of that name; its packages
# are harmless.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/run/lib.sh
needs jq
"$WORMSIGN" doctor --json >"$work/doctor" 2>/dev/null
[ "$(jq -r '.enforcement | IN("yes", "partly")' "$work/doctor")" = true ] ||
	{ echo "SKIP: $(jq -r .error "$work/doctor")"; exit 77; }

home=$work/home project=$work/project
mkdir -p "$home/.aws" "$home/bin" "$project/node_modules/@acme/evil" "$project/node_modules/honest"
echo 'not a real key' >"$home/.aws/credentials"
token=ghp_0123456789abcdefghijABCDEFGHIJ0123
bad=$'esc\033[2J\n::error::x'

# install.sh PACKAGE VERSION SCRIPT, as npm would run it
cat >"$work/npm" <<'SH'
#!/bin/sh
one() {
	(cd "$PWD/node_modules/$1" && npm_lifecycle_event=postinstall npm_package_name=$1 \
		npm_package_version=$2 exec sh -c "$3")
}
one honest 1.0.0 "true --password hunter2 https://me:hunter3@host/x"
one @acme/evil 6.6.6 "$SCRIPT"
true
SH
chmod 755 "$work/npm"
session() { # session NAME [OPTION...]
	local name=$1
	shift
	(cd "$project" && HOME=$home SCRIPT="$SCRIPT" "$WORMSIGN" run --log="$work/$name.log" "$@" \
		-- "$work/npm" ci "$token" "$bad") >"$work/$name.out" 2>"$work/$name.err"
	status=$?
}
# so many events have this
count() { events "select($2) | 1" "$work/$1.log" | wc -l; }
# neither secrets nor bytes that do something, in log and terminal; every line of the log is an
# event, none is missing
clean() {
	local secret
	for secret in "$token" hunter2 hunter3 'not a real key'; do
		lacks "$1: no '$secret' in the log" "$secret" "$work/$1.log"
		lacks "$1: no '$secret' on stderr" "$secret" "$work/$1.err"
	done
	same "$1: no control bytes in the log" 0 "$(LC_ALL=C tr -d '\n\040-\176' <"$work/$1.log" |
		wc -c)"
	same "$1: no escapes on stderr" 0 "$(LC_ALL=C tr -cd '\033' <"$work/$1.err" | wc -c)"
	same "$1: no workflow command on stderr" '' \
		"$(grep -E '^[[:space:]]*::|##\[' "$work/$1.err")"
	same "$1: sequence" "$(seq "$(wc -l <"$work/$1.log")" | tr '\n' ' ')" \
		"$(events .event.sequence "$work/$1.log" | tr '\n' ' ')"
	same "$1: nothing on stdout" '' "$(cat "$work/$1.out")"
}

# A quiet session.
SCRIPT=true session quiet -v
same 'all well: status' 0 "$status"
clean quiet
same 'all well: no block' '' "$(grep -E 'STOPPED|ALERT' "$work/quiet.err")"
has 'all well: summary' 'wormsign: nothing stopped' "$(cat "$work/quiet.err")"
same 'start, end' 2 "$(count quiet '
	.event.action == "session-start" or .event.action == "session-end"')"
same 'scopes' 2 "$(count quiet '.event.action == "scope" and .package.version')"
same 'the name of a scoped package' 1 "$(count quiet '
	.event.action == "scope" and .package.name == "@acme/evil" and
	.wormsign.purl == "pkg:npm/%40acme/evil@6.6.6" and .wormsign.event == "postinstall"')"
has 'words of the script stay' 'true --password [redacted] https://me:[redacted]@host/x' \
	"$(jq -r '.process.command_line // ""' "$work/quiet.log")"
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
same 'theft: verdict' 1 "$(count theft '
	.event.action == "verdict" and .wormsign.verdict == "kill" and
	.package.name == "@acme/evil" and .threat.technique.id and
	(.wormsign.effect == "refused" or .wormsign.effect == "killed-before") and
	.file.path == "'"$home"'/.aws/credentials"')"
deaths=$(count theft '.event.action == "death" and .wormsign.ms_to_kill >= 0')
same 'theft: deaths' true "$([ "$deaths" -ge 1 ] && echo true)"
same 'theft: complete lineage' 0 "$(count theft '.wormsign.lineage_incomplete')"
same 'theft: nothing lost' 1 "$(count theft '
	.event.action == "session-end" and .wormsign.lost == {} and .wormsign.strongest == "kill"')"
same 'theft: the log has the session'\''s own status' 1 "$(count theft '
	.event.action == "session-end" and .process.exit_code == 86 and .wormsign.status == 86 and
	.wormsign.command_status == 0 and .event.outcome == "failure"')"
same 'theft: every line has a message' 0 "$(count theft '(.message // "") == ""')"
same 'theft: every line has an id of its own' "$(wc -l <"$work/theft.log")" \
	"$(jq -r .event.id "$work/theft.log" | sort -u | wc -l)"
same 'theft: the verdict names command and project' 1 "$(count theft '
	.event.action == "verdict" and .rule.id == "cloud-credentials" and
	(.process.command_line | startswith("cat ")) and .wormsign.project == "'"$project"'" and
	(.wormsign.command | test("npm ci"))')"
same 'theft: a reference is one string' string "$(jq -r '
	select(.rule.id == "cloud-credentials") | .rule.reference | type' "$work/theft.log")"
[ ! -s /etc/machine-id ] || same 'theft: host.id is not the machine id' 0 \
	"$(grep -c "$(cat /etc/machine-id)" "$work/theft.log")"
same 'log is private' 600 "$(stat -c %a "$work/theft.log")"

# Audit: reported, not carried out.
SCRIPT="cat $home/.aws/credentials >/dev/null; touch $work/went-on" session audit --mode=audit
same 'audit: status' 0 "$status"
same 'audit: went on' "$work/went-on" "$(ls "$work/went-on" 2>/dev/null)"
clean audit
has 'audit: block' 'wormsign: WOULD STOP  @acme/evil@6.6.6 (postinstall)' "$(cat "$work/audit.err")"
same 'audit: effect' 0 "$(count audit '.wormsign.verdict == "kill" and .wormsign.effect != "none"')"

# The home: what was withheld is named, by class; what was not is not said to have been.
mkdir -p "$home/Documents" "$home/Pictures"
for i in 1 2 3 4 5 6; do echo x >"$home/Documents/$i"; done
echo x >"$home/Pictures/x"
documents=$home/Documents/
SCRIPT="cat $(echo "$documents"{1,2,3,4,5,6}) $home/Pictures/x >/dev/null 2>&1; true" session home
same 'home: status' 0 "$status"
clean home
asked='@acme/evil@6.6.6 (postinstall) home-hidden (7): ~/Documents (6), ~/Pictures'
if grep -q '^  backend  deny' "$work/home.err"; then
	has 'home: what was hidden' "  hidden   $asked" "$(cat "$work/home.err")"
else
	has 'home: what was seen' "  seen     not hidden (this kernel cannot): $asked" \
		"$(cat "$work/home.err")"
	same 'home: is not said to be hidden' '' "$(grep '^  hidden' "$work/home.err")"
fi
# Decoys: what comes after sixty of them is in the log, and all are counted. Logs of the project are
# files that packages may write to.
mkdir -p "$project/decoy" "$project/src"
for i in $(seq 60); do echo x >"$project/decoy/$i.log"; done
for i in index test; do echo x >"$project/src/$i.log"; done
SCRIPT="cd $project; for i in \$(seq 60); do echo y >>decoy/\$i.log; done; echo y >>src/index.log
for i in \$(seq 60); do echo y >>src/index.log; done; echo y >>src/test.log; echo y >>decoy/x.js" \
	session decoys
same 'decoys: status' 0 "$status"
clean decoys
for i in src/index.log src/test.log decoy/x.js; do
	same "decoys: $i is in the log" true "$(events ".file.path == \"$project/$i\"" \
		"$work/decoys.log" | grep -m 1 true)"
done
same 'decoys: the others are counted' 29 "$(events 'select(.wormsign.repeated and
	.wormsign.about == "./src/*") | .wormsign.repeated' "$work/decoys.log")"
has 'decoys: in the summary' "(123 times: ./decoy/* (61), ./src/* (62); 29 of them" \
	"$(cat "$work/decoys.err")"
has 'decoys: in the summary, what was counted' '; 29 of them only counted)' \
	"$(cat "$work/decoys.err")"

for i in 7 8 9; do echo x >"$home/Documents/$i"; done
SCRIPT="cat $(echo "$documents"{1,2,3,4,5,6,7,8,9}) $home/Pictures/x >/dev/null 2>&1; true" \
	session search
same 'a search of the home: status' 0 "$status"
has 'a search of the home: alert' '@acme/evil@6.6.6 (postinstall): home-search' \
	"$(cat "$work/search.err")"
same 'a search of the home: event' 1 "$(count search '
	.rule.id == "home-search" and .event.kind == "alert" and .package.name == "@acme/evil"')"

# What a refused plant leaves behind.
unit=$home/.config/systemd/user/x.service
SCRIPT="mkdir -p ${unit%/*}; echo x >$unit; sleep 1" session plant
same 'plant: status' 86 "$status"
clean plant
[ ! -d "$home/.config" ] || has 'plant: what is left' \
	"$home/.config was made during this session, and is still there" \
	"$(grep '  left ' "$work/plant.err")"

# Where no rule on packages applies, "nothing stopped" is not all that is reported.
mkdir -p "$work/bin" "$work/_npx/a/node_modules/.bin"
for i in pdm go gem; do printf '#!/bin/sh\ntrue\n' >"$work/bin/$i"; done
printf '#!/bin/sh\ntrue\n' >"$work/_npx/a/node_modules/.bin/tool"
chmod 755 "$work/bin"/* "$work/_npx/a/node_modules/.bin/tool"
(cd "$project" && PATH=$work/bin:$PATH HOME=$home "$WORMSIGN" run --log="$work/other.log" -- sh -c \
	"pdm --version; pdm sync x; go test; gem list; $work/_npx/a/node_modules/.bin/tool" \
	>"$work/other.out" 2>"$work/other.err")
same 'unjudged: status' 0 $?
clean other
has 'unjudged: managers' '  unjudged pdm sync, go test: not a package manager that' \
	"$(cat "$work/other.err")"
has 'unjudged: programs' '           tool: not of this project' "$(cat "$work/other.err")"
same 'unjudged: in the log' 1 "$(count other '
	.wormsign.unjudged_managers == "pdm sync, go test" and
	.wormsign.unjudged_programs == "tool"')"
same 'unjudged: nothing where there is nothing' '' "$(grep unjudged "$work/quiet.err")"

# A survivor is killed and reported. It accuses its package only if that was after something.
SCRIPT='setsid sleep 300 >/dev/null 2>&1 </dev/null & exit 0' session survivor
same 'survivor: status' 0 "$status"
clean survivor
has 'survivor: said' '1 process outlived' "$(cat "$work/survivor.err")"
has 'survivor: whose it was' 'sleep of @acme/evil@6.6.6 (postinstall) was still running' \
	"$(grep '  ended ' "$work/survivor.err")"
same 'survivor: event' 1 "$(count survivor '
	.event.action == "leftover" and .package.name == "@acme/evil" and .event.kind == "event"')"
echo 'registry=https://h/' >"$home/.npmrc"
reads_and_stays='cat ~/.npmrc >/dev/null; setsid sleep 300 >/dev/null 2>&1 </dev/null & exit 0'
SCRIPT=$reads_and_stays session marked
same 'a reader survives: status' 86 "$status"
clean marked
has 'a reader survives: block' 'outlive the command' "$(cat "$work/marked.err")"
same 'a reader survives: event' 1 "$(count marked '
	.event.action == "leftover" and .package.name == "@acme/evil" and .rule.id')"

# In audit mode it is killed all the same (a session ends with nothing alive), but accuses nobody.
SCRIPT=$reads_and_stays session left --mode=audit
same 'survivor in audit mode: status' 0 "$status"
clean left
has 'survivor in audit mode: killed' 'killed when the command had ended, as in any mode' \
	"$(cat "$work/left.err")"
rm "$home/.npmrc"

# Values of the session, whatever their shape: of a variable, of a configuration file; in a word, a
# URL, a path; as they are and encoded.
export AWS_SECRET_ACCESS_KEY='qZ7/v+Kd93mWxTb0RsLq' DB_PASSWORD='correct "horse" 50% battery'
echo '//h/:_authToken=plain-words-in-npmrc' >"$home/.npmrc"
# a script's own environment has no secrets: it finds them elsewhere
printf %s "$AWS_SECRET_ACCESS_KEY" >"$project/k"
printf %s "$DB_PASSWORD" >"$project/d"
# shellcheck disable=SC2016
SCRIPT='k=$(cat ../../../k) d=$(cat ../../../d)
	/bin/true "http://h/x?k=$k" "$d" $d "$(printf %s "$k" | base64)" \
		"$(printf "me:%s" "$k" | base64 -w0)" \
		"$(printf %s "$k" | od -An -v -tx1 | tr -d " \n")" \
		"http://h/?k=$(printf %s "$k" | sed s,/,%2f,g)"
	/bin/true "$(sed s/.*=// "$HOME/.npmrc")"
	cat "$HOME/.aws/$k" "$HOME/.aws/credentials" 2>/dev/null' session values
same 'values: status' 86 "$status"
clean values
for piece in qZ7 v+Kd93 mWxTb0 cVo3L3Y Ovcvtk 715a372f 'correct ' horse battery plain-words; do
	same "values: no '$piece'" '' \
		"$(grep -liF "$piece" "$work/values.log" "$work/values.err")"
done
has 'values: the rest stays' 'http://h/x?k=[redacted]' \
	"$(jq -r '.process.command_line // ""' "$work/values.log")"
unset AWS_SECRET_ACCESS_KEY DB_PASSWORD
rm "$home/.npmrc" "$project/k" "$project/d"

# A survivor whose name is a command for CI services.
SCRIPT='cp /bin/sleep "./##[error]pwn" &&
	{ setsid "./##[error]pwn" 300 >/dev/null 2>&1 </dev/null & exit 0; }' session pwn
clean pwn
has 'pwn: its name' 'killed: #\x23[error]pwn' "$(cat "$work/pwn.err")"

# A log that cannot be made: nothing is run.
mkdir "$work/taken.log"
SCRIPT="touch $work/ran" session taken
same 'no log: status' 125 "$status"
same 'no log: not run' '' "$(ls "$work/ran" 2>/dev/null)"

# A terminal that nobody reads any more ends nothing.
SCRIPT=true
(cd "$project" && HOME=$home SCRIPT=true "$WORMSIGN" run --log="$work/deaf.log" -- "$work/npm" ci) \
	2> >(exec true) >/dev/null
same 'nobody reads: status' 0 $?

# Nor does one that does not read: the block is late or lost, the verdict is not.
mkfifo "$work/stuck"
exec 9<>"$work/stuck"
head -c 65536 /dev/zero >&9
(cd "$project" && HOME=$home SCRIPT="cat $home/.aws/credentials" timeout 60 "$WORMSIGN" run \
	--log="$work/stuck.log" -- sh -c 'exec "$0" ci 2>/dev/null' "$work/npm") 2>&9 \
	>/dev/null 9>&-
same 'stuck reader: status' 86 $?
# The same of a single line: that a process was left.
timeout -k 5 30 "$WORMSIGN" run --log="$work/stuck.log" \
	-- sh -c 'exec 2>/dev/null; sleep 60 & exit 3' 2>&9 >/dev/null 9>&-
same 'stuck reader, a line: status' 3 $?
exec 9>&-
done_testing
