#!/bin/bash
# Delivery through a proxy: a real tinyproxy, which makes tunnels (CONNECT) and forwards requests,
# and which may want credentials. Environment variables send nothing another way. What the proxy
# is told is recorded in front of it.
. tests/run/lib.sh
. tests/run/receivers.sh
start_web
tinyproxy=$r/usr/bin/tinyproxy proxy=$slow wants=$ack front=$((base + 9)) dead=$((base + 2))
front_pid='' pids=()
end_all() {
	local pid
	for pid in $front_pid "${pids[@]}"; do
		kill -KILL "$pid" 2>/dev/null
		{ wait "$pid"; } 2>/dev/null
	done
	end
}
trap end_all EXIT

start_proxy() { # PORT LINE...
	local port=$1
	shift
	printf '%s\n' "Port $port" 'Listen 127.0.0.1' 'Timeout 60' 'LogLevel Info' \
		"LogFile \"$work/proxy.$port\"" 'MaxClients 50' "ConnectPort $webs" "$@" \
		>"$work/proxy.conf.$port"
	"$tinyproxy" -d -c "$work/proxy.conf.$port" 2>"$work/proxy.err" &
	pids+=($!)
	wait_for 30 listens "$port" || missing "tinyproxy: $(tail -n 1 "$work/proxy.err")"
}
# What stands in front of a proxy and writes down what it is told; with TLS, if CERT and KEY are
# given.
start_front() { # PROXY-PORT [CERT KEY]
	: >"$work/told"
	[ -z "$front_pid" ] || { kill $front_pid; { wait $front_pid; } 2>/dev/null; }
	python3 -c '
import socket, ssl, sys, threading
port, proxy, told = int(sys.argv[1]), int(sys.argv[2]), open(sys.argv[3], "ab", buffering=0)
tls = None
if len(sys.argv) > 4:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[4], sys.argv[5])
def pump(a, b, note):
    try:
        while True:
            data = a.recv(65536)
            if not data:
                break
            if note:
                told.write(data)
            b.sendall(data)
    except OSError:
        pass
    for s in a, b:
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
def serve(a):
    try:
        a = tls.wrap_socket(a, server_side=True) if tls else a
        b = socket.create_connection(("127.0.0.1", proxy))
    except OSError:
        return
    threading.Thread(target=pump, args=(b, a, False), daemon=True).start()
    pump(a, b, True)
s = socket.create_server(("127.0.0.1", port))
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()' \
		$front "$1" "$work/told" "${@:2}" 2>"$work/front.err" &
	front_pid=$!
	wait_for 30 listens $front || missing "no front: $(tail -n 1 "$work/front.err")"
}
told() { grep -ac "$1" "$work/told"; }
echo 'Splunk s3cr3t-t0ken' >"$work/token"
echo "Basic $(printf 'worm:s3cr3t-pr0xy' | base64)" >"$work/proxy.token"
chmod 600 "$work/token" "$work/proxy.token"
by() { # NAME FLUSH JSON...: 40 alerts to a HEC receiver by TLS, through the front; $status
	config "$work/$1.json" 'name="s"' 'type="splunk-hec"' 'timeout="2s"' \
		"target=\"https://127.0.0.1:$webs\"" ca_file="\"$work/tls/ca.crt\"" \
		authorization_file="\"$work/token\"" "${@:3}"
	$feed 40 "$1" 0 "$2" "$work/spool-$1" "$work/$1.json" >"$work/feed" 2>&1
	status=$?
}
through="proxy=\"http://127.0.0.1:$front\""
plainly="target=\"http://127.0.0.1:$web\""

# ---- a tunnel ----
start_proxy $proxy
start_front $proxy
by tunnel 15000 "$through"
same "a tunnel: status and alerts" "0 40" "$status $(arrived tunnel "$work/web/body")"
same "... was made by the proxy" yes "$([ "$(told "^CONNECT 127.0.0.1:$webs HTTP")" -ge 1 ] &&
	grep -q "CONNECT 127.0.0.1:$webs" "$work/proxy.$proxy" && echo yes)"
same "... which hears neither the credential nor an alert" "0 0" \
	"$(told s3cr3t) $(told cloud-credentials)"
has "... that the receiver gets" '|Splunk s3cr3t-t0ken|' "$(grep -a tunnel-1 "$work/web/body")"

# ---- a plain request, which the proxy forwards ----
config "$work/c" 'name="s"' 'type="webhook"' "$plainly" "$through"
: >"$work/told"
$feed 40 plain 0 15000 "$work/plain" "$work/c" >"$work/feed" 2>&1
same "a plain request: status and alerts" "0 40" "$? $(arrived plain "$work/web/body")"
same "... goes by the proxy" yes "$([ "$(told "^POST http://127.0.0.1:$web/ HTTP")" -ge 1 ] &&
	echo yes)"
config "$work/c" 'name="s"' 'type="loki"' "$plainly" "$through" \
	authorization_file="\"$work/token\""
$feed 1 x 0 0 "$work/x" "$work/c" >"$work/feed" 2>&1
same "... but with no credential, which everybody between here and there could read" 125 $?
has "... and why" 'authorization_file needs https://' "$(cat "$work/feed")"

# ---- a proxy that wants credentials of its own ----
start_proxy $wants 'BasicAuth worm s3cr3t-pr0xy'
start_front $wants
by none 1500 "$through"
same "a proxy that wants a credential: status, dead letters" "75 0" \
	"$status $(find "$work/spool-none" -name '*.dead' | wc -l)"
has "... and why" 407 "$(cat "$work/feed")"
by given 15000 "$through" proxy_authorization_file="\"$work/proxy.token\""
same "... and gets it: status and alerts" "0 40" "$status $(arrived given "$work/web/body")"
same "... it alone" "yes 0 0" "$([ "$(told '^Proxy-Authorization: Basic')" -ge 1 ] && echo yes) $(
	told s3cr3t-t0ken) $(grep -ac "$(cut -d' ' -f2 "$work/proxy.token")" "$work/web/body")"
chmod 644 "$work/proxy.token"
by x 0 "$through" proxy_authorization_file="\"$work/proxy.token\""
same "... in a file that others may read: status" 125 $status
has "... and where" '/sinks/0/proxy_authorization_file: ' "$(cat "$work/feed")"
chmod 600 "$work/proxy.token"

# ---- TLS to the proxy ----
start_front $proxy "$work/tls/server.crt" "$work/tls/server.key"
by tls 15000 "proxy=\"https://127.0.0.1:$front\""
same "TLS to the proxy: status and alerts" "0 40" "$status $(arrived tls "$work/web/body")"
same "... and a tunnel in it" yes "$([ "$(told '^CONNECT ')" -ge 1 ] && echo yes)"
config "$work/c" 'name="s"' 'type="loki"' "$plainly" "proxy=\"https://127.0.0.1:$front\"" \
	ca_file="\"$work/tls/other.crt\""
: >"$work/told"
$feed 5 liar 0 1500 "$work/liar" "$work/c" >"$work/feed" 2>&1
same "a proxy of another authority: status, and what it is told" "75 0" "$? $(told .)"
has "... and why" certificate "$(cat "$work/feed")"
start_front $proxy

# ---- a proxy that is dead, refuses, cannot reach the receiver, hangs ----
by gone 1000 "proxy=\"http://127.0.0.1:$dead\""
same "a dead proxy: status, and nothing went around it" "75 0" \
	"$status $(arrived gone "$work/web/body")"
config "$work/c" 'name="s"' 'type="loki"' "target=\"https://127.0.0.1:$strict\"" "$through"
$feed 5 port 0 1500 "$work/port" "$work/c" >"$work/feed" 2>&1
same "a tunnel is refused: status, dead letters" "75 0" \
	"$? $(find "$work/port" -name '*.dead' | wc -l)"
has "... and why" 403 "$(cat "$work/feed")"
config "$work/c" 'name="s"' 'type="loki"' "target=\"http://127.0.0.1:$dead\"" "$through"
$feed 5 lost 0 1500 "$work/lost" "$work/c" >"$work/feed" 2>&1
same "the proxy's own error: status, dead letters" "75 0" \
	"$? $(find "$work/lost" -name '*.dead' | wc -l)"
has "... and why" 'HTTP status 50' "$(cat "$work/feed")"
kill -STOP "${pids[0]}"
by hung 3000 "$through"
same "a proxy that hangs: status" 75 $status
kill -CONT "${pids[0]}"
"$WORMSIGN" spool replay "$work/spool-hung" --sink s --config "$work/hung.json" --flush 20s \
	>"$work/replay" 2>&1
same "... and goes on: status and alerts" "0 40" "$? $(arrived hung "$work/web/body")"

# ---- the environment: `run --sink` gives delivery none; these commands have their user's ----
misled=(env "http_proxy=http://127.0.0.1:$front" "https_proxy=http://127.0.0.1:$front"
	"HTTPS_PROXY=http://127.0.0.1:$front" "ALL_PROXY=http://127.0.0.1:$front"
	"SSLKEYLOGFILE=$work/keys" "SSL_CERT_FILE=$work/tls/ca.crt"
	"CURL_CA_BUNDLE=$work/tls/ca.crt")
: >"$work/told"
"${misled[@]}" curl -s -o "$work/curled" "https://127.0.0.1:$webs/x" -d x
same "the environment would send curl by the proxy" yes \
	"$([ "$(told '^CONNECT ')" -ge 1 ] && echo yes)"
by later 300 "proxy=\"http://127.0.0.1:$dead\""
config "$work/straight.json" 'name="s"' 'type="splunk-hec"' "target=\"https://127.0.0.1:$webs\"" \
	ca_file="\"$work/tls/ca.crt\"" authorization_file="\"$work/token\""
: >"$work/told"
rm -f "$work/keys"
"${misled[@]}" "$WORMSIGN" spool replay "$work/spool-later" --sink s \
	--config "$work/straight.json" --flush 20s >"$work/replay" 2>&1
same "delivery is not sent there: status, alerts, and what the proxy is told" "0 40 0" \
	"$? $(arrived later "$work/web/body") $(told .)"
same "... nor writes it the keys of its connections anywhere" no \
	"$([ -e "$work/keys" ] && echo yes || echo no)"
NO_PROXY='*' no_proxy='*' "$WORMSIGN" spool replay "$work/spool-later" --since 1d --sink s \
	--config "$work/tunnel.json" --flush 20s >"$work/replay" 2>&1
same "NO_PROXY: the configured proxy is used all the same" "0 yes" \
	"$? $([ "$(told "^CONNECT 127.0.0.1:$webs HTTP")" -ge 1 ] && echo yes)"
for kind in "loki https://127.0.0.1:$webs/push" "syslog tls://127.0.0.1:$strict"; do
	read -r type target <<<"$kind"
	config "$work/c" 'name="s"' "type=\"$type\"" "target=\"$target\""
	"${misled[@]}" "$WORMSIGN" spool replay "$work/spool-later" --since 1d --sink s \
		--config "$work/c" --flush 1500ms >"$work/replay" 2>&1
	same "$type: an authority that the environment names is none: status" 75 $?
	has "... and why" certificate "$(cat "$work/replay")"
done
done_testing
