#!/bin/bash
# The helpers of the shell tests fail when what they look at is missing: "nobody was accused", "no
# byte arrived", "nothing is left" must not be true because a log, a sink or a list is not there.
set -u
cd "$(dirname "$0")/../.." || exit 2
for program in node jq pgrep; do
	command -v "$program" >/dev/null || { echo "SKIP: $program is not installed"; exit 77; }
done
top=$(mktemp -d "${TMPDIR:-/tmp}/helpers.XXXXXX") || exit 1
trap 'rm -rf "$top"' EXIT
passed=0 failed=0

is() { # WHAT GOT WANTED
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		echo "FAILED: $1: $2, not $3"
		sed 's/^/  /' "$top/out"
		failed=$((failed + 1))
	fi
}

# ---- tests/redteam/lib.sh ------------------------------------------------------------------------

# scenario CODE: what a scenario of these lines ends with: status, and failed checks. The log is
# whole and accuses evil-x only; the sink answers; the home is as it was; no process is left.
scenario() {
	rm -rf "$top/lab" "$top/out"
	mkdir -p "$top/lab/home" "$top/lab/sink/web"
	printf '%s\n' '{"event.action":"session-start"}' \
		'{"wormsign.verdict":"kill","rule.id":"r","package.name":"evil-x"}' \
		'{"event.action":"session-end"}' >"$top/lab/log"
	: >"$top/lab/sink/web/bytes.bin"
	echo 'name token-of-some-length' >"$top/lab/canaries"
	echo x >"$top/lab/home/file"
	(cd "$top/lab/home" && sha256sum file >../manifest)
	CODE=$1 T=$top/lab bash -u -c '
		. tests/redteam/lib.sh
		LAB=$T LAB_HOME=$T/home LAB_MARK=x RT_ID=X RT_LANE=x WORMSIGN=/bin/true
		RT_LOG=$LAB/log RT_STATUS=0 RT_SURVIVORS= RT_ATTACKERS=("evil-x 1 install")
		: >"$LAB/out.x"
		node "$LAB_DIR/sink.js" "$LAB/sink/web" 127.0.0.1:0 & sink=$!
		trap "kill $sink" EXIT
		for _ in {1..100}; do [ -S "$LAB/sink/web/ctl" ] && break; sleep 0.05; done
		eval "$CODE"
		rt_end' >"$top/out" 2>&1
	echo "$? $(grep -c '^not ok' "$top/out")"
}

whole='rt_no_innocent_accused; rt_silent; rt_files_kept; rt_no_survivors'
is 'all is there' "$(scenario "$whole")" '0 0'
is 'an innocent is accused' "$(scenario 'RT_ATTACKERS=("other 1 install")
	rt_no_innocent_accused')" '1 1'
for log in 'rm "$LAB/log"' ': >"$LAB/log"' 'sed -i "\$d" "$LAB/log"' 'echo "{" >>"$LAB/log"' \
	'unset RT_LOG'; do
	is "rt_no_innocent_accused: $log" "$(scenario "$log; rt_no_innocent_accused")" '1 1'
	is "rt_peaceful: $log" "$(scenario "$log; rt_peaceful")" '1 1'
	is "rt_events: $log" \
		"$(scenario "$log; rt_is none \"\$(rt_events rule.id=none)\" ''")" '1 0'
done
is 'rt_peaceful: accused' "$(scenario 'rt_peaceful')" '1 1'
is 'rt_peaceful: peaceful' "$(scenario 'sed -i 2d "$LAB/log"; rt_peaceful')" '0 0'
is 'rt_peaceful: the status' "$(scenario 'sed -i 2d "$LAB/log"; rt_peaceful 3')" '1 1'
is 'rt_silent: no sink' "$(scenario 'kill $sink; wait $sink; rt_silent')" '1 1'
is 'rt_silent: no bytes' "$(scenario 'rm "$LAB/sink/web/bytes.bin"; rt_silent')" '1 0'
is 'rt_silent: no canaries' "$(scenario 'rm "$LAB/canaries"; rt_silent')" '1 0'
is 'rt_files_kept: no list' "$(scenario 'rm "$LAB/manifest"; rt_files_kept')" '1 0'
is 'rt_files_kept: no home' "$(scenario 'rm -r "$LAB_HOME"; rt_files_kept')" '1 0'
is 'rt_files_kept: lost' "$(scenario 'rm "$LAB_HOME/file"; rt_files_kept')" '1 1'
is 'rt_no_survivors: not looked for' "$(scenario 'unset RT_SURVIVORS; rt_no_survivors')" '1 1'
is 'rt_no_survivors: one' "$(scenario 'RT_SURVIVORS=7; rt_no_survivors')" '1 1'
is 'lab_survivors: no mark' "$(scenario 'LAB_MARK=; rt_is left "$(lab_survivors)" ""')" '1 0'
is 'lab_versions: no registry' "$(scenario 'LAB_REGISTRY=http://127.0.0.1:9/
	rt_is versions "$(lab_versions x)" ""')" '1 0'
is 'rt_end: no check' "$(scenario :)" '1 0'

# ---- tests/run/lib.sh ----------------------------------------------------------------------------

# checks CODE: what a test of these lines ends with.
checks() {
	CODE=$1 WORMSIGN=/bin/true bash -u -c '
		. tests/run/lib.sh
		echo "{\"event\":{\"action\":\"session-end\"}}" >"$work/log"
		eval "$CODE"
		done_testing' >"$top/out" 2>&1
	echo $?
}

is 'all is there' "$(checks 'same x 1 1; has x b abc; lacks x nothing "$work/log"
	same x session-end "$(events .event.action)"')" 0
is 'no check' "$(checks :)" 1
is 'same' "$(checks 'same x 1 2')" 1
is 'has' "$(checks 'has x d abc')" 1
is 'lacks: it is there' "$(checks 'lacks x session-end "$work/log"')" 1
is 'lacks: no file' "$(checks 'lacks x nothing "$work/none"')" 1
none='same x "" "$(events "select(.no)")"'
is 'events: none' "$(checks "$none")" 0
is 'events: no log' "$(checks "rm \"\$work/log\"; $none")" 1
is 'events: an empty log' "$(checks ": >\"\$work/log\"; $none")" 1
is 'events: a log that is not whole' "$(checks "echo '{}' >\"\$work/log\"; $none")" 1
is 'events: a broken line' "$(checks "echo '{' >>\"\$work/log\"; $none")" 1
is 'cgroup_of: none' "$(checks 'same x "" "$(cgroup_of 0)"')" 0
is 'cgroup_of: no hierarchy' "$(checks 'awk() { :; }; same x "" "$(cgroup_of 0)"')" 1

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
