#!/bin/bash
# Sessions of the agent are delivered by its own account of them: whatever becomes of the client, of
# delivery's process, and of its disk.
. tests/run/lib.sh
needs npm jq setpriv
[ "$(id -u)" = 0 ] || { echo 'SKIP: needs root'; exit 77; }

chmod 755 "$work"
socket=$work/run/agent.sock uid=54321
mkdir -p "$work/run" "$work/one/.aws" "$work/one/app/node_modules/evil"
mkdir -m 777 "$work/out"
serve='' agent='' mounted=''
end() {
	local pid
	for pid in $agent $serve; do kill "$pid" 2>/dev/null; done
	wait 2>/dev/null
	[ -z "$mounted" ] || umount -l "$mounted" 2>/dev/null
	rm -rf "$work"
}
trap end EXIT
deliver=${WORMSIGN%/*}/wormsign-deliver
start_serve() { # [SPOOL [CONFIG]]
	rm -f "$work/serve.out"
	"$deliver" serve --config "${2:-$work/delivery.json}" --listen "$work/feed.sock" \
		--spool "${1:-$work/spool}" >"$work/serve.out" 2>&1 &
	serve=$!
	wait_for 20 grep -qs 'listens at' "$work/serve.out" ||
		missing "delivery does not start: $(cat "$work/serve.out")"
}
stop_serve() { # SIGNAL
	kill "-$1" "$serve"
	{ wait "$serve"; } 2>/dev/null
	serve=
}
delivered() { jq -r "$1" "$work/out/siem" 2>/dev/null; }
ends() { # COUNT
	[ "$(delivered 'select(.event.action == "session-end").event.id' | wc -l)" -ge "$1" ]
}
as_one() {
	(cd "$work/one/app" && exec env HOME="$work/one" npm_config_update_notifier=false \
		npm_config_cache="$work/one/.npm" MY_TOKEN=s3cr3t-v4lue-0f-mine \
		setpriv --reuid $uid --regid $uid --clear-groups "$@")
}
watched() { as_one "$WORMSIGN" run --socket "$socket" --log "$work/one/log" "$@"; }

echo "aws_secret_access_key = AKIA" >"$work/one/.aws/credentials"
echo '{"name":"app","version":"1.0.0","dependencies":{"evil":"*"}}' >"$work/one/app/package.json"
jq -n '{name: "evil", version: "6.6.6",
	scripts: {postinstall: "sh ./steal s3cr3t-v4lue-0f-mine"}}' \
	>"$work/one/app/node_modules/evil/package.json"
echo "cat $work/one/.aws/credentials >loot" >"$work/one/app/node_modules/evil/steal"
sum=sha512-$(head -c 64 /dev/urandom | base64 -w0)
jq -n --arg sum "$sum" '{lockfileVersion: 3, packages: {"": {dependencies: {evil: "*"}},
	"node_modules/evil": {version: "6.6.6", integrity: $sum}}}' \
	>"$work/one/app/package-lock.json"
chmod -R go-rwx "$work/one"
chown -R $uid:$uid "$work/one"
jq -n --arg socket "$work/feed.sock" '{delivery: $socket}' >"$work/agent.json"
jq -n --arg target "$work/out/siem" '{heartbeat: "1s", sinks: [
	{name: "siem", type: "file", target: $target}]}' >"$work/delivery.json"
"$WORMSIGN" agent --socket "$socket" --config "$work/agent.json" >"$work/agent.out" 2>&1 & agent=$!
wait_for 60 grep -qs listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }

# ---- no session begins that nobody would hear of ----
watched -q -- touch "$work/one/ran" 2>"$work/err"
same "delivery is not there: status, and the command is not run" "125 no" \
	"$? $([ -e "$work/one/ran" ] && echo yes || echo no)"
has "... and why" "delivery at $work/feed.sock cannot be reached" "$(cat "$work/err")"

# ---- an attack ----
start_serve
same "only root may connect" 600 "$(stat -c %a "$work/feed.sock")"
watched -q -- npm rebuild >"$work/out.txt" 2>&1
same "an attack: status" 86 $?
wait_for 30 ends 1
same "the session's first and last event" "session-start session-end" \
	"$(delivered 'select(.wormsign.session) | .event.action' | sed -n '1p;$p' | paste -sd ' ')"
same "the verdict" "evil 6.6.6 cloud-credentials kill alert" "$(delivered 'select(.event.kind ==
	"alert" and .rule.id == "cloud-credentials") | "\(.package.name) \(.package.version) " +
	"\(.rule.id) \(.wormsign.verdict) \(.event.kind)"' | sort -u)"
same "the same verdicts as in the user's log" \
	"$(events 'select(.wormsign.verdict) | "\(.rule.id) \(.process.pid)"' "$work/one/log" |
		sort)" \
	"$(delivered 'select(.wormsign.verdict) | "\(.rule.id) \(.process.pid)"' | sort)"
alerts='select(.event.kind == "alert" and .package.name == "evil").package.checksum'
same "the lockfile's checksum of the package, in the log and delivered" "$sum $sum" \
	"$(events "$alerts" "$work/one/log" | sort -u) $(delivered "$alerts" | sort -u)"
same "the tactic" "Credential Access" "$(delivered 'select(.rule.id == "cloud-credentials") |
	.threat.tactic.name[]' | sort -u)"
same "its ids are of the agent's account" 0 "$(delivered 'select(.wormsign.session).event.id' |
	grep -cv -- '-a[0-9]*$')"
same "who it was, and what was run" "$uid npm $work/one/app" "$(delivered 'select(.event.action ==
	"session-start") | "\(.user.id) \(.process.args[0]) \(.process.working_directory)"')"
same "the status of the end" 86 "$(delivered 'select(.event.action == "session-end") |
	.wormsign.status')"
lacks "no secret of the user's environment" s3cr3t-v4lue "$work/out/siem"
same "the inventory" 1 "$(delivered 'select(.event.action == "inventory").event.id' | wc -l)"
watched -q -- sh -c 'exit 7'
same "a command's own status" 7 $?
wait_for 30 ends 2
same "... is that of the last event" 7 "$(delivered 'select(.event.action == "session-end") |
	.wormsign.command_status' | tail -n 1)"

# ---- heartbeats come while nothing runs ----
beats() { delivered 'select(.event.action == "heartbeat").event.sequence' | wc -l; }
before=$(beats)
wait_for 20 eval '[ "$(beats)" -ge $((before + 2)) ]'
same "heartbeats without a session" yes "$([ "$(beats)" -ge $((before + 2)) ] && echo yes)"

# ---- the client is killed by what it watches: the alert is delivered all the same ----
: >"$work/out/siem"
echo "kill -9 \$(cat $work/one/client); cat $work/one/.aws/credentials >loot" \
	>"$work/one/app/node_modules/evil/steal"
as_one sh -c 'echo $$ >'"$work/one/client"'; exec "$0" "$@"' "$WORMSIGN" run -q --socket "$socket" \
	--log "$work/one/log2" -- npm rebuild >/dev/null 2>&1
wait_for 30 ends 1
same "an attack on the client: an alert is delivered" yes \
	"$(delivered .event.kind | grep -q alert && echo yes)"
echo "cat $work/one/.aws/credentials >loot" >"$work/one/app/node_modules/evil/steal"

# ---- delivery's process and the whole service are killed while sessions run ----
: >"$work/out/siem"
mkdir "$work/one/gate"
chown $uid "$work/one/gate"
watched -q -- sh -c "while [ ! -e $work/one/gate/open ]; do sleep 0.05; done; npm rebuild" \
	>/dev/null 2>&1 &
run=$!
wait_for 20 eval '[ "$(delivered "select(.event.action == \"session-start\")" | wc -l)" = 1 ]'
kill -9 $(pgrep -P $serve)
sleep 0.2
stop_serve KILL
touch "$work/one/gate/open"
wait $run
same "delivery is killed: the verdict does not wait for it" 86 $?
start_serve
wait_for 30 ends 1
same "... its alert is delivered by the next one" 1 "$(delivered 'select(.event.kind == "alert" and
	.rule.id == "cloud-credentials").event.id' | sort -u | wc -l)"
delivered 'select(.wormsign.session).event.sequence' | sort -nu >"$work/numbers"
same "... with all events of the session" "$(seq "$(tail -n 1 "$work/numbers")")" \
	"$(cat "$work/numbers")"

# ---- the disk is full: sessions are ended, or not, as configured; nothing taken is lost ----
stop_serve TERM
mkdir "$work/tiny"
if mount -t tmpfs -o size=160k,mode=700,uid=65534,gid=65534 none "$work/tiny" 2>/dev/null; then
	mounted=$work/tiny
	[ "$(id -u wormsign 2>/dev/null)" = '' ] || chown wormsign "$work/tiny"
	: >"$work/out/siem"
	start_serve "$work/tiny"
	head -c 1M /dev/zero >"$work/tiny/filler" 2>/dev/null
	rm -f "$work/one/gate/open"
	watched -q -- npm rebuild >/dev/null 2>&1
	same "full: the verdict does not wait" 86 $?
	rm "$work/tiny/filler"
	# the events that are no alerts may have been lost
	has_alert() { delivered .rule.id | grep -q cloud-credentials; }
	same "... and its alert is delivered when there is room" yes \
		"$(wait_for 30 has_alert && echo yes)"
	stop_serve TERM

	# "unsaved": what would run on is ended, or not, by the agent and by a lone run
	for how in stop count; do
		jq --arg how $how '. + {unsaved: $how} + if $how == "stop" then
			{unsaved_after: "1s"} else {} end' "$work/delivery.json" >"$work/$how.json"
		start_serve "$work/tiny" "$work/$how.json"
		head -c 1M /dev/zero >"$work/tiny/filler" 2>/dev/null
		long=(-q -- sh -c "npm rebuild; sleep 5; touch $work/one/lived")
		rm -f "$work/one/lived"
		watched "${long[@]}" >/dev/null 2>"$work/err"
		echo "$?" "$([ -e "$work/one/lived" ] && echo lived)" >"$work/full.agent"
		stop_serve TERM
		rm -f "$work/one/lived"
		(cd "$work/one/app" && HOME=$work/one exec "$WORMSIGN" run --log "$work/log.alone" \
			--config "$work/$how.json" --spool "$work/tiny" --flush 300ms \
			"${long[@]}") >/dev/null 2>"$work/err.alone"
		echo "$?" "$([ -e "$work/one/lived" ] && echo lived)" >"$work/full.alone"
		rm "$work/tiny/filler"
		for by in agent alone; do
			[ $how = stop ] && want='86 ' || want='86 lived'
			same "full, unsaved $how, $by" "$want" "$(cat "$work/full.$by")"
		done
		[ $how = stop ] || continue
		has "... and why, to the user" 'delivery could not put its alerts on disk' \
			"$(cat "$work/err")"
		has "... to root" 'delivery could not put an alert on disk for 1 s' \
			"$(cat "$work/agent.out")"
		has "... by a lone run" 'delivery could not put an alert on disk for 1 s' \
			"$(cat "$work/err.alone")"
	done
	umount "$work/tiny" && mounted=
fi
start_serve

# ---- SIGTERM: what waits is delivered, and the next one goes on ----
stop_serve TERM
same "SIGTERM: nothing waits" 0 "$("$WORMSIGN" spool status "$work/spool" | grep -cE \
	'[1-9][0-9]* alerts and [0-9]+ other events to deliver')"
same "the chain is whole" 0 "$("$WORMSIGN" spool verify "$work/spool" >/dev/null 2>&1; echo $?)"
done_testing
