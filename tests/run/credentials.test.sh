#!/bin/bash
# Credentials of delivery: not in the arguments or the environment of its processes, not for others
# of its user, in no core file, and in no text when a receiver repeats them.
. tests/run/lib.sh
. tests/run/receivers.sh
start_web
echo 'Bearer s3cr3t-t0ken-0f-the-machine' >"$work/token"
printf 's3cr3t-hm4c-key' >"$work/hook.key"
chmod 600 "$work/token" "$work/hook.key"
nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)

# ---- its processes, while they hold it: as root, and as an ordinary user ----
# A process that has given up root cannot be dumped or looked at whatever we do; an ordinary user's
# is what shows.
mkdir -m 777 "$work/home"
# A core file of a process of this user in this directory is possible at all.
cores_here() { # WHOSE...
	(cd "$work/home" && ulimit -c unlimited && exec "$@" sleep 60) &
	local pid=$!
	wait_for 10 grep -q sleep /proc/$pid/comm
	{ kill -ABRT $pid; wait $pid; } 2>/dev/null
	find "$work/home" -name 'core*' | grep -q .
}
look() { # WHO WHOSE...: feed a sink that waits, and look at each process of delivery
	local who=$1 conf=$work/home/$1.json pid all
	shift
	cp -p "$work/token" "$work/home/$who.token"
	cp -p "$work/hook.key" "$work/home/$who.key"
	jq -n --arg at "https://127.0.0.1:$webs" --arg home "$work/home/$who" \
		--arg ca "$work/tls/ca.crt" '{sinks: [
		{name: "s", type: "splunk-hec", target: $at, ca_file: $ca,
			authorization_file: ($home + ".token")},
		{name: "h", type: "webhook", target: ($at + "/hook"), ca_file: $ca,
			hmac_file: ($home + ".key")}]}' >"$conf"
	chmod 600 "$conf"
	[ $# = 0 ] || chown nobody "$work/home/$who".*
	touch "$work/web/on.503"
	(cd "$work/home" && ulimit -c unlimited &&
		exec env JOB_TOKEN=s3cr3t-0f-the-job "$@" "$OLDPWD/$feed" 20 "$who" \
		3000 30000 "$work/home/$who.spool" "$conf") >"$work/feed" 2>&1 &
	feed_pid=$!
	wait_for 20 eval '[ -n "$(workers_of $feed_pid)" ] && grep -q "status 503" "$work/feed"' ||
		missing "delivery does not start: $(cat "$work/feed")"
	all="$(pgrep -P $feed_pid) $(workers_of $feed_pid)"
	for pid in $all; do
		same "$who: no secret in arguments or environment" 0 \
			"$(cat "/proc/$pid/cmdline" "/proc/$pid/environ" | grep -ac s3cr3t)"
		same "$who: other processes of its user may not look at it" no \
			"$("${nobody[@]}" cat "/proc/$pid/environ" >"$work/seen" 2>&1 && echo yes ||
				echo no)"
		# as root may at any time, where it has CAP_SYS_RESOURCE
		prlimit --core=unlimited --pid "$pid" 2>/dev/null
	done
	for pid in $(workers_of $feed_pid); do kill -ABRT "$pid"; done
	wait_for 10 grep -q 'ended by signal 6' "$work/feed"
	has "$who: it was ended by SIGABRT" 'ended by signal 6' "$(cat "$work/feed")"
	rm -f "$work/web/on.503"
	wait $feed_pid
	same "$who: and what it had is delivered" "0 20" \
		"$? $(grep -a sourcetype "$work/web/body" | grep -ao "\"id\":\"$who-[0-9]*\"" |
			sort -u | wc -l)"
	feed_pid=
	same "$who: no core file" '' "$(find "$work/home" -name 'core*')"
}
if cores_here "${nobody[@]}"; then
	rm -f "$work"/home/core*
	look root
	look user "${nobody[@]}"
else
	missing "no core file comes of any process here: $(cat /proc/sys/kernel/core_pattern)"
fi

# ---- receivers that repeat what they were given ----
echoed() { # NAME TYPE PATH WHAT: nothing that is written holds it
	echo "{ \"heartbeat\": \"1s\", \"sinks\": [ { \"name\": \"s\", \"type\": \"$2\",
		\"target\": \"https://127.0.0.1:$webs$3\", \"ca_file\": \"$work/tls/ca.crt\",
		\"authorization_file\": \"$work/token\" }, { \"name\": \"out\", \"type\": \"file\",
		\"target\": \"$work/out/$1\" } ] }" >"$work/c"
	$feed 5 "$1" 2500 1000 "$work/spool-$1" "$work/c" >"$work/feed" 2>&1
	has "$1: said" "$4" "$(cat "$work/feed")"
	same "... and arrived there" yes "$(grep -a "^$3" "$work/web/body" |
		grep -aq s3cr3t-t0ken && echo yes)"
	same "... not what it repeats" '' \
		"$(grep -rlaE 's3cr3t|t0ken-0f' "$work/feed" "$work/spool-$1" "$work/out/$1")"
}
echoed status webhook /echo/status/ 'HTTP status 401: the credentials are not accepted'
echoed bulk elastic /echo/bulk/_bulk 'item status 400: no rights: ***'
echoed otlp otlp /echo/otlp/v1/logs 'records rejected: who is ***'
same "... nor is it in a dead letter" yes "$(jq -r .reason "$work/spool-otlp/s.dead" |
	grep -q '^1 of [0-9]* records rejected: who is \*\*\*' && echo yes)"
done_testing
