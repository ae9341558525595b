# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is for those who source it
# Sourced by tests of delivery, after lib.sh: real receivers on ports of their own, which the test
# starts and stops, and ends with.
#
#   start_log, stop_log SIGNAL      rsyslog: $tcp, $tls, $relp, $relps, and datagrams at
#                                   $work/log/dev; writes $work/log/out
#   start_web, stop_web             nginx: $web, $webs, $strict; writes each body to $work/web/body,
#                                   answers with a STATUS while $work/web/on.STATUS is there, and
#                                   below /echo/ with what it was given as a credential
#   config FILE NAME=JSON...        a configuration of one sink
#   $work/tls                       certificates of an authority, and of a stranger's
#   $feed, workers_of PID           a session without a session, and its delivery processes
needs openssl jq curl setpriv python3
[ "$(id -u)" = 0 ] || { echo 'SKIP: needs root'; exit 77; }
: "${work:?of lib.sh}"
scripts/receivers 2>"$work/err" ||
	{ echo "SKIP: no receivers (scripts/receivers): $(tail -n 1 "$work/err")"; exit 77; }
feed=.output/tests/run/feed
[ -x $feed ] || { echo "failed: $feed is not built: make tests"; exit 1; }

r=$PWD/.output/receivers/root
lib=$(dirname "$(find "$r/usr/lib" -name 'librelp.so*' -print -quit)")
modules=$(dirname "$(find "$r" -name imrelp.so -print -quit)")
log_pid='' web_pid='' slow_pid='' feed_pid='' mounted=''
end() {
	local pid
	[ -z "$web_pid" ] || stop_web
	for pid in $log_pid $slow_pid $feed_pid; do kill -9 "$pid" 2>/dev/null; done
	[ -z "$mounted" ] || umount -l "$mounted" 2>/dev/null
	rm -rf "$work"
}
trap end EXIT
mkdir -m 777 "$work/out" "$work/web" "$work/web/tmp"
mkdir "$work/tls" "$work/log"

# ---- certificates: an authority, a server, a client, and a stranger's authority ----
(
	cd "$work/tls" || exit 1
	for ca in ca other; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
			-subj "/CN=$ca" -keyout $ca.key -out $ca.crt
	done
	for n in server client; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$n.test" \
			-keyout $n.key -out $n.csr
		printf 'subjectAltName=DNS:%s.test,DNS:localhost,IP:127.0.0.1\n' $n >ext
		openssl x509 -req -in $n.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 \
			-extfile ext -out $n.crt
	done
	printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >ext
	openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days -1 \
		-extfile ext -out expired.crt
	printf 'subjectAltName=DNS:other.test\n' >ext
	openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 \
		-extfile ext -out other-host.crt
) >/dev/null 2>&1

# ---- ports that are free now, and that no other test takes: tests run beside each other ----
base=$((20000 + $$ % 1000 * 10))
while ss -ltn 2>/dev/null | grep -qE ":$((base / 10))[0-9] "; do
	base=$((20000 + (base - 20000 + 10) % 10000))
done
tcp=$base tls=$((base + 1)) relp=$((base + 2)) relps=$((base + 3)) web=$((base + 4))
webs=$((base + 5)) strict=$((base + 6)) slow=$((base + 7)) ack=$((base + 8))

# ---- rsyslog: what it acknowledges is in the file ----
cat >"$work/rsyslog.conf" <<CONF
global(workDirectory="$work/log" net.enableDNS="off" maxMessageSize="64k"
  defaultNetstreamDriverCAFile="$work/tls/ca.crt"
  defaultNetstreamDriverCertFile="$work/tls/server.crt"
  defaultNetstreamDriverKeyFile="$work/tls/server.key")
module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1"
  StreamDriver.AuthMode="x509/name" PermittedPeer=["client.test"])
module(load="imptcp")
module(load="imrelp")
module(load="imuxsock" SysSock.Use="off")
template(name="line" type="string" string="%msgid% %structured-data% %msg%\n")
ruleset(name="keep" queue.type="Direct") {
  action(type="omfile" file="$work/log/out" template="line" flushOnTXEnd="on") }
input(type="imptcp" address="127.0.0.1" port="$tcp" ruleset="keep")
input(type="imtcp" address="127.0.0.1" port="$tls" ruleset="keep")
input(type="imuxsock" socket="$work/log/dev" ruleset="keep" useSpecialParser="off"
  createPath="off")
input(type="imrelp" address="127.0.0.1" port="$relp" ruleset="keep" maxDataSize="64k")
input(type="imrelp" address="127.0.0.1" port="$relps" ruleset="keep" maxDataSize="64k" tls="on"
  tls.caCert="$work/tls/ca.crt" tls.myCert="$work/tls/server.crt"
  tls.myPrivKey="$work/tls/server.key" tls.authMode="name" tls.permittedPeer=["client.test"])
CONF
listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
start_log() {
	LD_LIBRARY_PATH=$lib "$r/usr/sbin/rsyslogd" -n -iNONE -M "$modules" \
		-f "$work/rsyslog.conf" 2>>"$work/log/err" &
	log_pid=$!
	wait_for 30 listens $relp || missing "rsyslogd does not start: $(tail -n 1 "$work/log/err")"
}
stop_log() {
	kill "-$1" "$log_pid"
	{ wait "$log_pid"; } 2>/dev/null
	log_pid=
}
# How many different alerts of this prefix are in a file.
arrived() { grep -ao "\"id\":\"$1-[0-9]*\"" "$2" 2>/dev/null | sort -u | wc -l; }

# ---- nginx: writes each body into its log, and refuses while a file on.STATUS is there ----
cat >"$work/nginx.conf" <<CONF
daemon off; pid $work/web/pid; error_log $work/web/error info; worker_processes 1; user root;
events { worker_connections 256; }
http {
  log_format body escape=none '\$uri|\$http_authorization\$http_proxy_authorization|'
    '\$http_x_wormsign_signature_256|\$status|\$request_body';
  access_log off;
  client_body_temp_path $work/web/tmp; proxy_temp_path $work/web/tmp;
  fastcgi_temp_path $work/web/tmp; uwsgi_temp_path $work/web/tmp; scgi_temp_path $work/web/tmp;
  client_body_buffer_size 4m; client_max_body_size 4m;
  # Writes its log before the one in front of it hears of the answer: acknowledged means kept.
  server { listen unix:$work/web/keep; access_log $work/web/body body;
    location / { proxy_pass http://unix:$work/web/yes:; } }
  server { listen unix:$work/web/yes; location / { return 200 '{"code":0}'; }
    location /bulk1/ { return 200 '{"errors":false,"items":[{"create":{"status":201}}]}'; }
    location /bulk409/ { return 200 '{"errors":true,"items":[{"create":{"status":409}}]}'; }
    location /bulk400/ {
      return 200 '{"errors":true,"items":[{"create":{"status":400,"error":{"type":"bad"}}}]}'; }
    location /garbage/ { return 200 '<html>'; }
    location /echo/status/ { return 401 '\$http_authorization'; }
    location /echo/bulk/ { set \$error '{"type":"no rights: \$http_authorization"}';
      return 200 '{"errors":true,"items":[{"create":{"status":400,"error":\$error}}]}'; }
    location /echo/otlp/ { set \$error 'who is \$http_authorization?';
      return 200 '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"\$error"}}'; } }
  server { listen 127.0.0.1:$strict ssl;
    ssl_certificate $work/tls/server.crt; ssl_certificate_key $work/tls/server.key;
    ssl_client_certificate $work/tls/ca.crt; ssl_verify_client on;
    location / { return 204; } }
  server { listen 127.0.0.1:$web; listen 127.0.0.1:$webs ssl;
    ssl_certificate $work/tls/server.crt; ssl_certificate_key $work/tls/server.key;
    ssl_client_certificate $work/tls/ca.crt; ssl_verify_client optional;
    if (-f $work/web/on.429) { return 429; }
    if (-f $work/web/on.503) { return 503; }
    if (-f $work/web/on.507) { return 507; }
    if (-f $work/web/on.401) { return 401; }
    if (-f $work/web/on.close) { return 444; }
    add_header Retry-After 1 always;
    location / { proxy_pass http://unix:$work/web/keep:; }
    location /small/ { client_max_body_size 600; proxy_pass http://unix:$work/web/keep:; }
    location /mutual/ { if (\$ssl_client_verify != SUCCESS) { return 403; }
      proxy_pass http://unix:$work/web/keep:; } } }
CONF
# SIGKILL leaves nginx's worker, and its UNIX socket.
web_has_ended() { ! grep -qs '^State:.[^ZX]' "/proc/$web_pid/status"; }
stop_web() {
	local children
	children=$(pgrep -P "$web_pid")
	# Its connections end at once. SIGKILL could come between an answer and the line that proves
	# it in the file, which nginx writes after the answer.
	# shellcheck disable=SC2086
	kill -TERM "$web_pid" $children 2>/dev/null
	wait_for 5 web_has_ended || kill -KILL "$web_pid" $children 2>/dev/null
	{ wait "$web_pid"; } 2>/dev/null
	web_pid=
}
start_web() {
	rm -f "$work/web/yes" "$work/web/keep"
	"$r/usr/sbin/nginx" -c "$work/nginx.conf" 2>>"$work/web/err" &
	web_pid=$!
	wait_for 30 listens $web || missing "nginx does not start: $(tail -n 1 "$work/web/err")"
}
chmod 755 "$work"

config() {
	local file=$1 text='' pair
	shift
	for pair; do text+="${text:+, }\"${pair%%=*}\": ${pair#*=}"; done
	echo "{ \"sinks\": [ { $text } ] }" >"$file"
}

# Every delivery process below process $1.
workers_of() { pgrep -P "$(pgrep -P "$1" -x wormsign-delive | head -n 1)" 2>/dev/null; }
