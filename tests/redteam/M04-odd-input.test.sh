#!/bin/bash
# M04: file names, command lines and depths that nobody expects, by packages and by the project's
# own directory.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin M04 'odd names, long lines, deep places'
RT_SCRIPTED=(core-js@2)
rt_package odd-name-x 1.0.0 files postinstall 'sh names.sh'
rt_package long-line-x 1.0.0 files postinstall 'node long.js'
rt_package deep-file-x 1.0.0 files postinstall 'node deep.js ~/.aws'
thieves=(odd-name-x long-line-x deep-file-x)

# A key below 230 directories, 6.4 kB from the root.
deep_key() {
	lab_as_user "$RT_HOME" node -e 'const fs = require("fs");
		const go = (name) => { fs.mkdirSync(name); process.chdir(name); };
		process.chdir(".aws");
		for (let i = 0; i < 200; i++) go("d");
		for (let i = 0; i < 30; i++) go("e".repeat(200));
		fs.writeFileSync("key", process.argv[1] + "\n");' "$deep_token"
	rt_canary deep-key "$deep_token"
}
deep_token=wsgcanary-deep-$RANDOM$RANDOM
move_project() { # to DIRECTORY
	mkdir -p "$1" && mv "$RT_PROJECT" "$1/app" && RT_PROJECT=$1/app &&
		chown -R "$LAB_UID:$LAB_GID" "$RT_HOME/work"
}
judged() { # what all lanes have in common
	rt_stopped
	for name in "${thieves[@]}"; do rt_accused "$name" '^secrets$'; done
	rt_ok 'each line of the log is an event' jq -es 'all(.event.action)' "$RT_LOG"
	rt_is 'bytes in the log that do something' "$(LC_ALL=C tr -d '\n\040-\176' <"$RT_LOG" |
		wc -c)" 0
	rt_is 'escapes on the terminal' "$(LC_ALL=C tr -cd '\033' <"$LAB/out.$RT_LANE" | wc -c)" 0
	rt_is 'workflow commands on the terminal' \
		"$(grep -cE '^[[:space:]]*::|##\[' "$LAB/out.$RT_LANE")" 0
}

rt_setup() { deep_key; }
rt_control
rt_leaked .docker/config.json .netrc deep-key
if rt_guarded; then
	judged
	rt_ok 'the odd name is reported whole' rt_events 'file.path,process.executable~::error::b'
fi

# The project itself: 200 directories down, or in a place with such a name.
rt_setup() { deep_key; move_project "$RT_HOME/work/$(printf 'd/%.0s' {1..200})"; }
if rt_guarded deep; then judged; fi
rt_setup() { deep_key; move_project "$RT_HOME/work/"$'a\n\e[2J"\\\n::error::b \xc3\xa9'; }
rt_control name
rt_leaked .docker/config.json .netrc deep-key
if rt_guarded name; then judged; fi
rt_end
