import binLinks from 'bin-links';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'fs';
import path from 'path';

const pkg = JSON.parse(readFileSync('package.json', 'utf8'));
mkdirSync('bin', { recursive: true });
writeFileSync('bin/relink', '#!/bin/sh\necho relink\n');
chmodSync('bin/relink', 0o755);
// No `top`, as supabase has it: the link is one of node_modules/.bin.
await binLinks({ path: path.resolve('.'), pkg: { ...pkg, bin: { relink: 'bin/relink' } } });
