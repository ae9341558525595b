#!/bin/bash
# The exit status does not hang on records: wormsign is stopped until the ring overflows, and what
# the kernel carried out meanwhile still counts. Nor is a session in which alerts were lost a
# success.
. tests/run/lib.sh
command -v jq >/dev/null || { echo 'SKIP: jq is not installed'; exit 77; }
mkdir "$work/rules"
cat >"$work/rules/test-x.json" <<'X'
{ "id": "test-x", "title": "A forbidden tool is run", "severity": "high", "on": ["exec"],
  "actor": ["job"],
  "path": ["/**/forbidden-tool"], "action": "deny",
  "why": "The test says so.", "remedy": "None is needed." }
X
cp "$(type -P true)" "$work/forbidden-tool"
# More verdicts than the ring has room for, and none before wormsign is stopped.
cat >"$work/flood" <<X
: >$work/ready
while ! [ -e $work/go ]; do sleep 0.05; done
i=0
while [ \$i -lt 4000 ]; do $work/forbidden-tool; i=\$((i + 1)); done
: >$work/flooded
exit \$1
X

# flood STATUS [OPTION...]: status of a session whose command ends with STATUS after the flood
flood() {
	local pid code=$1
	shift
	rm -f "$work"/{ready,go,flooded,log}
	"$WORMSIGN" run --log "$work/log" --rules "$work/rules" "$@" -- \
		sh "$work/flood" "$code" >/dev/null 2>"$work/err" &
	pid=$!
	wait_for 60 test -e "$work/ready" || echo 'not ready'
	kill -STOP $pid
	: >"$work/go"
	wait_for 120 test -e "$work/flooded" || echo 'no flood'
	kill -CONT $pid
	wait $pid
}
lost() {
	jq -r --arg kind "$1" 'select(.event.action == "session-end") |
		.wormsign.lost[$kind] // 0' \
		"$work/log"
}

flood 0
same "verdicts whose records were lost: status" 86 $?
same "... some were" yes "$([ "$(lost verdicts)" -gt 0 ] && echo yes)"
# The shell and its `sleep`s end, too.
deaths=$(jq 'select(.event.action == "session-end").wormsign.counts.killed' "$work/log")
all=$((deaths + $(lost exit)))
same "... each death is counted as such or as lost, and some were lost" yes \
	"$([ "$(lost exit)" -gt 0 ] && [ $all -ge 4000 ] && [ $all -le 4100 ] && echo yes ||
		echo "$deaths, $(lost exit) lost")"
has "... and people read so" 'which script it was is not known' "$(cat "$work/err")"
flood 0 -q --mode audit
same "alerts were lost: no success" 125 $?
has "... and why" "alerts were lost" "$(cat "$work/err")"
same "... nor a verdict in audit mode" 0 "$(lost verdicts)"
flood 7 --mode audit
same "alerts were lost: the command's failure stays" 7 $?
done_testing
