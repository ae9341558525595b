#!/bin/bash
# Requests are seen before they are encrypted: by node's own OpenSSL, by libssl and by libgnutls. A
# PUT from an install script dies before the server has one byte of it; a GET passes. When a run is
# over, nothing that it loaded is left.
. tests/run/lib.sh

needs node npm openssl curl

cat >"$work/server.js" <<'JS'
// An HTTPS server (1.1 and 2) that writes down each request: method and body.
const fs = require('fs'), dir = process.argv[2];
const identity = { key: fs.readFileSync(dir + '/key'), cert: fs.readFileSync(dir + '/cert') };
require('http2').createSecureServer({ ...identity, allowHTTP1: true }, (q, r) => {
	let n = 0;
	q.on('data', (d) => { n += d.length; });
	q.on('end', () => {
		fs.appendFileSync(dir + '/requests', `${q.method} ${q.url} ${n}\n`);
		r.end('ok');
	});
}).listen(0, '127.0.0.1', function () {
	fs.writeFileSync(dir + '/port', String(this.address().port));
});
JS
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key" -out "$work/cert" -days 2 \
	-subj /CN=localhost 2>/dev/null
node "$work/server.js" "$work" &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
wait_for 10 [ -s "$work/port" ] || { echo 'the server did not come up'; exit 1; }
url=https://127.0.0.1:$(cat "$work/port")

cat >"$work/ask.js" <<'JS'
const [method, url] = process.argv.slice(2);
const q = require('https').request(url, { method, rejectUnauthorized: false }, (r) =>
	r.resume().on('end', () => process.exit(0)));
q.on('error', () => process.exit(1));
q.end(method === 'PUT' ? 'secret' : undefined);
JS

# package NAME COMMAND: a project with one dependency, whose install script is COMMAND.
package() {
	rm -rf "$work/p"
	mkdir -p "$work/p/node_modules/$1"
	printf '{"name":"p","version":"1.0.0","dependencies":{"%s":"1.0.0"}}\n' "$1" \
		>"$work/p/package.json"
	printf '{"name":"%s","version":"1.0.0","scripts":{"install":"%s"}}\n' "$1" "$2" \
		>"$work/p/node_modules/$1/package.json"
	: >"$work/requests"
}
rebuild() { (cd "$work/p" && "$@" npm rebuild --foreground-scripts >"$work/out" 2>&1 </dev/null); }

# client NAME GET PUT: without wormsign both arrive; with it the GET does, the PUT does not.
client() {
	package "$1-put" "$3"
	rebuild env
	same "$1: a PUT without wormsign arrives" "PUT /$1 6" "$(cat "$work/requests")"
	package "$1-put" "$3"
	rebuild run --
	same "$1: status of a PUT" 86 $?
	same "$1: nothing of a PUT arrives" "" "$(cat "$work/requests")"
	has "$1: the rule" '"publish-over-http"' "$(cat "$work/log")"
	package "$1-get" "$2"
	rebuild run --
	same "$1: status of a GET" 0 $?
	same "$1: a GET arrives" "GET /$1 0" "$(cat "$work/requests")"
}

client node "node $work/ask.js GET $url/node" "node $work/ask.js PUT $url/node"
client curl "curl -sk $url/curl" "curl -sk --http1.1 -X PUT -d secret $url/curl"
if ldd "$(command -v wget)" 2>/dev/null | grep -q libgnutls; then
	wget="wget -q -O /dev/null --no-check-certificate"
	client wget "$wget $url/wget" "$wget --method=PUT --body-data=secret $url/wget"
fi
# Requests that do not begin a write, and HTTP/2; bodies are none.
cat >"$work/raw.js" <<'JS'
// Writes each piece by itself to one TLS connection: raw.js PORT PIECE...
const [port, ...pieces] = process.argv.slice(2);
const s = require('tls').connect(+port, '127.0.0.1', { rejectUnauthorized: false }, () => {
	const next = () => {
		const piece = pieces.shift();
		if (piece === undefined) return setTimeout(() => process.exit(0), 300);
		s.write(piece.replace(/\\r/g, '\r').replace(/\\n/g, '\n'));
		setTimeout(next, 60);
	};
	next();
});
s.on('data', () => {}).on('error', () => process.exit(1));
JS
cat >"$work/two.js" <<'JS'
// One HTTP/2 connection: two.js URL METHOD...
const [url, ...methods] = process.argv.slice(2);
const c = require('http2').connect(url, { rejectUnauthorized: false });
const next = () => {
	const method = methods.shift();
	if (!method) return c.close();
	const q = c.request({ ':path': '/two', ':method': method });
	q.on('end', next).resume().end(method === 'GET' ? undefined : 'PUT /x HTTP/1.1');
};
next();
JS
cat >"$work/agent.js" <<'JS'
// Honest: one connection kept alive, requests with bodies that look like requests.
const https = require('https'), url = process.argv[2];
const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
let left = 12;
(function next() {
	if (!left--) return agent.destroy();
	const body = 'PUT /x HTTP/1.1\r\n\r\n'.repeat(left % 3 ? 1 : 3000);
	const headers = left % 2 ? { 'content-length': body.length } : {};
	const options = { method: 'POST', agent, headers, rejectUnauthorized: false };
	const q = https.request(url + '/agent', options, (r) => r.resume().on('end', next));
	q.write('PUT /x HTTP/1.1\r\n\r\n');
	setTimeout(() => q.end(body.slice(19)), 20);
})();
JS
port=${url##*:}
get='GET /raw HTTP/1.1\r\nHost: h\r\n\r\n'
put='UT /raw HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n'
# hidden NAME WORD...: the words, in which a PUT is, are stopped; without wormsign it arrives.
hidden() {
	local name=$1 script
	shift
	script=$(printf " '%s'" "$@")
	printf 'exec node%s\n' "$script" >"$work/hidden.sh"
	package "$name" "sh $work/hidden.sh"
	rebuild env
	has "$name: arrives without wormsign" 'PUT /' "$(cat "$work/requests")"
	: >"$work/requests"
	rebuild run --
	same "$name: status" 86 $?
	same "$name: no PUT arrives" '' "$(grep PUT "$work/requests")"
	has "$name: the rule" '"publish-over-http"' "$(cat "$work/log")"
}
hidden split "$work/raw.js" "$port" P "$put"
hidden pipelined "$work/raw.js" "$port" "${get}P$put"
hidden two "$work/two.js" "$url" GET PUT
package honest "node $work/agent.js $url && node $work/two.js $url GET POST GET POST"
rebuild "$WORMSIGN" run --log "$work/log" --
same 'honest clients: status' 0 $?
same 'honest clients: all arrives' '16' "$(grep -c . "$work/requests")"
lacks 'honest clients: seen' ' unseen ' "$work/out"
# Sent with the first packet of a connection that goes on with an earlier one's session.
if openssl s_client -help 2>&1 | grep -q early_data; then
	mkfifo "$work/quiet"
	openssl s_server -accept 127.0.0.1:0 -tls1_3 -early_data -cert "$work/cert" \
		-key "$work/key" <>"$work/quiet" >"$work/early" 2>&1 &
	early=$!
	trap 'kill $server $early; rm -rf "$work"' EXIT
	wait_for 10 grep -q '^ACCEPT 127' "$work/early"
	to=$(sed -n 's/^ACCEPT //p' "$work/early" | head -n 1)
	printf 'PUT /early HTTP/1.1\r\nHost: h\r\n\r\n' >"$work/put"
	connect="openssl s_client -connect $to -tls1_3 -sess_out $work/session"
	sleep 1 | $connect >/dev/null 2>&1
	printf 'sleep 1 | %s -sess_in %s -early_data %s >%s 2>&1\n' "$connect" "$work/session" \
		"$work/put" /dev/null >"$work/early.sh"
	package early "sh $work/early.sh"
	rebuild env
	same 'early data: arrives without wormsign' 1 "$(grep -c 'PUT /early' "$work/early")"
	rebuild run --
	same 'early data: status' 86 $?
	same 'early data: does not arrive' 1 "$(grep -c 'PUT /early' "$work/early")"
fi
cp "$(readlink -f "$(command -v node)")" "$work/own"
package own "$work/own $work/ask.js GET $url/own"
rebuild "$WORMSIGN" run --log "$work/log" --
same 'its own TLS library: status' 0 $?
has 'its own TLS library: said' ' unseen ' "$(cat "$work/out")"

# What this session has loaded, by number: others may be running on this machine. The kernel lets go
# of a program a moment after its last hook is gone.
for tool in bpftool /usr/sbin/bpftool; do $tool version >/dev/null 2>&1 && break; done
if $tool version >/dev/null 2>&1; then
	run -- sh -c 'cat /proc/$PPID/fdinfo/*' 2>/dev/null | awk '$1 == "prog_id:" { print $2 }' |
		sort -u >"$work/programs"
	gone() {
		local id
		while read -r id; do
			! $tool prog show id "$id" >/dev/null 2>&1 || return 1
		done <"$work/programs"
	}
	same "programs were loaded" yes "$([ "$(wc -l <"$work/programs")" -gt 10 ] && echo yes)"
	same "none of them is left" yes "$(wait_for 2 gone && echo yes)"
fi
done_testing
