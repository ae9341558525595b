#!/bin/bash
# The snippets of scripts/ci, each as its README shows it and as its CI system would run it, by an
# ordinary user with the agent: a step's status, a theft that is stopped, the log that is kept; and
# nothing of what the watched side prints or writes is taken for a command by the system.
# vm: no (the same by each backend)
. tests/run/lib.sh
needs npm jq setpriv python3
python=$(for p in /usr/bin/python3 python3; do
	"$p" -c 'import yaml' 2>/dev/null && echo "$p" && break; done)
[ -n "$python" ] || { echo 'SKIP: python3-yaml is not installed'; exit 77; }

chmod 711 "$work"
uid=54321 socket=$work/run/agent.sock home=$work/home app=$work/home/app
mkdir -p "$work"/{run,bin} "$app"/node_modules/{loud,evil} "$home"/{.aws,tmp}
mkdir -p "$home/temp/_runner_file_commands"
cat >"$work/bin/wormsign" <<EOF
#!/bin/bash
exec "$WORMSIGN" "\$1" --socket "$socket" "\${@:2}"
EOF
chmod 755 "$work/bin" "$work/bin/wormsign"
echo 'aws_secret_access_key = AKIAsecret' >"$home/.aws/credentials"
echo '{"name":"app","version":"1.0.0","dependencies":{"loud":"*"}}' >"$app/package.json"
package() { # NAME SCRIPT: its postinstall
	jq -n --arg name "$1" '{name: $name, version: "6.6.6", scripts: {postinstall: "sh ./do"}}' \
		>"$app/node_modules/$1/package.json"
	cat >"$app/node_modules/$1/do"
}
# All that one of the systems would take for a command, on both streams; the last without an end.
package loud <<'EOF'
for out in 1 2; do
	printf '%s\n' '::error::said' '  ::add-path::/tmp/x' 'x ##[add-path]/tmp/x' >&$out
	printf '%s\n' '::stop-commands::pause' '::pause::' '::set-env name=X::y' >&$out
	printf 'x\r::warning::said\r\n' >&$out
	printf '\033[0Ksection_start:1:x[collapsed=true]\r\033[0Ky\nsection_end:1:x\n' >&$out
	printf '%s\n' '--- a' '+++ b' '~~~ c' '^^^ +++' >&$out
	printf '\033[0m--- d\n-\033[1m-- e\nx\r--- f\n\033_bk;t=1\007--- g\n--\033[K- h\n' >&$out
	printf '::error::end' >&$out
done
EOF
package evil <<EOF
cat $home/.aws/credentials >$app/loot
EOF
chown -R $uid:$uid "$home"
chmod 755 "$home" "$app"

# play PROVIDER COMMAND: into $work/played
play() {
	rm -f "$app/loot"
	env -i PATH="$work/bin:$PATH" HOME="$home" TMPDIR="$home/tmp" LC_ALL=C.UTF-8 \
		npm_config_update_notifier=false npm_config_cache="$home/.npm" \
		"$python" tests/run/ci_play.py "$1" "$app" "$2" \
		setpriv --reuid $uid --regid $uid --clear-groups >"$work/played" ||
		missing "ci_play.py $1 failed"
}
got() { jq -r "$1" "$work/played"; }
npm='npm rebuild --foreground-scripts'
# what the job itself writes to the runner's files, though they are not given to it
writes='for f in ${RUNNER_TEMP:-/nowhere}/_runner_file_commands/*; do echo X=y >>$f; done'

"$WORMSIGN" agent --socket "$socket" >"$work/agent.out" 2>&1 & agent=$!
trap 'kill "$agent" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
wait_for 60 grep -q listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }

# Without a snippet: what is printed is commands, and the theft succeeds.
play none "$npm; $writes"
same 'control: status' 0 "$(got .status)"
for command in error add-path warning set-env section_start:1:x '--- a' '--- d' '--- e' '--- f' \
	'--- g' '--- h' '^^^ +++'; do
	has "control: $command is a command" " $command " " $(got '.commands | join(" ")') "
done
same 'control: the files are written' 'X=y' "$(got .files.GITHUB_ENV)"
same 'control: the package steals' 'aws_secret_access_key = AKIAsecret' "$(cat "$app/loot")"

mv "$app/node_modules/evil" "$home/evil"
declare -A expected=([github]='add-mask stop-commands (resume)' [gitlab]='' [jenkins]=''
	[buildkite]='')
for ci in github gitlab jenkins buildkite; do
	play $ci "$npm"
	same "$ci: status of an honest step" 0 "$(got .status)"
	has "$ci: its output" 'section' "$(got .log)"
	same "$ci: what of it is a command" "${expected[$ci]}" "$(got '.commands | join(" ")')"
	same "$ci: what is kept" 1 "$(got '.artifacts | length')"
	same "$ci: the log is whole" 1 \
		"$(grep -c '"session-end"' "$(got '.artifacts[0]')" /dev/null | grep -vc ':0$')"
	rm -f "$home"/temp/*.jsonl "$app"/*.jsonl
	play $ci 'sh -c "exit 7"'
	same "$ci: status of the command" 7 "$(got .status)"
	rm -f "$home"/temp/*.jsonl "$app"/*.jsonl
done
play github "$npm; $writes"
same 'github: status of a step that writes to the files of the runner' 0 "$(got .status)"
same 'github: what stays in them' '' "$(got '.files | add')"
play github 'echo "[$GITHUB_ENV]"; echo A=b >>"$GITHUB_ENV"; echo "$WORMSIGN_STEP"'
same 'github: a step can write to what it is given' 0 "$(got .status)"
same '... which is dropped' '' "$(got '.files | add')"

mv "$home/evil" "$app/node_modules/evil"
for ci in github gitlab jenkins buildkite; do
	rm -f "$home"/temp/*.jsonl "$app"/*.jsonl
	play $ci "$npm"
	same "$ci: status when a package steals" 86 "$(got .status)"
	same "$ci: ... which it has not" '' "$(cat "$app/loot" 2>/dev/null)"
	has "$ci: ... the log says who" evil@6.6.6 "$(got .log)"
	same "$ci: ... and is kept" 1 "$(got '.artifacts | length')"
done
play github "$npm"
same 'github: an annotation of our own, and none of theirs' \
	'add-mask stop-commands (resume) error' "$(got '.commands | join(" ")')"
said='Something was stopped: the log of this step says what, and what to do'
same 'github: the summary has fixed words' "**Wormsign** (status 86): $said." \
	"$(got .files.GITHUB_STEP_SUMMARY)"

kill "$agent" && wait "$agent"
for ci in github gitlab jenkins buildkite; do
	rm -f "$app/ran"
	play $ci "touch ran"
	same "$ci: status without the agent" 125 "$(got .status)"
	same "$ci: ... and nothing is run" '' "$(ls "$app/ran" 2>/dev/null)"
done
done_testing
