#!/bin/bash
# Two sessions at once, with other rules and another mode: each has its own verdicts, log, status
# and cgroup, and neither makes the other slow.
# alone: it compares CPU times
. tests/run/lib.sh
needs npm jq

mkdir -p "$work/home/.aws"
echo 'aws_secret_access_key = AKIAFAKE' >"$work/home/.aws/credentials"
export HOME=$work/home npm_config_update_notifier=false npm_config_cache=$work/home/.npm
echo fake >"$work/pearl"

# project NAME: its one package reads a file that only this test's own rule knows, waits for the
# other, then the keys
project() {
	mkdir -p "$work/$1/node_modules/$1-pkg"
	echo "{\"name\":\"$1\",\"version\":\"1.0.0\",\"dependencies\":{\"$1-pkg\":\"*\"}}" \
		>"$work/$1/package.json"
	jq -n --arg n "$1-pkg" --arg s "sh $work/$1/script" \
		'{name: $n, version: "1.0.0", scripts: {postinstall: $s}}' \
		>"$work/$1/node_modules/$1-pkg/package.json"
	cat >"$work/$1/script" <<-SH
		cat /proc/self/cgroup >$work/$1.cgroup
		: >$work/$1.here
		until [ -e $work/one.here ] && [ -e $work/two.here ]; do sleep 0.05; done
		(cat $work/pearl) >$work/$1.pearl
		(cat $work/home/.aws/credentials) >$work/$1.keys
		sleep 0.5
	SH
}
project one
project two
mkdir "$work/rules"
jq -n --arg p "$work/pearl" '{id: "no-pearls", title: "A pearl was read", severity: "high",
	on: ["read"], actor: ["package"], path: [$p], action: "kill",
	why: "It is ours.", remedy: "Keep your hands off.",
	tests: {fires: [{op: "read", actor: "package", path: $p}],
		quiet: [{op: "read", actor: "job", path: $p}]}}' >"$work/rules/no-pearls.json"

(cd "$work/one" && exec "$WORMSIGN" run -q --log "$work/log1" --rules "$work/rules" \
	-- npm rebuild) >"$work/out1" 2>&1 & one=$!
(cd "$work/two" && exec "$WORMSIGN" run -q --log "$work/log2" --mode audit -- npm rebuild) \
	>"$work/out2" 2>&1 & two=$!
wait $one
same "status of the one that enforces" 86 $?
wait $two
same "status of the one that audits" 0 $?
same "the one that enforces got" "" "$(cat "$work/one.pearl" "$work/one.keys" 2>/dev/null)"
same "the one that audits got" "fake aws_secret_access_key = AKIAFAKE" \
	"$(cat "$work/two.pearl" "$work/two.keys" | xargs)"
verdicts() {
	events 'select(.wormsign.verdict and .rule.id) |
		"\(.package.name) \(.rule.id) \(.wormsign.verdict)"' "$1" | sort -u
}
same "verdicts of the one that enforces" "one-pkg no-pearls kill" "$(verdicts "$work/log1")"
same "verdicts of the one that audits" "two-pkg cloud-credentials kill" "$(verdicts "$work/log2")"
lacks "what the first log knows of the second" two-pkg "$work/log1"
lacks "what the second log knows of the first" one-pkg "$work/log2"
same "sessions in each log" "1 1" "$(for l in 1 2; do events .wormsign.session "$work/log$l" |
	sort -u | wc -l; done | xargs)"
same "cgroups" 2 "$(grep -ho 'wormsign-[0-9a-f-]*' "$work/one.cgroup" "$work/two.cgroup" | sort -u |
	wc -l)"

# The price of the other: the same opens in a session with and without another one beside it. The
# least of five each, in turns, of CPU time: a machine that is busy with something else must not
# decide.
opens() {
	"$WORMSIGN" run -q --log "$work/log" -- bash -c '
		for ((i = 0; i < 30000; i++)); do : <"$0"; done; times' "$work/pearl" |
		awk 'NR == 1 { gsub("[ms]", " "); print ($1 * 60 + $2) + ($3 * 60 + $4) }'
}
alone=() beside=()
for _ in 1 2 3; do
	alone+=("$(opens)")
	"$WORMSIGN" run -q --log "$work/log3" --mode audit \
		-- sh -c ": >$work/third; exec sleep 100" & third=$!
	wait_for 100 test -e "$work/third"
	beside+=("$(opens)")
	kill $third
	wait $third
	rm "$work/third"
done 2>/dev/null
least() { printf '%s\n' "$@" | sort -n | head -n 1; }
ratio=$(awk -v a="$(least "${alone[@]}")" -v b="$(least "${beside[@]}")" \
	'BEGIN { printf "%.2f", b / a }')
echo "30,000 opens: alone $(least "${alone[@]}") s, beside another session" \
	"$(least "${beside[@]}") s: $ratio"
same "beside another session an open takes at most half as long again ($ratio)" yes \
	"$(awk -v r="$ratio" 'BEGIN { print (r < 1.5 ? "yes" : "no") }')"
done_testing
