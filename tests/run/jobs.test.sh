#!/bin/bash
# Whole jobs that the agent recognises by itself: what is watched and what is not, by the process
# shapes of rules/data/ci-jobs.json; a theft in a job is stopped and the log says of which job; a
# reload loses no job and takes none twice.
#
# The runners here are stand-ins: copies of bash under the name of the runner's program, which start
# processes as the real ones do (a program of their own for a job; a shell for a step; su between).
# The kernel side looks at the name of the runner's executable and its place above the job, and not
# at what it does.
# vm: no (the same by each backend)
. tests/run/lib.sh
needs npm jq setpriv python3

chmod 711 "$work"
uid=54877 socket=$work/run/agent.sock home=$work/home logs=$work/logs/jobs agent=
app=$work/home/_work/app
trap 'kill "$agent" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
mkdir -p "$work"/{run,own,other} "$home/.aws" "$app"/node_modules/{evil,good}
echo 'aws_secret_access_key = AKIAsecret' >"$home/.aws/credentials"
echo '{"name":"app","version":"1.0.0","dependencies":{"good":"*"}}' >"$app/package.json"
package() { # NAME SCRIPT: its postinstall
	jq -n --arg name "$1" \
		'{name: $name, version: "6.6.6", scripts: {postinstall: "sh ./do"}}' \
		>"$app/node_modules/$1/package.json"
	echo "$2" >"$app/node_modules/$1/do"
}
package evil "cat $home/.aws/credentials >$app/loot"
package good "echo built >$app/built"
for name in Runner.Listener Runner.Worker gitlab-runner su java act_runner buildkite-agent; do
	cp "$(command -v bash)" "$work/own/$name"
done
cp "$work/own/gitlab-runner" "$work/other/" # the same name, but not the configured one
chown -R $uid:$uid "$home"
chmod -R a+rX "$work"/{home,own,other}

config() { # more members of "jobs"
	jq -n --arg logs "$logs" --arg own "$work/own" --argjson more "${1:-{\}}" \
		'{jobs: ({logs: $logs, watch: ["github", "gitlab", "jenkins", "gitea", "buildkite"],
			runners: ["Runner.Listener", "gitlab-runner", "java", "act_runner",
				"buildkite-agent" | "\($own)/\(.)"]} + $more)}' >"$work/config"
}
start_agent() {
	[ ! -e "$work/agent.out" ] || cat "$work/agent.out" >>"$work/agent.before"
	rm -f "$work/agent.out"
	"$WORMSIGN" agent --socket "$socket" --config "$work/config" >"$work/agent.out" 2>&1 &
	agent=$!
	wait_for 60 grep -qs listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }
}
as() { # COMMAND...
	(cd "$home" && exec env -i PATH="$PATH" HOME="$home" npm_config_update_notifier=false \
		npm_config_cache="$home/.npm" LC_ALL=C.UTF-8 \
		setpriv --reuid $uid --regid $uid --clear-groups "$@")
}
script() { { echo ". $work/own/where"; cat; } >"$work/own/$1"; } # NAME
# The processes print the session that they are in, as their cgroup says; without an exec, which
# would be a start of its own below a runner.
cat >"$work/own/where" <<'END'
where() {
	local line name=none
	while IFS= read -r line; do
		case $line in 0::*/wormsign-*) name=${line##*/} ;; esac
	done </proc/$BASHPID/cgroup
	echo "$1 $name"
}
END
own=$work/own
idle() { # between two servers, a status may be cut off
	[ "$("$WORMSIGN" status --json --socket "$socket" 2>/dev/null |
		jq '[.sessions[] | select(.ended == null)] | length')" = 0 ]
}
none_runs() { wait_for 10 idle || missing 'a session did not end'; }
# The log of the session that `where` has printed for $1 in $work/out.
log_of() { awk -v who="$1" '$1 == who { print $2 }' "$work/out" | head -n 1; }
job_events() { events "$2" "$logs/$(log_of "$1").jsonl"; } # WHO FILTER

# ---- what configuration is wrong ----
echo '{"jobs": {"watch": ["github", "githab"], "logs": "x", "runers": []}}' >"$work/bad"
"$WORMSIGN" config check "$work/bad" 2>"$work/err"
same "a wrong configuration" 1 $?
has "... a CI system that is not known" "/jobs/watch: item 1 must be one of github, gitlab" \
	"$(cat "$work/err")"
has "... a name that is misspelt" 'do you mean "runners"' "$(cat "$work/err")"
has "... a path" "/jobs/logs: must be an absolute path" "$(cat "$work/err")"
config
same "a right one" 0 "$("$WORMSIGN" config check "$work/config" >/dev/null; echo $?)"
start_agent

# ---- GitHub: a process for the whole job ----
script listener <<END
where listener
$own/Runner.Worker $own/worker spawnclient 1 2
echo "status \$?"
where listener-after
END
script worker <<END
where worker
$WORMSIGN ci start --logs=$logs 2>&1
echo "ci start \$?"
export GITHUB_ACTIONS=true GITHUB_REPOSITORY=o/r GITHUB_RUN_ID=77 MY_TOKEN=s3cr3t-0123456789
GITHUB_ACTION=build GITHUB_REPOSITORY=o/r bash $own/step
GITHUB_ACTION=install bash -c 'cd $app; npm rebuild good && GITHUB_ACTION=forged npm rebuild evil'
echo "npm \$?"
: >$home/summary
GITHUB_STEP_SUMMARY=$home/summary $WORMSIGN ci end --logs=$logs >$home/ci.out 2>&1
echo "ci end \$?"
GITHUB_ACTIONS= $WORMSIGN ci end --logs=$logs >$home/plain.out 2>&1
setsid sleep 300 >/dev/null 2>&1 &
exit 3
END
script step <<END
where step
export GITHUB_RUN_ID=forged
sh -c ': MY_TOKEN=s3cr3t-0123456789'
END
as "$own/Runner.Listener" "$own/listener" >"$work/out" 2>"$work/err"
same "the runner is not watched" "listener none" "$(grep '^listener ' "$work/out")"
same "... after the job neither" "listener-after none" "$(grep ^listener-after "$work/out")"
session=$(log_of worker)
has "the job is, from its first instruction" "wormsign-" "$session"
same "... and its steps, in the same session" "$session" "$(log_of step)"
same "its exit status is the runner's to see" "status 3" "$(grep ^status "$work/out")"
none_runs
has "ci start says that it is watched" "$logs/$session.jsonl" "$(cat "$work/out")"
has "... by its status" "ci start 0" "$(cat "$work/out")"
has "ci end fails if something was stopped" "ci end 86" "$(cat "$work/out")"
has "... with a line" "wormsign: stopped: evil@6.6.6 (postinstall) tried to read" \
	"$(cat "$home/ci.out")"
has "... an annotation" "::error title=Wormsign::evil@6.6.6" "$(cat "$home/ci.out")"
has "... and a part of the summary" "**stopped**: evil&#64;6&#46;6&#46;6" "$(cat "$home/summary")"
lacks "... not where it is not GitHub" "::error" "$home/plain.out"
has "... whose lines are the same" "wormsign: 1 stopped" "$(cat "$home/plain.out")"
same "ci where nothing is watched" "125 125" "$(for what in start end; do
	"$WORMSIGN" ci $what --logs="$logs" >/dev/null 2>&1; echo $?; done | xargs)"
same "a theft by a package of it is stopped" '' "$(cat "$app/loot" 2>/dev/null)"
lacks "... and the step fails" "npm 0" "$work/out"
same "... the honest one has run" built "$(cat "$app/built" 2>/dev/null)"
same "the log: the job's command" "Runner.Worker" \
	"$(job_events worker 'select(.event.action == "session-start")
		| .process.args[0] | sub(".*/"; "")')"
same "... the verdict, with the job that it is of" "kill evil github o/r 77" \
	"$(job_events worker 'select(.wormsign.verdict == "kill") | [.wormsign.verdict,
		.package.name, (.wormsign.job | .provider, .repository, .run)] | join(" ")' |
		head -n 1)"
same "... and the step of it, which it cannot change" "evil install" \
	"$(job_events worker 'select(.wormsign.verdict == "kill") |
		[.package.name, .wormsign.job.step] | join(" ")' | head -n 1)"
same "... and the job, which is no step, by none" null \
	"$(job_events worker 'select(.event.action == "session-end") | .wormsign.job.step')"
same "... its status and the session's" "3 86" \
	"$(job_events worker 'select(.event.action == "session-end") | .wormsign
		| "\(.command_status) \(.status)"')"
same "... what outlived the job" sleep \
	"$(job_events worker 'select(.event.action == "leftover") | .process.name')"
lacks "... no secret of a step" s3cr3t-0123456789 "$logs/$session.jsonl"
same "... is the user's to read" 0 "$(as test -r "$logs/$session.jsonl"; echo $?)"
same "... and not to write or list" 1 \
	"$(as test -w "$logs/$session.jsonl" || as test -r "$logs"; echo $?)"
same "... and nobody else's" 1 "$(setpriv --reuid 54322 --regid 54322 --clear-groups \
	test -r "$logs/$session.jsonl"; echo $?)"
same "nothing of it lives" '' "$(pgrep -u $uid -r R,S,D,T)"

# ---- what others pay: nothing at system calls while no session runs ----
# the tracepoints that the agent's server is attached to
tracepoints() { cat /proc/"$(pgrep -P "$agent" -x wormsign-server)"/fdinfo/* 2>/dev/null |
	sed -n 's/^tp_name:[[:space:]]*//p'; }
at_rest() { ! tracepoints | grep -q '^sys_'; }
same "at rest no system call is looked at" yes "$(wait_for 5 at_rest && echo yes)"
has "... but each exec" sched_process_exec "$(tracepoints)"

# ---- the program that the runner asks for, replaced by the job before ----
mv "$own/Runner.Worker" "$own/kept"
printf '#!/bin/bash -p\n. %s/where; where worker\n' "$own" >"$own/Runner.Worker"
chmod 755 "$own/Runner.Worker"
as "$own/Runner.Listener" "$own/listener" >"$work/out" 2>"$work/err"
has "a script in its place is watched" "wormsign-" "$(log_of worker)"
ln -sf "$(command -v bash)" "$own/Runner.Worker"
echo "$own/Runner.Worker $own/step; :" | script listener
as "$own/Runner.Listener" "$own/listener" >"$work/out" 2>"$work/err"
has "... and a link to another program" "wormsign-" "$(log_of step)"
mv -f "$own/kept" "$own/Runner.Worker"
none_runs

# ---- a shell for each step ----
script stage <<END
where stage
sleep 1.5 & # for the next stage
END
script gitlab <<END
bash $own/stage
$own/su $own/su-script
where runner
END
script su-script <<END
where su
bash $own/stage2
:
END
script stage2 <<END
where stage2
pgrep -u $uid -x sleep >/dev/null && echo kept
:
END
as "$own/gitlab-runner" "$own/gitlab" >"$work/out" 2>"$work/err"
has "GitLab: a stage is watched" "wormsign-" "$(log_of stage)"
has "... by su, too" "wormsign-" "$(log_of stage2)"
same "... su itself is not" none "$(log_of su)"
same "... nor the runner" none "$(log_of runner)"
has "what a stage leaves running for the next is left" kept "$(cat "$work/out")"
as "$work/other/gitlab-runner" "$own/gitlab" >"$work/out" 2>"$work/err"
same "a program that only has the name is not watched" none "$(log_of stage)"
script jenkins <<END
nohup bash -c '. $own/where; { (sleep 0.3; where step) & }' >$work/home/jenkins.out 2>&1
END
as "$own/java" "$own/jenkins" agent.jar >"$work/out" 2>"$work/err"
wait_for 5 test -s "$home/jenkins.out"
has "Jenkins: a step that goes on in the background" "wormsign-" "$(cat "$home/jenkins.out")"
rm -f "$home/jenkins.out"
as "$own/java" "$own/jenkins" other.jar >"$work/out" 2>"$work/err"
wait_for 5 test -s "$home/jenkins.out"
has "... of another Java program is not watched" "step none" "$(cat "$home/jenkins.out")"
script step <<END
where step
END
for runner in act_runner buildkite-agent; do
	script agent <<END
$own/buildkite-agent $own/step
:
END
	as "$own/$runner" "$own/agent" >"$work/out" 2>"$work/err"
	has "$runner" "wormsign-" "$(log_of step)"
done
none_runs

# ---- who continues it before it is watched ----
script step <<END
where step
END
script listener <<END
$own/Runner.Worker $own/step
:
END
server=$(pgrep -P "$agent" -x wormsign-server)
kill -STOP "$server"
as "$own/Runner.Listener" "$own/listener" >"$work/out" 2>&1 & runner=$!
state() { [ -n "$(pgrep -u $uid -x Runner.Worker -r "$1")" ]; }
wait_for 5 state T || missing 'the job does not wait'
for _ in {1..20}; do pkill -CONT -u $uid -x Runner.Worker; done
sleep 0.3
same "a job waits for the agent, whoever continues it" "yes " \
	"$(state T && echo yes) $(cat "$work/out")"
kill -CONT "$server"
wait $runner
has "... and is watched then" "wormsign-" "$(log_of step)"
none_runs

# ---- a reload, while jobs begin ----
script step <<END
where step
END
script listener <<END
for i in {1..20}; do
	$own/Runner.Worker $own/step
	echo "status \$?"
done
END
as "$own/Runner.Listener" "$own/listener" >"$work/out" 2>"$work/err" & many=$!
same "a reload" 0 "$("$WORMSIGN" reload --socket "$socket" >"$work/err" 2>&1; echo $?)"
wait $many
same "... each job has run" 20 "$(grep -c '^status 0' "$work/out")"
same "... watched" 20 "$(grep -c '^step wormsign-' "$work/out")"
none_runs
same "... once" 20 "$(grep ^step "$work/out" | while read -r _ name; do
	jq -r 'select(.event.action == "session-end") | .event.action' "$logs/$name.jsonl"
done | grep -c end)"
same "nothing is left of claims" '' "$(find "$work/run" -name 'job-*')"

# ---- limits, and audit ----
kill "$agent"; wait "$agent"
config '{"audit": true, "readable": false}'
start_agent
script listener <<END
$own/Runner.Worker $own/worker spawnclient 1 2
END
rm -f "$app/loot"
as "$own/Runner.Listener" "$own/listener" >"$work/out" 2>"$work/err"
none_runs
has "audit: the theft goes through" AKIAsecret "$(cat "$app/loot" 2>/dev/null)"
same "... and is reported" kill "$(job_events worker \
	'select(.wormsign.verdict == "kill") | .wormsign.verdict' | head -n 1)"
same "the log of one that may not read it" 1 \
	"$(as test -r "$logs/$(log_of worker).jsonl"; echo $?)"
kill "$agent"; wait "$agent"
jq '. + {limits: {sessions_per_user: 1}}' "$work/config" >"$work/config.new"
mv "$work/config.new" "$work/config"
start_agent
script listener <<END
$own/Runner.Worker $own/long &
while [ ! -e $home/began ]; do sleep 0.05; done
$own/Runner.Worker $own/step
echo "status \$?"
wait
END
script long <<END
: >$home/began
sleep 1
END
as "$own/Runner.Listener" "$own/listener" >"$work/out" 2>"$work/err"
same "a job that cannot be watched does not run" "status 137" "$(cat "$work/out")"
has "... and the agent says why" "could not be watched: you have 1 sessions" \
	"$(cat "$work/agent.out")"
none_runs
kill "$agent"; wait "$agent"; agent=
as "$own/Runner.Listener" "$own/listener" >"$work/out" 2>"$work/err"
same "without the agent, jobs run" "status 0" "$(tail -n 1 "$work/out")"
done_testing
