// Searches what a sink received for canary strings, in the encodings worms use.
//
//   node canary.js BYTES.bin CANARIES     CANARIES: lines "NAME TOKEN"; prints each NAME that was found
//
// Looked for: as it is, reversed, hex, and base64 nested up to four times (any run of base64 letters is decoded).
'use strict';
const fs = require('fs');

const seen = new Set();
const texts = [];
const add = (text, depth) => {
  texts.push(text);
  if (depth === 0) return;
  for (const run of text.match(/[A-Za-z0-9+/_-]{16,}={0,2}/g) || []) {
    const decoded = Buffer.from(run, 'base64').toString('latin1');
    if (!seen.has(decoded)) {
      seen.add(decoded);
      add(decoded, depth - 1);
    }
  }
};
add(fs.readFileSync(process.argv[2]).toString('latin1'), 4);

for (const line of fs.readFileSync(process.argv[3], 'utf8').split('\n')) {
  const [name, token] = line.split(' ');
  if (!token) continue;
  const forms = [token, [...token].reverse().join(''), Buffer.from(token).toString('hex')];
  if (texts.some((t) => forms.some((f) => t.includes(f)))) console.log(name);
}
