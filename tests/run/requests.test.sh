#!/bin/bash
# A request is what its receiver reads. A package writes one that becomes a PUT on its way: by bytes
# that change after they were sent, by urgent bytes, which receivers leave out, by HTTP/2's table of
# fields, or by padding. None arrives. A body that is sent from a file does.
. tests/run/lib.sh

needs node npm python3

cat >"$work/server.js" <<'JS'
// HTTP/1 and HTTP/2 without TLS; writes down each request.
const fs = require('fs'), dir = process.argv[2];
const take = (q, r) => {
	let n = 0;
	q.on('data', (d) => { n += d.length; });
	q.on('end', () => {
		fs.appendFileSync(dir + '/requests', `${q.method} ${q.url} ${n}\n`);
		r.end('ok');
	});
};
const one = require('http').createServer(take), two = require('http2').createServer(take);
one.on('clientError', (e, s) => s.destroy());
two.on('sessionError', () => {});
one.listen(0, '127.0.0.1', () => two.listen(0, '127.0.0.1', () =>
	fs.writeFileSync(dir + '/ports', `${one.address().port} ${two.address().port}\n`)));
JS
node "$work/server.js" "$work" &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
wait_for 10 [ -s "$work/ports" ] || { echo 'the server did not come up'; exit 1; }

cat >"$work/send.py" <<'PY'
# send.py WAY NAME PORT1 PORT2: requests are for /NAME
import mmap, os, socket, sys, tempfile, time
way, path, one, two = sys.argv[1], b'/' + sys.argv[2].encode(), *map(int, sys.argv[3:])
field = b'\x04' + bytes([len(path)]) + path
ask = lambda method, n=0: b'%s %s HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n' % (
	method, path, n)
frame = lambda kind, flags, stream, body: (
	len(body).to_bytes(3, 'big') + bytes([kind, flags]) + stream.to_bytes(4, 'big') + body)

def connect(port):
	s = socket.create_connection(('127.0.0.1', port))
	s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
	return s

def changed(send, change):
	# what the server has not read yet is changed: the race is tried often
	for _ in range(30 if os.environ.get('VMTEST') else 200):
		change(b'GET ')
		send()
		change(b'PUT ')
		time.sleep(.001)

def second(*blocks):
	s = connect(two)
	s.sendall(b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + frame(4, 0, 0, b''))
	for kind, flags, stream, body in blocks:
		s.sendall(frame(kind, flags, stream, body))
		time.sleep(.2)

if way == 'urgent':
	s = connect(one)
	for part, how in ((b'P', 0), (b'X', socket.MSG_OOB), (ask(b'PUT')[1:], 0)):
		s.send(part, how)
		time.sleep(.1)
elif way in ('file', 'pipe', 'memory', 'body'):
	f = tempfile.TemporaryFile()
	f.write(ask(b'GET'))
	f.flush()
	s = connect(one)
	n = len(ask(b'GET'))
	if way == 'body':
		f.write(b'x' * 300000)
		f.flush()
		s.sendall(ask(b'POST', 300000))
		sent = 0
		while sent < 300000:
			sent += os.sendfile(s.fileno(), f.fileno(), sent, 300000 - sent)
	elif way == 'file':
		changed(lambda: os.sendfile(s.fileno(), f.fileno(), 0, n),
			lambda b: os.pwrite(f.fileno(), b, 0))
	elif way == 'pipe':
		r, w = os.pipe()
		def send():
			os.splice(f.fileno(), w, n, offset_src=0)
			os.splice(r, s.fileno(), n)
		changed(send, lambda b: os.pwrite(f.fileno(), b, 0))
	else:
		m = mmap.mmap(-1, 4096)
		m[:n] = ask(b'GET')
		s.setsockopt(socket.SOL_SOCKET, 60, 1) # SO_ZEROCOPY
		view = memoryview(m)[:n]
		changed(lambda: s.send(view, 0x4000000), # MSG_ZEROCOPY
			lambda b: m.__setitem__(slice(0, 4), b))
elif way == 'table':
	# GET and PUT: malformed, but the table keeps both fields, as 63 and 62
	second((1, 5, 1, b'\x82\x86\x84\x41\x01h\x42\x03PUT'),
	       (1, 5, 3, b'\xbe\x86' + field + b'\xbf'))
elif way == 'name':
	second((1, 5, 1, b'\x40\x07:method\x04HEAD\x86\x04\x02/a\x41\x01h'),
	       (1, 5, 3, b'\x0f\x30\x03PUT\x86' + field + b'\xbe'))
elif way == 'padding':
	second((1, 9, 1, b'\x01\x86' + field + b'\0'), (9, 4, 1, b'\x02\x03PUT\x41\x01h'))
time.sleep(.3)
PY

read -r one two <"$work/ports"
# package WAY NAME: a project with one dependency, whose install script sends so. What an earlier
# one has sent may still arrive, so each asks for something else.
package() {
	rm -rf "$work/p"
	mkdir -p "$work/p/node_modules/$1"
	printf '{"name":"p","version":"1.0.0","dependencies":{"%s":"1.0.0"}}\n' "$1" \
		>"$work/p/package.json"
	printf '{"name":"%s","version":"1.0.0","scripts":{"install":"exec %s"}}\n' "$1" \
		"$(command -v python3) $work/send.py $1 $2 $one $two" \
		>"$work/p/node_modules/$1/package.json"
	: >"$work/requests"
}
rebuild() { (cd "$work/p" && "$@" npm rebuild --foreground-scripts >"$work/out" 2>&1 </dev/null); }

ways='urgent file pipe memory table name padding'
[ -z "${VMTEST:-}" ] || ways='file table' # an emulated CPU is slow
for way in $ways; do
	package "$way" "$way-bare"
	rebuild env
	case $way in
	memory | pipe) ;; # a race, and older kernels copy what goes over loopback
	*) has "$way: arrives without wormsign" "PUT /$way-bare" "$(cat "$work/requests")" ;;
	esac
	package "$way" "$way-guarded"
	rebuild "$WORMSIGN" run --log "$work/log" --
	status=$?
	same "$way: no PUT arrives" '' "$(grep 'PUT.*-guarded' "$work/requests")"
	case $way in
	table | name | padding)
		same "$way: status" 86 "$status"
		has "$way: the rule" '"publish-over-http"' "$(cat "$work/log")"
		;;
	urgent | file)
		same "$way: it is withheld, and nobody is accused" 0 "$status"
		has "$way: the summary tells it" requests-changeable "$(cat "$work/out")"
		;;
	esac
done
package body body
rebuild "$WORMSIGN" run --log "$work/log" --
same 'a body from a file: status' 0 $?
same 'a body from a file: arrives' 'POST /body 300000' "$(cat "$work/requests")"
lacks 'a body from a file: nothing withheld' requests-changeable "$work/out"
done_testing
