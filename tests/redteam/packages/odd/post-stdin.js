// Posts what comes on standard input.
'use strict';
const { post, fs } = require('./kit.js');

const text = fs.readFileSync(0, 'utf8');
if (text) post('/stdin', { text });
