#!/bin/bash
# Delivery into what people search: a real OpenSearch (killed, restarted, refusing), VictoriaLogs,
# an OpenTelemetry Collector and syslog-ng, from `scripts/receivers --all`, or where $OPENSEARCH (a
# directory of jars), $VICTORIA_LOGS, $OTELCOL (the programs) and $SYSLOG_NG (an unpacked root) name
# them. What is found there by a search counts, not what the sender says.
# vm: no (needs Java, and no kernel)
. tests/run/lib.sh
needs jq curl setpriv
[ "$(id -u)" = 0 ] || { echo 'SKIP: needs root'; exit 77; }
feed=.output/tests/run/feed
[ -x $feed ] || { echo "failed: $feed is not built: make tests"; exit 1; }
at=$PWD/.output/receivers
opensearch=${OPENSEARCH:-$at/opensearch}
victoria=${VICTORIA_LOGS:-$at/victoria-logs}
otelcol=${OTELCOL:-$at/otelcol}
syslog_ng=${SYSLOG_NG:-$at/syslog-ng}
pids=() tried=0
end() {
	local pid
	for pid in "${pids[@]}"; do { kill -9 "$pid" && wait "$pid"; } 2>/dev/null; done
	rm -rf "$work"
}
trap end EXIT
chmod 755 "$work"
base=$((22000 + $$ % 800 * 10))
while ss -ltn 2>/dev/null | grep -qE ":$((base / 10))[0-9] "; do
	base=$((22000 + (base - 22000 + 10) % 8000))
done
workers_of() { pgrep -P "$(pgrep -P "$1" -x wormsign-delive | head -n 1)" 2>/dev/null; }
config() { # NAME=JSON...: a configuration of one sink
	local text='' pair
	for pair; do text+="${text:+, }\"${pair%%=*}\": ${pair#*=}"; done
	echo "{ \"heartbeat\": \"0s\", \"sinks\": [ { \"name\": \"s\", $text } ] }" >"$work/c"
}

# ---- OpenSearch ----
os=127.0.0.1:$base node=''
start_node() { # NAME=VALUE...
	java -Xms256m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
		-Djava.io.tmpdir="$work/os" -Dlog4j2.disable.jmx=true -cp "$opensearch/*" \
		tests/run/OpenSearchNode.java "$work/os" $base "$@" >>"$work/os/out" 2>&1 &
	node=$!
	pids+=("$node")
	wait_for 300 curl -sf -o "$work/os/hello" "$os/_cluster/health?wait_for_status=yellow" ||
		missing "OpenSearch does not start: $(tail -n 1 "$work/os/out")"
}
stop_node() { { kill -9 "$node"; wait "$node"; } 2>/dev/null; }
count() { # INDEX QUERY
	curl -s -o "$work/os/refreshed" -XPOST "$os/$1/_refresh"
	curl -s "$os/$1/_count?q=$2" | jq .count
}
set_index() { # INDEX JSON
	curl -s -o "$work/os/set" -XPUT -H 'Content-Type: application/json' "$os/$1/_settings" \
		-d "$2"
}
elastic() { config 'type="elastic"' "target=\"http://$os\"" 'timeout="60s"' "$@"; }
if [ -d "$opensearch" ] && command -v java >/dev/null; then
	tried=$((tried + 1))
	mkdir -p "$work/os/config"
	start_node
	# a data stream, into which alerts go while the node and delivery are killed
	curl -s -o "$work/os/made" -XPUT -H 'Content-Type: application/json' \
		"$os/_index_template/w" -d '{"index_patterns": ["logs-*"], "data_stream": {}}'
	elastic 'batch_events=100'
	$feed 3000 worm 9000 240000 "$work/s1" "$work/c" >"$work/feed" 2>&1 & feeder=$!
	for pause in 2 3; do
		sleep $pause
		for pid in $(workers_of $feeder); do kill -9 "$pid"; done
		stop_node
		sleep 1
		start_node
	done
	wait $feeder
	same "OpenSearch, killed twice: status" 0 $?
	same "... every alert, each once" 3000 \
		"$(count logs-wormsign-default 'event.kind:alert')"
	same "... and no dead letter" 0 "$(find "$work/s1" -name '*.dead' | wc -l)"
	"$WORMSIGN" spool replay "$work/s1" --since 1d --sink s --config "$work/c" --flush 60s \
		>"$work/replay" 2>&1
	same "all sent again: status, and what is there" "0 3000" \
		"$? $(count logs-wormsign-default 'event.kind:alert')"
	# an index that takes nothing for a while: 429 for each item
	elastic 'index="full"'
	$feed 50 full 0 60000 "$work/s2" "$work/c" >"$work/feed" 2>&1
	set_index full '{"index.blocks.read_only_allow_delete": true}'
	$feed 50 later 0 60000 "$work/s3" "$work/c" >"$work/feed" 2>&1 & feeder=$!
	wait_for 30 grep -q 'status 429' "$work/feed" ||
		missing "it is not refused: $(cat "$work/feed")"
	set_index full '{"index.blocks.read_only_allow_delete": null}'
	wait $feeder
	same "an index that was full: status and alerts" "0 100" \
		"$? $(count full event.kind:alert)"
	# one whose mapping refuses what an event is: dead letters, and the others arrive
	curl -s -o "$work/os/made" -XPUT -H 'Content-Type: application/json' "$os/strict" -d \
		'{"mappings": {"properties": {"event": {"properties": {"id": {"type": "long"}}}}}}'
	elastic 'index="strict"' 'alerts_only=true'
	$feed 5 7x 0 60000 "$work/s4" "$work/c" >"$work/feed" 2>&1
	same "a mapping that does not fit: status, alerts, dead letters" "0 0 5" \
		"$? $(count strict '*') $(wc -l <"$work/s4/s.dead")"
	has "... and why" mapper_parsing_exception "$(head -n 1 "$work/s4/s.dead")"
	# a request that is too long is sent in parts
	stop_node
	start_node http.max_content_length=16kb
	elastic 'index="small"' 'gzip=false' 'alerts_only=true'
	$feed 300 small 0 120000 "$work/s5" "$work/c" >"$work/feed" 2>&1
	same "413: status and alerts" "0 300" "$? $(count small '*')"
	stop_node
else
	echo "not tried: OpenSearch (no java, or no jars in $opensearch: scripts/receivers --all)"
fi

# ---- VictoriaLogs: other implementations of four protocols ----
vl=127.0.0.1:$((base + 2))
found() { # PREFIX: its alerts that a search finds
	curl -s "$vl/select/logsql/query" -d "query=* | limit 10000" |
		grep -oE "$1-[0-9]+" | sort -u | wc -l
}
start_victoria() {
	"$victoria" -storageDataPath="$work/vl" -retentionPeriod=10y -httpListenAddr=$vl \
		-syslog.listenAddr.tcp=127.0.0.1:$((base + 3)) -memory.allowedBytes=256MB \
		-inmemoryDataFlushInterval=1s 2>>"$work/vl.out" & victoria_pid=$!
	pids+=("$victoria_pid")
	wait_for 60 curl -sf -o "$work/health" "$vl/health" ||
		missing "VictoriaLogs does not start: $(tail -n 1 "$work/vl.out")"
}
if [ -x "$victoria" ]; then
	tried=$((tried + 1))
	start_victoria
	for kind in "splunk-hec http://$vl" "loki http://$vl/insert/loki/api/v1/push" \
		"elastic http://$vl/insert/elasticsearch/_bulk" \
		"syslog tcp://127.0.0.1:$((base + 3))"; do
		read -r type target <<<"$kind"
		# SIGTERM: what it acknowledges is not on its disk yet, by its own design
		$feed 400 "$type" 4000 60000 "$work/v-$type" - "$type=$target" \
			>"$work/feed" 2>&1 & feeder=$!
		if [ "$type" != syslog ]; then
			sleep 1.5
			{ kill -TERM "$victoria_pid"; wait "$victoria_pid"; } 2>/dev/null
			sleep 0.5
			start_victoria
		fi
		wait $feeder
		same "VictoriaLogs, $type: status" 0 $?
		wait_for 20 eval "[ \"\$(found $type)\" = 400 ]"
		same "... every alert is found" 400 "$(found "$type")"
	done
else
	echo "not tried: VictoriaLogs (no $victoria: scripts/receivers --all)"
fi

# ---- an OpenTelemetry Collector: what it has understood of each record ----
otlp=127.0.0.1:$((base + 5))
start_otelcol() {
	"$otelcol" --config "$work/otelcol.yaml" >>"$work/otelcol.out" 2>&1 & otelcol_pid=$!
	pids+=("$otelcol_pid")
	wait_for 120 curl -s -o "$work/otelcol.hello" "http://$otlp/" ||
		missing "the Collector does not start: $(tail -n 1 "$work/otelcol.out")"
}
if [ -x "$otelcol" ]; then
	tried=$((tried + 1))
	cat >"$work/otelcol.yaml" <<-YAML
		receivers: { otlp: { protocols: { http: { endpoint: "$otlp" } } } }
		exporters: { debug: { verbosity: detailed } }
		service:
		  telemetry: { metrics: { level: none } }
		  pipelines: { logs: { receivers: [otlp], exporters: [debug] } }
	YAML
	start_otelcol
	config 'type="otlp"' "target=\"http://$otlp\"" 'gzip=true' 'batch_events=50'
	$feed 1000 otel 4000 60000 "$work/otel" "$work/c" >"$work/feed" 2>&1 & feeder=$!
	for pause in 1.5 1; do
		sleep $pause
		for pid in $(workers_of $feeder); do kill -9 "$pid"; done
		{ kill -9 "$otelcol_pid"; wait "$otelcol_pid"; } 2>/dev/null
		sleep 0.5
		start_otelcol
	done
	wait $feeder
	same "the Collector, killed twice: status" 0 $?
	understood() { grep -oE "$1" "$work/otelcol.out" | sort -u | wc -l; }
	same "... every alert, by an attribute" 1000 \
		"$(understood ' -> event.id: Str\(otel-[0-9]+\)')"
	same "... and no dead letter" 0 "$(find "$work/otel" -name '*.dead' | wc -l)"
	record=$(grep -B 30 -A 30 -F 'event.id: Str(otel-1)' "$work/otelcol.out")
	for text in 'Timestamp: 2026-11-28 19:00:00.123456789 +0000 UTC' \
		'SeverityNumber: Fatal(21)' 'Body: Str(a script read ~/.aws/credentials)' \
		'event.severity: Int(99)' 'process.args: Slice(["node","x.js"])' \
		'service.name: Str(wormsign)'; do
		has "... its $text" "$text" "$record"
	done
else
	echo "not tried: the OpenTelemetry Collector (no $otelcol: scripts/receivers --all)"
fi

# ---- syslog-ng: another parser of RFC 5424 ----
port=$((base + 4))
if [ -x "$syslog_ng/usr/sbin/syslog-ng" ]; then
	tried=$((tried + 1))
	lib=$(dirname "$(find "$syslog_ng" -name 'libsyslogformat.so' -print -quit)")
	cat >"$work/ng.conf" <<CONF
@version: 3.38
options { keep-hostname(yes); use-dns(no); stats-freq(0); log-msg-size(262144); };
source s { syslog(ip(127.0.0.1) port($port) transport("tcp")); };
destination d { file("$work/ng.out" template("\$(format-json --scope rfc5424)\n")); };
log { source(s); destination(d); flags(flow-control); };
CONF
	LD_LIBRARY_PATH=$(find "$syslog_ng" -name '*.so*' -printf '%h\n' | sort -u | paste -sd :) \
		"$syslog_ng/usr/sbin/syslog-ng" --module-path="$lib" -F --no-caps \
		-f "$work/ng.conf" -p "$work/ng.pid" -c "$work/ng.ctl" -R "$work/ng.persist" \
		2>"$work/ng.err" &
	pids+=($!)
	wait_for 30 eval "(: </dev/tcp/127.0.0.1/$port) 2>/dev/null" ||
		missing "syslog-ng does not start: $(tail -n 1 "$work/ng.err")"
	$feed 500 ng 0 30000 "$work/ng" - syslog=tcp://127.0.0.1:$port >"$work/feed" 2>&1
	same "syslog-ng: status" 0 $?
	ids() { jq -r '._SDATA["wormsign@32473"].id' "$work/ng.out" | grep -c '^ng-[0-9]'; }
	wait_for 20 eval '[ "$(ids)" = 500 ]'
	same "... every alert, by its structured data" 500 "$(ids)"
	same "... and its message is the event" ng-1 \
		"$(jq -r 'select(._SDATA["wormsign@32473"].id == "ng-1").MESSAGE' "$work/ng.out" |
			jq -r .event.id)"
else
	echo "not tried: syslog-ng (nothing in $syslog_ng: scripts/receivers --all)"
fi
[ $tried -gt 0 ] ||
	{ echo 'SKIP: none of the receivers is there: scripts/receivers --all'; exit 77; }
done_testing
