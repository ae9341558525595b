#!/bin/bash
# The units, as `make install` leaves them, in a guest whose first process is systemd (vmtest -i):
# they start and say so, restart when they hang, are reloaded and stopped; users are watched
# meanwhile, and alerts are in the journal.
# vm: no (it has a row of its own in scripts/vmmatrix)
[ -d /run/systemd/system ] && [ -n "${VMTEST:-}" ] ||
	{ echo 'SKIP: only in a guest that systemd has booted: make check-systemd'; exit 77; }
seconds() { printf '%-44s %4d s\n' "$1" "$SECONDS"; }
make -s install >/dev/null 2>/tmp/install.err || { cat /tmp/install.err; exit 1; }
WORMSIGN=/usr/local/bin/wormsign
. tests/run/lib.sh
needs jq npm setpriv python3

seconds 'installed'

unit=wormsign-agent
show() { systemctl show -P "$1" "${2:-$unit}"; }
yes_if() { "$@" && echo yes || echo no; }
server() { pgrep -x wormsign-server -P "$(show MainPID)"; }
restarted() { [ "$(show NRestarts)" -gt "$1" ] && [ "$(show ActiveState)" = active ]; }
home=$work/home
mkdir -p "$home/.aws" "$home/app/node_modules/evil"
echo 'aws_secret_access_key = AKIAone' >"$home/.aws/credentials"
echo '{"name":"app","version":"1.0.0","dependencies":{"evil":"*"}}' >"$home/app/package.json"
jq -n '{name: "evil", version: "6.6.6", scripts: {postinstall: "cat ~/.aws/credentials >loot"}}' \
	>"$home/app/node_modules/evil/package.json"
chown -R 54321:54321 "$home"
as_user() {
	(cd "$home/app" && exec env HOME="$home" npm_config_update_notifier=false \
		setpriv --reuid 54321 --regid 54321 --groups 100 "$@")
}
watched() { as_user "$WORMSIGN" run -q --log "$home/log" "$@"; }
# begin COMMAND: a session in the background, which has begun when this returns
begin() {
	rm -f "$home/begun"
	watched -- sh -c "echo \$\$ >$home/begun; $1" 2>"$work/err" &
	client=$!
	wait_for 60 test -s "$home/begun" || missing "no session began: $(cat "$work/err")"
}
dead() { ! kill -0 "$(cat "$home/begun")" 2>/dev/null; }

# ---- They start ----
# A receiver that wants a credential, and the journal, which wants none.
cat >"$work/receiver" <<'PY'
import http.server, sys
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(sys.argv[1], "ab") as f:
            f.write(self.headers.get("Authorization", "none").encode() + b" " + body + b"\n")
        self.send_response(200)
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", 8089), Receiver).serve_forever()
PY
python3 "$work/receiver" "$work/received" 2>/dev/null &
receiver=$!
trap 'kill $receiver; rm -rf "$work"' EXIT
key=/run/credentials/wormsign-delivery.service/hook.key
jq -n --arg key "$key" '{sinks: [{name: "journal", type: "journal", target: "local"},
	{name: "hook", type: "webhook", target: "http://127.0.0.1:8089/x",
	 authorization_file: $key, batch_events: 1}]}' >/etc/wormsign/delivery.json
# Of these groups the user has one.
backend=deny
[ "${ROW:-}" != systemd-watch ] || backend=watch
jq -n --arg backend $backend '{group: "users", delivery: "/run/wormsign-delivery/feed.sock",
	metrics: "127.0.0.1:9713", backend: $backend}' >/etc/wormsign/wormsign.json
mkdir -p /etc/systemd/system/wormsign-{delivery,agent}.service.d
(umask 077; echo 'Bearer t0ps3cret' >/etc/hook.key)
printf '[Service]\nLoadCredential=hook.key:/etc/hook.key\n' \
	>/etc/systemd/system/wormsign-delivery.service.d/test.conf
# The time that a hanging agent has, in place of 30 s.
printf '[Service]\nWatchdogSec=15\n' >/etc/systemd/system/$unit.service.d/test.conf
systemctl daemon-reload
timeout 200 systemctl enable -q --now wormsign-delivery $unit
same 'units start' '0 active active' "$? $(show ActiveState) $(show ActiveState wormsign-delivery)"
tell() { [ $wrong = 0 ] || journalctl -q --no-pager -n 100 -u $unit -u wormsign-delivery; }
[ $wrong = 0 ] || { tell; done_testing; }
seconds 'started'
same '... by what they notify' 'notify notify' "$(show Type) $(show Type wormsign-delivery)"
same '... and not before there is a socket' yes "$(yes_if test -S /run/wormsign/agent.sock)"
has '... and say what they do' 'Watching' "$(show StatusText)"
same 'at the next boot, too' 'enabled enabled' \
	"$(systemctl is-enabled wormsign-delivery $unit | xargs)"
for one in $unit wormsign-delivery; do
	level=$(systemd-analyze security --no-pager $one.service |
		sed -n 's/.*level for .*: \([0-9.]*\) .*/\1/p')
	echo "systemd-analyze security: $one $level"
	same "exposure of $one is below 4.0" yes \
		"$(yes_if awk -v level="$level" 'BEGIN { exit !(level > 0 && level < 4) }')"
done
same 'what admits scripts goes first' FF "$(ps -o cls= -C wormsign-admit | head -n 1 | tr -d ' ')"

# ---- A user is watched, without any privilege ----
watched -- sh -c 'exit 7'
same 'status of a command' 7 $?
(cd / && setpriv --reuid 54322 --regid 54322 --clear-groups "$WORMSIGN" run -q --log /dev/null \
	-- true) 2>"$work/err"
same 'whoever is not of the group is not served' 125 $?
watched -- npm rebuild >"$work/out" 2>&1
same 'a worm is stopped' 86 $?
[ $wrong = 0 ] || cat "$work/out"
same '... before it has anything' '' "$(cat "$home/app/node_modules/evil/loot" 2>/dev/null)"
seconds 'a worm was stopped'
# ---- What stands in for the kernel side where that cannot refuse (backend watch) works under the
# unit: no script is left with what it should not have, and no part of the agent lacks a right.
mkdir -p "$home/plain/node_modules/honest"
cp "$home/app/package.json" "$home/plain/"
jq -n '{name: "honest", version: "1.0.0", scripts: {postinstall:
	"grep ^Seccomp: /proc/self/status >seccomp; echo $DEPLOY_TOKEN >token"}}' \
	>"$home/plain/node_modules/honest/package.json"
chown -R 54321:54321 "$home/plain"
(cd "$home/plain" && env HOME="$home" DEPLOY_TOKEN=s3cret npm_config_update_notifier=false \
	setpriv --reuid 54321 --regid 54321 --groups 100 \
	"$WORMSIGN" run -q --log "$home/plain/log" -- npm rebuild) >"$work/out" 2>&1
same 'an honest package installs' 0 $?
[ $wrong = 0 ] || cat "$work/out"
ended() { jq -r "select(.event.action == \"session-end\") | $1" "$home/plain/log"; }
begun() { jq -r "select(.event.action == \"session-start\") | $1" "$home/plain/log"; }
same '... on the configured backend' $backend "$(begun .wormsign.backend)"
same '... without the secrets of its environment' '' \
	"$(cat "$home/plain/node_modules/honest/token")"
same '... and nothing of it was left open' '{}' "$(ended '.wormsign.withheld |
	with_entries(select(.key | IN("unavailable", "unguarded", "calls_open", "files_open",
	"failed")))' | jq -c)"
same '... with its calls guarded where the kernel side cannot refuse them' \
	"$([ "$backend" = watch ] && echo 2 || echo 0)" \
	"$(cut -f 2 "$home/plain/node_modules/honest/seccomp")"
same 'no part of the agent was ended by its filter' '' \
	"$(journalctl -q --no-pager -o cat | grep -E 'SIGSYS|audit:.*type=1326.*wormsign')"
seconds 'an honest package was installed'

in_journal() { journalctl -q -o json --no-pager WORMSIGN_RULE=cloud-credentials | grep -q . ; }
same 'its alert comes into the journal' yes "$(yes_if wait_for 20 in_journal)"
same '... with its fields' 'evil kill' "$(journalctl -q -o json --no-pager -n 1 \
	WORMSIGN_RULE=cloud-credentials | jq -r '"\(.WORMSIGN_PACKAGE) " +
	(.WORMSIGN_JSON | fromjson | .wormsign.verdict)' | sed 's/@[^ ]*//')"
received() { grep -q cloud-credentials "$work/received" 2>/dev/null; }
same 'and to the receiver' yes "$(yes_if wait_for 20 received)"
same '... by the credential of systemd' 'Bearer t0ps3cret' \
	"$(grep -m 1 cloud-credentials "$work/received" | cut -d ' ' -f 1,2)"
same 'metrics are served' yes "$(yes_if grep -q '^wormsign_sessions_started_total' <(python3 -c '
import urllib.request as u; print(u.urlopen("http://127.0.0.1:9713/metrics").read().decode())'))"

# ---- Reload ----
begin 'while [ ! -e go ]; do sleep 0.1; done; exit 5'
first=$client
rules() { "$WORMSIGN" status --json | jq -c '[.servers[]?.rules] | unique'; }
before=$(server)
jq '.id = "of-the-site" | del(.tests)' rules/secrets/npmrc-read.json \
	>/etc/wormsign/rules.d/of-the-site.json 2>/dev/null || missing 'no rule to copy'
systemctl reload $unit
same 'reload' 0 $?
same '... by another server' no "$(yes_if test "$(server | tail -n 1)" = "$before")"
after=$(server | grep -vx "$before")
echo '{"id": ' >/etc/wormsign/rules.d/bad.json
systemctl reload $unit 2>/dev/null
same 'bad rules are refused' 1 $?
has '... with a reason' 'bad.json' "$(journalctl -q --no-pager -u $unit -n 20 -o cat)"
same '... and the unit is as before' "active $after" \
	"$(show ActiveState) $(server | grep -x "$after")"
has '... and says so' 'the old rules stay' "$(show StatusText)"
watched -- sh -c 'exit 4'
same '... and serves' 4 $?
as_user touch go
wait $first
same 'a session from before the reload ends by itself' 5 $?
rm /etc/wormsign/rules.d/bad.json
seconds 'was reloaded'

# ---- Restart, with a session that runs: it ends closed, and the next is served ----
begin 'exec sleep 300'
systemctl restart $unit
same 'restart' '0 active' "$? $(show ActiveState)"
wait $client
same '... ends the session' 125 $?
has '... which says so' 'the agent was stopped' "$(cat "$work/err")"
same '... and its command' yes "$(yes_if dead)"
watched -- sh -c 'exit 3'
same '... and serves the next' 3 $?
seconds 'was restarted'

# ---- The watchdog bites: the main process stands still, then what serves ----
for part in main server; do
	begin 'exec sleep 300'
	count=$(show NRestarts)
	case $part in
	main) kill -STOP "$(show MainPID)" ;;
	server) kill -STOP "$(server)" ;;
	esac
	same "the $part process hangs: a restart" yes "$(yes_if wait_for 60 restarted "$count")"
	wait $client
	same '... ends the session' 125 $?
	same '... and its command' yes "$(yes_if wait_for 10 dead)"
	watched -- sh -c 'exit 6'
	same '... and serves the next' 6 $?
	seconds "the $part process hung"
done
has 'by the watchdog' 'watchdog' "$(journalctl -q --no-pager -o cat _PID=1 UNIT=$unit.service)"

# ---- Stop ----
systemctl stop wormsign-delivery $unit
same 'stop' '0 inactive inactive' \
	"$? $(show ActiveState) $(show ActiveState wormsign-delivery)"
same 'how they ended' 'success success' "$(show Result) $(show Result wormsign-delivery)"
same 'no process is left' '' "$(pgrep -l '^wormsign')"
same 'no socket is left' no "$(yes_if test -e /run/wormsign/agent.sock)"
same 'no cgroup is left' '' "$(find /sys/fs/cgroup -name 'wormsign-*-*' -type d)"
watched -- true 2>"$work/err"
same 'and without it a user cannot be watched' 125 $?
make -s uninstall 2>/dev/null
same 'uninstall leaves no unit' '' "$(find /usr/local/lib/systemd -name 'wormsign*')"
seconds 'all of it'
tell
done_testing
