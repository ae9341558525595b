// Asks a metadata service for credentials: `node ask.js URL`.
'use strict';
const { request } = require('./kit.js');

request('GET', process.argv[2], '', { 'metadata-flavor': 'Google' });
