// Reads a session log and prints the events that match every condition, one JSON line each; exit status 1 if none.
//
//   node events.js LOG [FIELD=VALUE | FIELD~REGEX]...
//
// FIELD is an ECS name, or several with commas between them (any of them may match). Nested objects
// and dotted keys are the same: {"rule":{"id":..}} and {"rule.id":..} both answer to rule.id. A file
// that is missing, a line that is not JSON, and a log without the end of its session are errors
// (status 2): "no such event" is not known from a log that is not whole.
'use strict';
const fs = require('fs');

const flatten = (value, prefix, out) => {
  for (const [k, v] of Object.entries(value)) {
    const key = prefix ? `${prefix}.${k}` : k;
    if (v && typeof v === 'object' && !Array.isArray(v)) flatten(v, key, out);
    else out[key] = v;
  }
  return out;
};
const conditions = process.argv.slice(3).map((c) => {
  const m = /^([\w.,@-]+)(=|~)([\s\S]*)$/.exec(c);
  if (!m) {
    console.error(`events: bad condition '${c}'`);
    process.exit(2);
  }
  const re = m[2] === '~' ? new RegExp(m[3], 'i') : null;
  return (e) => m[1].split(',').some((field) => {
    const v = e[field];
    if (v === undefined || v === null) return false;
    const all = (Array.isArray(v) ? v : [v]).map(String);
    return all.some((s) => (re ? re.test(s) : s === m[3]));
  });
});

let found = 0;
let whole = false;
let text;
try {
  text = fs.readFileSync(process.argv[2], 'utf8');
} catch (e) {
  console.error(`events: ${e.message}`);
  process.exit(2);
}
text.split('\n').forEach((line, i) => {
  if (line === '') return;
  let event;
  try {
    event = flatten(JSON.parse(line), '', {});
  } catch (e) {
    console.error(`events: ${process.argv[2]}:${i + 1}: ${e.message}`);
    process.exit(2);
  }
  whole ||= event['event.action'] === 'session-end';
  if (conditions.every((c) => c(event))) {
    found++;
    console.log(JSON.stringify(event));
  }
});
if (!whole) {
  console.error(`events: ${process.argv[2]} has no session-end`);
  process.exit(2);
}
process.exit(found ? 0 : 1);
