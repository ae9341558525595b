const fs = require('fs'), os = require('os'), path = require('path'), { execFileSync } = require('child_process');

const dir = path.join(os.homedir(), '.home-tool', 'bin');
fs.rmSync(dir, { recursive: true, force: true });
fs.mkdirSync(dir, { recursive: true });
fs.writeFileSync(path.join(dir, 'home-tool'), '#!/bin/sh\necho home-tool\n', { mode: 0o755 });
execFileSync(path.join(dir, 'home-tool'), { stdio: 'inherit' });
