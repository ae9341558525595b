#!/bin/bash
# scripts/run-tests counts right: what it says about everything else rests on that.
# vm: no (needs no kernel)
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# test NAME BODY: a test program of that body
test_program() { printf '#!/bin/bash\n%s\n' "$2" >"$work/$1"; chmod +x "$work/$1"; }
# expect WHAT CLOSING-LINE STATUS PROGRAM...: run-tests over the programs
expect() {
	local what=$1 line=$2 status=$3 got rc; shift 3
	got=$(V=0 scripts/run-tests ${options[@]+"${options[@]}"} "${@/#/$work/}" 2>&1)
	rc=$?
	if [ "$(tail -n 1 <<<"$got")" = "$line" ] && [ "$rc" = "$status" ]; then echo "ok: $what"
	else echo "not ok: $what: status $rc"; sed 's/^/   /' <<<"$got"; failed=1; fi
}
options=()

test_program good 'exit 0'
test_program bad 'exit 3'
test_program skips 'echo first; echo because; exit 77'
test_program crashes 'kill -SEGV $$'
test_program slow 'sleep 60 & sleep 60'
test_program many 'echo "skip a: b"; echo "3 passed, 0 failed, 1 skipped"; exit 0'
test_program mixed \
	'echo "1 passed, 0 failed, 0 skipped"; echo "2 passed, 1 failed, 0 skipped"; exit 1'
test_program liar 'echo "3 passed, 0 failed, 0 skipped"; exit 1'
test_program hidden 'echo "3 passed, 1 failed, 0 skipped"; exit 0'
test_program nothing 'echo "0 passed, 0 failed, 0 skipped"; exit 0'
test_program silent.test.sh 'exit 0'
test_program no-check.test.sh 'echo "0 of 0 checks as they should be"; exit 0'
test_program no-result.test.sh 'echo "# 0 passed, 0 failed"; exit 0'
test_program checked.test.sh 'echo "ok: one"; exit 0'
test_program counted.test.sh 'echo "2 of 2 checks as they should be"; exit 0'
test_program totalled.test.sh 'echo "# 2 passed, 0 failed"; exit 0'
# What cmocka prints
cmocka() {
	printf 'echo "[==========] Running %s test(s)."; echo "[  PASSED  ] %s test(s)."; %s' "$1" \
		"$2" "${3:-}"
}
skipped='echo "[  SKIPPED ] 2 test(s), listed below:"'
test_program test_none "$(cmocka 0 0)"
test_program test_no_cmocka 'exit 0'
test_program test_two "$(cmocka 2 2)"
test_program test_skips "$(cmocka 2 0 "$skipped")"
test_program test_some "$(cmocka 3 1 "$skipped")"

expect 'a pass' '1 passed, 0 failed, 0 skipped' 0 good
expect 'a failure' '1 passed, 1 failed, 0 skipped' 1 good bad
expect 'a skip' '0 passed, 0 failed, 1 skipped' 0 skips
expect 'a crash' '0 passed, 1 failed, 0 skipped' 1 crashes
expect 'a missing program' '0 passed, 1 failed, 0 skipped' 1 absent
expect 'an empty list' '0 passed, 0 failed, 1 skipped' 1
expect 'sums of its own' '3 passed, 0 failed, 1 skipped' 0 many
expect 'two sums of its own' '3 passed, 1 failed, 0 skipped' 1 mixed
expect 'a sum that its status denies' '0 passed, 1 failed, 0 skipped' 1 liar
expect 'a status that its sum denies' '0 passed, 1 failed, 0 skipped' 1 hidden
expect 'a sum of nothing' '0 passed, 1 failed, 0 skipped' 1 nothing
expect 'scripts without a check' '0 passed, 3 failed, 0 skipped' 1 \
	silent.test.sh no-check.test.sh no-result.test.sh
expect 'scripts with checks' '3 passed, 0 failed, 0 skipped' 0 \
	checked.test.sh counted.test.sh totalled.test.sh
expect 'programs without a test' '0 passed, 2 failed, 0 skipped' 1 test_none test_no_cmocka
expect 'programs with tests' '2 passed, 0 failed, 0 skipped' 0 test_two test_some
expect 'a program whose tests all skip' '0 passed, 0 failed, 1 skipped' 0 test_skips
TEST_TIMEOUT=1 expect 'a time limit, children and all' '0 passed, 1 failed, 0 skipped' 1 slow
options=(-S)
expect 'a skip where none may be' '0 passed, 1 failed, 0 skipped' 1 skips
expect 'all tests skip where none may' '0 passed, 1 failed, 0 skipped' 1 test_skips

# Two at a time: the second begins while the first runs, and what each prints stays together.
# waits FILE: wait until it is there, at most 5 s
waits='waits() {
	for i in {1..50}; do [ ! -e "$1" ] || return 0; sleep 0.1; done
	return "$((i > 0))"
}
cd "${0%/*}" || exit; touch "${0##*/}.there"'
test_program meets "$waits; waits met.there || exit 2; echo m1; sleep 0.2; echo m2; exit 1"
test_program met "$waits; waits meets.there || exit 2; echo n1; sleep 0.2; echo n2; exit 3"
options=(-j 2)
expect 'two at a time, a third behind them' '1 passed, 2 failed, 0 skipped' 1 meets met good
got=$(scripts/run-tests -j 2 "$work/meets" "$work/met" | grep -E '^    [|]' | tr -d ' |\n')
case $got in
m1m2n1n2 | n1n2m1m2) echo "ok: the output of two lanes is not mixed" ;;
*) echo "not ok: the output of two lanes: $got"; failed=1 ;;
esac
options=()
scripts/run-tests -j 0 "$work/good" >/dev/null 2>&1
[ $? = 2 ] || { echo "not ok: no lanes at all"; failed=1; }
# Ended from outside, it leaves none of its tests behind.
test_program long 'echo $$ >"$0.pid"; sleep 60'
cp "$work/long" "$work/long2"
scripts/run-tests -j 2 "$work/long" "$work/long2" >/dev/null &
runner=$!
until [ -s "$work/long.pid" ] && [ -s "$work/long2.pid" ]; do sleep 0.1; done
kill "$runner"
wait "$runner"
status=$?
sleep 0.2
# A process that ended may wait to be reaped.
runs() { grep -qs '^State:[[:space:]]*[^Z[:space:]]' "/proc/$(cat "$1")/status"; }
if [ "$status" = 130 ] && ! runs "$work/long.pid" && ! runs "$work/long2.pid"; then
	echo "ok: ended from outside, it leaves nothing"
else
	echo "not ok: ended from outside (status $status), tests go on"; failed=1
fi

# The makefile runs by itself, after all others, what says that it must be alone.
marked=$(grep -lE '^# alone: ' tests/*/*.test.sh | xargs)
run=$(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -n check-scripts 2>&1 | tr '\n' ' ')
lanes=${run#*-s scripts }
alone=${lanes#*-s alone }
lanes=${lanes%%-s alone *}
alone=$(grep -oE 'tests/[^ ]*[.]test[.]sh' <<<"$alone" | xargs)
if [ -n "$marked" ] && [ "$alone" = "$marked" ] &&
	[ -z "$(grep -oE 'tests/[^ ]*[.]test[.]sh' <<<"$lanes" | grep -xF "${alone// /$'\n'}")" ] &&
	grep -q 'tests/run/agent.test.sh' <<<"$lanes"; then
	echo "ok: what must be alone is: $alone"
else
	echo "not ok: alone: $alone, and marked: $marked"; failed=1
fi

# One sum over several suites; one that left no line has crashed.
results=$work/results
scripts/run-tests -p -s one -f "$results" "$work/good" "$work/many" >/dev/null
scripts/run-tests -p -s two -f "$results" "$work/skips" >/dev/null
line=$(scripts/run-tests --sum "$results" one two | tail -n 1)
[ "$line" = '4 passed, 0 failed, 2 skipped' ] || { echo "not ok: the sum: $line"; failed=1; }
line=$(scripts/run-tests --sum "$results" one two three | tail -n 1)
[ "$line" = '4 passed, 1 failed, 2 skipped' ] ||
	{ echo "not ok: a suite that left nothing: $line"; failed=1; }
# The closing list names the checks that failed.
test_program detail 'echo "ok one"; echo "not ok two"; exit 1'
scripts/run-tests -p -s four -f "$results" "$work/detail" >/dev/null
scripts/run-tests --sum "$results" | grep -q '^FAILED: four .*detail: status 1; not ok two$' ||
	{ echo "not ok: the check that failed is not in the closing list"; failed=1; }
exit "$failed"
