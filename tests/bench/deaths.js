// Prints how long each killed `race` process lived after the hook had condemned it, in ns, from a session log's own
// field (wormsign.ms_to_kill of death events).
//
//   node deaths.js LOG
'use strict';
const fs = require('fs');

for (const line of fs.readFileSync(process.argv[2], 'utf8').split('\n')) {
  if (!line) continue;
  const e = JSON.parse(line);
  const ms = e.wormsign && e.wormsign.ms_to_kill;
  if (ms !== undefined && e.process && e.process.name === 'race') console.log(Math.round(ms * 1e6));
}
