// A listener that stands for the outside world (webhook, GitHub, metadata service) and counts what reaches it.
//
//   node sink.js DIR ADDRESS:PORT...      serve; port 0 lets the kernel choose one, shared by all port-0 addresses
//   node sink.js --ask DIR counts|reset   ask a running one (exact: everything that arrived before is counted)
//
// DIR gets: ready (the ports, JSON), counts.json, bytes.bin (every byte, for canary searches), ctl (a socket).
// DIR/files, if present, is served to GET; each request still counts. DIR/dns.json ({"name": "address"}) makes UDP
// port 53 answer A queries. Counting ends never in silence: a write error ends the process.
'use strict';
const fs = require('fs');
const net = require('net');
const path = require('path');
const dgram = require('dgram');

function ask(dir, what) {
  const s = net.connect(path.join(dir, 'ctl'), () => s.end(what));
  let out = '';
  s.on('data', (d) => { out += d; });
  s.on('end', () => { process.stdout.write(out + '\n'); });
  s.on('error', (e) => { console.error('sink: ' + e.message); process.exit(1); });
}

const fresh = () => ({ connections: 0, tcp_bytes: 0, udp_bytes: 0, datagrams: 0, bytes: 0, requests: [] });

function answer_dns(query, names) {
  let at = 12;
  const labels = [];
  while (at < query.length && query[at] !== 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
    at += query[at] + 1;
  }
  const end = at + 5;
  const type = query.readUInt16BE(at + 1);
  const address = names[labels.join('.').toLowerCase()];
  const head = Buffer.from(query.subarray(0, end));
  const found = address && type === 1;
  head.writeUInt16BE(address ? 0x8580 : 0x8583, 2);
  head.writeUInt16BE(found ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  if (!found) return head;
  return Buffer.concat([head, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]),
    Buffer.from(address.split('.').map(Number))]);
}

function serve(dir, where) {
  let counts = fresh();
  let dirty = false;
  const raw = path.join(dir, 'bytes.bin');
  let fd = fs.openSync(raw, 'w', 0o600);
  const files = path.join(dir, 'files');
  let names = {};
  try { names = JSON.parse(fs.readFileSync(path.join(dir, 'dns.json'), 'utf8')); } catch { /* no resolver */ }

  const flush = () => {
    if (!dirty) return;
    dirty = false;
    fs.writeFileSync(path.join(dir, 'counts.new'), JSON.stringify(counts));
    fs.renameSync(path.join(dir, 'counts.new'), path.join(dir, 'counts.json'));
  };
  setInterval(flush, 50);
  const note = (kind, data) => {
    counts[kind] += data.length;
    counts.bytes += data.length;
    fs.writeSync(fd, data);
    dirty = true;
  };

  const on_tcp = (s) => {
    counts.connections++;
    dirty = true;
    let text = '';
    let answered = false;
    const reply = () => {
      if (answered) return;
      const m = /^([A-Z]+) (\S+) HTTP\//.exec(text);
      const head_end = text.indexOf('\r\n\r\n');
      if (!m || head_end < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(text);
      if (length && text.length < head_end + 4 + Number(length[1])) return;
      answered = true;
      counts.requests.push(m[1] + ' ' + m[2]);
      const file = path.join(files, path.normalize('/' + decodeURIComponent(m[2].split('?')[0])));
      let body = Buffer.from('{"ok":true}');
      let status = '200 OK';
      if (m[1] === 'GET' && fs.existsSync(files)) {
        try { body = fs.readFileSync(file); } catch { status = '404 Not Found'; body = Buffer.alloc(0); }
      }
      s.write(`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`);
      s.end(body);
    };
    s.on('data', (d) => {
      note('tcp_bytes', d);
      if (text.length < 1 << 20) text += d.toString('latin1');
      reply();
    });
    s.on('error', () => {});
    s.setTimeout(30000, () => s.destroy());
  };

  const listen_tcp = (host, port) => new Promise((ok, bad) => {
    const server = net.createServer({ allowHalfOpen: false }, on_tcp);
    server.on('error', bad);
    server.listen({ host, port, ipv6Only: host.includes(':'), backlog: 1024 }, () => ok(server.address().port));
  });
  const listen_udp = (host, port) => new Promise((ok, bad) => {
    const u = dgram.createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', ipv6Only: host.includes(':') });
    u.on('error', bad);
    u.on('message', (d, from) => {
      counts.datagrams++;
      note('udp_bytes', d);
      if (port === 53 && d.length > 16) u.send(answer_dns(d, names), from.port, from.address);
    });
    u.bind(port, host, () => ok());
  });

  // What was sent before the question must be counted before the answer: let the event loop read until it is quiet.
  const settle = (then) => {
    const before = JSON.stringify(counts);
    setTimeout(() => (JSON.stringify(counts) === before ? then() : settle(then)), 60);
  };
  const ctl = net.createServer({ allowHalfOpen: true }, (s) => {
    let q = '';
    s.on('data', (d) => { q += d; });
    s.on('error', () => {});
    s.on('end', () => settle(() => {
      if (q === 'reset') {
        counts = fresh();
        fs.closeSync(fd);
        fd = fs.openSync(raw, 'w', 0o600);
      }
      dirty = true;
      flush();
      s.end(JSON.stringify(counts));
    }));
  });

  const main = async () => {
    let chosen = 0;
    const ports = {};
    for (const w of where) {
      const cut = w.lastIndexOf(':');
      const host = w.slice(0, cut).replace(/^\[|\]$/g, '');
      const asked = Number(w.slice(cut + 1));
      const port = await listen_tcp(host, asked || chosen);
      if (!asked) chosen = port;
      await listen_udp(host, port);
      ports[w] = port;
    }
    flush();
    await new Promise((ok) => ctl.listen(path.join(dir, 'ctl'), ok));
    fs.chmodSync(path.join(dir, 'ctl'), 0o600);
    fs.writeFileSync(path.join(dir, 'ready.new'), JSON.stringify({ port: chosen, ports }));
    fs.renameSync(path.join(dir, 'ready.new'), path.join(dir, 'ready'));
  };
  dirty = true;
  main().catch((e) => { console.error('sink: ' + e.message); process.exit(1); });
}

if (process.argv[2] === '--ask') ask(process.argv[3], process.argv[4]);
else serve(process.argv[2], process.argv.slice(3));
