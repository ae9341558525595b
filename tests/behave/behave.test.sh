#!/bin/bash
# The truth binaries succeed if nobody stops them: an attack that fails by itself proves nothing
# later.
#
# Every mode of every binary runs as the lab's user against a fake home. It must end with EFFECT,
# except for those that the kernel refuses to ordinary users anyway (listed below, with the reason).
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lab/lab.sh
lab_enter -n tests/behave/behave.test.sh
BEHAVE=${BEHAVE:-$PWD/.output/behave}
[ -x "$BEHAVE/open" ] || { echo "SKIP: no truth binaries in $BEHAVE: make behave"; exit 77; }

lab_begin || exit 2
lab_sink_start web || exit 2
V4=127.0.0.1:$LAB_SINK_PORT
V6="[::1]:$LAB_SINK_PORT"
lab_home || exit 2
mkdir "$LAB/bin" && cp "$BEHAVE"/{open,wipe,plant,net,memory,survive,race,exec,tamper,unix} \
	"$LAB/bin/" || exit 2
failed=0 passed=0

# Modes that the kernel refuses to every ordinary user, and modes that need what this machine may
# lack.
tamper='bpf-load|bpf-list|perf|module|module-file|umount|cgroup'
tamper+='|mount-here|bind-here|umount-here|move-mount'
tamper+='|type|paste|key' # a terminal of one's own session, a console
tamper+='|key-read'       # a key that is not there
tamper+='|nice-group|owner-group' # a leader of a process group
may_refuse="^(open handle|net (raw-icmp|packet|ping)|tamper ($tamper))\$"

# try BINARY MODE ARG...: runs it in the project directory and judges the result line.
try() {
	local out rc bin=$1
	shift
	out=$(lab_as_user "$LAB_HOME/work/app" timeout -k 1 20 "$LAB/bin/$bin" "$@" 2>&1)
	rc=$?
	case $rc:$out in
	0:*EFFECT*) passed=$((passed + 1)) ;;
	77:*UNSUPPORTED*) echo "not here: $bin $1: $out" ;;
	1:*REFUSED*)
		if [[ "$bin $1" =~ $may_refuse ]]; then
			echo "refused to anybody: $bin $1: $out"
		else
			echo "FAILED: $bin $1: $out"
			failed=$((failed + 1))
		fi
		;;
	*)
		echo "FAILED: $bin $1: status $rc: $out"
		failed=$((failed + 1))
		;;
	esac
}

expect() { # WHAT GOT WANTED
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		echo "FAILED: $1: $2, not $3"
		failed=$((failed + 1))
	fi
}

for mode in $("$BEHAVE/open" list); do
	try open "$mode" "$LAB_HOME/.aws/credentials" "$V4"
done
expect 'open leaks the credentials' "$(lab_leaked web)" .aws/credentials
expect 'open leaves the home as it was' "$(lab_lost)" 0

for mode in $("$BEHAVE/net" list); do
	case $mode in unix*) continue ;; esac
	for to in "$V4" "$V6" "[::ffff:127.0.0.1]:$LAB_SINK_PORT"; do
		case $mode:$to in ping:\[* | raw-icmp:\[*) continue ;; esac # ICMP here is version 4
		try net "$mode" "$to"
	done
done
for mode in tcp fastopen udp sendmsg sendmmsg uring; do
	for to in "$V4" "$V6"; do
		lab_sink_reset web
		lab_as_user / "$LAB/bin/net" "$mode" "$to" >/dev/null
		[ "$(lab_sink web bytes)" -ge 69 ] && passed=$((passed + 1)) ||
			{ echo "FAILED: net $mode $to: nothing arrived"; failed=$((failed + 1)); }
	done
done
node -e 'const n=require("net").createServer((s)=>s.resume()).listen(process.argv[1])' \
	"$LAB/home/stream" &
LAB_PIDS+=($!)
lab_wait_file "$LAB/home/stream" $! && chmod 666 "$LAB/home/stream"
try net unix "$LAB/home/stream"
for mode in stream ring ring-chain ring-fixed swapped; do try unix "$mode" "$LAB/home/stream"; done
for mode in $("$BEHAVE/unix" list | grep ^own-); do
	try unix "$mode" "$LAB_HOME/work/app/$mode"
	try unix "$mode" "@lab-$$-$mode"
done

for mode in $("$BEHAVE/wipe" list); do
	lab_home || exit 2
	try wipe "$mode" "$LAB_HOME/Documents"
	[ "$(lab_lost)" = 40 ] && passed=$((passed + 1)) ||
		{ echo "FAILED: wipe $mode destroyed $(lab_lost) of 40"; failed=$((failed + 1)); }
done
out=$(lab_as_user / "$LAB/bin/wipe" unlink "$LAB/bin" 2>&1)
expect 'wipe spares what is not a lab' "$?" 2

lab_home || exit 2
lab_as_user "$LAB_HOME/work/app" mkdir -p .github/workflows
for mode in $("$BEHAVE/plant" list); do
	[ "$mode" = rename-dir ] || try plant "$mode" "$LAB_HOME/.bashrc" # a home cannot be moved
	try plant "$mode" "$LAB_HOME/work/app/.github/workflows/planted.yml"
done

lab_spawn / "$LAB/bin/memory" hold canary-in-memory Runner.Worker >"$LAB/held"
for _ in {1..50}; do [ -s "$LAB/held" ] && break; sleep 0.1; done
lab_sink_reset web
for mode in $("$BEHAVE/memory" list); do
	try memory "$mode" @Runner.Worker "$V4"
done
lab_sink web >/dev/null
expect 'the memory was read' "$(grep -aqc 'canary-in-memory' "$LAB/sink/web/bytes.bin" &&
	echo yes)" yes

for mode in $("$BEHAVE/survive" list); do
	lab_sink_reset web
	rm -f "$LAB/later"
	try survive "$mode" "$LAB/later" "$LAB_HOME/.aws/credentials" "$V4"
	expect "survive $mode steals nothing yet" "$(lab_leaked web)" ''
	: >"$LAB/later"
	for _ in {1..50}; do [ -z "$(lab_leaked web)" ] || break; done
	expect "survive $mode steals later" "$(lab_leaked web)" .aws/credentials
done

for mode in $("$BEHAVE/race" list); do
	to=$V4
	try race "$mode" "$LAB_HOME/.aws/credentials" "$to" 4 10
done

for mode in $("$BEHAVE/exec" list); do
	case $mode in
	loader) out=$(lab_as_user "$LAB_HOME/work/app" "$LAB/bin/exec" "$mode" /bin/cat \
		"$LAB_HOME/.vault-token" 2>&1) ;;
	*) out=$(lab_as_user "$LAB_HOME/work/app" "$LAB/bin/exec" "$mode" "$LAB/bin/open" openat \
		"$LAB_HOME/.vault-token" 2>&1) ;;
	esac
	case $out in hvs.* | EFFECT*) passed=$((passed + 1)) ;; *) echo "FAILED: exec $mode: $out"
	failed=$((failed + 1)) ;; esac
done

while read -r mode needs; do
	case $needs in
	PID)
		lab_spawn / sleep 60
		sleep 0.1
		try tamper "$mode" "$LAB_SPAWNED"
		;;
	PATH) try tamper "$mode" /proc/self/nothing ;;
	*) try tamper "$mode" ;;
	esac
done < <("$BEHAVE/tamper" list)

lab_intact || failed=$((failed + 1))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
