const fs = require('fs'), os = require('os'), path = require('path');

const file = path.join(os.homedir(), '.config', 'settings-nodejs', 'config.json');
fs.mkdirSync(path.dirname(file), { recursive: true });
const installs = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).installs : 0;
fs.writeFileSync(`${file}.${process.pid}`, `${JSON.stringify({ installs: installs + 1 })}\n`);
fs.renameSync(`${file}.${process.pid}`, file);
