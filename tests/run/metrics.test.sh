#!/bin/bash
# The agent's metrics: what they count, that Prometheus' own parser takes them, and that nobody who
# asks for them in odd ways costs anybody else anything.
. tests/run/lib.sh
needs jq setpriv python3 npm

chmod 711 "$work"
uid=54321
socket=$work/run/agent.sock
stats=$(cat /proc/sys/kernel/bpf_stats_enabled)
trap 'kill "$agent" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"
	echo "$stats" >/proc/sys/kernel/bpf_stats_enabled' EXIT
mkdir -p "$work/run" "$work/rules" "$work/home/.aws" "$work/home/node_modules/evil"
start_agent() { # METRICS
	jq -n --arg rules "$work/rules" --arg metrics "$1" \
		'{rules: [$rules], metrics: $metrics, allow: {audit: true}}' >"$work/config"
	rm -f "$work/agent.out"
	"$WORMSIGN" agent --socket "$socket" --config "$work/config" >"$work/agent.out" 2>&1 &
	agent=$!
	wait_for 60 grep -qs listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }
}
echo 'aws_secret_access_key = AKIA' >"$work/home/.aws/credentials"
echo '{"name":"app","version":"1.0.0"}' >"$work/home/package.json"
jq -n --arg steal "cat $work/home/.aws/credentials; :" \
	'{name: "evil", version: "6.6.6", scripts: {postinstall: $steal}}' \
	>"$work/home/node_modules/evil/package.json"
chown -R $uid:$uid "$work/home"
watched() {
	(cd "$work/home" && exec env HOME="$work/home" npm_config_update_notifier=false \
		setpriv --reuid $uid --regid $uid --clear-groups "$WORMSIGN" run -q \
		--socket "$socket" --log "$work/home/log" "$@") >/dev/null 2>&1
}
# scrape [REQUEST]: the answer to it, with its headers
cat >"$work/scrape.py" <<'PY'
import socket, sys
where, request = sys.argv[1], sys.argv[2].encode().decode("unicode_escape").encode()
if where.startswith("/"):
    s = socket.socket(socket.AF_UNIX)
    s.connect(where)
else:
    host, port = where.rsplit(":", 1)
    s = socket.create_connection((host.strip("[]"), int(port)))
s.settimeout(20)
s.sendall(request)
while True:
    try:
        got = s.recv(65536)
    except ConnectionResetError:  # it has not read all that was sent
        break
    if not got:
        break
    sys.stdout.buffer.write(got)
PY
get='GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'
scrape() { python3 "$work/scrape.py" "$metrics" "${1-$get}"; }
value() { # SAMPLE: of the last scrape
	awk -v sample="$1" 'index($0, sample " ") == 1 { print $NF }' "$work/scraped"
}
again() { scrape | sed '1,/^\r$/d' >"$work/scraped"; }
is() { again; [ "$(value "$1")" = "$2" ]; }

metrics=$work/run/metrics.sock
start_agent "$metrics"
again
same "no session has begun" 0 "$(value wormsign_sessions_started_total)"
same "one server" 1 "$(value wormsign_servers)"
has "the version" 'wormsign_build_info{version="' "$(cat "$work/scraped")"
watched -- npm rebuild
same "control: the package is stopped" 86 $?
watched -- true
same "verdicts, by rule and action" yes \
	"$(wait_for 20 is 'wormsign_verdicts_total{rule="cloud-credentials",action="kill"}' 1 &&
		echo yes)"
same "sessions" yes "$(wait_for 10 is wormsign_sessions 0 && echo yes)"
same "... that have begun" 2 "$(value wormsign_sessions_started_total)"
watched --mode audit -- npm rebuild
same "in audit mode it is an alert" yes \
	"$(wait_for 20 is 'wormsign_verdicts_total{rule="cloud-credentials",action="alert"}' 1 &&
		echo yes)"
more() { # NAME LEAST
	again
	[ "$(value "$1" | cut -d. -f1)" -ge "$2" ]
}
same "resident memory" yes "$(wait_for 10 more wormsign_resident_memory_bytes 5000000 && echo yes)"
same "memory of the tables" yes "$(more wormsign_map_memory_bytes 1000000 && echo yes)"
same "descriptors" yes "$(more wormsign_open_fds 50 && echo yes)"
same "kinds of losses" "$(grep -c 'records_lost_total{' "$work/scraped")" \
	"$(grep -c 'records_lost_total{kind="[a-z-]*"} 0' "$work/scraped")"
same "whether programs are measured" "$stats" "$(again; value wormsign_hook_stats_enabled)"
if [ "$stats" = 0 ] && [ -w /proc/sys/kernel/bpf_stats_enabled ]; then
	echo 1 >/proc/sys/kernel/bpf_stats_enabled
	watched -- sh -c 'for i in 1 2 3; do /bin/true; done'
	runs() {
		again
		grep 'hook_runs_total{program="on_exec"}' "$work/scraped" | grep -qv ' 0$'
	}
	same "runs of a program that the kernel measured" yes "$(wait_for 10 runs && echo yes)"
	same "... and their time" yes "$(grep 'hook_seconds_total{program="on_exec"}' \
		"$work/scraped" | grep -qv ' 0\.000000000$' && echo yes)"
	echo 0 >/proc/sys/kernel/bpf_stats_enabled
fi

# The format, by Prometheus' own parser, or else by its rules in short.
again
lines=$(grep -c . "$work/scraped")
if python3 -c 'import prometheus_client' 2>/dev/null; then
	python3 - "$work/scraped" >"$work/parsed" 2>&1 <<-'PY'
		import sys
		from prometheus_client.parser import text_string_to_metric_families
		families = list(text_string_to_metric_families(open(sys.argv[1]).read()))
		names = [f.name for f in families]
		assert len(names) == len(set(names)), "a family twice"
		for f in families:
		    assert f.name.startswith("wormsign_"), f.name
		    assert f.documentation and f.documentation.endswith("."), f.name
		    assert f.type in ("counter", "gauge"), (f.name, f.type)
		    seen = [(s.name, tuple(sorted(s.labels.items()))) for s in f.samples]
		    assert len(seen) == len(set(seen)), f"a sample of {f.name} twice"
		    for s in f.samples:
		        assert set(s.labels) <= {"rule", "action", "kind", "program", "version"}
		        assert s.name.endswith("_total") == (f.type == "counter"), s.name
		print(len(families), "families")
	PY
	has "Prometheus' parser" " families" "$(cat "$work/parsed")"
else
	echo "without python3-prometheus-client the format is checked by its lines alone"
fi
label='[a-z]+="[^"]*"'
form="^(# (HELP|TYPE) wormsign_[a-z_]+ .+|wormsign_[a-z_]+(\\{$label(,$label)*\\})? [0-9.]+)\$"
same "lines of another form" "" "$(grep -vE "$form" "$work/scraped")"
same "enough lines" yes "$([ "$lines" -gt 100 ] && echo yes)"

# Nothing of what is watched is in a label.
lacks "the package" evil "$work/scraped"
lacks "the user's files" "$work/home" "$work/scraped"

# A reload goes on counting.
"$WORMSIGN" reload --socket "$socket" 2>"$work/err"
same "reload" 0 $?
again
same "verdicts after a reload" 1 \
	"$(value 'wormsign_verdicts_total{rule="cloud-credentials",action="kill"}')"
same "reloads" 1 "$(value wormsign_reloads_total)"
echo '{' >"$work/rules/bad.json"
"$WORMSIGN" reload --socket "$socket" 2>"$work/err"
again
same "a reload that was not done" 1 "$(value wormsign_reloads_failed_total)"
rm "$work/rules/bad.json"

# Odd clients: slow, garbage, too long, many, gone.
status_of() { scrape "$1" | head -n 1 | tr -d '\r'; }
same "another path" "HTTP/1.1 404 Not Found" "$(status_of 'GET /x HTTP/1.1\r\n\r\n')"
same "a longer path" "HTTP/1.1 404 Not Found" "$(status_of 'GET /metricsx HTTP/1.1\r\n\r\n')"
same "another method" "HTTP/1.1 405 Bad Request" "$(status_of 'POST /metrics HTTP/1.1\r\n\r\n')"
same "garbage" "HTTP/1.1 405 Bad Request" "$(status_of '\x00\xff\x80\r\n\r\n')"
same "a request without end" "HTTP/1.1 431 Bad Request" \
	"$(status_of "GET /metrics$(printf '%05000d' 0)")"
same "a query" "HTTP/1.1 200 OK" "$(status_of 'GET /metrics?x=y HTTP/1.0\n\n')"
cat >"$work/slow.py" <<'PY'
import socket, sys, time
held = []
for i in range(200):
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect(sys.argv[1])
        s.sendall(b"GET /metr" if i % 2 else b"GET /metrics HTTP/1.1\r\n\r\n")
    except OSError:
        continue
    held.append(s)
open(sys.argv[2], "w").close()
time.sleep(30)
PY
python3 "$work/slow.py" "$metrics" "$work/holding" & slow=$!
wait_for 20 test -e "$work/holding"
same "beside 200 that do not read" "HTTP/1.1 200 OK" "$(status_of "$get")"
kill $slow
wait $slow 2>/dev/null
shower() { pgrep -x wormsign-metric -P "$agent"; }
same "its process is an ordinary user's, without capabilities" "0000000000000000 other" \
	"$(awk '/^CapPrm/ { c = $2 } /^Uid/ { u = $2 ? "other" : "root" } END { print c, u }' \
		"/proc/$(shower)/status")"
same "... that has few descriptors" yes "$([ "$(find "/proc/$(shower)/fd" -mindepth 1 |
	wc -l)" -le 34 ] && echo yes)"
before=$(shower)
kill -9 "$before"
back() { [ -n "$(shower)" ] && [ "$(shower)" != "$before" ] && [ "$(status_of "$get")" ]; }
same "it is started again" yes "$(wait_for 20 back && echo yes)"
watched -- true
same "and the agent serves on" 0 $?
kill "$agent"
wait "$agent"
same "the agent ends by SIGTERM" 0 $?
same "nobody listens any more" no "$([ -e "$metrics" ] && echo yes || echo no)"

# A loopback port; and nothing but that.
metrics=127.0.0.1:$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
start_agent "$metrics"
same "by a port" "HTTP/1.1 200 OK" "$(status_of "$get")"
kill "$agent"
wait "$agent"
for bad in 0.0.0.0:9469 192.0.2.1:9469 '[::]:9469' 127.0.0.1 127.0.0.1:0 localhost:1; do
	jq -n --arg metrics "$bad" '{metrics: $metrics}' >"$work/bad"
	"$WORMSIGN" config check "$work/bad" 2>"$work/err"
	same "no address for metrics: $bad" "1 yes" \
		"$? $(grep -q '/metrics: must be' "$work/err" && echo yes)"
done
done_testing
