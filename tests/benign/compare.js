// What `tests/benign/run` knows of a run, and how two bare runs and a watched one are compared.
//
//   node compare.js tree DIR [SKIP...]      lists DIR, one line an entry; SKIP: paths below DIR that are left out
//   node compare.js scripts LOGS            the lifecycle scripts that npm's debug logs in LOGS tell of, with their ends
//   node compare.js same KIND A B C         is C what A and B agree on? prints each difference (KIND: tree, scripts, output)
//   node compare.js verdicts LOG            sums up a session log in a line ("VERDICT:RULE=N ..."), then prints what accuses
//
// Status 0: the same, or nothing accused; 1: a difference or an accusation; 2: what was to be read could not be read.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const lines = (file) => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean);

// ---- Listing ------------------------------------------------------------------------------------------------------

const TYPES = [['isFile', 'f'], ['isDirectory', 'd'], ['isSymbolicLink', 'l'], ['isFIFO', 'p'], ['isSocket', 's']];

const describe = (file, st) => {
  const type = (TYPES.find(([is]) => st[is]()) || [0, '?'])[1];
  const mode = (st.mode & 0o7777).toString(8);
  let content = '-';
  if (type === 'f') content = crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex').slice(0, 24);
  if (type === 'l') content = JSON.stringify(fs.readlinkSync(file));
  return [type, type === 'l' ? '-' : mode, `${st.uid}:${st.gid}`, content].join('\t');
};

// A name may hold anything, so it is printed as JSON.
const tree = (top, skip) => {
  const left = [''];
  const out = [];
  while (left.length) {
    const rel = left.pop();
    for (const name of fs.readdirSync(path.join(top, rel))) {
      const below = rel ? `${rel}/${name}` : name;
      if (skip.includes(below)) continue;
      const st = fs.lstatSync(path.join(top, below));
      out.push(`${JSON.stringify(below)}\t${describe(path.join(top, below), st)}`);
      if (st.isDirectory()) left.push(below);
    }
  }
  return out.sort();
};

// npm writes "info run NAME@VERSION EVENT { code: N, signal: S }" when a script has ended.
const scripts = (dir) => {
  const out = [];
  for (const name of fs.existsSync(dir) ? fs.readdirSync(dir) : []) {
    for (const line of lines(path.join(dir, name))) {
      const m = / info run (\S+ \w+) \{ code: (\S+), signal: (\S+) \}/.exec(line);
      if (m) out.push(`${m[1]} ${m[3] === 'null' ? m[2] : m[3]}`);
    }
  }
  return out.sort();
};

// ---- Comparing ----------------------------------------------------------------------------------------------------

const table = (file) => new Map(lines(file).map((l) => [l.slice(0, l.indexOf('\t')), l.slice(l.indexOf('\t') + 1)]));

// Two bare runs teach the noise: a name that only one of them has makes its directory a place of random names; a field
// that differs between them (a hash of a log, a size) is not compared. All else must be the same.
const sameTree = (a, b, c) => {
  const parent = (name) => path.dirname(JSON.parse(name));
  const noisy = new Set();
  for (const [x, y] of [[a, b], [b, a]]) for (const name of x.keys()) if (!y.has(name)) noisy.add(parent(name));
  const random = (name) => {
    for (let dir = parent(name); ; dir = path.dirname(dir)) {
      if (noisy.has(dir)) return true;
      if (dir === '.' || dir === '/') return false;
    }
  };
  const out = [];
  for (const [name, text] of a) {
    if (!b.has(name)) continue;
    if (!c.has(name)) {
      if (!random(name)) out.push(`missing: ${name}`);
      continue;
    }
    const [fa, fb, fc] = [text, b.get(name), c.get(name)].map((t) => t.split('\t'));
    const other = fa.findIndex((field, i) => field === fb[i] && field !== fc[i]);
    if (other >= 0) out.push(`${['type', 'mode', 'owner', 'content'][other]}: ${name} ${fa[other]} -> ${fc[other]}`);
  }
  for (const name of c.keys()) if (!a.has(name) && !b.has(name) && !random(name)) out.push(`new: ${name}`);
  return out;
};

// Output lines with all that is different in every run taken out: times, numbers, hashes, the order of a parallel build.
const plain = (line) => line
  .replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '')
  .replace(/[^\x20-\x7e]+/g, ' ')
  .replace(/\b[0-9a-f]{7,}\b/gi, 'H')
  .replace(/[0-9]+(\.[0-9]+)?/g, 'N')
  .replace(/\bN(ms|s|m)\b/g, 'Nt')
  .replace(/\s+/g, ' ')
  .trim();

const sameLines = (form, a, b, c) => {
  const [sa, sb, sc] = [a, b, c].map((f) => new Set(lines(f).map(form).filter(Boolean)));
  const out = [];
  for (const l of sa) if (sb.has(l) && !sc.has(l)) out.push(`missing: ${l}`);
  for (const l of sc) if (!sa.has(l) && !sb.has(l)) out.push(`new: ${l}`);
  return out;
};

// ---- Verdicts -----------------------------------------------------------------------------------------------------

const flatten = (value, prefix, out) => {
  for (const [k, v] of Object.entries(value)) {
    const key = prefix ? `${prefix}.${k}` : k;
    if (v && typeof v === 'object' && !Array.isArray(v)) flatten(v, key, out);
    else out[key] = v;
  }
  return out;
};

// An honest package may be hidden from (hardening) or noted (alert); anything stronger accuses it.
const QUIET = ['none', 'allow', 'alert', 'hide'];

const tell = (e) => ['accused:', e['wormsign.verdict'], e['rule.id'], e['package.name'] || '-', e['wormsign.operation'] || '-',
  e['file.path'] || e['destination.domain'] || e['destination.ip'] || e['process.command_line'] || '-',
  `by ${e['process.executable'] || e['process.name'] || '-'}`].join(' ');

const verdicts = (file) => {
  const rules = {};
  const accused = [];
  const named = new Set();
  let end = null;
  for (const line of lines(file)) {
    const e = flatten(JSON.parse(line), '', {});
    if (e['package.name']) named.add(e['package.name']);
    if (e['wormsign.strongest'] !== undefined) end = e;
    const verdict = e['wormsign.verdict'];
    if (typeof verdict !== 'string') continue;
    rules[`${verdict}:${e['rule.id']}`] = (rules[`${verdict}:${e['rule.id']}`] || 0) + 1;
    if (!QUIET.includes(verdict)) accused.push(tell(e));
  }
  // A log without an end, or one that names no package (its scripts were not recognised), proves nothing.
  if (!end) accused.push('log: has no end');
  else if (!QUIET.includes(end['wormsign.strongest'])) accused.push(`strongest verdict: ${end['wormsign.strongest']}`);
  if (!named.size) accused.push('log: names no package, so nothing was watched');
  const lost = Object.entries(end || {}).filter(([k]) => k.startsWith('wormsign.lost.'));
  const sum = Object.entries(rules).concat(lost).map(([k, n]) => `${k.replace('wormsign.', '')}=${n}`);
  return { sum: sum.join(' ') || 'no verdict', accused };
};

// ---- Main ---------------------------------------------------------------------------------------------------------

const main = ([verb, ...args]) => {
  if (verb === 'tree') return { out: tree(args[0], args.slice(1)), rc: 0 };
  if (verb === 'scripts') return { out: scripts(args[0]), rc: 0 };
  if (verb === 'same') {
    const [kind, ...files] = args;
    const found = kind === 'tree' ? sameTree(...files.map(table)) : sameLines(kind === 'output' ? plain : (l) => l, ...files);
    return { out: found, rc: found.length ? 1 : 0 };
  }
  if (verb === 'verdicts') {
    const { sum, accused } = verdicts(args[0]);
    return { out: [sum, ...accused], rc: accused.length ? 1 : 0 };
  }
  throw new Error(`unknown verb '${verb}'`);
};

try {
  const { out, rc } = main(process.argv.slice(2));
  if (out.length) process.stdout.write(`${out.join("\n")}\n`);
  process.exitCode = rc;
} catch (e) {
  console.error(`compare: ${e.message}`);
  process.exitCode = 2;
}
