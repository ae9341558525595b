#!/bin/bash
# Delivery: every alert reaches the receiver, whatever is killed, restarted, slow or full meanwhile.
# Receivers are a real rsyslog (RELP, TCP, TLS with client certificates) and a real nginx.
. tests/run/lib.sh
. tests/run/receivers.sh
start_web
tries=3000 # ms of the flush in which what fails must have been tried, on a busy machine, too

# ---- RELP: the receiver is not there, killed and restarted; delivery is killed, again and again --
start_log
stop_log KILL
$feed 3000 relp 4000 30000 "$work/relp" - relp=relp://127.0.0.1:$relp >"$work/feed" 2>&1 &
feed_pid=$!
killed=0
for i in 1 2 3 4 5 6; do
	sleep 0.4
	[ -n "$log_pid" ] || start_log
	for pid in $(workers_of $feed_pid); do kill -KILL "$pid" && killed=$((killed + 1)); done
	sleep 0.2
	[ $i -gt 4 ] || stop_log KILL
done
[ -n "$log_pid" ] || start_log
wait $feed_pid
same "relp: status" 0 $?
feed_pid=
same "relp: every alert arrives" 3000 "$(arrived relp "$work/log/out")"
same "relp: the delivery process was killed" yes "$([ $killed -ge 3 ] && echo yes || echo $killed)"
has "relp: a message of RFC 5424" 'verdict [wormsign@32473 id="relp-1"] {"@timestamp"' \
	"$(head -n 1 "$work/log/out")"
same "relp: the chain is whole" 0 \
	"$("$WORMSIGN" spool verify "$work/relp" >"$work/verify" 2>&1; echo $?)"

# ---- RELP under TLS with client certificates ----
config "$work/c" 'name="siem"' 'type="relp"' "target=\"relps://127.0.0.1:$relps\"" \
	ca_file="\"$work/tls/ca.crt\"" cert_file="\"$work/tls/client.crt\"" \
	key_file="\"$work/tls/client.key\""
$feed 200 relps 0 20000 "$work/relps" "$work/c" >"$work/feed" 2>&1
same "relps: status and alerts" "0 200" "$? $(arrived relps "$work/log/out")"
config "$work/c" 'name="siem"' 'type="relp"' "target=\"relps://127.0.0.1:$relps\"" \
	ca_file="\"$work/tls/other.crt\""
$feed 20 stranger 0 $tries "$work/stranger" "$work/c" >"$work/feed" 2>&1
same "relps, another authority: status" 75 $?
has "... and why" "the receiver's certificate: " "$(cat "$work/feed")"
same "... nothing arrives" 0 "$(arrived stranger "$work/log/out")"

# ---- syslog by TCP and by TLS: best effort, but not to a receiver that refuses ----
$feed 500 tcp 0 20000 "$work/tcp" - syslog=tcp://127.0.0.1:$tcp >"$work/feed" 2>&1
same "syslog, TCP: status" 0 $?
wait_for 10 eval '[ "$(arrived tcp "$work/log/out")" = 500 ]'
same "syslog, TCP: alerts" 500 "$(arrived tcp "$work/log/out")"
config "$work/c" 'name="siem"' 'type="syslog"' "target=\"tls://127.0.0.1:$tls\"" \
	ca_file="\"$work/tls/ca.crt\"" cert_file="\"$work/tls/client.crt\"" \
	key_file="\"$work/tls/client.key\""
$feed 500 tls 0 20000 "$work/tls-spool" "$work/c" >"$work/feed" 2>&1
same "syslog, TLS: status" 0 $?
wait_for 10 eval '[ "$(arrived tls "$work/log/out")" = 500 ]'
same "syslog, TLS: alerts" 500 "$(arrived tls "$work/log/out")"
config "$work/c" 'name="siem"' 'type="syslog"' "target=\"tls://127.0.0.1:$tls\"" \
	ca_file="\"$work/tls/ca.crt\""
$feed 20 bare 0 $tries "$work/bare" "$work/c" >"$work/feed" 2>&1
same "syslog, TLS without a client certificate: status" 75 $?
same "... nothing arrives" 0 "$(arrived bare "$work/log/out")"

# ---- syslog by datagrams to a UNIX socket, as /dev/log is one: best effort, too ----
# What its reader is too slow for waits in the spool, and what is too long is a dead letter.
$feed 500 unix 0 20000 "$work/unix" - "syslog=unix://$work/log/dev" >"$work/feed" 2>&1
same "syslog, UNIX socket: status" 0 $?
wait_for 10 eval '[ "$(arrived unix "$work/log/out")" = 500 ]'
same "syslog, UNIX socket: alerts" 500 "$(arrived unix "$work/log/out")"
has "... of RFC 5424" 'verdict [wormsign@32473 id="unix-1"] {"@timestamp"' \
	"$(grep -a '"unix-1"' "$work/log/out")"
config "$work/c" 'name="dev"' 'type="syslog"' "target=\"unix://$work/log/dev\"" 'timeout="200ms"'
kill -STOP $log_pid
$feed 300 slow-unix 0 1500 "$work/slow-unix" "$work/c" >"$work/feed" 2>&1
same "... whose reader is stopped: status" 75 $?
has "... and why" 'Resource temporarily unavailable' "$(cat "$work/feed")"
kill -CONT $log_pid
"$WORMSIGN" spool replay "$work/slow-unix" --sink dev --config "$work/c" --flush 20s \
	>"$work/replay" 2>&1
same "... and goes on: status" 0 $?
wait_for 10 eval '[ "$(arrived slow-unix "$work/log/out")" = 300 ]'
same "... alerts" 300 "$(arrived slow-unix "$work/log/out")"
kill -STOP $log_pid
$feed 3 lost-unix 0 1000 "$work/lost-unix" - "syslog=unix://$work/log/dev" >"$work/feed" 2>&1
same "... which dies before it reads what its socket has taken: status, alerts (a known limit)" \
	"0 0" "$? $(stop_log KILL; arrived lost-unix "$work/log/out")"
stop_log KILL
$feed 20 no-unix 0 1000 "$work/no-unix" - "syslog=unix://$work/log/dev" >"$work/feed" 2>&1
same "... which has ended: status" 75 $?
has "... and why" 'Connection refused' "$(cat "$work/feed")"
start_log
"$WORMSIGN" spool replay "$work/no-unix" --sink "syslog=unix://$work/log/dev" --flush 20s \
	>"$work/replay" 2>&1
wait_for 10 eval '[ "$(arrived no-unix "$work/log/out")" = 20 ]'
same "... and is back: alerts" 20 "$(arrived no-unix "$work/log/out")"

# ---- undelivered: counted, left in the spool, delivered later from a copy ----
stop_log TERM
$feed 100 later 0 500 "$work/later" - relp=relp://127.0.0.1:$relp >"$work/feed" 2>&1
same "no receiver: status" 75 $?
has "no receiver: counted" 'left 100 alerts 10 events' "$(cat "$work/feed")"
cp -a "$work/later" "$work/artifact"
chown -R root: "$work/artifact"
start_log
"$WORMSIGN" spool replay "$work/artifact" --sink relp=relp://127.0.0.1:$relp --flush 20s \
	>"$work/replay" 2>&1
same "replay: status and alerts" "0 100" "$? $(arrived later "$work/log/out")"
"$WORMSIGN" spool status "$work/artifact" >"$work/status" 2>&1
has "replay: the cursor has moved" ' 0 alerts and 0 other events to deliver' \
	"$(cat "$work/status")"
same "export" 110 "$("$WORMSIGN" spool export "$work/artifact" | jq -r .event.id | sort -u | wc -l)"

# ---- HTTP: what a receiver says decides ----
post() { # NAME SECONDS SINK...: feed 40 alerts; status in $status
	$feed 40 "$1" 0 "$2" "$work/spool-$1" - "$3" >"$work/feed" 2>&1
	status=$?
}
config "$work/web.json" 'name="siem"' 'type="splunk-hec"' "target=\"https://127.0.0.1:$webs\"" \
	ca_file="\"$work/tls/ca.crt\"" authorization_file="\"$work/token\""
echo 'Splunk s3cr3t-t0ken' >"$work/token"
chmod 644 "$work/token"
$feed 1 x 0 0 "$work/x" "$work/web.json" >"$work/feed" 2>&1
same "a token that others may read: status" 125 $?
has "... and where" '/sinks/0/authorization_file: ' "$(cat "$work/feed")"
chmod 600 "$work/token"
touch "$work/web/on.429"
$feed 40 hec 0 20000 "$work/hec" "$work/web.json" >"$work/feed" 2>&1 &
feed_pid=$!
for status in 503 401 close; do
	sleep 0.5
	touch "$work/web/on.$status"
	rm -f "$work/web/on.429"
done
sleep 0.3
for pid in $(workers_of $feed_pid); do
	same "no token in argv or environment" 0 \
		"$(cat "/proc/$pid/cmdline" "/proc/$pid/environ" | grep -ac s3cr3t)"
done
rm -f "$work/web/on."*
wait $feed_pid
same "splunk-hec after 429, 503, 401 and closed connections: status and alerts" "0 40" \
	"$? $(arrived hec "$work/web/body")"
feed_pid=
has "... it says why it waits" 'sink siem: HTTP status' "$(cat "$work/feed")"
same "... without the token" 0 "$(grep -c s3cr3t "$work/feed")"
has "... which the receiver got" '|Splunk s3cr3t-t0ken|' "$(grep hec-1 "$work/web/body")"
post otlp 10000 otlp=http://127.0.0.1:$web
same "otlp: status" 0 $status
same "otlp: alerts as records" 40 "$(grep '^/v1/logs' "$work/web/body" | cut -d'|' -f5 |
	jq -r '.resourceLogs[].scopeLogs[].logRecords[].attributes[] |
		select(.key == "event.id").value.stringValue' | grep -c '^otlp-[0-9]')"
post loki 10000 loki=http://127.0.0.1:$web
same "loki: status" 0 $status
same "loki: alerts as lines" 40 "$(grep '^/loki/api' "$work/web/body" | cut -d'|' -f5- |
	jq -r '.streams[].values[][1]' | jq -r .event.id | grep -c '^loki-[0-9]')"
config "$work/hook.json" 'name="hook"' 'type="webhook"' "target=\"http://127.0.0.1:$web/hook\"" \
	hmac_file="\"$work/key\""
printf 'the key' >"$work/key"
chmod 600 "$work/key"
$feed 20 hook 0 10000 "$work/hook" "$work/hook.json" >"$work/feed" 2>&1
same "webhook: status and alerts, none of them together" "0 20 20" \
	"$? $(arrived hook "$work/web/body") $(grep -c '^/hook' "$work/web/body")"
body=$(grep '^/hook' "$work/web/body" | head -n 1 | cut -d'|' -f5-)
same "webhook: the signature" \
	"sha256=$(printf %s "$body" | openssl dgst -sha256 -hmac 'the key' | sed 's/.*= //')" \
	"$(grep '^/hook' "$work/web/body" | head -n 1 | cut -d'|' -f3)"
bulk() { # NAME PATH FLUSH: elastic, one event at a time (nginx answers for one)
	config "$work/c" 'name="es"' 'type="elastic"' "target=\"http://127.0.0.1:$web/$2/_bulk\"" \
		'batch_events=1' 'alerts_only=true' 'gzip=false'
	$feed 10 "$1" 0 "$3" "$work/$1" "$work/c" >"$work/feed" 2>&1
	status=$?
}
bulk created bulk1 10000
same "elastic, 201: status and alerts" "0 10" "$status $(arrived created "$work/web/body")"
has "elastic: a deterministic id" \
	'{"create":{"_index":"logs-wormsign-default","_id":"created-1"}}' \
	"$(grep -a created-1 "$work/web/body")"
bulk there bulk409 10000
same "elastic, 409: is there already" 0 $status
bulk refused bulk400 10000
same "elastic, 400: status and dead letters" "0 10" "$status $(wc -l <"$work/refused/es.dead")"
same "... with the event and the reason" 'refused-1 item status 400: bad' \
	"$(head -n 1 "$work/refused/es.dead" | jq -r '.event.event.id + " " + .reason')"
bulk garbled garbage $tries
same "elastic, garbage: status" 75 $status
has "... and why" 'the answer is not that of a bulk request' "$(cat "$work/feed")"
post small 10000 webhook=http://127.0.0.1:$web/small/
same "413 for one alert: it is a dead letter or fits" 40 "$(($(arrived small "$work/web/body") +
	$(cat "$work"/spool-small/*.dead 2>/dev/null | wc -l)))"
post small2 10000 loki=http://127.0.0.1:$web/small/push
same "413 for many: they are sent one by one" "0 44" "$status $(($(grep -c '^/small/push' \
	"$work/web/body") + $(cat "$work"/spool-small2/*.dead 2>/dev/null | wc -l) -
	$(grep -c '^/small/push.*|413|' "$work/web/body")))"
config "$work/c" 'name="m"' 'type="loki"' "target=\"https://127.0.0.1:$webs/mutual/push\"" \
	ca_file="\"$work/tls/ca.crt\"" cert_file="\"$work/tls/client.crt\"" \
	key_file="\"$work/tls/client.key\""
$feed 10 mutual 0 10000 "$work/mutual" "$work/c" >"$work/feed" 2>&1
same "mutual TLS: status" 0 $?
config "$work/c" 'name="m"' 'type="loki"' "target=\"https://127.0.0.1:$webs/mutual/push\"" \
	ca_file="\"$work/tls/ca.crt\""
$feed 10 nocert 0 $tries "$work/nocert" "$work/c" >"$work/feed" 2>&1
same "mutual TLS without a certificate: status" 75 $?
has "... and why" 'HTTP status 403: the credentials are not accepted' "$(cat "$work/feed")"
# A server that requires the certificate says 400, in HTML. That is no word about the alerts.
config "$work/c" 'name="m"' 'type="loki"' "target=\"https://127.0.0.1:$strict/push\"" \
	ca_file="\"$work/tls/ca.crt\""
$feed 10 strict 0 $tries "$work/strict" "$work/c" >"$work/feed" 2>&1
same "nginx requires a certificate: status, and no dead letters" "75 no" \
	"$? $([ -e "$work/strict/m.dead" ] && echo yes || echo no)"
has "... and what it said" 'HTTP status 400' "$(cat "$work/feed")"
config "$work/c" 'name="m"' 'type="loki"' "target=\"https://127.0.0.1:$webs/push\"" \
	ca_file="\"$work/tls/other.crt\""
$feed 10 wrongca 0 $tries "$work/wrongca" "$work/c" >"$work/feed" 2>&1
same "https, another authority: status" 75 $?
has "... and why" 'certificate' "$(cat "$work/feed")"

# ---- certificates that have expired or name another host; answers of 1 GB, and none ----
for name in expired other-host; do
	openssl s_server -quiet -accept $ack -cert "$work/tls/$name.crt" \
		-key "$work/tls/server.key" >/dev/null 2>&1 &
	slow_pid=$!
	wait_for 30 listens $ack
	for type in relp loki; do
		[ $type = relp ] && scheme=relps || scheme=https
		config "$work/c" 'name="s"' "type=\"$type\"" ca_file="\"$work/tls/ca.crt\"" \
			"target=\"$scheme://127.0.0.1:$ack\""
		$feed 3 x 0 $tries "$work/$name-$type" "$work/c" >"$work/feed" 2>&1
		same "$type, certificate $name: status" 75 $?
		why=$(grep '^s: ' "$work/feed")
		[ $name = expired ] && want=expired || want='match'
		has "... and why" "$want" "$why"
	done
	kill $slow_pid
	{ wait $slow_pid; } 2>/dev/null
done
python3 -c '
import http.server, sys, time
class Odd(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/never":
            time.sleep(60)
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 30))
        self.end_headers()
        try:
            for i in range(1024):
                self.wfile.write(b"x" * (1 << 20))
        except OSError:
            pass
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Odd).serve_forever()' \
	$ack 2>/dev/null &
slow_pid=$!
wait_for 30 listens $ack
for path in big never; do
	echo "{ \"sinks\": [ { \"name\": \"odd\", \"type\": \"webhook\",
		\"timeout\": \"500ms\",
		\"target\": \"http://127.0.0.1:$ack/$path\" }, { \"name\": \"good\",
		\"type\": \"file\", \"target\": \"$work/out/$path\" } ] }" >"$work/c"
	$feed 20 $path 0 $tries "$work/odd-$path" "$work/c" >"$work/feed" 2>&1
	same "an answer, $path: status, and the other sink" "75 20" \
		"$? $(arrived $path "$work/out/$path")"
	[ $path = big ] && want='longer than 8 MiB' || want='Timeout was reached'
	has "... and why" "$want" "$(cat "$work/feed")"
done
kill $slow_pid

# ---- a receiver that needs longer for a batch than it is given gets fewer at a time ----
python3 -c '
import http.server, sys, time
class Slow(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(0.005 * body.count(b"\"values\""))
        self.send_response(204)
        self.end_headers()
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Slow).serve_forever()' \
	$slow 2>/dev/null &
slow_pid=$!
wait_for 30 listens $slow
config "$work/c" 'name="s"' 'type="loki"' "target=\"http://127.0.0.1:$slow\"" \
	batch_events=200 'timeout="200ms"' alerts_only=true
$feed 200 slow 0 20000 "$work/slow" "$work/c" >"$work/feed" 2>&1
same "slow: status" 0 $?
has "slow: the time was up before" 'Timeout was reached' "$(cat "$work/feed")"
kill $slow_pid

# ---- an indexer's acknowledgement: by a receiver of ours, as no free one has it ----
mkdir "$work/indexer"
python3 -c '
import http.server, json, os, sys
asked = {}
class Hec(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        channel = self.headers.get("X-Splunk-Request-Channel")
        out = {"text": "Success", "code": 0}
        if self.path == "/services/collector/ack":
            acks = json.loads(body)["acks"]
            for id in acks:
                asked[id] = asked.get(id, 0) + 1
            never = os.path.exists(sys.argv[2] + "/never")
            out = {"acks": {str(id): asked[id] > 1 and not never for id in acks}}
        elif channel and not os.path.exists(sys.argv[2] + "/without"):
            out["ackId"] = len(asked)
        with open(sys.argv[2] + "/hec", "ab") as f:
            f.write(("%s %s\n" % (channel, self.path)).encode() + body + b"\n")
        text = json.dumps(out).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Hec).serve_forever()' \
	$ack "$work/indexer" 2>/dev/null &
slow_pid=$!
wait_for 30 listens $ack
hec() { # NAME ACKNOWLEDGE
	config "$work/c" 'name="s"' 'type="splunk-hec"' "target=\"http://127.0.0.1:$ack\"" \
		"acknowledge=\"$2\"" 'timeout="1s"' alerts_only=true
	$feed 20 "$1" 0 4000 "$work/$1" "$work/c" >"$work/feed" 2>&1
	status=$?
}
hec acked required
same "acknowledged: status and alerts" "0 20" "$status $(arrived acked "$work/indexer/hec")"
same "... it was asked, on the same channel" 1 "$(grep -a ' /services/coll' "$work/indexer/hec" |
	cut -d' ' -f1 | sort -u | wc -l)"
touch "$work/indexer/never"
hec never required
same "never acknowledged: status" 75 $status
has "... all are still to be delivered" 'left 20 alerts' "$(cat "$work/feed")"
has "... and why" 'has not acknowledged in time' "$(cat "$work/feed")"
hec effort best-effort
same "best effort: status" 0 $status
touch "$work/indexer/without"
hec without required
has "a receiver that cannot: why" 'its token must have that enabled' "$(cat "$work/feed")"
kill $slow_pid

# ---- heartbeats: their number, and what has not been delivered ----
echo "{ \"heartbeat\": \"1s\", \"sinks\": [ { \"name\": \"up\", \"type\": \"file\",
	\"target\": \"$work/out/beat\", \"min_severity\": 73 }, { \"name\": \"down\",
	\"type\": \"relp\", \"target\": \"relp://127.0.0.1:1\" } ] }" >"$work/c"
began=$(date +%s)
$feed 50 beat 3500 500 "$work/beat" "$work/c" >"$work/feed" 2>&1
most=$(($(date +%s) - began + 1))
beats() { jq -c "select(.event.action == \"heartbeat\") | $1" "$work/out/beat"; }
same "heartbeats: consecutive numbers" "$(seq "$(beats . | wc -l)")" "$(beats .event.sequence)"
same "heartbeats: one a second" yes "$(n=$(beats . | wc -l); [ "$n" -ge 2 ] && [ "$n" -le $most ] &&
	echo yes || echo "$n")"
same "heartbeats: the sink that is down has failed and waits" true \
	"$(beats '.wormsign.sinks[] | select(.name == "down") | .tries > 0 and .alerts > 0' |
		tail -n 1)"
same "heartbeats: alerts are counted" true \
	"$(beats '.wormsign.counts.alerts > 10 and .wormsign.lost.events == 0' | tail -n 1)"

# ---- a sink that is down holds up no other ----
$feed 100 pair 0 $tries "$work/pair" - "file=$work/out/pair" relp=relp://127.0.0.1:1 \
	>"$work/feed" 2>&1
same "one sink is down: status, and the other's alerts" "75 100" \
	"$? $(arrived pair "$work/out/pair")"

# ---- two at the same time with one spool; what the second leaves is not forgotten ----
$feed 200 first 6000 20000 "$work/both" - "file=$work/out/first" >"$work/feed1" 2>&1 &
feed_pid=$!
wait_for 10 eval '[ -s "$work/both/lock" ]'
$feed 200 second 0 300 "$work/both" - relp=relp://127.0.0.1:1 >"$work/feed" 2>&1
same "a second process: status, and in which directory" "75 200" \
	"$? $("$WORMSIGN" spool export "$work/both/2" | grep -c '"kind":"alert"')"
has "status names that" 'directory 2, of a process' "$("$WORMSIGN" spool status "$work/both")"
wait $feed_pid
same "the first: status and alerts" "0 200" "$? $(arrived first "$work/out/first")"
feed_pid=
$feed 1 third 0 20000 "$work/both" - "file=$work/out/third" >"$work/feed" 2>&1
same "the next one delivers what the second left: status, alerts, and what stays" "0 200 0" \
	"$? $(arrived second "$work/out/third") $("$WORMSIGN" spool export "$work/both/2" | wc -l)"
has "... for the sink that wanted it, too" 'sink relp-' "$("$WORMSIGN" spool status "$work/both")"

# ---- the disk of the spool is full ----
mkdir "$work/tiny"
if mount -t tmpfs -o size=400k,mode=700,uid=65534,gid=65534 none "$work/tiny" 2>/dev/null; then
	mounted=$work/tiny
	stop_log TERM
	$feed 3000 full 0 2000 "$work/tiny" - relp=relp://127.0.0.1:$relp >"$work/feed" 2>&1
	same "full, no receiver: status" 75 $?
	has "full: said" 'the spool cannot be written: No space left' "$(cat "$work/feed")"
	kept=$("$WORMSIGN" spool export "$work/tiny" | grep -c '"kind":"alert"')
	has "full: what was not taken is counted" "not taken $((3000 - kept)) alerts" \
		"$(cat "$work/feed")"
	start_log
	"$WORMSIGN" spool replay "$work/tiny" --sink relp=relp://127.0.0.1:$relp --flush 20s \
		>"$work/replay" 2>&1
	same "full: what was taken is delivered" "0 $kept" "$? $(arrived full "$work/log/out")"
else
	missing "tmpfs cannot be mounted"
fi

# ---- a changed and a removed record show ----
cp -a "$work/pair" "$work/changed"
segment=$work/changed/alert-0000000000000001.seg
printf X | dd of="$segment" bs=1 seek=$(($(stat -c %s "$segment") / 2)) conv=notrunc 2>/dev/null
"$WORMSIGN" spool verify "$work/changed" >"$work/verify" 2>&1
same "a changed byte: status" 1 $?
has "... and where" 'alert-0000000000000001.seg: byte ' "$(cat "$work/verify")"
same "... the others are still exported" 99 \
	"$("$WORMSIGN" spool export "$work/changed" | grep -c '"kind":"alert"')"
printf 'WSSPOOL\0\2\0\0\0' | dd of="$segment" conv=notrunc 2>/dev/null
"$WORMSIGN" spool verify "$work/changed" >"$work/verify" 2>&1
same "a newer version: status" 125 $?
has "... and what to do" 'is of version 2, this wormsign knows version 1' "$(cat "$work/verify")"
$feed 1 x 0 0 "$work/changed" - "file=$work/out/pair" >"$work/feed" 2>&1
has "... nor is it written to" 'is of version 2' "$(cat "$work/feed")"

# ---- a run: the alert is in the sink when it ends ----
mkdir -p "$work/project/node_modules/evil" "$work/home/.aws"
echo secret >"$work/home/.aws/credentials"
cat >"$work/npm" <<'SH'
#!/bin/sh
(cd node_modules/evil && npm_lifecycle_event=postinstall npm_package_name=evil \
	npm_package_version=6.6.6 exec sh -c 'cat $HOME/.aws/credentials')
true
SH
chmod 755 "$work/npm"
(cd "$work/project" && HOME=$work/home "$WORMSIGN" run --log "$work/run.log" --spool "$work/run" \
	--sink "file=$work/out/run" -- "$work/npm" ci) 2>"$work/err"
same "run: status" 86 $?
same "run: the sink has every event of the log" '' "$(jq -r .event.id "$work/run.log" | sort \
	>"$work/a"; jq -r 'select(.event.dataset == "wormsign.events").event.id' "$work/out/run" |
	sort | diff - "$work/a")"
same "run: and the inventory: version, kernel, backend, digest of the rules" \
	"$(jq -r 'select(.event.action == "session-start") | [.wormsign.version, .host.os.kernel,
		.wormsign.backend, .wormsign.rules_digest, .host.id] | @csv' "$work/run.log")" \
	"$(jq -r 'select(.event.action == "inventory") | [.wormsign.version, .host.os.kernel,
		.wormsign.backend, .wormsign.rules_digest, .host.id] | @csv' "$work/out/run")"
same "run: an alert among them" yes "$(jq -r .event.kind "$work/out/run" | grep -q alert &&
	echo yes)"
"$WORMSIGN" run -q --log "$work/run.log" --spool "$work/run" --flush 300ms \
	--sink relp=relp://127.0.0.1:1 -- true 2>"$work/err"
same "run: undelivered" 75 $?
has "... counted" 'sink relp-' "$(cat "$work/err")"
has "... and what to do" 'wormsign spool replay' "$(cat "$work/err")"
"$WORMSIGN" run -q --log "$work/run.log" --spool "$work/run" --flush 300ms \
	--sink relp=relp://127.0.0.1:1 -- sh -c 'exit 3' 2>/dev/null
same "run: undelivered, and the command has failed" 3 $?
# A credential by a pipe is used, and the command, which inherits it, finds nothing there.
config "$work/c" 'name="p"' 'type="splunk-hec"' "target=\"https://127.0.0.1:$webs\"" \
	ca_file="\"$work/tls/ca.crt\"" 'authorization_file="/dev/fd/9"'
"$WORMSIGN" run -q --log "$work/run.log" --spool "$work/pipe" --config "$work/c" -- \
	sh -c "cat <&9 >$work/nine" 9< <(echo 'Splunk p1pe-t0ken') 2>"$work/err"
same "a credential by a pipe: status, and what the command reads" "0 " "$? $(cat "$work/nine")"
has "... which the receiver got" '|Splunk p1pe-t0ken|' "$(grep -a p1pe "$work/web/body")"
"$WORMSIGN" run -q --log "$work/run.log" --spool "$work/pipe" --config "$work/c" -- true \
	9<"$work/token" 2>"$work/err"
same "by a file that is open: status" 125 $?
has "... and why" '/sinks/0/authorization_file: /dev/fd/9: is no pipe' "$(cat "$work/err")"
config "$work/c" 'name="a"' 'type="file"' 'target="/x"' 'tpye="y"' 'timeout=30'
"$WORMSIGN" run -q --log "$work/run.log" --config "$work/c" -- touch "$work/ran" 2>"$work/err"
same "run: a bad configuration: status, and the command is not run" "125 no" \
	"$? $([ -e "$work/ran" ] && echo yes || echo no)"
has "... all that is wrong" '/sinks/0/tpye: unknown key; did you mean "type"?' "$(cat "$work/err")"
has "... is said" '/sinks/0/timeout: must be a time with a unit' "$(cat "$work/err")"
done_testing
