#!/bin/bash
# The proof of delivery: every sink at once has $ALERTS alerts to deliver (500; make check-delivery:
# 20000) while receivers are not there, killed, restarted, hung, full and refusing, and while each
# delivery process is killed again and again. Prints a table. Receivers are a real rsyslog and a
# real nginx; of plain syslog, which has no answer, the loss is measured.
# alone: it has some seconds for its faults
. tests/run/lib.sh
. tests/run/receivers.sh
alerts=${ALERTS:-500}
ms=$((alerts * 2 > 6000 ? alerts * 2 : 6000))

config() { # NAME TYPE TARGET [MEMBER...]
	local name=$1 type=$2 target=$3
	shift 3
	printf '{ "heartbeat": "0s", "sinks": [ { "name": "%s", "type": "%s", "target": "%s"' \
		"$name" "$type" "$target"
	printf ', %s' '"timeout": "5s"' "$@"
	echo ' } ] }'
}
mkdir "$work/c"
config relp relp relp://127.0.0.1:$relp >"$work/c/relp"
config syslog syslog tcp://127.0.0.1:$tcp >"$work/c/syslog"
config elastic elastic http://127.0.0.1:$web/bulk1/_bulk '"batch_events": 1' \
	'"alerts_only": true' >"$work/c/elastic"
config hec splunk-hec http://127.0.0.1:$web >"$work/c/hec"
config otlp otlp http://127.0.0.1:$web >"$work/c/otlp"
config loki loki http://127.0.0.1:$web >"$work/c/loki"
config webhook webhook http://127.0.0.1:$web/hook >"$work/c/webhook"
config file file "$work/out/file" >"$work/c/file"
config spool relp relp://127.0.0.1:$relp >"$work/c/spool" # the disk of its spool is full
sinks=(relp syslog elastic hec otlp loki webhook file spool)
mkdir -p "$work/s/spool"
if mount -t tmpfs -o size=$((alerts / 500 * 2 + 4))m,mode=700,uid=65534,gid=65534 none \
	"$work/s/spool" 2>/dev/null; then
	mounted=$work/s/spool
	if id wormsign >/dev/null 2>&1; then chown wormsign "$mounted"; fi
else
	sinks=("${sinks[@]:0:8}")
fi

declare -A pid killed
began=$SECONDS
for sink in "${sinks[@]}"; do
	$feed "$alerts" "$sink" $ms 300000 "$work/s/$sink" "$work/c/$sink" \
		>"$work/$sink.said" 2>&1 &
	pid[$sink]=$!
	killed[$sink]=0
done

# ---- faults ----
kill_delivery() {
	local sink child
	for sink in "${sinks[@]}"; do
		for child in $(workers_of "${pid[$sink]}"); do
			kill -KILL "$child" 2>/dev/null && killed[$sink]=$((killed[$sink] + 1))
		done
	done
}
fill() {
	[ -z "$mounted" ] || head -c 1G /dev/zero >"$mounted/filler" 2>/dev/null
}
rounds=0
while [ $((SECONDS - began)) -lt $((ms / 1000)) ]; do
	kill_delivery
	sleep 0.3
	start_log
	start_web
	fill
	sleep 0.3
	kill -STOP "$log_pid" "$web_pid"
	kill_delivery
	sleep 0.3
	kill -CONT "$web_pid"
	# every second time rsyslog is killed with what its kernel has accepted
	[ $((rounds % 2)) = 1 ] || kill -CONT "$log_pid"
	[ -z "$mounted" ] || rm -f "$mounted/filler"
	for status in 503 429 507; do
		touch "$work/web/on.$status"
		sleep 0.2
		rm "$work/web/on.$status"
	done
	kill_delivery
	sleep 0.2
	stop_log KILL
	stop_web
	rounds=$((rounds + 1))
done
start_log
start_web

# ---- what came of it ----
# found NAME: the numbers of its alerts that a receiver has, as often as it has them
found() {
	local in before='"id\\?":\\?"' # within a string, quotes have a backslash
	case $1 in
	relp | syslog | spool) in=$work/log/out ;;
	file) in=$work/out/file ;;
	*) in=$work/web/body ;;
	esac
	[ "$1" != otlp ] || before='"event.id","value":\{"stringValue":"'
	grep -aoE "$before$1-[0-9]+" "$in" 2>/dev/null | grep -oE '[0-9]+$'
}
printf '%-8s %7s %8s %6s %11s %7s %s\n' sink alerts arrived lost duplicates killed status \
	>"$work/table"
for sink in "${sinks[@]}"; do
	wait "${pid[$sink]}"
	status=$?
	found "$sink" >"$work/found"
	all=$(wc -l <"$work/found")
	arrived=$(sort -u "$work/found" | wc -l)
	printf '%-8s %7d %8d %6d %11d %7d %d\n' "$sink" "$alerts" "$arrived" \
		$((alerts - arrived)) $((all - arrived)) "${killed[$sink]}" $status >>"$work/table"
	if [ "$sink" = syslog ]; then
		same "syslog: status" 0 $status
	else
		same "$sink: status and alerts" "0 $alerts" "$status $arrived"
		same "$sink: dead letters" 0 "$(cat "$work/s/$sink/"*.dead 2>/dev/null | wc -l)"
	fi
	same "$sink: its process was killed" yes \
		"$([ "${killed[$sink]}" -ge 3 ] && echo yes || echo "${killed[$sink]}")"
	same "$sink: the chain is whole" 0 \
		"$("$WORMSIGN" spool verify "$work/s/$sink" >/dev/null 2>&1; echo $?)"
done
cat "$work/table"
echo "$rounds rounds of faults, $((SECONDS - began)) s"
done_testing
