#!/bin/bash
# What a job leaves for the next one: processes, sockets, and changed files of the places of
# rules/data/residue.json are found at its end, whatever they are called and however they were
# changed; by the agent, for a `run` and for a whole job.
# vm: no (the same by each backend)
. tests/run/lib.sh
needs jq setpriv python3 git unshare

chmod 711 "$work"
uid=54878 socket=$work/run/agent.sock home=$work/home logs=$work/logs/jobs agent=
app=$work/home/app own=$work/own
trap 'kill "$agent" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
mkdir -p "$work"/{run,own} "$home/.local/bin" "$app/.git/hooks"
for name in Runner.Listener Runner.Worker gitlab-runner; do
	cp "$(command -v bash)" "$own/$name"
done
echo 'alias a=b' >"$home/.bashrc"
evil=$'e\n::error::x \e[31m|**b**'
cat >"$own/job" <<END
(setsid sleep 543 &)
setsid python3 -c 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
open("$home/port", "w").write(str(s.getsockname()[1]))
time.sleep(543)' &
for _ in {1..100}; do [ -s $home/port ] && break; sleep 0.1; done
echo 'evil' >>$home/.bashrc
touch -d 2001-01-01 $home/.bashrc
echo '* * * * * evil' >/var/spool/cron/crontabs/$uid
echo '#!/bin/sh' >$home/.local/bin/x
echo 'data' >$home/.local/bin/data
chmod 755 $home/.local/bin/x
echo '#!/bin/sh' >$app/.git/hooks/pre-commit
echo 'sample' >$app/.git/hooks/pre-push.sample
git config --global core.hooksPath $home/hooks
mkdir -p $home/.config/autostart
echo >$home/.config/autostart/$(printf %q "$evil")
END
chown -R $uid:$uid "$home"
chmod -R a+rX "$work"/{home,own}

config() { # JSON: more members of "jobs"
	jq -n --arg logs "$logs" --arg own "$own" --argjson more "$1" \
		'{jobs: ({logs: $logs, watch: ["github", "gitlab"],
			runners: ["Runner.Listener", "gitlab-runner" | "\($own)/\(.)"]} + $more)}' \
		>"$work/config"
}
# cron's spool is one of the agent's and the jobs' own
start_agent() {
	[ ! -e "$work/agent.out" ] || cat "$work/agent.out" >>"$work/agent.before"
	rm -f "$work/agent.out"
	"$WORMSIGN" agent --socket "$socket" --config "$work/config" >"$work/agent.out" 2>&1 &
	agent=$!
	wait_for 60 grep -qs listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }
}
if [ -z "${RESIDUE_TEST_MOUNTED:-}" ]; then
	rm -rf "$work"
	mkdir -p /var/spool/cron
	exec env RESIDUE_TEST_MOUNTED=1 unshare -m --propagation private sh -c \
		'mount -t tmpfs -o mode=755 none /var/spool/cron && exec "$0"' "$0"
fi
mkdir /var/spool/cron/crontabs
chmod 1733 /var/spool/cron/crontabs
: >"/var/spool/cron/crontabs/$uid"
echo old >/var/spool/cron/crontabs/54322 # another user's
chown $uid "/var/spool/cron/crontabs/$uid"
as() { # COMMAND...
	(cd "$app" && exec env -i PATH="$PATH:$home/.local/bin" HOME="$home" LC_ALL=C.UTF-8 \
		setpriv --reuid $uid --regid $uid --clear-groups "$@")
}
idle() {
	[ "$("$WORMSIGN" status --json --socket "$socket" 2>/dev/null |
		jq '[.sessions[] | select(.ended == null)] | length')" = 0 ]
}
none_runs() { wait_for 10 idle || missing 'a session did not end'; }
residue() { # LOG: what it says, a line each; without what others install on this machine meanwhile
	jq -r 'select(.event.action == "residue") |
		select(.file.path // "" | test("^/(usr|etc|opt)/") | not) |
		"\(.wormsign.residue.what): \(.file.name // "socket" | @json) " +
		.wormsign.residue.change' "$1" | sort
}
expected='crontab or at job: "54878" changed
git configuration: ".gitconfig" new
git hook: "pre-commit" new
listening socket: "socket" new
program in PATH: "x" new
program started at login: "e\n::error::x \u001b[31m|**b**" new
shell start file: ".bashrc" changed'

config '{}'
start_agent
sleep 0.1

# ---- a `run` ----
echo 54322 >>/var/spool/cron/crontabs/54322
as "$WORMSIGN" run --socket "$socket" --log "$home/log.jsonl" -- bash "$own/job" 2>"$work/err"
same "run: the log has all that was left, and nothing else" "$expected" \
	"$(residue "$home/log.jsonl")"
same "... the end says how much" true "$(jq -c 'select(.event.action == "session-end") |
	.wormsign.residue | .found >= 7 and .incomplete == false' "$home/log.jsonl")"
has "... the summary has it" "shell start file ~/.bashrc (changed)" "$(cat "$work/err")"
has "... with the socket" "127.0.0.1:$(cat "$home/port") (tcp)" "$(cat "$work/err")"
same "... a name is a part of its line" 0 "$(grep -c '^::error' "$work/err")"
has "... and the processes" "2 processes outlived bash and were killed" "$(cat "$work/err")"
same "... which are dead" '' "$(pgrep -u $uid -r R,S,D,T)"
as "$WORMSIGN" run --socket "$socket" --log "$home/log2.jsonl" -- true 2>"$work/err"
same "the next one, which changes nothing, has left nothing" '' "$(residue "$home/log2.jsonl")"
lacks "... and says nothing" " ~/" "$work/err"
same "status has what only the agent could see, of either, and that there may be more" \
	'[{"residue":0,"residue_complete":false},{"residue":1,"residue_complete":false}]' \
	"$("$WORMSIGN" status --json --socket "$socket" |
		jq -c '[.sessions[] | {residue, residue_complete}]')"

# ---- a whole job; `ci end --clean` within it ----
reset() {
	rm -rf "$home"/{port,.gitconfig,.config} "$home/.local/bin/x" "$app"/.git/hooks/*
}
reset
cat >"$own/listener" <<END
$own/Runner.Worker $own/worker
:
END
cat >"$own/worker" <<END
export GITHUB_ACTIONS=true GITHUB_REPOSITORY=a/b GITHUB_STEP_SUMMARY=$home/summary.md
bash $own/job
sleep 543 & # of the job itself, still
: >$home/summary.md
cd $app
$WORMSIGN ci end --logs $logs >$home/ci.out 2>&1
echo "status \$?" >>$home/ci.out
$WORMSIGN ci end --clean --logs $logs >$home/clean.out 2>&1
echo "status \$?" >>$home/clean.out
jobs -r >>$home/clean.out
END
as "$own/Runner.Listener" "$own/listener" >"$work/out" 2>&1
none_runs
log=$(ls -t "$logs"/*.jsonl | head -n 1)
same "a whole job: the log has it" "$(grep -v '^listening' <<<"$expected")" "$(residue "$log")"
ci=$(cat "$home/ci.out")
has "ci end: processes" "left for the next job: 2 processes: " "$ci"
has "... a start file" "left for the next job: shell start file ~/.bashrc (changed)" "$ci"
has "... a program" "program in PATH ~/.local/bin/x (new)" "$ci"
has "... a hook" "pre-commit (new)" "$ci"
has "... does not fail for it" "status 0" "$ci"
same "... no name becomes a command" 0 "$(grep -c '^::error' "$home/ci.out")"
has "... nor a line of its own" 'e\x0a::error::x' "$ci"
same "... nor markup" 0 "$(grep -cF '**b**' "$home/summary.md")"
has "... in the job's summary" "left for the next job" "$(cat "$home/summary.md")"
clean=$(cat "$home/clean.out")
has "--clean ends them" "2 processes (ended):" "$clean"
has "... and not the job's own" "sleep 543" "$clean"
same "... and removes no file" yes "$([ -x "$home/.local/bin/x" ] && echo yes)"
same "status says how much was left" true "$("$WORMSIGN" status --json --socket "$socket" |
	jq '[.sessions[] | select(.residue != null)][0] | .residue >= 6 and .residue_complete')"

# ---- a stage, whose processes may be meant for the next; with jobs.clean they are not ----
cat >"$own/gitlab" <<END
bash $own/stage
:
END
echo 'sleep 5 &' >"$own/stage"
as "$own/gitlab-runner" "$own/gitlab" >"$work/out" 2>&1
same "what a stage leaves goes on" yes "$(pgrep -u $uid -x sleep >/dev/null && echo yes)"
none_runs
kill "$agent"; wait "$agent"
config '{"clean": true}'
start_agent
as "$own/gitlab-runner" "$own/gitlab" >"$work/out" 2>&1
ended() { ! pgrep -u $uid -x sleep -r R,S,D,T >/dev/null; }
same "... with jobs.clean it is ended" yes "$(wait_for 2 ended && echo yes)"
none_runs
same "... and reported" leftover "$(jq -r 'select(.event.action == "leftover") | .event.action' \
	"$(ls -t "$logs"/*.jsonl | head -n 1)")"
kill "$agent"; wait "$agent"; agent=
done_testing
