#!/bin/bash
# A session in a session: the inner one adds verdicts and takes none away, and is no way out of a
# scope.
. tests/run/lib.sh
needs npm jq setpriv

# A project whose node_modules is there already: `npm rebuild` runs the scripts without a registry.
# The package's script is $work/script; what it gets hold of is in $work/loot.
project=$work/home/app
mkdir -p "$project/node_modules/evil" "$work/home/.aws"
secret=AKIA$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
echo "aws_secret_access_key = $secret" >"$work/home/.aws/credentials"
printf '{"name":"evil","version":"6.6.6","scripts":{"postinstall":"sh %s"}}' "$work/script" \
	>"$project/node_modules/evil/package.json"
export HOME=$work/home npm_config_update_notifier=false npm_config_cache=$work/home/.npm
cd "$project" || exit 1

# builds SCRIPT: what the project's own `npm run build` does
builds() {
	jq -n --arg s "$1" '{name: "app", version: "1.0.0", dependencies: {evil: "*"},
		scripts: {build: $s}}' >package.json
	rm -f "$work/loot" "$work/outer" "$work/inner"
	: >"$work/loot" && chmod 666 "$work/loot"
}
steal="cat '$work/home/.aws/credentials' >>'$work/loot'"
inner="$WORMSIGN run -q --log $work/inner"
outer() { "$WORMSIGN" run -q --log "$work/outer" "$@" >"$work/out" 2>&1; }
stolen() { grep -q "$secret" "$work/loot" && echo stolen || echo safe; }
accused() {
	events 'select(.wormsign.verdict == "kill") |
		"\(.package.name)@\(.package.version) \(.wormsign.event) \(.rule.id)"' "$1" |
		sort -u
}
is_evil='evil@6.6.6 postinstall cloud-credentials'

# The attack works.
echo "$steal" >"$work/script"
builds 'npm rebuild'
npm run build >"$work/out" 2>&1
same "control: status" 0 $?
same "control: the package steals" stolen "$(stolen)"

# The project's script wraps its own npm.
builds "$inner -- npm rebuild"
outer -- npm run build
same "both enforce: status" 86 $?
same "both enforce" safe "$(stolen)"
same "both enforce: the outer one knows who" "$is_evil" "$(accused "$work/outer")"
same "both enforce: the inner one knows who" "$is_evil" "$(accused "$work/inner")"

builds "$inner --mode audit -- npm rebuild"
outer -- npm run build
same "the inner one audits: status" 86 $?
same "the inner one audits" safe "$(stolen)"
same "the inner one audits: the outer one knows who" "$is_evil" \
	"$(accused "$work/outer")"

# An inner session whose rules say that all this is nothing.
mkdir "$work/lax"
jq -n --arg d "$(date -u -d '+30 days' +%F)" \
	'{tune: "cloud-credentials", action: "alert", expires: $d,
	reason: "the inner session would rather not"}' >"$work/lax/lax.json"
builds "$inner --rules $work/lax -- npm rebuild"
outer -- npm run build
same "the inner one's rules are lax: status" 86 $?
same "the inner one's rules are lax" safe "$(stolen)"
same "the inner one's rules are lax: the outer one knows who" "$is_evil" \
	"$(accused "$work/outer")"
builds 'npm rebuild'
"$WORMSIGN" run -q --log "$work/inner" --rules "$work/lax" -- npm run build >"$work/out" 2>&1
same "... alone such rules let it be (control)" stolen "$(stolen)"

builds "$inner -- npm rebuild"
outer --mode audit -- npm run build
same "only the inner one enforces: its status is the command's" 86 $?
same "only the inner one enforces" safe "$(stolen)"
same "only the inner one enforces: it knows who" "$is_evil" "$(accused "$work/inner")"

# A package scope that starts a session of its own is where it was: root or not, audit or not.
echo "$inner --mode audit -- sh -c \"$steal\"; :" >"$work/script"
builds 'npm rebuild'
npm run build >"$work/out" 2>&1
same "control: a package steals from a session of its own" stolen "$(stolen)"
builds 'npm rebuild'
outer -- npm run build
same "a package's own session: status" 86 $?
same "a package's own session" safe "$(stolen)"
has "a package's own session: who" "evil@6.6.6 postinstall" "$(accused "$work/outer")"

# Honest all the way down.
echo 'exit 0' >"$work/script"
builds "$inner -- npm rebuild"
outer -- npm run build
same "honest: status" 0 $?
same "honest: the outer one accuses" "" "$(accused "$work/outer")"
same "honest: the inner one accuses" "" "$(accused "$work/inner")"

# Two sessions hold each script: it runs when both have taken the secrets from it, not before, and
# neither takes the other's continuing for a way out. An ordinary user, by two agents and alone.
names=(one two three four five six seven eight nine ten)
jq -n '{name: "app", version: "1.0.0", dependencies: [$ARGS.positional[] | {(.): "*"}] | add}' \
	--args "${names[@]}" >package.json
rm -rf node_modules
for name in "${names[@]}"; do
	mkdir -p "node_modules/$name"
	jq -n --arg name "$name" '{name: $name, version: "1.0.0", scripts: {
		postinstall: "env >../../ran.\($name)"}}' >"node_modules/$name/package.json"
done
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
uid=54321
chown -R $uid:$uid "$work/home"
as_user=(setpriv --reuid "$uid" --regid "$uid" --clear-groups)
alone=("$WORMSIGN" run -q --no-agent)
mkdir "$work/a" "$work/b"
for agent in a b; do
	"$WORMSIGN" agent --socket "$work/$agent/sock" >"$work/$agent/out" 2>&1 &
	agents+=($!)
done
trap 'kill "${agents[@]}" 2>/dev/null; wait; rm -rf "$work"' EXIT
for agent in a b; do
	wait_for 60 grep -qs listens "$work/$agent/out" || { cat "$work/$agent/out"; exit 1; }
done
by_a=("$WORMSIGN" run -q --socket "$work/a/sock")
by_b=("$WORMSIGN" run -q --socket "$work/b/sock")
# both_hold WHAT OUTER... -- INNER...
both_hold() {
	local what=$1 around=()
	shift
	while [ "$1" != -- ]; do around+=("$1"); shift; done
	shift
	for _ in 1 2 3; do
		rm -f ran.* "$work"/home/*.log
		MY_TOKEN=$token "${around[@]}" --log "$work/home/outer.log" -- \
			"$@" --log "$work/home/inner.log" -- npm rebuild >"$work/out" 2>&1
		same "$what: status" 0 $?
		same "$what: all scripts ran" ${#names[@]} \
			"$(find . -maxdepth 1 -name 'ran.*' | wc -l)"
		same "$what: without the token" '' "$(grep -l "$token" ran.*)"
		same "$what: nobody is accused" '' \
			"$(accused "$work/home/outer.log"; accused "$work/home/inner.log")"
	done
}
both_hold "alone in alone" "${alone[@]}" -- "${alone[@]}"
both_hold "an agent's alone" "${alone[@]}" -- "${as_user[@]}" "${by_a[@]}"
both_hold "an agent's in an agent's" "${as_user[@]}" "${by_a[@]}" -- "${by_b[@]}"
kill "${agents[@]}"
wait "${agents[@]}"
agents=()
done_testing
