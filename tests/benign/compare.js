// For `tests/benign/run`: what a run left and logged, and the comparison of two bare runs with a
// watched one.
//
//   node compare.js tree DIR [SKIP...]      lists DIR, one line an entry; SKIP: paths below DIR that are left out
//   node compare.js scripts MANAGER WHERE   the lifecycle scripts that ran, with their ends; WHERE: for npm the directory
//                                           of its debug logs, for pnpm its output, for yarn the project
//   node compare.js same KIND A B C         is C what A and B agree on? prints each difference (KIND: tree, scripts, output)
//   node compare.js verdicts LOG            sums up a session log in a line ("VERDICT:RULE=N ..."), then prints what accuses
//
// Status 0: the same, or nothing accused; 1: a difference or an accusation; 2: what was to be read could not be read.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const unstyled = (line) => line.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
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
const npmScripts = (dir) => {
  const out = [];
  for (const name of fs.existsSync(dir) ? fs.readdirSync(dir) : []) {
    for (const line of lines(path.join(dir, name))) {
      const m = / info run (\S+ \w+) \{ code: (\S+), signal: (\S+) \}/.exec(line);
      if (m) out.push(`${m[1]} ${m[3] === 'null' ? m[2] : m[3]}`);
    }
  }
  return out.sort();
};

// pnpm writes "PATH EVENT: Done" or "PATH EVENT: Failed" when a script has ended, with only the end of a long path.
const pnpmScripts = (output) => lines(output)
  .map((line) => /^(\S*) ?\b(\w*install|prepare): (Done|Failed)$/.exec(unstyled(line)))
  .filter(Boolean).map((m) => m.slice(1).join(' ')).sort();

// yarn 1 writes no word about a script that succeeds. It runs those of everything that it has put into node_modules and
// gives up at one that fails, or removes the package if it is optional: so here stands what it had to run, and the exit
// status and the tree say how that ended.
const yarnScripts = (project) => tree(project, []).map((line) => JSON.parse(line.slice(0, line.indexOf('\t'))))
  .filter((name) => /(^|\/)node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(name))
  .flatMap((name) => {
    const p = JSON.parse(fs.readFileSync(path.join(project, name), 'utf8'));
    const gyp = fs.existsSync(path.join(project, path.dirname(name), 'binding.gyp'));
    const has = (event) => (p.scripts || {})[event] || (event === 'install' && gyp && !(p.scripts || {}).preinstall);
    return ['preinstall', 'install', 'postinstall'].filter(has).map((event) => `${p.name}@${p.version} ${event}`);
  }).sort();

const SCRIPTS = { npm: npmScripts, pnpm: pnpmScripts, yarn: yarnScripts };

// ---- Comparing ----------------------------------------------------------------------------------------------------

const table = (file) => new Map(lines(file).map((l) => [l.slice(0, l.indexOf('\t')), l.slice(l.indexOf('\t') + 1)]));

// Two bare runs show what varies by itself. If a name is in one of them only, names in its
// directory are not compared; a field that differs between them (a hash of a log, a size) is not
// compared. Everything else must be the same.
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
// pnpm says several times a second how far it is. A nested npm, which gets no npmrc with a token, does not know that
// update-notifier is false.
const plain = (line) => unstyled(line)
  .replace(/^Progress: .*/, '')
  .replace(/^(npm error )?npm notice.*/, '')
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
  if (verb === 'scripts') return { out: SCRIPTS[args[0]](args[1]), rc: 0 };
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
