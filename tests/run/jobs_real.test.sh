#!/bin/bash
# Whole jobs of real runners: a Buildkite agent, whose server is played by buildkite_api.py, and
# act, whose host mode is what act_runner and forgejo-runner embed (it is run under that name).
# $BUILDKITE_AGENT and $ACT are the programs (go install github.com/buildkite/agent/v3@v3.60.0 and
# github.com/nektos/act@v0.2.60); without one its part is left out.
# vm: no (the same by each backend)
. tests/run/lib.sh
needs npm jq setpriv python3 git
[ -n "${BUILDKITE_AGENT:-}${ACT:-}" ] ||
	{ echo 'SKIP: neither BUILDKITE_AGENT nor ACT is set'; exit 77; }

chmod 711 "$work"
uid=54879 socket=$work/run/agent.sock home=$work/home logs=$work/logs agent='' runner=''
trap 'kill $agent $runner 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
app=$home/app
mkdir -p "$work"/{run,own} "$home/.aws" "$app"/node_modules/evil "$app/.github/workflows"
echo 'aws_secret_access_key = AKIAsecret' >"$home/.aws/credentials"
echo '{"name":"app","version":"1.0.0","dependencies":{"evil":"*"}}' >"$app/package.json"
echo '{"name":"evil","version":"6.6.6","scripts":{"postinstall":"sh ./do"}}' \
	>"$app/node_modules/evil/package.json"
echo "cat $home/.aws/credentials >$app/loot" >"$app/node_modules/evil/do"
cat >"$app/.github/workflows/x.yml" <<END
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          $WORMSIGN ci start --logs=$logs
          sleep 30 >/dev/null 2>&1 &
      - run: |
          pgrep -u $uid -x sleep >/dev/null && echo kept
          cd $app
          npm rebuild || $WORMSIGN ci end --logs=$logs >$home/ci.out
END
(cd "$app" && git init -q -b main &&
	git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x)
[ -z "${BUILDKITE_AGENT:-}" ] || cp "$BUILDKITE_AGENT" "$work/own/buildkite-agent"
[ -z "${ACT:-}" ] || cp "$ACT" "$work/own/act_runner"
chown -R $uid:$uid "$home"
jq -n --arg logs "$logs" --arg own "$work/own" '{jobs: {logs: $logs, watch: ["buildkite", "gitea"],
	runners: ["buildkite-agent", "act_runner" | "\($own)/\(.)"]}}' >"$work/config"
"$WORMSIGN" agent --socket "$socket" --config "$work/config" >"$work/agent.out" 2>&1 & agent=$!
wait_for 60 grep -qs listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }
as() { # COMMAND...
	(cd "$home" && exec env -i PATH="$PATH" HOME="$home" npm_config_update_notifier=false \
		npm_config_cache="$home/.npm" XDG_CACHE_HOME="$home/.cache" LC_ALL=C.UTF-8 \
		setpriv --reuid $uid --regid $uid --clear-groups "$@")
}
# what all logs hold: FILTER
all() { cat "$logs"/*.jsonl | jq -r "$1"; }
ended() { [ "$(all 'select(.event.action == "session-end") | 1' | wc -l)" -ge "$1" ]; }

if [ -n "${ACT:-}" ]; then
	as "$work/own/act_runner" -P ubuntu-latest=-self-hosted --env GITEA_ACTIONS=true \
		-C "$app" >"$work/act.out" 2>&1
	has "act: its steps are watched" "this job is watched" "$(cat "$work/act.out")"
	has "... what a step leaves running is left to the next" kept "$(cat "$work/act.out")"
	has "... a theft is stopped, and the step says so" \
		"wormsign: stopped: evil@6.6.6 (postinstall) tried to read" "$(cat "$home/ci.out")"
	has "... by its status" "exit status 86" "$(cat "$work/act.out")" # act may lose a last line
	lacks "... and fails" "Job succeeded" "$work/act.out"
	same "... nothing was read" '' "$(cat "$app/loot" 2>/dev/null)"
	same "... the log says of which job" "gitea build" "$(all \
		'select(.wormsign.verdict == "kill") | .wormsign.job | "\(.provider) \(.job)"' |
		head -n 1)"
	for pid in $(pgrep -u $uid -x sleep); do kill "$pid"; done
	wait_for 10 ended 2 || missing 'sessions of act did not end'
fi
if [ -n "${BUILDKITE_AGENT:-}" ]; then
	rm -f "$logs"/*.jsonl "$app/loot"
	cat >"$app/job" <<-END
		$WORMSIGN ci start --logs=$logs
		cd $app && npm rebuild
		$WORMSIGN ci end --logs=$logs
	END
	python3 tests/run/buildkite_api.py "$work/port" "$work/bk.out" "$app" \
		"sh $app/job" & runner=$!
	wait_for 10 test -s "$work/port" || { echo 'the server did not start'; exit 1; }
	as timeout 60 "$work/own/buildkite-agent" start --token x --name runner-1 \
		--endpoint "http://127.0.0.1:$(cat "$work/port")/v3" --build-path "$home/builds" \
		--disconnect-after-job --no-color >"$work/agent-bk.out" 2>&1
	has "Buildkite: the job is watched" "this job is watched" "$(cat "$work/bk.out")"
	has "... a theft is stopped, and the job says so" \
		"wormsign: stopped: evil@6.6.6 (postinstall) tried to read" "$(cat "$work/bk.out")"
	has "... and fails" "finished 86" "$(cat "$work/bk.out")"
	same "... nothing was read" '' "$(cat "$app/loot" 2>/dev/null)"
	wait_for 10 ended 1 || missing 'the session did not end'
	same "... one session for the whole job" 1 "$(find "$logs" -name '*.jsonl' | wc -l)"
	same "... the log says of which job, from the start" \
		"session-start buildkite app 12 main runner-1" "$(all '"\(.event.action) \(
		.wormsign.job | "\(.provider) \(.pipeline) \(.run) \(.branch) \(.runner)")"' |
		head -n 1)"
	same "... and no commit, where it is not known" null \
		"$(all '.wormsign.job.commit' | sort -u)"
fi
done_testing
